"""P18 泄密: reported by anyone at once, remedied, told within its hours, looked into, answered for, closed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db.models import Max

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound
from dingmi.procedures import paper, sweep
from dingmi.procedures.appointment import tell, tell_once
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.procedures.numbering import next_of_year
from dingmi.procedures.personnel import require_text
from dingmi.queries import access, content, facts, policy, standing
from dingmi.queries import incident as asked
from dingmi.queries.clock import ZONE
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import Record
from dingmi.records.matters.models import Matter
from dingmi.records.officers.models import Officer
from dingmi.records.officers.performance import PerformanceFact, PerformanceReview
from dingmi.records.organs.models import Person
from dingmi.records.oversight.incidents import STEPS, Incident, IncidentLiability, IncidentReader, IncidentStep
from dingmi.regime import deadlines
from dingmi.regime import oversight as book
from dingmi.regime.prc_state.incident import RECIPIENTS

FOLLOW = "incident.follow"
WORDS = 2000  # characters of one item
ADDRESSED = ("oral", "report", "progress", "outcome")  # steps that tell someone
WRITTEN = ("report", "progress", "outcome")  # of these, the ones on paper


@dataclass(frozen=True, slots=True)
class Known:
    """An incident as it stands now: its number, and until when it has to be reported."""

    id: UUID
    number: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many reminders were sent."""

    reminded: int


def _outcome(row: Incident, actor: Actor) -> Known:
    return Known(row.pk, asked.called(row, actor), row.due_at)


def _prove(act: str, row: Incident, actor: Actor, now: datetime, *rows: Record, **data: object) -> None:
    told = {"number": asked.number(row), "level": row.level, **data}
    append(actor, act, subject=("incident", row.pk), at=now, data=told, rows=[row, *rows])


