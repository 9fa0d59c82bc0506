"""Stories out of links: a star round the primary, the same one in whatever order the copies come."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dedup.grouping import Member, Neighbourhood, Place, group, regroup
from crawler.dedup.relations import Link

NEAR = Link("near-duplicate", 0.9)
Links = dict[tuple[int, int], Link]


def linked(*pairs: tuple[int, int]) -> Links:
    return dict.fromkeys(pairs, NEAR)


def member(id_: int, published: str = "", *, original: bool = False) -> Member:
    return Member(id_, published, f"source/{id_}", original)


def primaries(places: dict[int, Place]) -> dict[int, int]:
    return {id_: place.primary for id_, place in sorted(places.items())}


def test_the_primary_is_the_earliest() -> None:
    members = [member(1, "2026-10-12T03:00"), member(2, "2026-10-12T01:00"), member(3, "2026-10-12T02:00")]
    assert primaries(group(members, linked((1, 2), (2, 3), (1, 3)))) == {1: 2, 2: 2, 3: 2}


def test_or_the_declared_original_however_late_its_page_says_it_is() -> None:
    members = [member(1, "2026-10-12T01:00"), member(2, "2026-10-12T09:00", original=True)]
    assert primaries(group(members, linked((1, 2)))) == {1: 2, 2: 2}


def test_equal_times_are_decided_by_name_and_no_date_comes_last() -> None:
    assert primaries(group([member(2), member(1)], linked((1, 2)))) == {1: 1, 2: 1}
    assert primaries(group([member(1), member(2, "2026-10-12")], linked((1, 2)))) == {1: 2, 2: 2}


def test_no_chain_a_copy_of_a_copy_that_is_not_like_the_primary_stands_alone() -> None:
    members = [member(1, "a"), member(2, "b"), member(3, "c")]
    assert primaries(group(members, linked((1, 2), (2, 3)))) == {1: 1, 2: 1, 3: 3}


def test_each_copy_says_why() -> None:
    places = group([member(1, "a"), member(2, "b")], {(2, 1): Link("contained", 0.95)})
    assert places == {1: Place(1), 2: Place(1, Link("contained", 0.95))}


class Collection:
    """What a collection knows, in memory: grows one article at a time."""

    def __init__(self, links: Links) -> None:
        self.links = links
        self.members: dict[int, Member] = {}
        self.places: dict[int, Place] = {}

    def take(self, newcomer: Member) -> dict[int, Place]:
        self.members[newcomer.id] = newcomer
        changes = regroup([newcomer.id], self.ask())
        self.places.update(changes)
        return changes

    def ask(self) -> Neighbourhood:
        return Neighbourhood(
            member=self.members.__getitem__,
            place=self.places.get,
            copies=lambda id_: [each for each, place in self.places.items() if place.primary == id_ and each != id_],
            candidates=lambda id_: [each for each in self.members if self.link(each, id_)],
            link=self.link,
        )

    def link(self, one: int, other: int) -> Link | None:
        return self.links.get((one, other)) or self.links.get((other, one))


def test_an_original_that_comes_late_takes_the_copies() -> None:
    collection = Collection(linked((1, 2), (1, 3), (2, 3)))
    collection.take(member(2, "b"))
    assert primaries(collection.take(member(3, "c"))) == {3: 2}
    assert primaries(collection.take(member(1, "a"))) == {1: 1, 2: 1, 3: 1}


def test_what_a_primary_leaves_behind_finds_another_place() -> None:
    # 3 and 4 are copies of 2; 1 takes 2, but is not like 4, which then stands first for 3, too, if 1 is not like it
    collection = Collection(linked((1, 2), (2, 3), (2, 4), (3, 4)))
    for each in (member(2, "b"), member(3, "c"), member(4, "d")):
        collection.take(each)
    assert primaries(collection.places) == {2: 2, 3: 2, 4: 2}
    assert primaries(collection.take(member(1, "a"))) == {1: 1, 2: 1, 3: 3, 4: 3}


def test_a_newcomer_that_joins_moves_nobody() -> None:
    collection = Collection(linked((1, 2), (1, 3), (2, 3)))
    collection.take(member(1, "a"))
    collection.take(member(2, "b"))
    assert collection.take(member(3, "c")) == {3: Place(1, NEAR)}


SIZE = 7
PAIRS = [(a, b) for a in range(SIZE) for b in range(a)]


@settings(max_examples=300, deadline=None)
@given(
    links=st.sets(st.sampled_from(PAIRS)),
    times=st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=SIZE, max_size=SIZE),
    originals=st.sets(st.integers(0, SIZE - 1), max_size=2),
    order=st.permutations(range(SIZE)),
)
def test_any_order_of_arrival_ends_in_the_same_stories(
    links: set[tuple[int, int]], times: list[str], originals: set[int], order: list[int]
) -> None:
    members = [member(each, times[each], original=each in originals) for each in range(SIZE)]
    collection = Collection(linked(*links))
    for each in order:
        collection.take(members[each])
    assert collection.places == group(members, collection.links)


@settings(max_examples=200, deadline=None)
@given(
    links=st.sets(st.sampled_from(PAIRS)),
    times=st.lists(st.sampled_from(["a", "b", "c"]), min_size=SIZE, max_size=SIZE),
    promoted=st.integers(0, SIZE - 1),
)
def test_a_rank_that_changes_later_ends_in_the_same_stories_as_one_that_was_known_at_once(
    links: set[tuple[int, int]], times: list[str], promoted: int
) -> None:
    members = [member(each, times[each]) for each in range(SIZE)]
    collection = Collection(linked(*links))
    for each in members:
        collection.take(each)
    collection.take(member(promoted, times[promoted], original=True))
    assert collection.places == group(collection.members.values(), collection.links)


def test_every_order_of_a_small_case_by_hand() -> None:
    members = [member(1, "b"), member(2, "a"), member(3, "c"), member(4, "a", original=True)]
    links = linked((1, 2), (2, 3), (3, 4))
    for order in permutations(members):
        collection = Collection(links)
        for each in order:
            collection.take(each)
        assert primaries(collection.places) == {1: 2, 2: 2, 3: 4, 4: 4}
