"""What may stand in a field, a line, a fingerprint or on a terminal: characters, never meaning.

Pure. It removes what cannot be seen or is not text, and folds white space. It
must not repair, translate or judge a text; U+FFFD stays, because damage must show.
"""

from __future__ import annotations

import html
import re
import unicodedata

TITLE_LIMIT = 300  # characters; longer "titles" are text that went astray
_TITLE_INPUT = 4_096  # characters of a raw title that are looked at at all

# C0, DEL and C1 without the ones that part lines or words, lone surrogates, noncharacters.
_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_ASTRAL_CONTROLS = "".join(chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in range(0x10000, 0x110000, 0x10000))
# Marks, embeddings, overrides and isolates: they reorder what stands beside them.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Soft hyphen, grapheme joiner, zero-width space and word joiners, invisible operators,
# deprecated format characters, BOM, interlinear annotation, object replacement.
_INVISIBLE = "\u00ad\u034f\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffc"
_JOINERS = "\u200c\u200d"
_TAGS = "\U000e0001\U000e0020-\U000e007f"

_REMOVED = re.compile(f"[{_CONTROLS}{_BIDI}{_INVISIBLE}]+")  # no astral ones: they slow a set down
_RARE = re.compile(f"[{_JOINERS}\U0001fffe-\U0010ffff]")
_SHOWN_AS_PRINTABLE = "\u034f\ufffc\u3164\uffa0"  # by str.isprintable, though not wanted here
_SPLIT_AS_SPACE = "\x1c\x1d\x1e\x1f"  # by str.split, though they are controls

# Emoji that may stand on either side of a joiner, with a skin tone or U+FE0F between.
_EMOJI = "\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2934-\u2bff\U0001f000-\U0001faff"
# Scripts in which a joiner changes the shape of a letter: Arabic to N'Ko, Indic to
# Myanmar, Khmer and Mongolian, later Indic, Arabic presentation forms.
_SHAPED = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uabff\ufb50-\ufdcf\U00010a00-\U00011fff"
)
_STRAY = re.compile(
    # A flag of a region: black flag, tag letters, cancel tag. Matched first, kept.
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f)"
    f"|(?<=[{_EMOJI}\ufe0f])(?:(\u200d)(?=[{_EMOJI}]))"
    f"|(?<=[{_SHAPED}])(?:([{_JOINERS}])(?=[{_SHAPED}]))"
    f"|[{_JOINERS}{_TAGS}{_ASTRAL_CONTROLS}]"
)

# Not "key", "id" or "sid" alone: they name articles.
_SECRET = re.compile(
    r"([?&;](?:[\w.-]*(?:token|secret|passw(?:or)?d|passwd|pwd|api[-_]?key|access[-_]?key|signature|credentials?|jwt)"
    r"|auth|authorization|sig|sign)=)[^&#;\s\"'<>)]*[^&#;\s\"'<>):,.]",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"//[^/\s@]*:[^/\s@]*@")

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_NESTED_AMP = re.compile(r"&(?:amp;|#38;|#[xX]26;)+(?=[#A-Za-z])")
# Only what search pages and editors put into titles: a headline may well speak of "<script>".
_TITLE_TAG = re.compile(
    r"</?(?:a|b|big|em|font|h[1-6]|i|mark|p|small|span|strong|sub|sup|u)(?:\s[^<>]{0,300})?/?>"
    r"|<!--.{0,300}?-->|<!\[CDATA\[|\]\]>",
    re.IGNORECASE | re.DOTALL,
)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)

_NOT_WORD = re.compile(r"[\W_]+")
_COMMON_MARKS = re.compile(r"[\s!-/:-@\[-`{-~，。、；：？！“”‘’（）《》【】「」—…·～]+")
_UNPRINTABLE = re.compile(  # beyond the BMP also what is private or not assigned
    f"[{_CONTROLS}\t-\r\x85\u2028\u2029{_INVISIBLE}"
    "\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe-\U000e00ff\U000e01f0-\U0010ffff]"
)
_BIDI_RUN = re.compile(f"[{_BIDI}]+")


def clean_line(raw: str, limit: int = 0) -> str:
    """One line. ``limit`` is in characters, 0 means none; the cut never splits a grapheme."""
    line = " ".join(_characters(raw).split())
    return cut(line, limit) if limit and len(line) > limit else line


