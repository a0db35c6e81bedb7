"""保密档案: papers entered, looked at again by their day, ended; the office is reminded before and when one part is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, NotFound, Refused
from dingmi.procedures import paper, sweep
from dingmi.procedures.appointment import tell, tell_once
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import Entered, require_text
from dingmi.queries import policy, standing
from dingmi.queries import secrecy_file as asked
from dingmi.records.ledger.append import append
from dingmi.records.oversight.secrecy_file import FileEntry
from dingmi.regime.kernel.periods import Period
from dingmi.regime.secrecy_file import clauses, parts

OFFICE = Role.SECRECY_OFFICE
FOLLOW = "secrecy_file.follow"


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many reminders were sent."""

    reminded: int


def _entry(entry: UUID) -> FileEntry:
    row = FileEntry.objects.select_for_update().filter(pk=entry).first()
    if not isinstance(row, FileEntry):
        raise NotFound("object.not_found")
    if row.ended_on is not None:
        raise Conflict("secrecy_file.ended", (), day=row.ended_on)
    return row


def _next(review_by: date | None, today: date, grade: str = "", assessed: date | None = None) -> date:
    """Return the day of the next review: as given, else a year on (policy).

    Raises:
        Invalid: It is not ahead.
        Refused: ``secrecy_file.assessment_late``: of a system, it is later than its risk has to be assessed again.
    """
    if review_by is not None and review_by <= today:
        raise Invalid("input.invalid", (), fields={"review_by": "date.past"})
    found = review_by or Period(months=policy.number("file_review_months", today)).last_day(today)
    years = asked.assessed_every(grade, today)
    if years and found > (last := Period(months=12 * years).last_day(assessed or today)):
        raise Refused("secrecy_file.assessment_late", ("TL-35.1",), grade=grade, years=years, last=last)
    return found


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _details(part: str, given: Mapping[str, str], today: date) -> dict[str, str]:
    """Return the columns of a paper as they are kept.

    Raises:
        Invalid: ``details.CODE``: blank though needed, none of what it may hold, ahead of today, or no column at all.
    """
    held = parts()[part].filled(given)
    faults = parts()[part].faults(given)
    for one in parts()[part].columns:
        if one.kind == "day" and one.code not in faults and held.get(one.code, "") > today.isoformat():
            faults[one.code] = "date.in_future"
    if faults:
        named = tuple(one.clause for one in parts()[part].columns if one.code in faults)
        raise Invalid("input.invalid", named, fields={f"details.{code}": fault for code, fault in faults.items()})
    return held


@procedure("secrecy_file.enter", requires=OFFICE, clauses=clauses())
def enter(
    *,
    actor: Actor,
    now: datetime,
    part: str,
    title: str,
    number: str,
    details: dict[str, str] | None = None,
    summary: str = "",
    since: date | None = None,
    review_by: date | None = None,
    replaces: UUID | None = None,
) -> Entered:
    """Put a paper into the secrecy file, in place of an earlier one if it replaces it. 归入保密档案。

    Args:
        part: Such as rules, organisation, systems or places.
        details: The columns of the part, by code, as ``regime.secrecy_file`` has them: days as ISO dates.
        summary: What the paper says in short.
        review_by: By when it is looked at again; by default after a year (policy).
    Raises:
        Invalid: A column that the part needs is blank, or a cell holds none of what its column may hold.
        Refused: ``secrecy_file.assessment_late``: the risk of a system would be assessed later than the law has it.
    """
    today = now.date()
    if part not in parts():
        raise Invalid("input.invalid", (), fields={"part": "choice.unknown"})
    if since is not None and since > today:
        raise Invalid("date.in_future", (), fields={"since": "date.in_future"})
    paper.block_of_text(summary, "summary", 400)
    held = _details(part, details or {}, today)
    old = None if replaces is None else _entry(replaces)
    if old is not None and old.part != part:
        raise Invalid("input.invalid", (), fields={"replaces": "choice.unknown"})
    row = FileEntry(
        part=part,
        title=require_text("title", title, 120),
        number=require_text("number", number, 80),
        summary=summary.strip(),
        details=held,
        since=since or today,
        review_by=_next(review_by, today, held.get("grade", ""), _day(held.get("assessed_on", ""))),
        by=UUID(actor.person_id),
        at=now,
    )
    row.save()
    if old is not None:
        old.ended_on = today
        old.save(update_fields=["ended_on"])
    if part in asked.APPROVED:
        for head in standing.principals().values_list("pk", flat=True):
            tell(head, "secrecy_file.to_approve", now, title=row.title)
    rows = [row] if old is None else [row, old]
    append(actor, "secrecy_file.enter", subject=("secrecy_file", row.pk), at=now, data={"part": part}, rows=rows)
    return Entered(row.pk)


