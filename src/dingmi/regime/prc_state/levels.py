"""绝密、机密、秘密 (BMF-14.1)."""

from __future__ import annotations

from dingmi.regime.kernel.levels import OrderedLevel


class Level(OrderedLevel):
    """The three levels of state secrets, from the lowest up."""

    MIMI = "秘密"
    JIMI = "机密"
    JUEMI = "绝密"


def is_level(word: str) -> bool:
    """Tell whether a word is one of the three; ``内部`` is not, and covers nothing."""
    return any(word == level.word for level in Level)


def highest(words: tuple[str, ...]) -> str:
    """Return the highest of some level words; words that are no level do not count; empty for none."""
    found = max((Level(w) for w in words if is_level(w)), default=None)
    return found.word if found else ""


def covers(limit: str, level: str) -> bool:
    """Tell whether a limit (a level word, or empty for none) reaches ``level``."""
    return is_level(limit) and is_level(level) and Level(limit) >= Level(level)