def clean_title(raw: str) -> str:
    """A headline: markup and entities that arrived as text are resolved, 300 characters at most."""
    title = raw.lstrip()[:_TITLE_INPUT]
    if "&" in title or "<" in title or "]]>" in title:
        title = _resolve(title)
    return clean_line(title, TITLE_LIMIT)


def clean_text(raw: str) -> str:
    """Lines as ``clean_line`` makes them, without the empty ones, joined by a line feed."""
    lines = (" ".join(line.split()) for line in _characters(raw).splitlines())
    return "\n".join(line for line in lines if line)


def fold(raw: str) -> str:
    """For fingerprints only: NFKC, caseless, nothing but letters, numbers and ideographs."""
    # The common marks first: without them a Chinese text mostly is in NFKC, and the rest costs little.
    # casefold, not lower: lower() writes a final sigma by its neighbours, which are about to go.
    bare = unicodedata.normalize("NFKC", _COMMON_MARKS.sub("", raw)).casefold()
    if not bare.isalnum():
        bare = _NOT_WORD.sub("", unicodedata.normalize("NFKC", bare))
    return unicodedata.normalize("NFKC", bare)  # Hangul letters may have become neighbours


def printable(raw: str) -> str:
    r"""For a terminal or a log line: controls are shown as ``\x1b``, bidi controls are gone."""
    return raw if raw.isprintable() else _UNPRINTABLE.sub(_escape, _BIDI_RUN.sub("", raw))


def masked(raw: str) -> str:
    """Without the secrets that addresses carry (``?token=…``, ``user:password@``): for logs and reports."""
    return _SECRET.sub(r"\1…", _PASSWORD.sub("//…@", raw)) if "=" in raw or "@" in raw else raw


def cut(line: str, limit: int) -> str:
    """The longest start of ``line`` of at most ``limit`` characters that ends between two graphemes."""
    if len(line) <= limit:
        return line
    end = limit
    while end > 0 and not _is_boundary(line, end):
        end -= 1
    if end == 0:  # one endless cluster: cut hard, and drop what is stray now
        return clean_line(line[:limit])
    return line[:end].rstrip(_JOINERS + " ")


def _characters(raw: str) -> str:
    text = raw
    if not _is_plain(raw):
        text = _REMOVED.sub("", raw).replace("\u3164", " ").replace("\uffa0", " ")  # Hangul fillers look blank
        if _RARE.search(text):
            text = _STRAY.sub(lambda found: found[0] if found.lastindex else "", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _is_plain(raw: str) -> bool:
    """The quick way out for nearly every text."""
    if any(mark in raw for mark in _SPLIT_AS_SPACE) or not "".join(raw.split()).isprintable():
        return False
    return raw.isascii() or not any(mark in raw for mark in _SHOWN_AS_PRINTABLE)


def _resolve(title: str) -> str:
    """Markup and entities until none is left, so that twice is the same as once.

    Entities need their semicolon: ``?a=1&para=2`` is an address, not a pilcrow.
    """
    before = ""
    while before != title:
        before = title
        title = _TITLE_TAG.sub("", _BREAK_TAG.sub(" ", _characters(title)))
        title = _ENTITY.sub(lambda found: html.unescape(found[0]), _NESTED_AMP.sub("&", title))
    return title


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def _is_boundary(line: str, at: int) -> bool:
    """Whether a cut before ``line[at]`` is safe (UAX 29 in short, and generous)."""
    left, right = line[at - 1], line[at]
    if right in _JOINERS or left == "\u200d" or unicodedata.category(right) in ("Mn", "Mc", "Me"):
        return False
    if (
        "\U0001f3fb" <= right <= "\U0001f3ff"
        or "\U000e0020" <= right <= "\U000e007f"
        or right in "\u0e33\u0eb3\uff9e\uff9f"
    ):
        return False
    if unicodedata.combining(left) == 9 and right.isalpha():  # a virama binds the next letter
        return False
    if "\u1100" <= left <= "\ud7fb" and ("\u1160" <= right <= "\u11ff" or "\ud7b0" <= right <= "\ud7fb"):
        return False
    if "\U0001f1e6" <= left <= "\U0001f1ff" and "\U0001f1e6" <= right <= "\U0001f1ff":
        return _flags_before(line, at) % 2 == 0  # flags are pairs of letters
    return True


def _flags_before(line: str, at: int) -> int:
    start = at
    while start > 0 and "\U0001f1e6" <= line[start - 1] <= "\U0001f1ff":
        start -= 1
    return at - start