@procedure("secrecy_file.approve", requires=Role.HEAD, step_up=True, clauses=("SEED-40",))
def approve(*, actor: Actor, now: datetime, entry: UUID, expected_version: str) -> Entered:
    """Approve a paper of the secrecy file, as a plan or a rule of classification work, before it is followed. 批准保密档案文件。

    Raises:
        Conflict: ``secrecy_file.approved``; ``record.stale``.
    """
    row = _entry(entry)
    if row.approved_on is not None:
        raise Conflict("secrecy_file.approved", (), day=row.approved_on)
    require_current(row, "secrecy_file", expected_version)
    row.approved_on, row.approved_by = now.date(), UUID(actor.person_id)
    row.save(update_fields=["approved_on", "approved_by"])
    append(actor, "secrecy_file.approve", subject=("secrecy_file", row.pk), at=now, data={"part": row.part}, rows=[row])
    return Entered(row.pk)


@procedure("secrecy_file.review", requires=OFFICE, clauses=("SEED-22", "SEED-40"))
def review(
    *, actor: Actor, now: datetime, entry: UUID, words: str, review_by: date | None = None, expected_version: str
) -> Entered:
    """Look at a paper of the secrecy file again and keep it in force. 保密档案复核。

    Raises:
        Conflict: ``record.stale``.
        Refused: ``secrecy_file.assessment_late``.
    """
    row = _entry(entry)
    require_current(row, "secrecy_file", expected_version)
    paper.block_of_text(words, "words", 400, required=True)
    row.reviewed_on, row.review_words = now.date(), words.strip()
    row.review_by = _next(review_by, now.date(), row.details.get("grade", ""))
    row.save(update_fields=["reviewed_on", "review_words", "review_by"])
    data = {"part": row.part, "review_by": row.review_by}
    append(actor, "secrecy_file.review", subject=("secrecy_file", row.pk), at=now, data=data, rows=[row])
    return Entered(row.pk)


@procedure("secrecy_file.end", requires=OFFICE, step_up=True, clauses=("SEED-22", "TL-35.3"))
def end(*, actor: Actor, now: datetime, entry: UUID, words: str, expected_version: str) -> Entered:
    """End a paper of the secrecy file that is no longer in force; it stays on record. 停用保密档案文件。

    Raises:
        Conflict: ``record.stale``.
    """
    row = _entry(entry)
    require_current(row, "secrecy_file", expected_version)
    paper.block_of_text(words, "words", 400, required=True)
    row.ended_on, row.ended_words = now.date(), words.strip()
    row.save(update_fields=["ended_on", "ended_words"])
    append(actor, "secrecy_file.end", subject=("secrecy_file", row.pk), at=now, data={"part": row.part}, rows=[row])
    return Entered(row.pk)


@procedure(FOLLOW, requires=(Role.CLOCK,), clauses=("SEED-22", "BMF-30.3", "SEED-34"))
def follow(*, actor: Actor, now: datetime, today: date) -> Reminded:
    """Remind the office of papers to be looked at again, each lead once, and monthly of a part that is empty. 提醒保密档案更新。"""
    sweep.alone()
    office, sent = standing.holders(OFFICE, now), 0
    due = FileEntry.objects.filter(
        ended_on__isnull=True, review_by__lte=today + timedelta(days=max(policy.FILE_LEAD_DAYS))
    )
    for row in due.order_by("review_by", "pk"):
        left = max((row.review_by - today).days, 0)
        lead = min(n for n in policy.FILE_LEAD_DAYS if left <= n)
        of = {"of": str(row.pk), "lead": lead, "day": row.review_by.isoformat()}
        sent += tell_once(office, "secrecy_file.due", now, of, title=row.title)
    if FileEntry.objects.exists():
        for part in asked.missing():
            sent += tell_once(office, "secrecy_file.empty", now, {"part": part, "month": f"{today:%Y-%m}"})
    append(actor, FOLLOW, subject=("sweep", FOLLOW), at=now, data={"today": today, "reminded": sent})
    return Reminded(sent)
