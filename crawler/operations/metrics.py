"""A text file for Prometheus's node_exporter (textfile collector): the state of each source, in its exposition format.

https://prometheus.io/docs/instrumenting/exposition_formats/ — ten gauges need no library.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from crawler.engine.loader import SourceLoader
from crawler.engine.options import Options
from crawler.errors import StorageError
from crawler.operations.status import SourceStatus, Status, status_of

STATES = ("well", "new", "dormant", "degraded", "failing", "broken", "unknown")


def write(status: Status, target: Path) -> None:
    """Whole or not at all: the collector may read at any moment. Raises StorageError."""
    content = "".join(f"{line}\n" for line in lines(status))
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
            temporary.chmod(0o644)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(f"--metrics {target}: {error.strerror}; the crawl itself is not touched") from error


def write_now(options: Options, target: Path) -> None:
    """After a run."""
    now = datetime.now(UTC)
    write(status_of(options.output.resolve(), SourceLoader(options.configuration.spiders), now), target)


def lines(status: Status) -> Iterator[str]:
    yield from _head("shiyi_last_run_timestamp_seconds", "When the last run ended.")
    yield f"shiyi_last_run_timestamp_seconds {_seconds(status.last_run)}"
    yield from _head("shiyi_last_run_exit_code", "Its exit code.")
    yield f"shiyi_last_run_exit_code {-1 if status.last_exit_code is None else status.last_exit_code}"
    yield from _head("shiyi_source_state", "1 for the state that a source is in.")
    for source in status.sources:
        for state in STATES:
            yield f'shiyi_source_state{{source="{_escaped(source.name)}",state="{state}"}} {int(source.state == state)}'
    for name, told, value in _GAUGES:
        yield from _head(name, told)
        for source in status.sources:
            yield f'{name}{{source="{_escaped(source.name)}"}} {value(source)}'


def _head(name: str, told: str) -> Iterator[str]:
    yield f"# HELP {name} {told}"
    yield f"# TYPE {name} gauge"


def _seconds(stamp: str) -> str:
    """A time as Prometheus has it; 0 for never, so that an alert on its age goes off."""
    return f"{datetime.fromisoformat(stamp).timestamp():.0f}" if stamp else "0"


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


_GAUGES: tuple[tuple[str, str, Callable[[SourceStatus], object]], ...] = (
    ("shiyi_source_last_new_timestamp_seconds", "When a new article was last stored.", lambda s: _seconds(s.last_new)),
    ("shiyi_source_last_good_timestamp_seconds", "When its last good run ended.", lambda s: _seconds(s.last_good)),
    ("shiyi_source_documents", "Documents stored.", lambda s: s.documents),
    ("shiyi_source_withdrawn", "Documents whose article has gone from its site.", lambda s: s.withdrawn),
    ("shiyi_source_owed", "Articles found and not had yet.", lambda s: s.owed),
    ("shiyi_source_given_up", "Articles that were given up.", lambda s: s.given_up),
    ("shiyi_source_gaps", "Open gaps.", lambda s: len(s.gaps)),
    ("shiyi_source_frozen", "Articles frozen because their page flaps.", lambda s: len(s.frozen)),
)
