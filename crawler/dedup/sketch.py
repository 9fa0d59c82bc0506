"""A small sketch of a text, by which the index finds what may tell the same story. It proposes, it never decides.

Pure. Stable for ever within a VERSION, on every machine and Python: no ``hash()``, no random numbers.

Bottom-k of hashed character 6-grams (Broder 1997): two texts that share a part J of their grams share about J of
these keys. Three keys more are taken from the first sentence, which a flash has in common with the long story; one
stands for the whole text and one for its numbers, which the siblings of a template do not share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from zlib import crc32

from crawler.dedup import normal
from crawler.dedup.normal import Normal, normalise

VERSION = normal.VERSION  # raised with the normal form, and when keys are chosen in another way; at most 255

KEY_BITS = 36  # at ten million articles of 15 keys a key is met by chance 0.002 times
SAMPLE = 10  # at J = 0.3 two of ten are shared with 0.85, at 0.5 with 0.99
NUMBERS = 8
_GRAM = 6  # characters: 5 are met in too many articles, 8 do not survive an edit in each clause
_START, _OF_START = 60, 3
_SHORTEST = 40  # characters; less is compared as a whole only
_FEWEST_NUMBERS = 4
_YEAR = re.compile("(?:19|20)[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Sketch:
    """``keys`` are of KEY_BITS; the first stands for the whole text. No keys: nothing to compare.

    ``numbers`` is a sample, of 16 bits each, of those that hardly two stories share.
    """

    version: int
    keys: tuple[int, ...]
    numbers: tuple[int, ...] = ()


def sketch(text: str) -> Sketch:
    """The sketch of an article's text. 15 keys at most."""
    return sketch_of(normalise(text))


def sketch_of(normal_text: Normal) -> Sketch:
    bare = normal_text.text
    if not bare:
        return Sketch(VERSION, ())
    keys = [_key(b"text", bare.encode("utf-8", "surrogatepass"))]
    if len(bare) >= _SHORTEST:
        numbers = sorted({each for each in normal_text.numbers if len(each) > 1})
        if len(numbers) >= _FEWEST_NUMBERS:
            keys.append(_key(b"numbers", " ".join(numbers).encode()))
        keys.extend(_sample(bare))
    return Sketch(VERSION, tuple(dict.fromkeys(keys)), _number_sample(normal_text.numbers))


def are_siblings(a: Sketch, b: Sketch) -> bool:
    """Whether two texts share half their words and none of their telling numbers: yesterday's prices and today's.

    Spares the exact check of every article of a template; a copy that shares so much has some of the numbers.
    """
    shared = len(set(a.keys) & set(b.keys))
    enough = min(len(a.numbers), len(b.numbers)) >= _FEWEST_NUMBERS
    return enough and 2 * shared >= SAMPLE and set(a.numbers).isdisjoint(b.numbers)


def _number_sample(numbers: Iterable[str]) -> tuple[int, ...]:
    telling = {each for each in numbers if len(each) > 2 and not _YEAR.fullmatch(each)}
    return tuple(sorted(_key(b"number", each.encode()) >> (KEY_BITS - 16) for each in telling)[:NUMBERS])


def _sample(bare: str) -> list[int]:
    units = bare.encode("utf-16-le", "surrogatepass")
    width, last = 2 * _GRAM, len(units) - 2 * _GRAM
    # Only every fourth gram is looked at, chosen by its own first character, so that both texts choose the same ones.
    looked_at = [2 * at for at, low in enumerate(units[: last + 1 : 2]) if not low & 3]
    anywhere = sorted({_order(units[at : at + width]): at for at in looked_at}.items())[:SAMPLE]
    at_start = sorted((_order(units[at : at + width]), at) for at in range(0, min(2 * (_START - _GRAM), last + 2), 2))
    places = [at for _, at in anywhere] + [at for _, at in at_start[:_OF_START]]
    return [_key(b"gram", units[at : at + width]) for at in places]


def _order(gram: bytes) -> int:
    """As good as random, and the fastest that is stable for ever: CRC, whose neighbours the factor (Knuth's) parts."""
    return crc32(gram) * 0x9E3779B1 & 0xFFFFFFFF


def _key(kind: bytes, content: bytes) -> int:
    digest = blake2b(content, digest_size=5, salt=bytes([VERSION]), person=kind).digest()
    return int.from_bytes(digest, "big") >> (40 - KEY_BITS)
