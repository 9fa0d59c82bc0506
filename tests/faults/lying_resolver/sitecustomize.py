"""Python imports this at its start where this folder is on PYTHONPATH: a name server that says what a test wants.

LYING_RESOLVER is JSON: a name and its answers, used one after the other, the last one stays; null is "no such name",
"127.0.0.9 ::1" a host with both kinds of address.
"LYING_RESOLVER_LOG" names a file that gets each name that was asked for.
"""

import json
import os
import socket
from pathlib import Path
from threading import Lock

_ANSWERS = json.loads(os.environ["LYING_RESOLVER"])
_LOG = Path(os.environ["LYING_RESOLVER_LOG"])
_guard = Lock()


def _answer(name: str) -> str:
    with _guard, _LOG.open("a") as log:
        log.write(f"{name}\n")
        answers = _ANSWERS.get(name, [None])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
    if answer is None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return str(answer)


_gethostbyname, _getaddrinfo = socket.gethostbyname, socket.getaddrinfo


def gethostbyname(hostname: str) -> str:
    if hostname.replace(".", "").isdigit():
        return _gethostbyname(hostname)
    older = [address for address in _answer(hostname).split() if ":" not in address]
    if not older:  # it knows the older kind of address only
        raise socket.gaierror(socket.EAI_NODATA, "No address associated with hostname")
    return older[0]


def getaddrinfo(host, port, *args, **options):  # type: ignore[no-untyped-def]
    if host is None or ":" in str(host) or str(host).replace(".", "").isdigit():
        return _getaddrinfo(host, port, *args, **options)
    return [found for address in _answer(str(host)).split() for found in _getaddrinfo(address, port, *args, **options)]


socket.gethostbyname, socket.getaddrinfo = gethostbyname, getaddrinfo  # type: ignore[assignment]
