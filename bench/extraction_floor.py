"""The floor under our own scores: bench/extraction_floor.json, read, compared, raised. It never goes down by program.

The file has the figures of each corpus, named by its path from the project's folder, rounded as here, and a note for each
figure that was lowered by hand:

    {"corpora": {"tests/extraction/corpus": {"F1": 0.9876, …}, …},
     "lowered": {"tests/extraction/corpus F1": {"from": 0.9901, "reason": "why that is right"}}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from scoring import FIGURES

FILE = Path(__file__).resolve().with_suffix(".json")
DIGITS = 4
# Figures of speed, as times of trafilatura's CPU, with the share by which a run may miss them: the machine's noise.
# All others are the same in every run, and may not be missed by anything.
SPEED = {"cpu": 0.15, "declared cpu": 0.15}

Figures = Mapping[str, float]
Floor = Mapping[str, Figures]


def read(file: Path = FILE) -> Floor:
    return corpora(file.read_text(encoding="utf-8")) if file.exists() else {}


def corpora(text: str) -> Floor:
    return dict(json.loads(text)["corpora"])


def below(measured: Floor, floor: Floor) -> list[str]:
    """A sentence for each figure that misses the floor of a corpus that was measured."""
    return [
        f"{corpus}: {name} is {_said(figures, name)}, {'below' if more_is_better(name) else 'above'} the "
        f"{'floor' if more_is_better(name) else 'ceiling'} of {least}{_allowance(name)}"
        for corpus, figures in measured.items()
        for name, least in floor.get(corpus, {}).items()
        if _misses(figures.get(name), name, least)
    ]


def above(measured: Floor, floor: Floor) -> list[tuple[str, str, float]]:
    """Corpus, figure and value of all that is better than the floor, or has none yet."""
    return [
        (corpus, name, round(value, DIGITS))
        for corpus, figures in measured.items()
        for name, value in figures.items()
        if (old := floor.get(corpus, {}).get(name)) is None or _beats(round(value, DIGITS), name, old)
    ]


def raised(text: str, better: Sequence[tuple[str, str, float]]) -> str:
    """The floor's file with these figures in it; nothing else of it changes."""
    whole = json.loads(text) if text else {"corpora": {}, "lowered": {}}
    for corpus, name, value in better:
        whole["corpora"].setdefault(corpus, {})[name] = value
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def sunk(text: str, history: Sequence[str]) -> list[str]:
    """A sentence for each figure that is worse than its best in ``history``, older texts of the file, for no reason given.

    A reason counts for the best that it names only: the next lowering needs its own.
    """
    now, notes = corpora(text), json.loads(text)["lowered"]
    best: dict[tuple[str, str], float] = {}
    for old in history:
        for corpus, figures in corpora(old).items():
            for name, value in figures.items():
                known = best.get((corpus, name))
                if known is None or (value > known if more_is_better(name) else value < known):
                    best[corpus, name] = value
    sentences = []
    for (corpus, name), value in best.items():
        present = now.get(corpus, {}).get(name)
        note = notes.get(f"{corpus} {name}", {})
        if present is not None and (present >= value if more_is_better(name) else present <= value):
            continue
        if note.get("from") != value or not note.get("reason"):
            sentences.append(f"{corpus}: {name} stood at {value} once and is {present} now, without a reason")
    return sentences


def more_is_better(name: str) -> bool:
    return name in FIGURES and FIGURES[name].more_is_better


def _misses(value: float | None, name: str, least: float) -> bool:
    if value is None:
        return True
    value, room = round(value, DIGITS), SPEED.get(name, 0.0)
    return value < least if more_is_better(name) else value > least * (1 + room)


def _beats(value: float, name: str, old: float) -> bool:
    """A speed must beat its ceiling by more than the noise: luck is no floor."""
    return value > old if more_is_better(name) else value < old * (1 - SPEED.get(name, 0.0))


def _said(figures: Figures, name: str) -> str:
    return f"{round(figures[name], DIGITS)}" if name in figures else "not measured any more"


def _allowance(name: str) -> str:
    return f" by more than {SPEED[name]:.0%}" if name in SPEED else ""
