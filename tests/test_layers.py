"""Imports run one way, and the pure rooms stay pure; read from the source, with a sentence when broken."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from conftest import ROOT

PURE = ("discovery", "extraction", "dedup", "formats", "schedule", "health")

# what each room of ours may import of ours
MAY = {
    "models": (),
    "errors": (),
    "extraction": ("extraction", "models", "errors"),
    "dedup": ("dedup", "extraction.text", "models", "errors"),
    "discovery": ("discovery", "dedup.identity", "extraction", "models", "errors"),
    "formats": ("formats", "extraction.text", "models", "errors"),
    "schedule": ("schedule", "models", "errors"),
    "health": ("health", "schedule", "extraction.text", "models", "errors"),
    "configuration": ("models", "errors"),
    "storage": ("storage", *PURE, "models", "errors"),
    "engine": ("engine", "storage", *PURE, "configuration", "models", "errors", "__version__"),
    "settings": ("__version__",),
    "operations": (
        "operations",
        "engine",
        "storage",
        *PURE,
        "configuration",
        "models",
        "errors",
        "settings",
        "__version__",
    ),
    "collection": ("storage", *PURE, "configuration", "models", "errors"),  # the classes for other programs
    "commands": ("commands", "operations", "engine", *PURE, "configuration", "models", "errors", "__version__"),
    "cli": ("commands", "configuration", "errors", "__version__"),
    "__main__": ("cli",),
    "__init__": ("extraction", "collection", "models"),  # the function for other programs
}
# inside crawler/extraction: what each of its rooms may import of the others
BASICS = ("charset", "selectors", "signals", "text", "tree")
INSIDE = {
    "lines": ("lines", "text"),
    "content": ("content", "lines", *BASICS),
    "facts": ("facts", "content", "lines", *BASICS),
    "series": ("series", "lines", *BASICS),
}
SPIDERS_MAY = ("crawler.engine.spider", "crawler.models")
# effects that a pure room must not know: Scrapy, SQLite, files, network, clocks
IMPURE = {
    "scrapy", "twisted", "sqlite3", "sqlite_utils", "os", "socket", "requests", "urllib3", "aiohttp", "subprocess",
    "tempfile", "shutil", "time", "asyncio", "threading", "random",
}  # fmt: skip
FILES = sorted((ROOT / "crawler").rglob("*.py"))


def imports(file: Path) -> list[tuple[int, str]]:
    """Every module a file imports, also inside functions, but for type checking only."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def room(file: Path) -> str:
    return file.relative_to(ROOT / "crawler").parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_run_one_way(file: Path) -> None:
    allowed = tuple(f"crawler.{name}" for name in MAY[room(file)])
    for line, name in imports(file):
        if name.startswith("crawler."):
            assert name.startswith(allowed), (
                f"{file.relative_to(ROOT)}:{line} imports {name}: the room {room(file)!r} may only import "
                f"{', '.join(allowed) or 'nothing of ours'} (DESIGN, section 3)"
            )


@pytest.mark.parametrize("inner", INSIDE)
def test_extraction_has_an_order_of_its_own(inner: str) -> None:
    allowed = tuple(f"crawler.extraction.{name}" for name in INSIDE[inner])
    strangers = {
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in sorted((ROOT / "crawler" / "extraction" / inner).glob("*.py"))
        for line, name in imports(file)
        if name.startswith("crawler.extraction") and not name.startswith(allowed)
    }
    assert strangers == set()


@pytest.mark.parametrize(
    "file", [file for file in FILES if room(file) in PURE], ids=lambda file: str(file.relative_to(ROOT))
)
def test_pure_rooms_know_no_effects(file: Path) -> None:
    for line, name in imports(file):
        assert name.split(".")[0] not in IMPURE, (
            f"{file.relative_to(ROOT)}:{line} imports {name}: pure rooms know no Scrapy, SQLite, disk, network or clock"
        )
    source = file.read_text(encoding="utf-8")
    for call in ("datetime.now(", "date.today(", "utcnow(", "open("):
        assert f" {call}" not in source.replace("gzip.open(", ""), (
            f"{file.relative_to(ROOT)} calls {call}…): time and files come in as arguments"
        )


@pytest.mark.parametrize("file", sorted((ROOT / "spiders").glob("*.py")), ids=lambda file: file.name)
def test_a_source_file_knows_two_modules_of_ours(file: Path) -> None:
    for line, name in imports(file):
        if name.startswith("crawler"):
            assert name.startswith(SPIDERS_MAY), (
                f"spiders/{file.name}:{line} imports {name}: a source file imports {' and '.join(SPIDERS_MAY)} only"
            )


def test_only_the_engine_knows_scrapy() -> None:
    strangers = {
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in FILES
        for line, name in imports(file)
        if name.split(".")[0] in ("scrapy", "twisted") and room(file) != "engine"
    }
    assert strangers == set()


def test_only_disk_and_lock_write_files() -> None:
    writing = (".write_text(", ".write_bytes(", '.open("w', ".open('w", "os.rename", ".unlink(", "shutil.")
    writers = {
        str(file.relative_to(ROOT))
        for file in FILES
        if any(word in file.read_text(encoding="utf-8") for word in writing)
    }
    # the last two: to a file that the user has named, outside of the collection
    assert writers <= {
        "crawler/storage/disk.py",
        "crawler/storage/lock.py",
        "crawler/operations/metrics.py",
        "crawler/operations/streaming.py",
    }