@procedure("incident.discover", clauses=("BMF-47", "BMF10-40", "TL-61.1", "TL-61.3", "BW-4"))
def discover(
    *,
    actor: Actor,
    now: datetime,
    certain: bool,
    discovered_at: datetime,
    level: str,
    leaked: str,
    discovery: str,
    register_nos: tuple[str, ...] = (),
) -> Known:
    """Report that a state secret has leaked or may have leaked; the hours of the law run from its discovery. 报告泄密。

    Who reports is on no page of the incident, only in the audit log.

    Args:
        certain: It has leaked; else it may have.
        discovered_at: When it was discovered, to the minute.
        level: The highest level that is concerned.
        leaked: What leaked: content, quantity, kind of carrier.
        discovery: How it was found.
        register_nos: Of the matters that are concerned, as far as known.
    Raises:
        Invalid: A day to come, an unknown level, a number that the reporter may not know.
    """
    faults = {
        "discovered_at": "date.in_future" if discovered_at > now else "",
        "level": "" if level in access.LEVELS[1:] else "level.unknown",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    matters = _matters(actor, now, register_nos)
    said = {"leaked": leaked, "discovery": discovery}
    for name, text in said.items():
        paper.block_of_text(text, name, WORDS, required=True)
    highest = max((level, *(m.level for m in matters)), key=access.LEVELS.index)
    limit = deadlines.compute("leak_report", discovered_at)
    year = discovered_at.astimezone(ZONE).year
    row = Incident(
        year=year,
        number=next_of_year(Incident, year),
        certain=certain,
        level=highest,
        discovered_at=discovered_at,
        due_at=limit["due"],
        clause=limit["clause"],
        matters=[str(m.pk) for m in matters],
        reporter_id=UUID(actor.person_id),
        reported_at=now,
    )
    row.items_ct = _sealed(row, said)
    row.save()
    told = _first_readers(now)
    readers = [IncidentReader(incident=row, person_id=p, since=now, by=UUID(actor.person_id)) for p in told]
    IncidentReader.objects.bulk_create(readers)
    _prove("incident.discover", row, actor, now, *readers, certain=certain, due_at=row.due_at)
    for person in told:
        _tell(row, person, now)
    return _outcome(row, actor)


def _due(row: Incident) -> str:
    """Return until when an incident is to be reported, as notices say it."""
    return f"{row.due_at.astimezone(ZONE):%m-%d %H:%M}"


def _tell(row: Incident, person: UUID, now: datetime) -> None:
    tell(person, "incident.discovered", now, number=_names(row, now)(person), due=_due(row))


def _names(row: Incident, now: datetime) -> Callable[[UUID], str]:
    """Return how each person who is told of an incident calls it."""
    return partial(asked.told_number, row, overseers=standing.overseers(asked.OVERSEERS, now))


def _matters(actor: Actor, now: datetime, register_nos: tuple[str, ...]) -> list[Matter]:
    """Return the matters under these numbers.

    Raises:
        Invalid: One is not there, or the actor may not know of it: the same answer.
    """
    found = list(access.existing(actor, now).filter(register_no__in=register_nos).exclude(state="draft"))
    if len(found) < len(set(register_nos)):
        raise Invalid("input.invalid", (), fields={"register_nos": "id.unknown"})
    return found


def _first_readers(now: datetime) -> tuple[UUID, ...]:
    """Return who has to know at once: the principal, and the secrecy office."""
    heads = standing.principals().values_list("pk", flat=True)
    return tuple(dict.fromkeys((*heads, *standing.holders(Role.SECRECY_OFFICE, now))))


def _sealed(row: Incident, said: dict[str, str]) -> bytes:
    return content.sealed(row, "items_ct", row.level, json.dumps(said, ensure_ascii=False))


def _open(actor: Actor, now: datetime, incident: UUID) -> Incident:
    """Return an incident that is not closed, for one who is admitted to it, locked.

    Raises:
        NotFound: There is none that the actor may know of.
        Forbidden: ``incident.not_admitted``.
        Conflict: ``incident.closed``.
    """
    row = Incident.objects.select_for_update().filter(pk__in=asked.known(actor, now).values("pk"), pk=incident).first()
    if not isinstance(row, Incident):
        raise NotFound("object.not_found")
    if not asked.is_admitted(actor, row, now):
        raise Forbidden("incident.not_admitted", ("BMF-21.1",))
    if row.closed_at is not None:
        raise Conflict("incident.closed", (), number=asked.called(row, actor))
    return row


@procedure("incident.fill", clauses=("BW-4", "BMF-47"))
def fill(
    *,
    actor: Actor,
    now: datetime,
    incident: UUID,
    leaked: str = "",
    discovery: str = "",
    persons: str = "",
    course: str = "",
    harm: str = "",
    handling: str = "",
    remedies: str = "",
    expected_version: str,
) -> Known:
    """Fill in the seven items of the report; what is left blank stays as it was. 填写泄密报告。

    Args:
        leaked: What leaked: content, level, quantity, kind of carrier.
        discovery: How it was found.
        persons: Who is responsible.
        course: When, where and how it came about.
        harm: The harm done, or that may come.
        handling: What is being looked into.
        remedies: What was done at once.
    Raises:
        Conflict: ``record.stale``: someone else wrote on it meanwhile.
    """
    row = _open(actor, now, incident)
    require_current(row, "incident", expected_version)
    given = {
        "leaked": leaked, "discovery": discovery, "persons": persons, "course": course, "harm": harm,
        "handling": handling, "remedies": remedies,
    }  # fmt: skip
    for name, text in given.items():
        paper.block_of_text(text, name, WORDS)
    said = asked.items(row) | {name: text.strip() for name, text in given.items() if text.strip()}
    row.items_ct = _sealed(row, said)
    row.save()
    _prove("incident.fill", row, actor, now, filled=sorted(name for name, text in said.items() if text))
    return _outcome(row, actor)


@procedure("incident.note", clauses=("BMF-47", "BMF10-40", "TL-61.1", "TL-60", "BW-4"))
def note(
    *,
    actor: Actor,
    now: datetime,
    incident: UUID,
    step: str,
    words: str,
    at: datetime | None = None,
    to: str = "",
    document_no: str = "",
) -> Known:
    """Put down what was done or told: a remedy, an oral or written report, progress, the outcome. 登记泄密事件进展。

    Args:
        step: ``measure``, ``oral``, ``report``, ``progress``, ``considered`` (whether matters are changed or released) or
            ``outcome``.
        at: When; by default now.
        to: Who was told: ``administration`` or ``superior``; of reports, progress and outcome.
        document_no: Of what was written.
    Raises:
        Refused: ``incident.items_missing``: a written report has all seven items.
    """
    row = _open(actor, now, incident)
    when = at or now
    number = paper.line(document_no, "document_no", 80)
    said = paper.block_of_text(words, "words", WORDS, required=True).strip()
    faults = {
        "step": "" if step in STEPS else "choice.unknown",
        "to": "" if (to in RECIPIENTS) == (step in ADDRESSED) else "choice.unknown",
        "at": "" if row.discovered_at <= when <= now else "date.range",
        "document_no": "" if number or step not in WRITTEN else "text.missing",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    missing = [name for name, text in asked.items(row).items() if not text]
    if step == "report" and missing:
        raise Invalid("incident.items_missing", ("BW-4",), fields=dict.fromkeys(missing, "text.missing"))
    kept = IncidentStep(
        incident=row,
        number=(row.steps.aggregate(last=Max("number"))["last"] or 0) + 1,
        kind=step,
        at=when,
        to=to,
        document_no=number,
        by_id=UUID(actor.person_id),
        entered_at=now,
    )
    kept.words_ct = content.sealed(kept, "words_ct", row.level, said)
    kept.save()
    _prove("incident.note", row, actor, now, kept, step=step, to=to, document_no=number, when=when)
    return _outcome(row, actor)


@procedure("incident.admit", requires=Role.HEAD, step_up=True, waits_for_date=True, clauses=("BMF-21.1", "TL-61.3"))
def admit(*, actor: Actor, now: datetime, incident: UUID, person: UUID) -> Known:
    """Admit someone to the words of an incident, one who is cleared for its level. 确定泄密事件知悉人员。

    Raises:
        Forbidden: ``incident.not_cleared``.
        Conflict: ``incident.admitted``.
    """
    row = _open(actor, now, incident)
    who = Person.objects.filter(pk=person, organ_id=actor.organ_id, left_at__isnull=True).first()
    if who is None:
        raise NotFound("object.not_found")
    if row.level not in access.readable(access.clearance_of(person, now)):
        raise Forbidden("incident.not_cleared", ("BMF-21.1",), name=who.name, level=row.level)
    if standing.running(row.readers.filter(person=who), now).exists():
        raise Conflict("incident.admitted", (), name=who.name)
    kept = IncidentReader(incident=row, person=who, since=now, by=UUID(actor.person_id))
    kept.save()
    _prove("incident.admit", row, actor, now, kept, person=person)
    _tell(row, person, now)
    return _outcome(row, actor)


@procedure("incident.exclude", requires=Role.HEAD, step_up=True, clauses=("BMF-21.1", "TL-61.3"))
def exclude(*, actor: Actor, now: datetime, incident: UUID, person: UUID) -> Known:
    """End that someone may know the words of an incident, as one who is concerned by it. 撤销泄密事件知悉人员。

    Raises:
        Forbidden: ``incident.last_reader``: nobody ends one's own admission.
    """
    row = _open(actor, now, incident)
    if str(person) == actor.person_id:
        raise Forbidden("incident.last_reader")
    kept = standing.running(row.readers.filter(person=person), now).first()
    if not isinstance(kept, IncidentReader):
        raise NotFound("object.not_found")
    kept.until = now
    kept.save()
    _prove("incident.exclude", row, actor, now, kept, person=person)
    return _outcome(row, actor)


@procedure("incident.hold_liable", requires=Role.HEAD, step_up=True, clauses=("TL-67.2", "TL-67.8", "BMF-58.2"))
def hold_liable(
    *,
    actor: Actor,
    now: datetime,
    incident: UUID,
    person: UUID,
    basis: str,
    sanction: str,
    document_no: str,
    on: date | None = None,
) -> Known:
    """Put down who answers for a leak, on which ground and with what consequence; an officer's appraisal has it too. 登记泄密责任。

    Args:
        basis: The clause: ``TL-67.2``, ``TL-67.8`` or ``BMF-58.2``.
        sanction: The consequence, as it was decided.
        document_no: Of the decision.
    Raises:
        Conflict: ``performance.closed``: the year is appraised already.
    """
    row = _open(actor, now, incident)
    day = on or now.date()
    faults = {
        "basis": "" if basis in book.liability() else "choice.unknown",
        "on": "" if row.discovered_at.astimezone(ZONE).date() <= day <= now.date() else "date.range",
        "person": "" if Person.objects.filter(pk=person, organ_id=actor.organ_id).exists() else "id.unknown",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    if str(person) == actor.person_id:
        raise Forbidden("performance.own", ("SEED-11",))
    kept = IncidentLiability(
        incident=row,
        person_id=person,
        basis=basis,
        sanction=require_text("sanction", sanction, 200),
        document_no=require_text("document_no", document_no, 80),
        on=day,
        by=UUID(actor.person_id),
        at=now,
    )
    kept.save()
    rows: list[Record] = [kept]
    if Officer.objects.filter(person=person).exists():
        rows.append(_fact(row, kept, actor, now))
    _prove("incident.hold_liable", row, actor, now, *rows, person=person, basis=basis, document_no=kept.document_no)
    return _outcome(row, actor)


def _fact(row: Incident, kept: IncidentLiability, actor: Actor, now: datetime) -> PerformanceFact:
    """Let the appraisal of an officer have what the officer answers for."""
    if PerformanceReview.objects.filter(person=kept.person_id, year=kept.on.year).exists():
        raise Conflict("performance.closed", (), year=kept.on.year)
    fact = PerformanceFact(
        person_id=kept.person_id,
        rule="leak",
        on=kept.on,
        evidence=f"{asked.named(row, False)} {kept.document_no}",
        recorded_by=UUID(actor.person_id),
        recorded_at=now,
    )
    fact.save()
    return fact


@procedure("incident.close", requires=(Role.HEAD, Role.SECRECY_OFFICE), step_up=True, clauses=("TL-60", "TL-61.1"))
def close(*, actor: Actor, now: datetime, incident: UUID, expected_version: str) -> Known:
    """Close an incident: remedied, told to those to be told, its outcome told in writing. 办结泄密事件。

    Raises:
        Refused: What is wanting, each with its clause.
        Conflict: ``record.stale``.
    """
    row = _open(actor, now, incident)  # load
    require_current(row, "incident", expected_version)
    verdict = asked.judge_closing(row, now)  # gather, judge
    facts.require(verdict)
    row.closed_at, row.closed_by = now, UUID(actor.person_id)  # write
    row.save()
    append(  # prove
        actor,
        "incident.close",
        subject=("incident", row.pk),
        at=now,
        data={"number": asked.number(row), "level": row.level},
        verdict=verdict,
        rows=[row],
    )
    return _outcome(row, actor)


@procedure(FOLLOW, requires=(Role.CLOCK,), clauses=("BMF-47", "BMF10-40", "TL-61.1", "TL-60"))
def follow(*, actor: Actor, now: datetime, today: date) -> Reminded:
    """Remind of leaks not reported yet, daily once they are late, and of the outcome as its day comes. 提醒泄密报告。"""
    sweep.alone()
    sent, wanted = 0, set(asked.to_be_told())
    for row in (
        Incident.objects.filter(closed_at__isnull=True).prefetch_related("steps").order_by("discovered_at", "pk")
    ):
        steps = list(row.steps.all())
        people = tuple(standing.running(row.readers.order_by("pk"), now).values_list("person", flat=True))
        if not wanted <= set(asked.told_at(steps)):
            code = "incident.report_late" if now > row.due_at else "incident.report_due"
            of = {"of": str(row.pk), "day": today.isoformat()}
            sent += tell_once(people, code, now, of, number=_names(row, now), due=_due(row))
        elif not any(s.kind == "outcome" for s in steps):
            sent += _outcome_owed(row, asked.outcome_due(row, steps), people, now, today)
    append(actor, FOLLOW, subject=("sweep", FOLLOW), at=now, data={"today": today, "reminded": sent})
    return Reminded(sent)


def _outcome_owed(row: Incident, due: date | None, people: tuple[UUID, ...], now: datetime, today: date) -> int:
    """Tell that the outcome, or word of progress, is owed: at each lead once, weekly when it is late."""
    left = (due - today).days if due is not None else None
    if due is None or left is None or left > max(policy.RECTIFY_LEAD_DAYS):
        return 0
    late = (today - due - timedelta(days=1)).days // 7
    step = {"week": late} if left < 0 else {"lead": min(n for n in policy.RECTIFY_LEAD_DAYS if left <= n)}
    of = {"of": str(row.pk), "day": due.isoformat(), **step}
    return tell_once(people, "incident.outcome_owed", now, of, number=_names(row, now))
