"""履职考核 as computed from what happened: events with their evidence, scores, medians, what-if, and the file of a year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound
from dingmi.queries import clock, facts, policy, scored_deeds, scored_records, standing
from dingmi.queries.performance_rules import scheme_of
from dingmi.queries.registry import query
from dingmi.queries.statistics import work
from dingmi.records.matters.models import Decision, Referral
from dingmi.records.officers.exams import Paper
from dingmi.records.officers.models import Designation, Officer, Qualification, Suspension
from dingmi.records.officers.performance import PerformanceFact, PerformanceReview, PerformanceWeights
from dingmi.records.oversight.inspections import Inspection, InspectionFinding
from dingmi.records.oversight.models import Breach, Correction
from dingmi.regime import oversight
from dingmi.regime import performance as book
from dingmi.regime.performance import Event, Score

OFFICE = (Role.SECRECY_OFFICE, Role.HEAD)
BREACHES = {
    "review.annual_missed": "annual_missed",
    "review.expiry_missed": "expiry_missed",
    "extension.notice_late": "notice_late",
}
MINUTES_OF_AN_HOUR = 45  # 学时
MERITS = ("commended", "criticised", "sanctioned", "leader_liable", "leak")  # rewards, sanctions, leader's liability


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line of a score in words, with the record that proves it."""

    indicator: str
    rule: str
    words: str
    clause: str
    points: int
    evidence: str
    on: str
    matter: UUID | None = None  # that the record is about, where the reader may know it
    number: str = ""

    @property
    def kind(self) -> str:
        """What kind of record it is."""
        return self.evidence.partition(":")[0]


@dataclass(frozen=True, slots=True)
class YearFile:
    """One officer-year: computed now, or as frozen when it was notified."""

    person: UUID
    name: str
    year: int
    version: str
    weights: tuple[tuple[str, str], ...]
    indicators: tuple[tuple[str, int], ...]
    total: str
    medians: tuple[tuple[str, float], ...]
    median_total: float
    lines: tuple[LineShown, ...]
    hours: float
    hours_asked: int
    review: UUID | None
    state: str
    object_until: date | None
    objection: str
    decision: str
    final: str


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The totals of a year under other weights, beside those it has; nothing is kept."""

    year: int
    rows: tuple[tuple[str, str, str], ...]  # name, as weighed, as asked


def weights_of(year: int) -> dict[str, Decimal]:
    """Return the weights of a year: as the principal set them last, else the scheme's."""
    row = PerformanceWeights.objects.filter(year=year).order_by("-set_at", "-pk").first()
    held = row.weights if row is not None else scheme_of(year).weights
    return {str(k): Decimal(str(v)) for k, v in held.items()}


def read_weights(given: Mapping[str, str]) -> dict[str, Decimal]:
    """Read weights as people type them.

    Raises:
        Invalid: One is no number.
    """
    try:
        return {str(k): Decimal(str(v)) for k, v in given.items()}
    except InvalidOperation:
        raise Invalid("input.invalid", (), fields={"weights": "number.range"}) from None


def hours(person: UUID, year: int, now: datetime) -> float:
    """Return the training hours of 45 minutes that a person completed in a year."""
    rows = standing.trainings(now).filter(person=person, completed_at__year=year).values_list("minutes", flat=True)
    return float(round(sum(rows) / MINUTES_OF_AN_HOUR, 1))


def events(person: UUID, year: int, now: datetime) -> tuple[Event, ...]:
    """Return everything of a year that the rules speak of, each with its record."""
    found = (
        *_errors(person, year),
        *scored_deeds.events(person, year),
        *_late(person, year, now),
        *_training(person, year, now),
        *_grades(person, year, now),
        *_inspected(person, year, now),
        *_office(person, year),
    )
    rules = scheme_of(year).rules
    return tuple(event for event in found if event.rule in rules)


def _errors(person: UUID, year: int) -> Iterator[Event]:
    for row in Breach.objects.filter(matter__officer=person, on__year=year):
        if row.kind in BREACHES:
            yield Event(BREACHES[row.kind], f"breach:{row.pk}", row.on.isoformat())
    for found in Correction.objects.filter(officer=person, found_on__year=year):
        yield Event(f"found_{found.kind}", f"correction:{found.pk}", found.found_on.isoformat())


