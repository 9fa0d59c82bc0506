"""A WARC file as the web of that day: look-ups, encodings, damage."""

from __future__ import annotations

import gzip
import io
import zlib
from datetime import UTC, datetime
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.engine.recording import Recording
from crawler.errors import UsageError

HTML = [("Content-Type", "text/html; charset=gbk"), ("ETag", '"7"')]


class Tape:
    """Writes records one after another and remembers where each begins."""

    def __init__(self, compressed: bool = False):
        self.out = io.BytesIO()
        self.writer = WARCWriter(self.out, gzip=compressed)
        self.starts: list[int] = []

    def add(
        self,
        url: str,
        body: bytes = b"page",
        *,
        date: str = "2026-08-03T04:00:00Z",
        status: str = "200 OK",
        headers: list[tuple[str, str]] = HTML,
        kind: str = "response",
    ) -> None:
        self.starts.append(self.out.tell())
        http = None if kind == "warcinfo" else StatusAndHeaders(status, headers, protocol="HTTP/1.1")
        record = self.writer.create_warc_record(
            url, kind, payload=io.BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": date}
        )
        self.writer.write_record(record)

    def save(self, folder: Path, cut: int | None = None, after: bytes = b"") -> Path:
        path = folder / ("tape.warc.gz" if self.writer.gzip else "tape.warc")
        path.write_bytes(self.out.getvalue()[:cut] + after)
        return path


@pytest.mark.parametrize("compressed", [False, True])
def test_what_is_recorded_is_found(tmp_path: Path, compressed: bool) -> None:
    tape = Tape(compressed)
    tape.add("http://www.a.cn/", b"\xd0\xc2\xce\xc5", date="2026-08-03T04:00:00Z")
    tape.add("https://b.cn/gone", b"", date="2026-08-03T05:30:00.123456789Z", status="404 Not Found")
    recording = Recording(tape.save(tmp_path))

    assert recording.hosts == {"www.a.cn", "b.cn"}
    assert recording.first == datetime(2026, 8, 3, 4, 0, tzinfo=UTC)
    assert recording.last == datetime(2026, 8, 3, 5, 30, 0, 123456, tzinfo=UTC)
    assert (recording.skipped, recording.warning) == (0, "")
    record = recording.find("http://www.a.cn/")
    assert record is not None
    assert (record.url, record.status, record.body) == ("http://www.a.cn/", 200, b"\xd0\xc2\xce\xc5")
    assert record.date == recording.first
    assert record.headers == [
        (b"Content-Type", b"text/html; charset=gbk"),
        (b"ETag", b'"7"'),
        (b"Content-Length", b"4"),
    ]
    gone = recording.find("https://b.cn/gone")
    assert gone is not None
    assert (gone.status, gone.body) == (404, b"")
    assert recording.find("https://b.cn/never") is None
    assert recording.find("https://c.cn/") is None
    assert recording.find("http://[::1/") is None


def test_other_kinds_of_record_are_passed_over(tmp_path: Path) -> None:
    tape = Tape()
    tape.add("tape.warc", kind="warcinfo")
    tape.add("http://a.cn/x", b"first", date="2026-08-03T04:00:00Z")
    tape.add("http://a.cn/x", b"", date="2026-08-03T06:00:00Z", kind="revisit")
    tape.add("http://a.cn/x", b"", date="2026-08-03T07:00:00Z", status="304 Not Modified")
    tape.add("http://a.cn/x", b"no date", date="yesterday")
    tape.add("http://a.cn/x", b"no status", date="2026-08-03T08:00:00Z", status="fine")
    recording = Recording(tape.save(tmp_path))
    record = recording.find("http://a.cn/x")
    assert record is not None
    assert record.body == b"first"
    assert recording.skipped == 4


def test_the_newest_wins_whatever_the_order(tmp_path: Path) -> None:
    tape = Tape()
    for hour in (5, 9, 7):
        tape.add("http://a.cn/x", str(hour).encode(), date=f"2026-08-03T{hour:02}:00:00Z")
    record = Recording(tape.save(tmp_path)).find("http://a.cn/x")
    assert record is not None
    assert record.body == b"9"


RECORDED = [
    "http://a.cn",
    "http://a.cn/x",
    "http://a.cn/slash/",
    "http://a.cn/%e6%96%b0?q=%b9%fa",
    "http://a.cn:80/port",
    "http://a.cn/api?page=1&size=20&req_trace=111",
    "http://a.cn/api?page=2&size=20&req_trace=222",
    "https://a.cn/both?v=s",
    "http://a.cn/both?v=s",
]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.cn/x", "http://a.cn/x"),
        ("http://a.cn/x#part", "http://a.cn/x"),
        ("https://a.cn/x", "http://a.cn/x"),
        ("https://A.cn:443/x", "http://a.cn/x"),
        ("http://a.cn/", "http://a.cn"),
        ("http://a.cn/x/", "http://a.cn/x"),
        ("http://a.cn/slash", "http://a.cn/slash/"),
        ("http://a.cn/新?q=%B9%FA", "http://a.cn/%e6%96%b0?q=%b9%fa"),
        ("http://a.cn/port", "http://a.cn:80/port"),
        ("http://a.cn/api?size=20&page=2&req_trace=999", "http://a.cn/api?page=2&size=20&req_trace=222"),
        ("http://a.cn/api?page=1&size=20&_=1690000000&cb=jQuery1", "http://a.cn/api?page=1&size=20&req_trace=111"),
        ("https://a.cn/both?v=s", "https://a.cn/both?v=s"),
        ("http://a.cn/both?v=s", "http://a.cn/both?v=s"),
        ("http://a.cn/api?page=3&size=20", None),
        ("http://a.cn/api?page=1", None),
        ("http://a.cn/X", None),
        ("http://www.a.cn/x", None),
    ],
)  # fmt: skip
def test_nearest_form(tmp_path: Path, url: str, expected: str | None) -> None:
    tape = Tape()
    for recorded in RECORDED:
        tape.add(recorded, recorded.encode())
    record = Recording(tape.save(tmp_path)).find(url)
    assert (record and record.url) == expected
    assert (record and record.body.decode()) == expected


