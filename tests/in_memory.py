"""A ``tmp_path`` in memory, for tests that sync a thousand times: on a busy disk they would measure the disk.

Import it into a test module; where the machine has no such folder, it is pytest's own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    if not os.access(_MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY, prefix="shiyi-test-") as folder:
        yield Path(folder)