def _inspected(person: UUID, year: int, now: datetime) -> Iterator[Event]:
    """Yield what inspections found, how it was put right, rounds that were not made, and drills held."""
    known, today = oversight.errors(), now.astimezone(clock.ZONE).date()
    for row in InspectionFinding.objects.filter(officer=person, found_at__year=year).exclude(error=""):
        if not known[row.error].corrects:  # an error of the other kind is told by its correction
            yield Event(
                known[row.error].rule, f"finding:{row.pk}", row.found_at.astimezone(clock.ZONE).date().isoformat()
            )
    for row in InspectionFinding.objects.filter(responsible=person, due_on__year=year):
        if (row.rectified_on or today) > row.due_on:
            yield Event("rectified_late", f"finding:{row.pk}", row.due_on.isoformat())
        elif row.closed_on is not None:
            yield Event("rectified", f"finding:{row.pk}", row.due_on.isoformat())
    for held in Inspection.objects.filter(lead=person, year=year, cancelled_on__isnull=True):
        last = held.planned_on + timedelta(days=policy.number("round_grace_days", held.planned_on))
        if held.kind == "round" and (held.held_on or today) > last:
            yield Event("rounds_missed", f"inspection:{held.pk}", held.planned_on.isoformat())
        if held.kind == "drill" and held.held_on is not None:
            yield Event("drill", f"inspection:{held.pk}", held.held_on.isoformat())


def _late(person: UUID, year: int, now: datetime) -> Iterator[Event]:
    """Yield unclear matters that the officer sent after their day, and what still waited at the end of a year that is over."""
    for sent in Referral.objects.filter(sender=person, kind="unclear", due_on__year=year, sent_on__isnull=False):
        if sent.due_on is not None and sent.sent_on is not None and sent.sent_on > sent.due_on:
            yield Event("referred_late", f"referral:{sent.pk}", sent.sent_on.isoformat())
    last = date(year, 12, 31)
    if now.date() <= last:
        return
    later = Decision.objects.filter(officer=person, at__year=year + 1, act__in=facts.FIRST_DECISIONS)
    for row in later.filter(proposal__at__year=year).select_related("proposal").order_by("at", "pk"):
        limit = work.decide_by(row.proposal.at) if row.proposal is not None else None
        if limit is not None and limit <= last:
            yield Event("waiting_long", f"decision:{row.pk}", last.isoformat())


def _grades(person: UUID, year: int, now: datetime) -> Iterator[Event]:
    """Yield the certificates that ended in office with none to follow."""
    for row in Qualification.objects.filter(person=person, until__year=year, until__lte=now).order_by("until", "pk"):
        if _in_office(person, row.until) and not standing.qualified(person, row.until):
            yield Event("grade_lapsed", f"qualification:{row.pk}", row.until.date().isoformat())


def _training(person: UUID, year: int, now: datetime) -> Iterator[Event]:
    done, last = hours(person, year, now), date(year, 12, 31)
    asked = policy.number("officer_hours", last)
    if now.date() > last and done < asked:
        yield Event("hours_short", f"training-year:{person}:{year}", last.isoformat())
    elif done >= asked * 3 / 2:
        yield Event("hours_exceeded", f"training-year:{person}:{year}", last.isoformat())
    for paper in Paper.objects.filter(person=person, submitted_at__year=year).order_by("submitted_at", "pk"):
        day = paper.submitted_at.date() if paper.submitted_at else last
        if not paper.passed:
            yield Event("exam_failed", f"paper:{paper.pk}", day.isoformat())
        elif (paper.score or 0) >= policy.number("distinction_mark", day):
            yield Event("exam_good", f"paper:{paper.pk}", day.isoformat())
    until = standing.trained_until(person, now)
    if until is not None and until.year == year and until <= now and _in_office(person, until):
        yield Event("training_lapsed", f"training-until:{person}", until.date().isoformat())


def _in_office(person: UUID, at: datetime) -> bool:
    rows = Designation.objects.filter(officer__person=person, since__lte=at)
    return any((r.until is None or at < r.until) and (r.ended_at is None or at < r.ended_at) for r in rows)


