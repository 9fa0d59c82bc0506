"""shiyi.toml and SHIYI_*: read, checked and frozen. Wrong keys or values name their place.

Flags win over environment, environment over file; the flags are laid over this in `cli.py`.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from crawler.errors import UsageError
from crawler.models import COPIES, STYLES, Copies, Style

ROOT = Path(__file__).resolve().parents[1]
FILE = "shiyi.toml"
Reservations = Literal["record", "refuse"]


@dataclass(frozen=True, slots=True)
class SourceSettings:
    style: Style | None = None
    delay: float | None = None
    copies: Copies | None = None
    verify_tls: bool = True


@dataclass(frozen=True, slots=True)
class Notifications:
    """Where alerts go: a webhook (http or https), addresses of Apprise. Empty is false."""

    webhook: str = ""
    apprise: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.webhook or self.apprise)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a user may set; None or "" means "not set"."""

    copies: Copies = "keep"  # what becomes of copies of a story that another source has
    contact: str = ""  # goes into the User-Agent: an address or a page
    delay: float | None = None  # seconds between two requests to one host; a source's own, if larger, wins
    forced_delay: float | None = None  # SHIYI_DELAY: in the place of all of them, as --delay is
    reservations: Reservations = "record"  # what becomes of a page that says noarchive, noindex or the like
    site: str = ""  # address of the user's site, for the back links of jekyll documents
    output: Path | None = None
    spiders: Path | None = None  # a folder with source files of the user's own
    notify: Notifications = field(default_factory=Notifications)
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


_KEYS = ("contact", "delay", "site", "output", "spiders", "source", "notify", "reservations", "copies")


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
        copies=_copies(raw, f"{file}") or "keep",
        delay=_seconds(raw, "delay", f"{file}"),
        reservations=_choice(raw, "reservations", get_args(Reservations), f"{file}") or "record",
        site=_text(raw, "site", file).rstrip("/"),
        output=file.parent / output if output else None,
        spiders=file.parent / spiders if spiders else None,
        notify=_notify(raw.get("notify", {}), f"{file}: [notify]"),
        sources={name: _source(table, f"{file}: [source.{name}]") for name, table in tables.items()},
        place=str(file),
    )


def _source(table: dict[str, Any], place: str) -> SourceSettings:
    _only(table, ("style", "delay", "copies", "verify_tls"), place)
    style = _choice(table, "style", STYLES, place)
    verify_tls = table.get("verify_tls", True)
    if not isinstance(verify_tls, bool):
        raise UsageError(f"{place}: verify_tls: {verify_tls!r} is neither true nor false")
    return SourceSettings(
        style=style, copies=_copies(table, place), delay=_seconds(table, "delay", place), verify_tls=verify_tls
    )


def _notify(table: Any, place: str) -> Notifications:
    if not isinstance(table, dict):
        raise UsageError(f"{place}: write a table, with webhook or apprise in it")
    _only(table, ("webhook", "apprise"), place)
    webhook, urls = table.get("webhook", ""), table.get("apprise", [])
    if not isinstance(webhook, str) or (webhook and not webhook.startswith(("http://", "https://"))):
        raise UsageError(f"{place}: webhook: {webhook!r} is no http or https address")
    urls = [urls] if isinstance(urls, str) else urls
    if not isinstance(urls, list) or not all(isinstance(url, str) and "://" in url for url in urls):
        raise UsageError(f'{place}: apprise: write addresses, for instance ["mailto://user:password@example.org"]')
    return Notifications(webhook, tuple(urls))


def _copies(table: dict[str, Any], place: str) -> Copies | None:
    value = table.get("copies")
    if value is not None and value not in COPIES:
        raise UsageError(f"{place}: copies: {value!r} is none of {', '.join(COPIES)}")
    return value


def _only(table: dict[str, Any], keys: tuple[str, ...], place: str) -> None:
    unknown = sorted(set(table) - set(keys))
    if unknown:
        raise UsageError(f"{place}: unknown key {unknown[0]!r}; allowed are {', '.join(keys)}")


def _choice(table: dict[str, Any], key: str, words: tuple[Any, ...], place: str) -> Any:
    value = table.get(key)
    if value is not None and value not in words:
        raise UsageError(f"{place}: {key}: {value!r} is none of {', '.join(words)}")
    return value


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
