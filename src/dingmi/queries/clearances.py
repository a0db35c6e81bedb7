"""涉密等级: which clearance lets somebody read more, and what was asked for and another person may agree to (SR-34)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.queries import clock
from dingmi.queries.access import LEVELS
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.queries.seats import SEATED, is_withdrawn
from dingmi.records.organs.models import Clearance, ClearanceAsked, Person

WAITS = "clearance.waits"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clearance as it is asked for: whose, up to which level, by which instrument, and until when."""

    person: UUID
    level: str
    instrument: str
    until: datetime | None

    def kept(self) -> dict[str, Any]:
        """Return it as it is kept until somebody agrees."""
        until = self.until.isoformat() if self.until else None
        return {"person": str(self.person), "level": self.level, "instrument": self.instrument, "until": until}


def wanted_of(row: ClearanceAsked) -> tuple[Wanted, ...]:
    """Return what was asked for in ``row``."""
    return tuple(
        Wanted(
            UUID(one["person"]),
            one["level"],
            one["instrument"],
            datetime.fromisoformat(one["until"]).astimezone(clock.ZONE) if one["until"] else None,
        )
        for one in row.wanted
    )


def widens(wanted: Wanted, held: Iterable[Clearance]) -> bool:
    """Tell whether a person would at any time read more by ``wanted`` than by what is ``held``."""
    return not any(
        LEVELS.index(one.level) >= LEVELS.index(wanted.level)
        and (one.until is None or (wanted.until is not None and wanted.until <= one.until))
        for one in held
    )


def agree_by(row: ClearanceAsked, now: datetime) -> datetime | None:
    """Return until when another person may agree to ``row``; nothing once that or one of the clearances is over, somebody has, or it was withdrawn."""
    until: datetime = row.asked_at + clock.SEAT
    is_over = now > until or any(one.until is not None and one.until <= now for one in wanted_of(row))
    return None if is_over or row.agreed_at is not None or is_withdrawn(row.pk) else until


def waiting(now: datetime) -> list[ClearanceAsked]:
    """Return what waits for another person's agreement, the longest waiting first."""
    rows = ClearanceAsked.objects.filter(agreed_at__isnull=True, asked_at__gte=now - clock.SEAT)
    return [row for row in rows.order_by("asked_at", "pk") if agree_by(row, now) is not None]


@dataclass(frozen=True, slots=True)
class ClearanceLine:
    """One clearance that waits for agreement; those asked for together carry one ``request`` and are agreed to together."""

    request: UUID
    name: str
    staff_no: str
    department: str
    level: str
    instrument: str
    until: datetime | None
    asked_by: str
    agree_by: datetime
    version: str


@query("personnel.clearances_asked", roles=SEATED, recorded=False)
def clearances_asked(*, actor: Actor, now: datetime) -> tuple[ClearanceLine, ...]:
    """Clearances that wait for another person's agreement, the longest waiting first. 待同意的涉密等级。"""
    made = []
    for row in waiting(now):
        wanted, until = wanted_of(row), agree_by(row, now)
        ids = [row.asked_by, *(one.person for one in wanted)]
        people = Person.objects.select_related("department").in_bulk(ids)
        for one in wanted:
            person = people[one.person]
            made.append(
                ClearanceLine(
                    request=row.pk,
                    name=person.name,
                    staff_no=person.staff_no,
                    department=person.department.name if person.department else "",
                    level=one.level,
                    instrument=one.instrument,
                    until=one.until,
                    asked_by=people[row.asked_by].name,
                    agree_by=until or now,
                    version=version_of(row),
                )
            )
    return tuple(made)