def _office(person: UUID, year: int) -> Iterator[Event]:
    for row in Suspension.objects.filter(officer__person=person, ground="inquiry", since__year=year):
        yield Event("suspended_inquiry", f"suspension:{row.pk}", row.since.date().isoformat())
    for ended in Designation.objects.filter(
        officer__person=person, ended_ground="misclassification", ended_at__year=year
    ):
        if ended.ended_at is not None:
            yield Event("removed_grave", f"designation:{ended.pk}", ended.ended_at.date().isoformat())
    for fact in PerformanceFact.objects.filter(person=person, on__year=year):
        yield Event(fact.rule, f"fact:{fact.pk}", fact.on.isoformat())


def scored(person: UUID, year: int, now: datetime, weights: Mapping[str, Decimal] | None = None) -> Score:
    """Score an officer-year from what happened."""
    return book.score(scheme_of(year), events(person, year, now), weights or weights_of(year))


def plain(score: Score) -> dict[str, Any]:
    """Return a score as it is frozen: numbers as text."""
    return {
        "weights": [[k, str(v)] for k, v in score.weights],
        "indicators": [list(pair) for pair in score.indicators],
        "total": str(score.total),
        "lines": [[x.rule, x.indicator, x.points, x.evidence, x.on] for x in score.lines],
    }


def peers(year: int, now: datetime) -> dict[UUID, Score]:
    """Return the scores of every officer who was in office in a year."""
    held = (
        Designation.objects.filter(since__year__lte=year).exclude(until__year__lt=year).exclude(ended_at__year__lt=year)
    )
    return {p: scored(p, year, now) for p in sorted(set(held.values_list("officer__person", flat=True)), key=str)}


def _lines(lines: Any, year: int, actor: Actor, now: datetime) -> tuple[LineShown, ...]:
    about = scored_records.matters_of((evidence for *_, evidence, _ in lines), actor, now)
    rules, english = scheme_of(year).rules, actor.language == "en"
    made = []
    for code, indicator, points, evidence, on in lines:
        rule = rules[code]
        matter, number = about.get(evidence, (None, ""))
        words = rule.en if english else rule.zh
        made.append(LineShown(indicator, code, words, rule.clause, points, evidence, on, matter, number))
    return tuple(made)


def year_file(actor: Actor, person: UUID, year: int, now: datetime) -> YearFile:
    """Return an officer-year: frozen once it was notified, else as it stands.

    Raises:
        NotFound: No officer of this organ.
        Invalid: No year of this calendar.
    """
    if not 1949 <= year <= 2999:
        raise Invalid("input.invalid", (), fields={"year": "number.range"})
    officer = Officer.objects.filter(person=person, person__organ_id=actor.organ_id).select_related("person").first()
    if officer is None:
        raise NotFound("object.not_found")
    review = PerformanceReview.objects.filter(person=person, year=year).first()
    all_scores = peers(year, now)
    own = review.score if review is not None else plain(all_scores.get(person) or scored(person, year, now))
    each, whole = book.medians(all_scores.values())
    return YearFile(
        person=person,
        name=officer.person.name,
        year=year,
        version=review.version if review is not None else scheme_of(year).version,
        weights=tuple((k, v) for k, v in own["weights"]),
        indicators=tuple((k, v) for k, v in own["indicators"]),
        total=own["total"],
        medians=tuple(each.items()),
        median_total=whole,
        lines=_lines(own["lines"], year, actor, now),
        hours=hours(person, year, now),
        hours_asked=policy.number("officer_hours", date(year, 12, 31)),
        review=review.pk if review is not None else None,
        state=review.state if review is not None else "",
        object_until=review.object_until if review is not None else None,
        objection=review.objection if review is not None else "",
        decision=review.decision if review is not None else "",
        final=review.final if review is not None else "",
    )


@dataclass(frozen=True, slots=True)
class YearRow:
    """One officer of a year: the score as frozen or as it stands, how far the appraisal is, and the score under tried weights."""

    person: UUID
    name: str
    total: str
    tried: str
    difference: str
    state: str
    final: str


