"""`schedule`: the ready lines for cron and systemd, and log rotation, with the paths of this machine. Prints, installs nothing."""

from __future__ import annotations

import getpass
import shlex
from pathlib import Path

from crawler.configuration import ROOT


def cron(minutes: int, output: Path, log: Path) -> str:
    """Two lines: the crawl, and a look whether it still runs."""
    run = shlex.quote(str(ROOT / "run"))
    place = f" --output {shlex.quote(str(output))}" if output != ROOT / "output" else ""
    # In a crontab a per cent sign ends the command.
    words = [f"*/{minutes} * * * *  {run} crawl{place} >>{shlex.quote(str(log))} 2>&1"]
    words.append(f"17 8 * * *  {run} status{place} --max-age 26h >/dev/null 2>&1 || {run} status{place}")
    return "\n".join(line.replace("%", "\\%") for line in words)


def systemd(minutes: int, output: Path) -> str:
    run, place = _quoted(ROOT / "run"), f" --output {_quoted(output)}" if output != ROOT / "output" else ""
    return f"""\
# /etc/systemd/system/shiyi.service
[Unit]
Description=Shiyi news collector
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={getpass.getuser()}
ExecStart={run} crawl{place}
# 1: a source is not well; 75: the run before is still at it. Neither is a fault of the service.
SuccessExitStatus=1 75
TimeoutStopSec=120
Nice=10

# /etc/systemd/system/shiyi.timer
[Unit]
Description=Shiyi every {minutes} minutes

[Timer]
OnBootSec=2min
OnUnitActiveSec={minutes}min
RandomizedDelaySec=30
Persistent=true

[Install]
WantedBy=timers.target

# then: systemctl daemon-reload && systemctl enable --now shiyi.timer"""


def logrotate(log: Path) -> str:
    return f"""\
# /etc/logrotate.d/shiyi
{_quoted(log)} {{
    weekly
    rotate 8
    compress
    missingok
    notifempty
    copytruncate
}}"""


def _quoted(path: Path) -> str:
    return f'"{path}"' if any(character in str(path) for character in " \t'") else str(path)
