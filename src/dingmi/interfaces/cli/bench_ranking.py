"""What it costs the order of items to be learnt from coarse sums alone (SR-29): on decisions of simulated officers."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from typing import Any

from dingmi.engines.suggest.crowd import Grain
from dingmi.engines.suggest.ranking import Case, Offer, judged

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
EXACT = Grain(least=1, step=1, places=15)  # every case by itself, weights in full: measured here, never kept
ITEMS, OFFERED = 120, 5
LEARNT, JUDGED, UNITS = (200, 400, 800, 1600, 3200), 500, 10  # decisions learnt from and judged on, of how many units


class Unit:
    """A unit whose officers have their ways: some items are decided more often than their score says, others less."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.ways = [self.rng.gauss(0, 1.5) for _ in range(ITEMS)]
        self.often = [1 / (place + 5) for place in range(ITEMS)]  # few items come daily, most of them rarely

    def case(self) -> Case:
        """Five items by falling score, and the one that an officer decided; in about one case of ten, none of them."""
        rng, names = self.rng, dict[int, None]()
        while len(names) < OFFERED:
            names[rng.choices(range(ITEMS), self.often)[0]] = None
        scores = sorted((rng.betavariate(4, 3) for _ in names), reverse=True)
        found = zip(names, scores, strict=True)
        offers = [Offer(str(n), score, place, int(rng.random() < 0.15)) for place, (n, score) in enumerate(found, 1)]
        pull = [6 * o.score - 1.5 * o.against + self.ways[int(o.item)] for o in offers]
        weights = [*map(math.exp, pull), 0.1 * math.exp(statistics.fmean(pull) + 1)]
        return Case(tuple(offers), rng.choices([*(o.item for o in offers), ""], weights)[0])


def orders(figure: Figure) -> list[dict[str, Any]]:
    """How often the item that the learnt order has first is decided, by how much was learnt; beside exact sums."""
    made = []
    for count in LEARNT:
        coarse, exact = [], []
        for seed in range(UNITS):
            unit = Unit(seed)
            earlier, later = ([unit.case() for _ in range(size)] for size in (count, JUDGED))
            coarse.append(judged(earlier, later))
            exact.append(judged(earlier, later, EXACT))
        errors = [statistics.fmean(one.error for one in found) for found in (coarse, exact)]
        told = (
            f"{count} decisions over {ITEMS} items, {JUDGED} later ones, mean of {UNITS} units; the engine's own order "
            f"{statistics.fmean(one.before for one in coarse):.3f}; calibration error {errors[0]:.3f}, exact {errors[1]:.3f}"
        )
        mine, floor = (statistics.fmean(one.after for one in found) for found in (coarse, exact))
        made.append(figure(f"first item decided, {count} learnt", mine, "share", floor, "exact sums", told))
    return made
