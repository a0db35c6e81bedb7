"""The counts of matters that acts keep up, and what the rows say (SR-96)."""

from __future__ import annotations

from collections import Counter as Tally
from typing import Any

from dingmi.records.matters.models import Counter, Matter

PLACES = ("department_id", "level", "state", "origin")
Counts = dict[tuple[Any, ...], int]


def kept() -> Counts:
    """Return the counts that are kept, without those of nothing."""
    return {tuple(row[:4]): row[4] for row in Counter.objects.exclude(value=0).values_list(*PLACES, "value")}


def counted() -> Counts:
    """Return what the rows say."""
    return dict(Tally(Matter.objects.values_list(*PLACES)))
