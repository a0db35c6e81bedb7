"""履职考核：facts recorded, weights set, the year notified, signed or objected to, decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound
from dingmi.engines.documents import tables
from dingmi.procedures import paper
from dingmi.procedures.appointment import tell
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import Entered, require_text
from dingmi.procedures.terms import Delivered
from dingmi.queries import limits
from dingmi.queries import performance as asked
from dingmi.queries import performance_rules as rules
from dingmi.records.ledger.append import append
from dingmi.records.officers.models import Officer
from dingmi.records.officers.performance import PerformanceFact, PerformanceReview, PerformanceWeights
from dingmi.records.organs.models import Person
from dingmi.regime import performance as book

OFFICE = (Role.SECRECY_OFFICE, Role.HEAD)
WORDS = 600  # characters


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An officer-year moved on."""

    id: UUID
    state: str
    total: str
    object_until: date


@procedure("performance.record", requires=OFFICE, step_up=True, clauses=("SEED-10", "SEED-12"))
def record(*, actor: Actor, now: datetime, person: UUID, rule: str, on: date, evidence: str) -> Entered:
    """Record a fact about an officer with the document that proves it; never about oneself. 登记考核事实。

    Args:
        rule: A rule of the scheme whose events no record here shows.
    """
    if str(person) == actor.person_id:
        raise Forbidden("performance.own", ("SEED-11",))
    if on > now.date():
        raise Invalid("date.in_future", (), fields={"on": "date.in_future"})
    found = rules.scheme_of(on.year).rules.get(rule)
    if found is None or found.source != "office":
        raise Invalid("input.invalid", (), fields={"rule": "choice.unknown"})
    if not Officer.objects.filter(person=person, person__organ_id=actor.organ_id).exists():
        raise NotFound("object.not_found")
    if PerformanceReview.objects.filter(person=person, year=on.year).exists():
        raise Conflict("performance.closed", (), year=on.year)
    row = PerformanceFact(
        person_id=person,
        rule=rule,
        on=on,
        evidence=require_text("evidence", evidence, 200),
        recorded_by=UUID(actor.person_id),
        recorded_at=now,
    )
    row.save()
    append(actor, "performance.record", subject=("person", person), at=now, data={"rule": rule, "on": on}, rows=[row])
    return Entered(row.pk)


@procedure("performance.set_weights", requires=Role.HEAD, step_up=True, clauses=("SEED-11",))
def set_weights(*, actor: Actor, now: datetime, year: int, weights: dict[str, str], instrument: str) -> Entered:
    """Set the weights of this year or a later one; a year that has been notified keeps its own. 确定考核权重。

    Raises:
        Invalid: ``performance.weights``: they do not sum to 1 or leave an indicator out.
    """
    given = asked.read_weights(weights)
    book.require_weights(given, rules.scheme_of(year).weights)
    if year < now.year or PerformanceReview.objects.filter(year=year).exists():
        raise Conflict("performance.closed", (), year=year)
    row = PerformanceWeights(
        year=year,
        weights={k: str(v) for k, v in given.items()},
        instrument=require_text("instrument", instrument, 80),
        set_by=UUID(actor.person_id),
        set_at=now,
    )
    row.save()
    append(
        actor, "performance.set_weights", subject=("performance", row.pk), at=now,
        data={"year": year, "weights": row.weights}, rows=[row],
    )  # fmt: skip
    return Entered(row.pk)


@procedure("performance.notify", requires=OFFICE, step_up=True, clauses=("SEED-11", "SEED-28"))
def notify(*, actor: Actor, now: datetime, person: UUID, year: int) -> Reviewed:
    """Freeze the appraisal of a closed year and give the officer notice of it. 送达考核结果。

    Raises:
        Conflict: ``performance.year_open``: the year is not over, or it was notified already.
    """
    if str(person) == actor.person_id:
        raise Forbidden("performance.own", ("SEED-11",))
    if year >= now.year:
        raise Conflict("performance.year_open", (), year=year)
    if not Officer.objects.filter(person=person, person__organ_id=actor.organ_id).exists():
        raise NotFound("object.not_found")
    if PerformanceReview.objects.filter(person=person, year=year).exists():
        raise Conflict("performance.closed", (), year=year)
    score = asked.scored(person, year, now)
    row = PerformanceReview(
        person_id=person,
        year=year,
        version=score.version,
        score=asked.plain(score),
        noticed_at=now,
        object_until=_window(now),
    )
    row.save()
    return _moved("performance.notify", row, actor, now, told=person)


def _window(now: datetime) -> date:
    """Return the last day for an objection: working days, or calendar days twice as many while no calendar is loaded."""
    day = now.date()
    due = limits.limit(limits.OBJECTION, day).due_on
    return due or day + timedelta(days=2 * limits.count(limits.OBJECTION, day))


