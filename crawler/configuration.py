"""shiyi.toml and SHIYI_*: read, checked and frozen. Wrong keys or values name their place.

Flags win over environment, environment over file; the flags are laid over this in `cli.py`.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crawler.errors import UsageError
from crawler.models import STYLES, Style

ROOT = Path(__file__).resolve().parents[1]
FILE = "shiyi.toml"


@dataclass(frozen=True, slots=True)
class SourceSettings:
    style: Style | None = None
    delay: float | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a user may set; None or "" means "not set"."""

    contact: str = ""  # goes into the User-Agent: an address or a page
    delay: float | None = None  # seconds between two requests to one host; a source's own, if larger, wins
    forced_delay: float | None = None  # SHIYI_DELAY: in the place of all of them, as --delay is
    site: str = ""  # address of the user's site, for the back links of jekyll documents
    output: Path | None = None
    spiders: Path | None = None  # a folder with source files of the user's own
    sources: dict[str, SourceSettings] = field(default_factory=dict)
    place: str = field(default="", compare=False)  # the file it was read from, for messages

    def for_source(self, name: str) -> SourceSettings:
        return self.sources.get(name, SourceSettings())


def load(path: Path | None = None) -> Configuration:
    """The file named, else SHIYI_CONFIG, else shiyi.toml beside scrapy.cfg if it is there."""
    named = path or (Path(os.environ["SHIYI_CONFIG"]) if os.environ.get("SHIYI_CONFIG") else None)
    file = named or ROOT / FILE
    raw: dict[str, Any] = {}
    if named is not None or file.is_file():
        try:
            raw = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"the configuration can not be read: {file}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"the configuration is no TOML: {file}: {error}") from error
    return _from_environment(_checked(raw, file))


_KEYS = ("contact", "delay", "site", "output", "spiders", "source")


def _checked(raw: dict[str, Any], file: Path) -> Configuration:
    _only(raw, _KEYS, f"{file}")
    spiders = _text(raw, "spiders", file)
    if spiders and not (file.parent / spiders).is_dir():
        raise UsageError(f"{file}: spiders: there is no folder {file.parent / spiders}")
    output = _text(raw, "output", file)
    tables = raw.get("source", {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise UsageError(f"{file}: source: write one table a source, for instance [source.cs]")
    return Configuration(
        contact=_text(raw, "contact", file),
        delay=_seconds(raw, "delay", f"{file}"),
        site=_text(raw, "site", file).rstrip("/"),
        output=file.parent / output if output else None,
        spiders=file.parent / spiders if spiders else None,
        sources={name: _source(table, f"{file}: [source.{name}]") for name, table in tables.items()},
        place=str(file),
    )


def _source(table: dict[str, Any], place: str) -> SourceSettings:
    _only(table, ("style", "delay"), place)
    style = table.get("style")
    if style is not None and style not in STYLES:
        raise UsageError(f"{place}: style: {style!r} is none of {', '.join(STYLES)}")
    return SourceSettings(style=style, delay=_seconds(table, "delay", place))


def _only(table: dict[str, Any], keys: tuple[str, ...], place: str) -> None:
    unknown = sorted(set(table) - set(keys))
    if unknown:
        raise UsageError(f"{place}: unknown key {unknown[0]!r}; allowed are {', '.join(keys)}")


def _text(table: dict[str, Any], key: str, file: Path) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or any(character < " " for character in value):
        raise UsageError(f"{file}: {key}: {value!r} is no line of text")
    return value


def _seconds(table: dict[str, Any], key: str, place: str) -> float | None:
    value = table.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 3600:
        raise UsageError(f"{place}: {key}: {value!r} is no number of seconds from 0 to 3600")
    return float(value)


def _from_environment(configuration: Configuration) -> Configuration:
    changes: dict[str, Any] = {}
    if os.environ.get("SHIYI_OUTPUT"):
        changes["output"] = Path(os.environ["SHIYI_OUTPUT"])
    if os.environ.get("SHIYI_CONTACT"):
        changes["contact"] = _text({"SHIYI_CONTACT": os.environ["SHIYI_CONTACT"]}, "SHIYI_CONTACT", Path("environment"))
    if os.environ.get("SHIYI_DELAY"):
        try:
            value = float(os.environ["SHIYI_DELAY"])
        except ValueError:
            raise UsageError(f"SHIYI_DELAY: {os.environ['SHIYI_DELAY']!r} is no number of seconds") from None
        changes["forced_delay"] = _seconds({"SHIYI_DELAY": value}, "SHIYI_DELAY", "environment")
    return replace(configuration, **changes)
