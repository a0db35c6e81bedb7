"""来源: the links from a matter to what its words were taken from; they carry every later change of a source to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dingmi.procedures import shelf
from dingmi.queries import content
from dingmi.queries.inheritance import Source
from dingmi.records.matters.models import Matter, SourceLink


def link(row: Matter, sources: Iterable[Source], now: datetime) -> None:
    """Make ``sources`` the sources of a matter, and no others: those of an earlier proposal no longer count."""
    unlink(row)
    for source in sources:
        made = SourceLink(
            matter=row,
            source=source.matter,
            level=source.level,
            last_protected_day=source.last_protected_day,
            trigger=source.trigger,
            points=[str(p) for p in source.points],
            at=now,
        )
        if source.matter is None:
            made.external_ct = content.sealed(made, "external_ct", row.level, shelf.plain_json(source.plain()))
        made.save()


def unlink(row: Matter) -> None:
    """Forget the sources of a matter that is no state secret: nothing of theirs is protected in it."""
    SourceLink.objects.filter(matter=row).delete()
