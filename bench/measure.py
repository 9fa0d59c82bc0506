"""What a command costs: CPU of it and all its children, and the memory of its main process. Linux only."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 3600.0  # seconds for one command


class Failed(Exception):
    """A command that did not do what it was measured for; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Cost:
    cpu: float  # seconds, user and system, the process and all children that it waited for
    wall: float  # seconds
    peak: float  # MB, of the main process alone (VmHWM)
    had_children: bool
    code: int
    out: str
    err: str


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    cwd: Path | None = None,
    watch: Callable[[float], None] | None = None,
    every: float = 0.02,
) -> Cost:
    """Run to the end. ``watch`` is called every ``every`` seconds with the main process's resident MB."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=dict(environment)
        )
        peak, had_children = 0.0, False
        while process.poll() is None:
            if time.monotonic() - start > PATIENCE:
                process.kill()
                process.wait()
                raise Failed(f"{command[:6]}: not done after {PATIENCE:.0f} s")
            resident, highest = memory(process.pid)
            peak = max(peak, highest)
            had_children = had_children or _has_children(process.pid)
            if watch is not None and resident:
                watch(resident)
            time.sleep(every)
        after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - start
        out.seek(0)
        err.seek(0)
        return Cost(
            cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            wall=wall,
            peak=peak,
            had_children=had_children,
            code=process.returncode,
            out=out.read().decode(errors="replace"),
            err=err.read().decode(errors="replace"),
        )


def cpu_to_first_connection(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """CPU seconds from a command's start until it first asks its proxy for something; it is ended then."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**environment, "http_proxy": proxy, "https_proxy": proxy},
            start_new_session=True,
        )
        try:
            listener.accept()[0].close()
            fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / TICKS  # utime, stime: proc(5)
        except TimeoutError:
            raise Failed(f"{command[:6]}: no request within 60 s") from None
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def memory(pid: int) -> tuple[float, float]:
    """MB resident now, and at the highest; (0, 0) when the process has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0, 0.0
    values = {line.split(":")[0]: line.split()[1] for line in text.splitlines() if line.startswith(("VmRSS", "VmHWM"))}
    return int(values.get("VmRSS", 0)) / 1024, int(values.get("VmHWM", 0)) / 1024


def _has_children(pid: int) -> bool:
    try:
        return bool(Path(f"/proc/{pid}/task/{pid}/children").read_text().strip())
    except (FileNotFoundError, ProcessLookupError):
        return False
