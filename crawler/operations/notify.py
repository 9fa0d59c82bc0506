"""Tells what has changed for the worse, or is well again: to a webhook, or by Apprise. Once a cause, never twice.

A message that can not be sent waits for the next run, a week long.
"""

from __future__ import annotations

import http.client
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler import __version__
from crawler.configuration import Notifications
from crawler.errors import UsageError
from crawler.operations.verify import locked
from crawler.storage import conditions
from crawler.storage.index import Index
from crawler.storage.layout import INDEX
from crawler.storage.opening import open_index

PATIENCE = 10.0  # seconds for a webhook's answer
STALE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Message:
    id: int
    source: str
    at: str
    state: str
    stage: str
    text: str
    taken_by: str = ""  # the one of two places that has it already

    @property
    def line(self) -> str:
        where = f"{self.stage}: " if self.stage else ""
        return f"{self.source} {self.state}: {where}{self.text}"


def tell(index: Index, settings: Notifications, now: datetime) -> int:
    """Send what is still to be told; answers how much that was. Needs the run lock."""
    if not settings:
        return 0
    messages = [Message(*row) for row in conditions.unsent(index.connection, (now - STALE).isoformat())]
    if not messages:
        return 0
    collection = str(index.value("SELECT id FROM collection"))
    wanted = [name for name, is_set in (("webhook", settings.webhook), ("apprise", settings.apprise)) if is_set]
    taken = {message.id: {message.taken_by} & set(wanted) for message in messages}
    for place in wanted:  # each by itself: what one has taken is not sent there again for the other's sake
        waiting = [message for message in messages if place not in taken[message.id]]
        only = replace(
            settings, **{name: type(getattr(settings, name))() for name in ("webhook", "apprise") if name != place}
        )
        if waiting and send(only, waiting, collection):
            for message in waiting:
                taken[message.id].add(place)
    with index.transaction() as connection:
        for message in messages:
            done = now.isoformat() if len(taken[message.id]) == len(wanted) else "".join(taken[message.id])
            conditions.mark_sent(connection, [message.id], done)
    return sum(len(places) == len(wanted) for places in taken.values())


def tell_from(root: Path, settings: Notifications) -> int:
    """The same from outside a run: takes the lock, waits for a run's end."""
    if not (root / INDEX).is_file():
        raise UsageError(f"no run yet: {root / INDEX}")
    with locked(root, "notify") as disk, closing(open_index(disk)) as index:
        return tell(index, settings, datetime.now(UTC))


def send(settings: Notifications, messages: Sequence[Message], collection: str) -> bool:
    """To every place that is set; False, with a warning, if one of them did not take it."""
    sent = True
    if settings.webhook:
        sent &= _post(settings.webhook, messages, collection)
    if settings.apprise:
        sent &= _by_apprise(settings.apprise, messages)
    return sent


def _post(url: str, messages: Sequence[Message], collection: str) -> bool:
    alerts = [
        {"source": each.source, "at": each.at, "state": each.state, "stage": each.stage, "text": each.text}
        for each in messages
    ]
    text = "\n".join(message.line for message in messages)  # what chat programs show of a webhook
    body = json.dumps({"text": text, "collection": collection, "alerts": alerts}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": f"Shiyi/{__version__}"}
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 (the configuration is checked)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            answer.read(1)
    except (http.client.HTTPException, OSError, ValueError) as error:
        logging.warning(
            "the webhook of shiyi.toml did not take %d alerts: %s; sent with the next run", len(messages), error
        )
        return False
    return True


def _by_apprise(urls: Sequence[str], messages: Sequence[Message]) -> bool:
    try:
        import apprise
    except ImportError:
        raise UsageError("shiyi.toml: notify.apprise needs the package: pip install 'shiyi[notify]'") from None
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it logs the addresses, with the passwords in them
    box = apprise.Apprise()
    if not all(box.add(url) for url in urls):
        logging.warning("shiyi.toml: notify.apprise: an address is none that Apprise knows; nothing was sent there")
        return False
    bad = sum(message.state in ("degraded", "failing") for message in messages)
    title = f"Shiyi: {bad} sources need a look" if bad else "Shiyi: sources are well again"
    if not box.notify(title=title, body="\n".join(message.line for message in messages)):
        logging.warning("notify.apprise: %d alerts were not taken everywhere; sent with the next run", len(messages))
        return False
    return True
