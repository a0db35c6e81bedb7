"""Numbers that begin anew each year: of incidents, inspections, counts and lists of destruction."""

from __future__ import annotations

from django.db.models import Max, Model

from dingmi.queries import standing
from dingmi.records.organs.models import Organ


def next_of_year(kind: type[Model], year: int) -> int:
    """Return the next number of ``kind`` in ``year``; numbers are given one act at a time, and none is left out."""
    Organ.objects.select_for_update().get(pk=standing.home().pk)
    last = kind._default_manager.filter(year=year).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
