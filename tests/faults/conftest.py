"""Prints the table of faults at the end of a run: row, what was tried, in how many tests, held or not.

``./run test faults`` (pytest tests/faults --rows) runs every test of the project that belongs to a row, and no other.
A row without a test, and without a reason in the README, counts as not held.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from .table import TITLES, does_not_apply, rows_of

TESTS = Path(__file__).resolve().parents[1]
_outcomes: dict[str, Counter[str]] = defaultdict(Counter)  # by row
_seen: dict[str, str] = {}  # the worst outcome of each test, by its id


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rows", action="store_true", help="run all tests that a row of the list of faults rests on")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--rows", default=False):
        config.args.append(str(TESTS))


@cache
def _case_rows() -> Mapping[str, str]:
    from hostile_pages import ATTACKS

    return {attack.name: attack.id for attack in ATTACKS}


def _place(node: str) -> str:
    """Relative to tests/, wherever pytest was started."""
    return node[node.index("tests/") :] if "tests/" in node else node


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--rows", default=False):
        return
    wanted = {id(item) for item in items if "/faults/" in item.nodeid or rows_of(_place(item.nodeid), _case_rows())}
    config.hook.pytest_deselected(items=[item for item in items if id(item) not in wanted])
    items[:] = [item for item in items if id(item) in wanted]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    node = _place(report.nodeid)
    if report.failed or hasattr(report, "wasxfail"):  # nothing is excused
        _seen[node] = "failed"
    elif report.when == "call" or report.skipped:
        _seen.setdefault(node, "skipped" if report.skipped else "passed")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A row that nothing has tried is a failure like any other."""
    for node, outcome in _seen.items():
        for row in rows_of(node, _case_rows()):
            _outcomes[row][outcome] += 1
    is_worker = hasattr(session.config, "workerinput")
    if not is_worker and _is_whole(session.config) and any(verdict(row).startswith("NOT") for row in TITLES):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.section("the list of faults")
    for row, title in TITLES.items():
        if row in _outcomes or _is_whole(config):
            terminalreporter.write_line(f"{row:<4} {title:<62} {verdict(row)}")
    if _is_whole(config):
        words = Counter(verdict(row).split()[0] for row in TITLES)
        told = f"{words['held']} held, {words['NOT']} not held, {words['does']} do not apply"
        terminalreporter.write_line(f"{len(TITLES)} rows: {told}")


def _is_whole(config: pytest.Config) -> bool:
    return bool(config.getoption("--rows", default=False)) and not config.option.keyword


def verdict(row: str) -> str:
    found = _outcomes.get(row, Counter())
    if found["failed"]:
        return f"NOT HELD: {found['failed']} of {found.total()} tests failed"
    if found["passed"]:
        left_out = f", {found['skipped']} left out on this machine" if found["skipped"] else ""
        return f"held by {found['passed']} tests{left_out}"
    if row in does_not_apply():
        return f"does not apply: {does_not_apply()[row]}"
    return "NOT HELD: no test" + (" that this machine can run" if found["skipped"] else "")
