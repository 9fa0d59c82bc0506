"""Changes an input at random: words of its grammar, cuts, copies from other seeds, and pieces repeated many times.

The repeats are what finds work that grows with the square of the input. Standard library only.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

_REPEATS = (1, 1, 2, 2, 2, 3, 4, 8, 20, 50, 400, 3_000)


def mutated(data: bytes, random: Random, words: Sequence[bytes], seeds: Sequence[bytes], longest: int) -> bytes:
    """One to six changes; at most ``longest`` bytes."""
    for _ in range(random.randint(1, 6)):
        start, end = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
        if random.random() < 0.7:  # most faults hang on a short piece
            end = min(end, start + random.choice((1, 4, 20, 80)))
        piece = data[start:end]
        match random.randrange(7):
            case 0:
                data = data[:start] + random.choice(words) + data[start:]
            case 1:
                data = data[:start] + random.choice(words) + data[end:]
            case 2:
                data = data[:start] + data[end:]
            case 3:
                room = max(0, longest - len(data)) // max(1, len(piece))
                data = data[:end] + piece * min(room, random.choice(_REPEATS)) + data[end:]
            case 4:
                data = data[:start] + random.randbytes(len(piece) or 1) + data[end:]
            case 5:
                other = random.choice(seeds)
                place = random.randint(0, len(other))
                data = data[:start] + other[place : place + random.choice((10, 40, 100, 1_000))] + data[end:]
            case _:
                room = longest - len(data)
                word = random.choice(words)
                data = data[:start] + word * min(max(0, room) // len(word), random.choice(_REPEATS)) + data[start:]
    return data[:longest]


def soup(random: Random, words: Sequence[bytes], longest: int) -> bytes:
    """Nothing but words of the grammar."""
    return b"".join(random.choice(words) for _ in range(random.randint(1, 60)))[:longest]
