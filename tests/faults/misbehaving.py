"""What a server can do wrong: replies for the routes of tests/server.py, a function or a constant each.

Most write the raw answer themselves, because no HTTP library would. Knows nothing of Shiyi.
"""

from __future__ import annotations

import gzip
import socket
import struct
import time
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
from server import Reply

LARGE = 300 * 2**20  # bytes that a bomb has when it is unpacked
_HTML = b"Content-Type: text/html; charset=utf-8\r\n"


def raw(*parts: bytes, pause: float = 0.0) -> Reply:
    """These bytes and then the end of the connection, with a pause before each part."""

    def write(connection: socket.socket) -> None:
        for part in parts:
            time.sleep(pause)
            connection.sendall(part)

    return Reply(raw=write)


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> Reply:
    """An answer whose headers are written as they stand."""
    lines = b"".join(header + b"\r\n" for header in headers)
    return raw(b"HTTP/1.1 " + status + b"\r\n" + _HTML + lines + b"\r\n" + body)


def length(number: int) -> bytes:
    return b"Content-Length: %d" % number


def reset(body: bytes) -> Reply:
    """Half of the body, then a reset instead of an end."""

    def write(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + _HTML + length(len(body)) + b"\r\n\r\n" + body[: len(body) // 2])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return Reply(raw=write)


def drip(body: bytes, pause: float = 0.1) -> Reply:
    """One byte at a time: never silent for long, never done."""
    head = b"HTTP/1.1 200 OK\r\n" + _HTML + length(len(body)) + b"\r\n\r\n"
    return raw(head, *(body[number : number + 1] for number in range(len(body))), pause=pause)


def endless(begin: bytes) -> Reply:
    """A body without a length and without an end."""

    def write(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + _HTML + b"\r\n" + begin)
        while True:
            connection.sendall(b"<p>" + b"x" * 65_536)

    return Reply(raw=write)


# --- compression -------------------------------------------------------------


def encoded(body: bytes, encoding: str) -> Reply:
    return Reply(body, headers={"Content-Type": "text/html; charset=utf-8", "Content-Encoding": encoding})


def _in_pieces(compress: Callable[[bytes], bytes], flush: Callable[[], bytes], begin: bytes) -> bytes:
    piece = b" " * 2**20
    return compress(begin) + b"".join(compress(piece) for _ in range(LARGE // len(piece))) + flush()


def gzip_bomb(begin: bytes) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return _in_pieces(packer.compress, packer.flush, begin)


def deflate_bomb(begin: bytes) -> bytes:
    packer = zlib.compressobj(1)
    return _in_pieces(packer.compress, packer.flush, begin)


def brotli_bomb(begin: bytes) -> bytes:
    packer = brotli.Compressor(quality=1)
    return _in_pieces(packer.process, packer.finish, begin)


def zstandard_bomb() -> bytes:
    """RFC 8878, by hand: a frame of blocks of the type "one byte, repeated"."""
    size = 128 * 1024
    blocks = LARGE // size
    frame = b"\x28\xb5\x2f\xfd" + b"\x00\x58"  # magic; no content size, a window of 2 MiB
    for number in range(blocks):
        is_last = number == blocks - 1
        frame += (int(is_last) | 1 << 1 | size << 3).to_bytes(3, "little") + b" "
    return frame


def twice(body: bytes) -> bytes:
    return gzip.compress(gzip.compress(body, mtime=0), mtime=0)