def test_the_nearer_form_wins_over_the_newer(tmp_path: Path) -> None:
    tape = Tape()
    tape.add("http://a.cn/x?t=1", b"exact", date="2026-08-03T04:00:00Z")
    tape.add("http://a.cn/x?t=2", b"newer", date="2026-08-03T05:00:00Z")
    recording = Recording(tape.save(tmp_path))
    bodies = [record and record.body for record in map(recording.find, ("http://a.cn/x?t=1", "http://a.cn/x?t=3"))]
    assert bodies == [b"exact", b"newer"]


TEXT = "正文 ".encode() * 500
CHUNKED = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (TEXT[:700], TEXT[700:])) + b"0\r\n\r\n"
ZIPPED = gzip.compress(TEXT, mtime=0)
ZIPPED_CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ZIPPED), ZIPPED)


@pytest.mark.parametrize(
    ("headers", "stored", "body", "left"),
    [
        ({"Content-Encoding": "gzip"}, ZIPPED, TEXT, set()),
        ({"Content-Encoding": "GZIP "}, ZIPPED, TEXT, set()),
        ({"Content-Encoding": "deflate"}, zlib.compress(TEXT), TEXT, set()),
        ({"Content-Encoding": "deflate"}, zlib.compress(TEXT, wbits=-15), TEXT, set()),
        ({"Content-Encoding": "br"}, TEXT, TEXT, set()),
        ({"Content-Encoding": "br"}, brotli.compress(TEXT), TEXT, set()),
        ({"Transfer-Encoding": "chunked"}, CHUNKED, TEXT, set()),
        ({"Transfer-Encoding": "Chunked", "Content-Encoding": "gzip"}, ZIPPED_CHUNKS, TEXT, set()),
        ({"Content-Encoding": "gzip"}, TEXT, TEXT, set()),  # some recorders store it undone
        ({"Content-Encoding": "unheard-of"}, TEXT, TEXT, {"content-encoding"}),
    ],
)
def test_encodings_are_undone(
    tmp_path: Path, headers: dict[str, str], stored: bytes, body: bytes, left: set[str]
) -> None:
    tape = Tape()
    tape.add("http://a.cn/x", stored, headers=[*HTML, ("Content-Length", str(len(stored))), *headers.items()])
    record = Recording(tape.save(tmp_path)).find("http://a.cn/x")
    assert record is not None
    assert record.body == body
    names = [name.decode().lower() for name, _ in record.headers]
    assert {"transfer-encoding", "content-encoding"} & set(names) == left
    assert (b"Content-Length", str(len(body)).encode()) in record.headers
    assert names.count("content-length") == 1


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("into_last", [1, 3, 40, 200, 300, -20])
def test_a_torn_tail_costs_the_torn_record(tmp_path: Path, compressed: bool, into_last: int) -> None:
    tape = Tape(compressed)
    for name in "abc":
        tape.add(f"http://a.cn/{name}", name.encode() * 2000)
    size = len(tape.out.getvalue())
    cut = tape.starts[2] + into_last if into_last > 0 else size + into_last
    recording = Recording(tape.save(tmp_path, cut))
    bodies = [record and record.body for record in (recording.find(f"http://a.cn/{name}") for name in "abc")]
    assert bodies == [b"a" * 2000, b"b" * 2000, None]
    assert recording.warning.startswith("damaged or torn after ")


@pytest.mark.parametrize("compressed", [False, True])
def test_garbage_at_the_end(tmp_path: Path, compressed: bool) -> None:
    tape = Tape(compressed)
    tape.add("http://a.cn/x", b"whole")
    recording = Recording(tape.save(tmp_path, after=b"garbage\r\n" * 9))
    record = recording.find("http://a.cn/x")
    assert record is not None
    assert record.body == b"whole"
    assert "damaged or torn" in recording.warning


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a WARC file"),
        (b"<html>not a recording</html>", "not a WARC file"),
        (b"\x1f\x8b not gzip at all", "damaged or torn"),
        (gzip.compress(b"no WARC in it", mtime=0), "damaged or torn"),
        (b"WARC/1.0\r\nWARC-Type: resp", "damaged or torn"),
        (b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n", "no recorded page"),
        (None, "No such file"),
    ],
)
def test_what_is_no_recording(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "tape.warc"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        Recording(path)
    assert str(caught.value).startswith(f"recording: {path}: ")
    assert reason in str(caught.value)


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="directory"):
        Recording(tmp_path)


def test_compressed_as_a_whole_says_what_to_do(tmp_path: Path) -> None:
    tape = Tape()
    tape.add("http://a.cn/x")
    tape.add("http://a.cn/y")
    path = tmp_path / "tape.warc.gz"
    path.write_bytes(gzip.compress(tape.out.getvalue()))
    with pytest.raises(UsageError, match="warcio recompress"):
        Recording(path)


def test_bodies_stay_on_the_disk(tmp_path: Path) -> None:
    import tracemalloc

    tape = Tape()
    for number in range(30):
        tape.add(f"http://a.cn/{number}", b"x" * 500_000)
    path = tape.save(tmp_path)
    Recording(path)  # imports are done
    tracemalloc.start()
    recording = Recording(path)
    current, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert recording.find("http://a.cn/29") is not None
    assert current < 100_000
    assert peak < 2_000_000