def _moved(act: str, row: PerformanceReview, actor: Actor, now: datetime, *, told: UUID | None = None) -> Reviewed:
    data = {"year": row.year, "state": row.state, "total": row.score["total"], "final": row.final}
    append(actor, act, subject=("person", row.person_id), at=now, data=data, rows=[row])
    if told is not None:
        tell(told, f"performance.{row.state}", now, year=row.year, until=row.object_until.isoformat())
    return Reviewed(row.pk, row.state, row.final or str(row.score["total"]), row.object_until)


def _own(actor: Actor, review: UUID, now: datetime) -> PerformanceReview:
    """Return one's own appraisal while it waits for one's word."""
    row = PerformanceReview.objects.select_for_update().filter(pk=review, person_id=actor.person_id or None).first()
    if not isinstance(row, PerformanceReview):
        raise NotFound("object.not_found")
    if row.state != "noticed":
        raise Conflict("performance.answered", (), year=row.year)
    row.answered_at = now
    return row


@procedure("performance.sign", step_up=True, clauses=("SEED-11",))
def sign(*, actor: Actor, now: datetime, review: UUID) -> Reviewed:
    """Sign one's own appraisal: read, no objection. 签收考核结果。"""
    row = _own(actor, review, now)
    row.state, row.final = "signed", str(row.score["total"])
    row.save()
    return _moved("performance.sign", row, actor, now)


@procedure("performance.object", step_up=True, clauses=("SEED-11",))
def object_(*, actor: Actor, now: datetime, review: UUID, reasons: str) -> Reviewed:
    """Object to one's own appraisal within the window. 提出复核。

    Raises:
        Conflict: ``performance.too_late``.
    """
    row = _own(actor, review, now)
    if now.date() > row.object_until:
        raise Conflict("performance.too_late", (), until=row.object_until)
    paper.block_of_text(reasons, "reasons", WORDS, required=True)
    row.state, row.objection = "objected", reasons.strip()
    row.save()
    return _moved("performance.object", row, actor, now)


@procedure("performance.decide", requires=Role.HEAD, step_up=True, clauses=("SEED-11", "SEED-28"))
def decide(*, actor: Actor, now: datetime, review: UUID, decision: str, strike: tuple[str, ...] = ()) -> Reviewed:
    """Decide an objection: the score stands, or lines whose evidence did not hold are struck and it is summed anew. 复核决定。

    Args:
        strike: Evidence of the lines to strike, as the file names it.
    """
    row = PerformanceReview.objects.select_for_update().filter(pk=review, person__organ_id=actor.organ_id).first()
    if row is None:
        raise NotFound("object.not_found")
    if str(row.person_id) == actor.person_id:
        raise Forbidden("performance.own", ("SEED-11",))
    if row.state != "objected":
        raise Conflict("performance.not_objected", (), year=row.year)
    lines = row.score["lines"]
    if set(strike) - {line[3] for line in lines}:
        raise Invalid("input.invalid", (), fields={"strike": "choice.unknown"})
    paper.block_of_text(decision, "decision", WORDS, required=True)
    kept = [
        book.Event(rule, evidence, on) for rule, _indicator, _points, evidence, on in lines if evidence not in strike
    ]
    weights = {k: Decimal(v) for k, v in row.score["weights"]}
    again = book.score(rules.scheme_named(row.version), kept, weights)
    row.state, row.decision, row.struck, row.final = "decided", decision.strip(), sorted(strike), str(again.total)
    row.decided_at, row.decided_by = now, UUID(actor.person_id)
    row.save()
    return _moved("performance.decide", row, actor, now, told=row.person_id)


HEADING = ("姓名", "年度", "加权得分", "最终得分", "状态", "奖惩")
STATES = {"": "尚未送达", "noticed": "待本人确认", "signed": "已签收", "objected": "待复核", "decided": "已复核"}


@procedure("performance.export", requires=OFFICE, clauses=("SEED-28", "TL-6.3"))
def export(*, actor: Actor, now: datetime, year: int, format: str = "xlsx") -> Delivered:
    """Hand out the appraisals of a closed year for the year-end review, by name; the file names who took it. 导出年终考评。

    Raises:
        Conflict: ``performance.year_open``: the year is not over.
    """
    if format not in ("xlsx", "csv"):
        raise Invalid("input.invalid", (), fields={"format": "choice.unknown"})
    if year >= now.year:
        raise Conflict("performance.year_open", (), year=year)
    found = asked.performance_of_year(actor=actor, now=now, year=year)
    merits: dict[str, list[str]] = {}
    for m in found.merits:
        merits.setdefault(m.name, []).append(f"{m.on.isoformat()} {m.words}（{m.evidence}）")
    rows = [
        (r.name, str(year), r.total, r.final, STATES.get(r.state, r.state), "；".join(merits.get(r.name, ())))
        for r in found.rows
    ]
    reader = Person.objects.get(pk=actor.person_id)
    made = tables.write(format, "", HEADING, rows, f"{reader.name} {reader.staff_no} {now:%Y-%m-%d %H:%M}")
    data = {"year": year, "rows": len(rows), "format": format}
    append(actor, "performance.export", subject=("organ", UUID(actor.organ_id)), at=now, data=data)
    return Delivered(f"履职考核-{year}.{format}", made, format)
