"""普通商密、核心商密 (SM-13)."""

from __future__ import annotations

from dingmi.regime.kernel.levels import OrderedLevel


class Level(OrderedLevel):
    """The two levels of trade secrets, from the lower up."""

    ORDINARY = "普通商密"
    CORE = "核心商密"


def is_level(word: str) -> bool:
    """Tell whether a word is one of the two."""
    return any(word == level.word for level in Level)


def covers(limit: str, level: str) -> bool:
    """Tell whether an appointment up to ``limit`` reaches ``level``."""
    return is_level(limit) and is_level(level) and Level(limit) >= Level(level)
