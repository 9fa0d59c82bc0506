"""Links between articles -> stories with a primary each. The order of arrival does not count.

Pure. A story is a star, not a chain: every copy is itself linked to the primary. In a chain A-B-C the follow-up C
of a follow-up B would be filed as a copy of A, with which it has nothing in common.

The stars are the greedy ones in the order of rank: the first article of all is a primary and takes everything that
is linked to it and has no earlier primary; so does the next that is left, and so on. Rank and links do not depend
on who came first, so neither does the result. ``regroup`` reaches the same result from where a collection stands,
and looks only at what a newcomer can change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from crawler.dedup.relations import Link

Rank = tuple[bool, str, str]
NO_DATE = "9999"


@dataclass(frozen=True, slots=True)
class Member:
    """An article among its copies. ``published`` is the latest instant that its date allows, ISO in UTC, "" unknown.

    So a date without a time counts as the end of its day: whoever tells the hour is not put behind it by a guess.
    """

    id: int
    published: str
    name: str  # source and key: decides between equal times
    is_original: bool = False  # a copy declares it as its original, and it declares none itself

    @property
    def rank(self) -> Rank:
        """The declared original first, then the earliest, then by name."""
        return not self.is_original, self.published or NO_DATE, self.name


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article stands: the id of its primary, which may be itself, and why."""

    primary: int
    link: Link | None = None  # None for a primary


def group(members: Iterable[Member], links: Mapping[tuple[int, int], Link]) -> dict[int, Place]:
    """Every member's place. A link is found under (a, b) or (b, a)."""
    places: dict[int, Place] = {}
    primaries: list[Member] = []
    for member in sorted(members, key=lambda each: each.rank):
        for primary in primaries:
            link = links.get((primary.id, member.id)) or links.get((member.id, primary.id))
            if link:
                places[member.id] = Place(primary.id, link)
                break
        else:
            primaries.append(member)
            places[member.id] = Place(member.id)
    return places


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What ``regroup`` asks of the collection. Each answer has to be symmetric and the same at any time."""

    member: Callable[[int], Member]
    place: Callable[[int], Place | None]  # as it stands; None for one that is new
    copies: Callable[[int], Iterable[int]]  # those placed under this primary
    candidates: Callable[[int], Iterable[int]]  # all that may be linked to it
    link: Callable[[int, int], Link | None]  # the exact check


def regroup(dirty: Iterable[int], ask: Neighbourhood) -> dict[int, Place]:
    """What changes when these articles are new or are no longer what they were: only the places that differ.

    In the order of rank, as in ``group``: an article's place depends on those before it alone, so each is settled
    once all that could move it are. An article whose rank or text changed is given with its old copies.
    """
    settled: dict[int, Place] = {}
    waiting: list[tuple[Rank, int]] = []
    queued: set[int] = set()

    def wait_for(id_: int) -> None:
        if id_ not in queued:
            queued.add(id_)
            heappush(waiting, (ask.member(id_).rank, id_))

    def place_of(id_: int) -> Place | None:
        return settled.get(id_) or (None if id_ in queued else ask.place(id_))

    for each in dirty:
        wait_for(each)
        for copy in ask.copies(each):
            wait_for(copy)
    while waiting:
        rank, id_ = heappop(waiting)
        around = sorted({each for each in ask.candidates(id_) if each != id_}, key=lambda each: ask.member(each).rank)
        place = Place(id_)
        for each in around:
            if ask.member(each).rank > rank:
                break
            there = place_of(each)
            if there and there.primary == each and (link := ask.link(each, id_)):
                place = Place(each, link)
                break
        before = ask.place(id_)
        settled[id_] = place
        if place.primary == id_:
            _wake(around, id_, rank, ask, place_of, wait_for)
        elif before and before.primary == id_:
            for copy in ask.copies(id_):
                wait_for(copy)
    return {id_: place for id_, place in settled.items() if place != ask.place(id_)}


def _wake(
    around: Iterable[int], id_: int, rank: Rank, ask: Neighbourhood,
    place_of: Callable[[int], Place | None], wait_for: Callable[[int], None],
) -> None:  # fmt: skip
    """A primary takes what comes after it and does not belong to an earlier one."""
    for each in around:
        there = place_of(each)
        if there is None or ask.member(each).rank < rank or there.primary == id_:
            continue
        if ask.member(there.primary).rank > rank and ask.link(id_, each):
            wait_for(each)
