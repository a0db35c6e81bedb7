"""补录既有事项：matters determined before this system kept them, registered in one act, with one entry each."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.procedures import paper, shelf
from dingmi.procedures.frame import procedure
from dingmi.queries import content, facts, legacy, numbers, policy, standing
from dingmi.queries.carriers import ELECTRONIC
from dingmi.queries.legacy import LegacyMatter
from dingmi.queries.terms import Scope, scope_plain
from dingmi.records.carriers.models import Carrier, CarrierEvent
from dingmi.records.ledger.append import Line, append_lines
from dingmi.records.matters.models import Counter, Decision, Matter, ReviewTask, ScopeEntry, Series
from dingmi.records.notices.models import Deadline
from dingmi.records.organs.models import Organ
from dingmi.regime.prc_state.life import counts_as_reviewed, pre_review_opens, review_due
from dingmi.regime.prc_state.marks import DurationKind

IMPORT = "keep.import_legacy"
FAULTS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """How many matters were registered, and how many of them had ended already."""

    imported: int
    ended: int


@procedure(IMPORT, requires=Role.SECRECY_OFFICE, step_up=True, clauses=("ZX-24.4b", "TL-19.2a", "TL-19.2b"))
def import_legacy(
    *, actor: Actor, now: datetime, basis: str, rows: tuple[dict[str, Any], ...] = (), text: str = ""
) -> Imported:
    """Register matters that were determined before this system kept them, all of them or none. 补录既有事项。

    Args:
        basis: Why they are registered now and from what: the old register, an inspection.
        rows: Rows as objects, at most 2,000: title, mark, issued_on or notified_on, drafter, officer, guide and item or
            basis, persons, departments, doc_number, form.
        text: JSON Lines, one row a line.
    Raises:
        Invalid: ``legacy.faulty`` with every fault as ``rows.<number>.<key>``.
    """
    reason = paper.line(basis, "basis", 120, required=True)
    today = now.date()
    found = legacy.read(rows, text, today)  # load, gather, judge
    if found.faults:
        shown = {f"rows.{f.row}.{f.field}".rstrip("."): f.code for f in found.faults[:FAULTS_SHOWN]}
        raise Invalid("legacy.faulty", (), count=len(found.faults), fields=shown)
    home = standing.home()
    given = _numbers(found.sound, home.unit_code)
    made = [_matter(m, number, home, now) for m, number in zip(found.sound, given, strict=True)]
    Matter.objects.bulk_create(made, batch_size=200)  # write
    decisions = [_decision(row, m, reason, now) for row, m in zip(made, found.sound, strict=True)]
    Decision.objects.bulk_create(decisions, batch_size=200)
    copies = _copies(made, found.sound, UUID(actor.person_id), now)
    _around(made, found.sound, now)
    append_lines(  # prove
        actor,
        IMPORT,
        [
            Line(("matter", row.pk), _told(row, kept, m), [kept, row, *copy], m.verdict)
            for row, kept, copy, m in zip(made, decisions, copies, found.sound, strict=True)
        ],
        at=now,
    )
    return Imported(len(made), sum(row.state == "declassified" for row in made))


def _told(row: Matter, kept: Decision, m: LegacyMatter) -> dict[str, Any]:
    return {
        "decision": kept.pk,
        "digest": kept.digest,
        "register_no": row.register_no,
        "decided_on": m.decided_on,
        "last_protected_day": row.last_protected_day,
        "normalised": list(m.mark.warnings),
    }


def _numbers(matters: Sequence[LegacyMatter], unit: str) -> list[str]:
    """Give each matter the next number of its series, each series locked once."""
    wanted = collections.Counter((numbers.letter(m.mark.level), m.decided_on.year) for m in matters)
    last: dict[tuple[str, int], int] = {}
    for (letter, year), count in sorted(wanted.items()):
        series, _ = Series.objects.select_for_update().get_or_create(unit=unit, letter=letter, year=year)
        last[(letter, year)] = series.last
        series.last += count
        series.save()
    given = []
    for m in matters:
        place = (numbers.letter(m.mark.level), m.decided_on.year)
        last[place] += 1
        given.append(numbers.spelled(unit, m.mark.level, m.decided_on.year, last[place]))
    return given


def _kind(m: LegacyMatter) -> str:
    """Return the kind of the tail; a period that the law supplied is a period."""
    kind = m.mark.tail.kind
    return str(DurationKind.PERIOD if kind is DurationKind.DEFAULTED else kind)


def _matter(m: LegacyMatter, number: str, home: Organ, now: datetime) -> Matter:
    """Return the row of one matter: in force, or ended by its period."""
    window, tail = m.mark.window, m.mark.tail.text
    ended = standing.is_over(window.declassified_from, tail, now)
    row = Matter(
        organ=home,
        department_id=m.department,
        drafter_id=m.drafter,
        officer_id=m.officer,
        item_id=m.item,
        state="declassified" if ended else "active",
        origin="original",
        level=m.mark.level,
        tail=tail,
        tail_kind=_kind(m),
        register_no=number,
        issued_on=m.issued_on,
        starts_on=window.starts_on,
        last_protected_day=window.last_protected_day,
        declassified_from=window.declassified_from,
        released_at=standing.ends_at(window.declassified_from, tail) if ended else None,
        release_ground="expiry" if ended else "",
        created_at=facts.start_of(m.decided_on),
        changed_at=now,
    )
    row.title_ct = content.sealed(row, "title_ct", row.level, m.title)
    row.doc_number_ct = content.sealed(row, "doc_number_ct", row.level, m.doc_number)
    return row


def _decision(row: Matter, m: LegacyMatter, reason: str, now: datetime) -> Decision:
    """Return the decision as it is registered: the terms of its own day, and why it stands here now."""
    scope = scope_plain(Scope(m.persons, m.departments))
    signed = {
        "act": IMPORT,
        "matter": str(row.pk),
        "officer": str(m.officer) if m.officer else None,
        "decided_on": m.decided_on.isoformat(),
        "level": row.level,
        "tail": row.tail,
        "basis": m.basis,
        "registered_for": reason,
        "scope": scope,
        "rulebook": m.verdict.rulebook,
        "at": now.isoformat(),
    }
    text, digest = shelf.sealed_payload(signed)
    kept = Decision(
        matter=row,
        number=1,
        act=IMPORT,
        officer_id=m.officer,
        level=row.level,
        tail=row.tail,
        tail_kind=row.tail_kind,
        starts_on=row.starts_on,
        last_protected_day=row.last_protected_day,
        declassified_from=row.declassified_from,
        scope=scope,
        verdict=facts.verdict_plain(m.verdict),
        rulebook=m.verdict.rulebook,
        digest=digest,
        at=facts.start_of(m.decided_on),
    )
    kept.payload_ct = content.sealed(kept, "payload_ct", row.level, text)
    return kept


def _copies(made: Sequence[Matter], matters: Sequence[LegacyMatter], by: UUID, now: datetime) -> list[list[Any]]:
    """Enter the copy of each matter, with the event that it begins with; return both, matter by matter (P17)."""
    carriers = [
        Carrier(matter=row, copy_no=1, form=m.form, mark=m.mark.canonical, created_at=now)
        for row, m in zip(made, matters, strict=True)
    ]
    events = [
        CarrierEvent(carrier=copy, number=1, act=IMPORT, at=now, by_id=by, state=copy.state)
        for copy in carriers
        if copy.form != ELECTRONIC
    ]
    Carrier.objects.bulk_create(carriers, batch_size=500)
    CarrierEvent.objects.bulk_create(events, batch_size=500)
    first = {event.carrier_id: event for event in events}
    return [[copy, *([first[copy.pk]] if copy.pk in first else [])] for copy in carriers]


def _around(made: Sequence[Matter], matters: Sequence[LegacyMatter], now: datetime) -> None:
    """Write what hangs on the matters: scope, index, counts, and the reviews and limits of those in force."""
    scopes, postings, tasks, limits = [], [], [], []
    for row, m in zip(made, matters, strict=True):
        start = facts.start_of(m.decided_on)
        entry = {"matter": row, "basis": "determination", "since": start}
        scopes += [ScopeEntry(person_id=p, **entry) for p in m.persons]
        scopes += [ScopeEntry(department_id=d, **entry) for d in m.departments]
        postings.append((row, (m.title, m.doc_number, row.register_no or "")))
        if row.state == "active":
            tasks += _tasks(row, m, now.date())
            limits += _limits(row, now.date())
    ScopeEntry.objects.bulk_create(scopes, batch_size=500)
    shelf.index_new(postings)
    ReviewTask.objects.bulk_create(tasks, batch_size=500)
    Deadline.objects.bulk_create(limits, batch_size=500)
    places = collections.Counter((r.department_id, r.level, r.state, r.origin) for r in made)
    for (department, level, state, origin), count in places.items():
        counter, _ = Counter.objects.select_for_update().get_or_create(
            department_id=department, level=level, state=state, origin=origin
        )
        counter.value += count
        counter.save()


def _task(row: Matter, kind: str, opened: date, due: date) -> ReviewTask:
    first = policy.first_reminder(kind, opened, due)
    return ReviewTask(matter=row, kind=kind, year=due.year, opened_on=opened, due_on=due, remind_on=first)


def _tasks(row: Matter, m: LegacyMatter, today: date) -> list[ReviewTask]:
    """Return this year's review, unless the decision counts as it, and the one before expiry."""
    made = []
    if not counts_as_reviewed(m.decided_on, today.year):
        made.append(_task(row, "annual", today, review_due(today.year)))
    if row.last_protected_day is not None:
        opened = max(today, pre_review_opens(row.last_protected_day, policy.EXPIRY_LEAD_DAYS[0]))
        made.append(_task(row, "expiry", opened, row.last_protected_day))
    return made


def _limits(row: Matter, today: date) -> list[Deadline]:
    last = row.last_protected_day
    if last is None:
        return []
    return [Deadline(matter_id=row.pk, name="expiry", clause="BMF-24.2a", starts_on=today, due_on=last)]
