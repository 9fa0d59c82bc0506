"""What several commands take: days, spans, address ranges, the collection's folder, the flags of those that fetch."""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from pathlib import Path
from typing import Any

import click

from crawler.configuration import ROOT, Configuration, load
from crawler.models import COPIES, STYLES

Address = ipaddress.IPv4Network | ipaddress.IPv6Network


class Day(click.ParamType[date]):
    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day; write YYYY-MM-DD, for instance 2026-10-12", param, ctx)


class Seconds(click.FloatRange):
    def __init__(self) -> None:
        super().__init__(0, 3600)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds: float = super().convert(value, param, ctx)
        if seconds != seconds:  # nan passes every comparison that click makes
            self.fail(f"{value!r} is no number of seconds", param, ctx)
        return seconds


class Duration(click.ParamType[float]):
    """Seconds, from 90, 90s, 30m, 2h or 1d."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"(\d{1,6})([smhd]?)", str(value))
        if not found or not int(found[1]):
            self.fail(f"{value!r} is no time; write seconds, or for instance 30m, 26h or 2d", param, ctx)
        return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]


class Network(click.ParamType[Address]):
    name = "CIDR"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        try:
            return ipaddress.ip_network(str(value), strict=False)
        except ValueError:
            self.fail(f"{value!r} is no address range; write for instance 192.168.0.0/16", param, ctx)


def storing(command: Any) -> Any:
    """The flags of every command that fetches."""
    flags = (
        click.option(
            "--copies",
            type=click.Choice(COPIES),
            help="Copies of another source's story: kept, only linked, or left out.",
        ),
        click.option("--style", type=click.Choice(STYLES), help="Style of new documents (default: the source's own)."),
        click.option(
            "--output",
            type=click.Path(path_type=Path),
            help="Folder of the collection (output/).",
        ),
        click.option(
            "--delay",
            type=Seconds(),
            metavar="SECONDS",
            help="Seconds between requests to one host.",
        ),
        click.option(
            "--replay",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Answer from this WARC file, no network.",
        ),
        click.option(
            "--allow-address",
            "allow",
            type=Network(),
            multiple=True,
            help="Private addresses that may be reached.",
        ),
        click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Instead of shiyi.toml."),
        click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, nothing else."),
    )
    for flag in reversed(flags):
        command = flag(command)
    return command


def reading(command: Any) -> Any:
    """The flags of every command that only reads a collection."""
    flags = (
        click.option("--output", type=click.Path(path_type=Path), help="Folder of the collection (output/)."),
        click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Instead of shiyi.toml."),
    )
    for flag in reversed(flags):
        command = flag(command)
    return command


def collection_of(output: Path | None, config: Path | None) -> tuple[Path, Configuration]:
    """The folder, and the configuration that may have named it: flags over environment over file."""
    configuration = load(config)
    return (output or configuration.output or ROOT / "output").resolve(), configuration
