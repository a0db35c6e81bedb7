"""Bars of the long tests: how many cases a deep run has to make of each kind; fewer is a failure, not a green run.

``DINGMI_TEST_SHARE`` takes a part of every bar, for trying a test out; the summary of a run says what was made of what.
"""

from __future__ import annotations

import os
from collections.abc import Callable

SHARE = float(os.environ.get("DINGMI_TEST_SHARE", "1"))
Reached = Callable[[str, int, int], None]


def part(bar: int) -> int:
    """Return how many cases of ``bar`` this run makes."""
    return max(1, round(bar * SHARE))


def line(row: str, made: int, bar: int) -> str:
    """Return what was made of a bar, as a run tells it."""
    return f"{row}: {made:,} of {bar:,}" + ("" if SHARE == 1 else f" (share {SHARE:g})")
