"""The closure of the derivation graph, against an oracle that knows nothing of it, on many random graphs."""

from __future__ import annotations

import random

import pytest

from dingmi.queries.lineage import closure

GRAPHS = 1_500


def steps_by_matrix(size: int, arrows: set[tuple[int, int]], start: int) -> dict[int, int]:
    """Return the fewest steps from ``start`` to everything else, by all pairs (Floyd and Warshall)."""
    far = size + 1
    steps = [[0 if a == b else 1 if (a, b) in arrows else far for b in range(size)] for a in range(size)]
    for via in range(size):
        for a in range(size):
            for b in range(size):
                steps[a][b] = min(steps[a][b], steps[a][via] + steps[via][b])
    return {b: steps[start][b] for b in range(size) if b != start and steps[start][b] < far}


def graph(seed: int) -> tuple[int, set[tuple[int, int]], int]:
    """Return a random graph: deep or wide, mostly without circles, some with."""
    chance = random.Random(seed)
    size = chance.randint(1, 14)
    arrows = set()
    for _ in range(chance.randint(0, 2 * size)):
        a, b = chance.randrange(size), chance.randrange(size)
        arrows.add((a, b) if seed % 3 == 0 else (min(a, b), max(a, b)))
    return size, {(a, b) for a, b in arrows if a != b}, chance.randrange(size)


@pytest.mark.clause("PS-13?")
def test_the_closure_is_what_all_pairs_give_on_every_random_graph() -> None:
    deepest = 0
    for seed in range(GRAPHS):
        size, arrows, start = graph(seed)
        found = closure([start], lambda places, arrows=arrows: (b for a, b in arrows if a in places))
        assert found == steps_by_matrix(size, arrows, start), seed
        deepest = max(deepest, *found.values(), 0)
    assert deepest >= 6


def test_a_circle_ends_and_never_holds_its_start() -> None:
    onward = {1: [2], 2: [3], 3: [1, 2]}
    assert closure([1], lambda places: (b for a in places for b in onward[a])) == {2: 1, 3: 2}
