"""The lists in lock/: complete, hashed, without an address, and what pyproject.toml asks for."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from small_project import REPO

KINDS = ("core", "test", "lint")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.+))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M)


def text(kind: str) -> str:
    return (REPO / "lock" / f"{kind}.txt").read_text(encoding="utf-8")


def pins(kind: str) -> set[tuple[str, str, str]]:
    """Name, version and marker."""
    return {(name, version, marker) for name, version, marker, _ in PIN.findall(text(kind))}


def asked_for(*groups: str) -> list[Requirement]:
    pyproject = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
    wishes = [*pyproject["project"]["dependencies"]]
    for group in groups:
        wishes += pyproject["dependency-groups"][group]
    return [Requirement(wish) for wish in wishes]


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_is_a_pin_a_hash_or_a_remark(kind: str) -> None:
    left = PIN.sub("", text(kind))
    assert [line for line in left.splitlines() if not line.lstrip().startswith("#")] == []


@pytest.mark.parametrize("path", ["run", "lock/environment.py", ".ci/run", *(f"lock/{kind}.txt" for kind in KINDS)])
def test_no_address_of_an_index(path: str) -> None:
    found = re.findall(r"\w+://\S+|index-url|find-links|trusted-host", (REPO / path).read_text(encoding="utf-8"))
    assert found == []


@pytest.mark.parametrize(("kind", "groups"), [("core", []), ("test", ["test"]), ("lint", ["test", "lint"])])
def test_everything_asked_for_is_pinned_and_fits(kind: str, groups: list[str]) -> None:
    """When this fails, run lock/update."""
    pinned = {(name, version) for name, version, _ in pins(kind)}
    missing = [
        str(wish)
        for wish in asked_for(*groups)
        if not any(name == canonicalize_name(wish.name) and wish.specifier.contains(v) for name, v in pinned)
    ]
    assert missing == []


def test_the_larger_lists_hold_the_smaller_ones() -> None:
    assert pins("core") < pins("test") < pins("lint")


def test_the_project_itself_is_not_in_a_list() -> None:
    assert "shiyi" not in {name for name, _, _ in pins("lint")}


def test_trafilatura_gets_what_old_pips_lose() -> None:
    """pip before 23.3 does not follow lxml[html_clean]; without it trafilatura cannot be imported."""
    assert "lxml-html-clean" in {wish.name for wish in asked_for()}


def test_every_import_is_asked_for() -> None:
    """What only a dependency's dependency brings may be gone with its next version."""
    modules: set[str] = set()
    for path in [*REPO.glob("crawler/**/*.py"), *REPO.glob("spiders/*.py")]:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.partition(".")[0])
    extras = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    wanted = [*asked_for(), *(Requirement(wish) for wishes in extras.values() for wish in wishes)]
    declared = {canonicalize_name(wish.name) for wish in wanted}
    ours = {"crawler", "spiders", "compression", *sys.stdlib_module_names}  # compression: standard from Python 3.14 on
    brought_by = packages_distributions()
    undeclared = [
        module
        for module in sorted(modules - ours)
        if not declared & {canonicalize_name(name) for name in brought_by.get(module, [])}
    ]
    assert undeclared == []
