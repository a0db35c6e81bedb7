"""Levels belong to a regime: ordered within it, never comparable across two."""

from __future__ import annotations

from enum import Enum
from functools import total_ordering


@total_ordering
class OrderedLevel(Enum):
    """Base of a regime's levels; members are declared from the lowest up, each with its word on paper."""

    @property
    def word(self) -> str:
        """The word that stands in a mark."""
        return str(self.value)

    @property
    def rank(self) -> int:
        """0 for the lowest."""
        return list(type(self)).index(self)

    def __lt__(self, other: object) -> bool:
        if type(other) is not type(self):
            raise TypeError(f"levels of two regimes are not comparable: {self!r}, {other!r}")
        assert isinstance(other, OrderedLevel)
        return self.rank < other.rank
