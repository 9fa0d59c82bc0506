"""A real HTTP server on loopback, and a proxy that is the whole web, for end-to-end tests.

Routes are set by the test; every request is logged with its time. Knows nothing of Shiyi.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self

import trustme


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. With an ETag or Last-Modified header, conditional requests get their 304."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds before the first byte
    hold: threading.Event | None = None  # answered only when this is set
    cut: int | None = None  # bytes of the body after which the connection is closed
    raw: Callable[[socket.socket], None] | None = None  # writes all of the answer itself, if it is one


@dataclass(frozen=True, slots=True)
class Seen:
    """One request, as it arrived, and the status it was answered with."""

    at: float  # time.monotonic()
    method: str
    path: str  # with query; of a proxy the whole address
    headers: dict[str, str]  # names in lower case
    status: int
    body: bytes = b""


NOT_FOUND = Reply(b"<html><h1>404</h1></html>", 404)


class Server:
    """Use as a context manager. What has no route, robots.txt too, answers 404.

    With an authority it speaks TLS, under a certificate for ``certified`` (its host if empty).
    """

    def __init__(
        self, host: str = "127.0.0.1", authority: trustme.CA | None = None, certified: str = "", port: int = 0
    ):
        self.host = host
        self.log: list[Seen] = []
        self._routes: dict[str, list[Reply]] = {}
        self._guard = threading.Lock()
        self._http = _Listener((host, port), _Handler, self)
        self.port = int(self._http.server_address[1])
        if authority is not None:
            # The handshake waits for the handler's thread, so a client that refuses it stops nobody.
            self._http.socket = context_for(authority, certified or host).wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self.base = f"http{'s' * (authority is not None)}://{host}:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def url(self, path: str) -> str:
        return self.base + path

    def set(self, path: str, *replies: Reply | bytes) -> None:
        """Answers for one path, used one after the other; the last one stays."""
        with self._guard:
            self._routes[path] = [reply if isinstance(reply, Reply) else html(reply) for reply in replies]

    def asked(self, since: int = 0) -> list[str]:
        """The paths that were asked for, in order, robots.txt left out."""
        return [seen.path for seen in self.log[since:] if not seen.path.endswith("/robots.txt")]

    def reply_to(self, url: str) -> Reply:
        """``url`` is the path, of a proxied request the whole address."""
        with self._guard:
            replies = self._routes.get(url, [NOT_FOUND])
            return replies.pop(0) if len(replies) > 1 else replies[0]


class Proxy(Server):
    """An HTTP proxy that opens CONNECT tunnels itself and answers for every host of ``web``."""

    def __init__(self, web: Callable[[str], Reply], authority: trustme.CA, host: str = "127.0.0.1"):
        super().__init__(host)
        self._web = web
        self._authority = authority
        self._contexts: dict[str, ssl.SSLContext] = {}

    def reply_to(self, url: str) -> Reply:
        return self._web(url)

    def context(self, host: str) -> ssl.SSLContext:
        with self._guard:
            if host not in self._contexts:
                self._contexts[host] = context_for(self._authority, host)
            return self._contexts[host]


def html(body: bytes, **headers: str) -> Reply:
    return Reply(body, headers={"Content-Type": "text/html; charset=utf-8", **headers})


def context_for(authority: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


def closed_port(host: str = "127.0.0.1") -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], owner: Server):
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)
        self.owner = owner

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's asks the name server for our own name

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or refused our certificate, is the test's own doing."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: _Listener
    tunnel = ""  # https://host:port while inside CONNECT

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        self.send_response(200)
        self.end_headers()
        assert isinstance(self.server.owner, Proxy)
        self.connection = self.server.owner.context(host).wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.tunnel = f"https://{host}" + ("" if port == "443" else f":{port}")
        self.close_connection = False

    def do_GET(self) -> None:
        at = time.monotonic()
        owner = self.server.owner
        url = self.tunnel + self.path
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = owner.reply_to(url)
        status = 304 if reply.status == 200 and _is_unchanged(headers, reply.headers) else reply.status
        sent = self.rfile.read(int(headers.get("content-length", 0))) if self.command == "POST" else b""
        owner.log.append(Seen(at, self.command, url, headers, status, sent))
        if reply.hold is not None:
            reply.hold.wait(60)
        time.sleep(reply.delay)
        if reply.raw is not None:
            self.close_connection = True
            reply.raw(self.connection)
            return
        self.send_response(status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        body = b"" if status == 304 else reply.body
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: reply.cut])
        if reply.cut is not None:
            self.close_connection = True

    do_POST = do_GET


def _is_unchanged(asked: dict[str, str], sent: dict[str, str]) -> bool:
    """RFC 9110, 13.2.2: If-None-Match decides alone where it stands."""
    if "if-none-match" in asked:
        return asked["if-none-match"] == sent.get("ETag")
    return "if-modified-since" in asked and asked["if-modified-since"] == sent.get("Last-Modified")
