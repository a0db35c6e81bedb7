"""保密档案 as its page shows it: its parts, what is to be looked at first, and what the registers themselves say of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.queries import policy, staff, standing
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.records.officers.models import Officer
from dingmi.records.oversight.secrecy_file import FileEntry
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.secrecy_file import clauses, parts

APPROVED = ("rules", "emergency")  # parts whose papers the principal approves before they are followed
READERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper; ``state`` is ended, overdue, due or kept."""

    id: UUID
    part: str
    title: str
    number: str
    summary: str
    details: Mapping[str, str | date]
    since: date
    approved_on: date | None
    approval: str  # approved, wanted, or nothing where none is asked for
    reviewed_on: date | None
    review_words: str
    review_by: date
    ended_on: date | None
    ended_words: str
    state: str
    version: str


@dataclass(frozen=True, slots=True)
class PartShown:
    """One part: what its papers have to say, and on what ground."""

    code: str
    asks: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecrecyFile:
    """The file: papers in force by part, those ended, parts without any, and the people the registers know."""

    rows: tuple[Paper, ...]
    ended: tuple[Paper, ...]
    missing: tuple[str, ...]
    due: int
    officers: int
    cleared: int
    owed: int
    parts: tuple[PartShown, ...]


def assessed_every(grade: str, day: date) -> int:
    """Return the years between two risk assessments of a system of this grade by the law of the day; 0 for no number."""
    return int(BOOK.parameters.value("risk_assessment", day).get(grade, 0))


def missing() -> tuple[str, ...]:
    """Return the parts that every organ keeps and that hold no paper in force."""
    held = set(FileEntry.objects.filter(ended_on__isnull=True).values_list("part", flat=True))
    return tuple(code for code, part in parts().items() if part.kept and code not in held)


def _state(row: FileEntry, today: date) -> str:
    if row.ended_on is not None:
        return "ended"
    left = (row.review_by - today).days
    return "overdue" if left < 0 else "due" if left <= max(policy.FILE_LEAD_DAYS) else "kept"


def _details(row: FileEntry) -> dict[str, str | date]:
    """Return the columns that a paper fills, days as days."""
    columns = (one for one in parts()[row.part].columns if one.code in row.details)
    return {
        one.code: date.fromisoformat(row.details[one.code]) if one.kind == "day" else str(row.details[one.code])
        for one in columns
    }


def _paper(row: FileEntry, today: date) -> Paper:
    return Paper(
        id=row.pk,
        part=row.part,
        title=row.title,
        number=row.number,
        summary=row.summary,
        details=_details(row),
        since=row.since,
        approved_on=row.approved_on,
        approval="approved" if row.approved_on else "wanted" if row.part in APPROVED else "",
        reviewed_on=row.reviewed_on,
        review_words=row.review_words,
        review_by=row.review_by,
        ended_on=row.ended_on,
        ended_words=row.ended_words,
        state=_state(row, today),
        version=version_of(row),
    )


@query("secrecy_file", roles=READERS, clauses=clauses())
def secrecy_file(*, actor: Actor, now: datetime) -> SecrecyFile:
    """The secrecy file of the organ, what is to be looked at again first within each part."""
    today = now.date()
    papers = [_paper(row, today) for row in FileEntry.objects.order_by("review_by", "pk")]
    order = list(parts())
    running = [p for p in papers if p.ended_on is None]
    cleared = staff.cleared_staff(now)
    seated = standing.roll(Officer.objects.filter(person__organ_id=actor.organ_id, person__left_at__isnull=True), now)
    return SecrecyFile(
        rows=tuple(sorted(running, key=lambda p: order.index(p.part))),
        ended=tuple(p for p in papers if p.ended_on is not None),
        missing=missing(),
        due=sum(p.state in ("due", "overdue") for p in running),
        officers=sum(o.in_office for o in seated),
        cleared=len(cleared),
        owed=sum(bool(line.problems) for line in cleared),
        parts=tuple(
            PartShown(p.code, p.asks["en" if actor.language == "en" else "zh"], p.clauses) for p in parts().values()
        ),
    )