@dataclass(frozen=True, slots=True)
class Merit:
    """One reward, sanction or leader's liability recorded in a year, with its basis (SEED-10)."""

    name: str
    words: str
    clause: str
    points: int
    on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class YearOfAll:
    """The appraisals of a year by name, no rank; ``tried`` tells whether other weights were asked for."""

    year: int
    weights: tuple[tuple[str, str], ...]
    asked: tuple[tuple[str, str], ...]
    tried: bool
    rows: tuple[YearRow, ...]
    merits: tuple[Merit, ...]


def _year_row(person: UUID, name: str, score: Score, tried: Score | None, review: PerformanceReview | None) -> YearRow:
    total = Decimal(str(review.score["total"])) if review is not None else score.total
    return YearRow(
        person=person,
        name=name,
        total=str(total),
        tried=str(tried.total) if tried else "",
        difference=f"{tried.total - total:+}" if tried else "",
        state=review.state if review is not None else "",
        final=review.final if review is not None else "",
    )


@query("performance.of_year", roles=OFFICE, over_all=True, clauses=("SEED-10", "SEED-11", "SEED-28", "TL-6.3"))
def performance_of_year(*, actor: Actor, now: datetime, year: int, weights: dict[str, str] | None = None) -> YearOfAll:
    """The appraisals of a year by name; with ``weights``, what they would have come to. Nothing is kept.

    Raises:
        Invalid: ``performance.weights``: the weights do not sum to 1 or leave an indicator out.
    """
    held = weights_of(year)
    other = read_weights(weights) if weights else None
    if other is not None:
        book.require_weights(other, scheme_of(year).weights)
    names = dict(Officer.objects.filter(person__organ_id=actor.organ_id).values_list("person", "person__name"))
    reviews = {r.person_id: r for r in PerformanceReview.objects.filter(year=year)}
    rows = [
        _year_row(p, names[p], score, scored(p, year, now, other) if other else None, reviews.get(p))
        for p, score in peers(year, now).items()
        if p in names
    ]
    return YearOfAll(
        year=year,
        weights=tuple((k, str(v)) for k, v in held.items()),
        asked=tuple((k, str(v)) for k, v in (other or held).items()),
        tried=other is not None,
        rows=tuple(sorted(rows, key=lambda r: (r.name, str(r.person)))),
        merits=_merits(names, year, actor.language),
    )


def _merits(names: Mapping[UUID, str], year: int, language: str) -> tuple[Merit, ...]:
    """Return the rewards and sanctions of a year, the oldest first."""
    rules = scheme_of(year).rules
    known = [code for code in MERITS if code in rules]
    facts_ = PerformanceFact.objects.filter(on__year=year, rule__in=known, person__in=names).order_by("on", "pk")
    return tuple(
        Merit(
            names[f.person_id],
            rules[f.rule].en if language == "en" else rules[f.rule].zh,
            rules[f.rule].clause,
            rules[f.rule].points,
            f.on,
            f.evidence,
        )
        for f in facts_
    )


@query("performance.year", roles=OFFICE, over_all=True, clauses=("SEED-11", "SEED-28"))
def performance_year(*, actor: Actor, now: datetime, person: UUID, year: int) -> YearFile:
    """The appraisal of one officer-year for those who appraise: each point with the record that gave it."""
    return year_file(actor, person, year, now)


@query("performance.mine", roles=(Role.OFFICER, *OFFICE), over_all=True, clauses=("SEED-11",))
def performance_mine(*, actor: Actor, now: datetime, year: int) -> YearFile:
    """One's own appraisal; nobody reads another's by this road."""
    return year_file(actor, UUID(actor.person_id), year, now)


@query("performance.what_if", roles=OFFICE, over_all=True, clauses=("SEED-11",))
def performance_what_if(*, actor: Actor, now: datetime, year: int, weights: dict[str, str]) -> WhatIf:
    """The totals of a year under other weights; the year is not touched.

    Raises:
        Invalid: ``performance.weights``: they do not sum to 1.
    """
    other = read_weights(weights)
    book.require_weights(other, scheme_of(year).weights)
    names = dict(Officer.objects.values_list("person", "person__name"))
    rows = []
    for person, held in peers(year, now).items():
        tried = scored(person, year, now, other)
        rows.append((names.get(person, ""), str(held.total), str(tried.total)))
    return WhatIf(year, tuple(sorted(rows)))
