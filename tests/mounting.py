"""Small and read-only disks for a test, in a mount namespace of its own: the machine sees nothing of them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from newsroom import clean_environment


def may_mount() -> bool:
    """Whether a process of ours may have mounts of its own (root, mostly)."""
    if shutil.which("unshare") is None or shutil.which("mount") is None:
        return False
    return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


def in_namespace(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run lines of shell whose mounts are gone when they end."""
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", script],
        cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
