"""Undoes Content-Encoding, strictly: what is cut off or broken is no answer, what is too large is refused.

Scrapy's own middleware takes the readable beginning of a broken body for the whole.
"""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Callable, Generator, Iterator

import brotli  # type: ignore[import-untyped]
from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DAMAGED = "damaged: the answer's compression is broken or cut off"  # a response's flag; the retry policy reads it
_GZIP = b"\x1f\x8b"
_PIECE = 64 * 1024  # bytes unpacked at a time, so that a bomb is met before it has gone off


class TooLarge(IgnoreRequest):
    """A bomb, or a page far larger than any article."""


class Unpacking(HttpCompressionMiddleware):
    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        try:
            answer: Request | Response = super().process_response(request, response)
        except (EOFError, ValueError, zlib.error, brotli.error, zstd.ZstdError):
            response.flags.append(DAMAGED)
            return response
        return answer

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        unpacked = bytearray()
        for piece in _PIECES[encoding](body) if body else ():
            unpacked += piece
            if max_size and len(unpacked) > max_size:
                raise TooLarge("too large: the answer is over the size limit when it is unpacked")
        return bytes(unpacked)


def _gzipped(body: bytes) -> Iterator[bytes]:
    """All members; what stands behind them is left out, as browsers do."""
    if not body.startswith(_GZIP):
        raise ValueError("no gzip")
    while body.startswith(_GZIP):
        body = yield from _inflated(body, wbits=31)


def _deflated(body: bytes) -> Iterator[bytes]:
    """By RFC 9110 with the zlib header; some servers leave it out."""
    has_header = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    yield from _inflated(body, wbits=15 if has_header else -15)


def _inflated(body: bytes, wbits: int) -> Generator[bytes, None, bytes]:
    unpacker = zlib.decompressobj(wbits)
    while not unpacker.eof:
        piece = unpacker.decompress(body, _PIECE)
        body = unpacker.unconsumed_tail
        if not piece and not body and not unpacker.eof:
            raise EOFError("cut off")
        yield piece
    return unpacker.unused_data


def _brotli(body: bytes) -> Iterator[bytes]:
    unpacker = brotli.Decompressor()
    piece = unpacker.process(body, output_buffer_limit=_PIECE)
    while piece:
        yield piece
        piece = b"" if unpacker.is_finished() else unpacker.process(b"", output_buffer_limit=_PIECE)
    if not unpacker.is_finished():
        raise EOFError("cut off")


def _zstandard(body: bytes) -> Iterator[bytes]:
    with zstd.ZstdFile(io.BytesIO(body)) as file:
        while piece := file.read(_PIECE):
            yield piece


_PIECES: dict[bytes, Callable[[bytes], Iterator[bytes]]] = {
    b"gzip": _gzipped,
    b"x-gzip": _gzipped,
    b"deflate": _deflated,
    b"br": _brotli,
    b"zstd": _zstandard,
}
