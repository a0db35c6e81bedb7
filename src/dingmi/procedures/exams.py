"""定密考核: set up from guides, sat once and in time, judged by the regime itself, and followed by a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound
from dingmi.procedures import sweep
from dingmi.procedures.appointment import tell
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import Entered, require_text
from dingmi.procedures.training import staff
from dingmi.queries import exam_words as words
from dingmi.queries import exams as asked
from dingmi.queries import facts, policy
from dingmi.queries.access import LEVELS
from dingmi.queries.facts import start_of
from dingmi.queries.registry import jsonable
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import random_bytes
from dingmi.records.officers.exams import Exam, Paper
from dingmi.records.officers.models import Qualification
from dingmi.regime import exercise
from dingmi.regime.kernel.periods import Period
from dingmi.regime.prc_state.qualification import SPECIAL

OFFICE = Role.SECRECY_OFFICE
COLLECT = "exams.collect"
GRADES = ("", *LEVELS[1:], SPECIAL)
QUESTIONS_MOST = 100


@dataclass(frozen=True, slots=True)
class Begun:
    """A paper and until when it is handed in."""

    paper: UUID
    due_at: datetime
    questions: int


@dataclass(frozen=True, slots=True)
class Saved:
    """How many questions have an answer that is kept."""

    paper: UUID
    answered: int
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Graded:
    """A paper judged: of 100, and whether that is enough."""

    paper: UUID
    score: int
    passed: bool


@dataclass(frozen=True, slots=True)
class Collected:
    """How many papers whose time was up were judged as they had been saved."""

    collected: int


@procedure("exams.set_up", requires=OFFICE, clauses=("SEED-27", "SEED-1", "TL-14.2"))
def set_up(
    *,
    actor: Actor,
    now: datetime,
    title: str,
    editions: tuple[UUID, ...],
    count: int,
    minutes: int,
    opens_at: datetime,
    closes_at: datetime,
    grade: str = "",
    pass_mark: int | None = None,
    staff_nos: tuple[str, ...] = (),
) -> Entered:
    """Set up an examination over editions in force; questions are made for each candidate when the paper begins. 设置考核。

    Args:
        editions: Unclassified editions of guides.
        pass_mark: Of 100; the unit's own mark when none is given.
        grade: 秘密, 机密, 绝密, 特殊; blank: it leads to no certificate.
        staff_nos: Who may sit it; none: everyone.
    """
    if grade not in GRADES:
        raise Invalid("input.invalid", (), fields={"grade": "choice.unknown"})
    least = policy.number("pass_mark", now.date()) if pass_mark is None else pass_mark
    ranges = (0 < count <= QUESTIONS_MOST, 0 < minutes <= 600, 0 < least <= 100)
    if not all(ranges) or closes_at <= max(opens_at, now):
        raise Invalid("input.invalid", (), fields={"count": "number.range", "closes_at": "interval.empty"})
    rows = words.editions_of(editions, opens_at.date())
    possible = exercise.paper(words.entries_of(rows, grade), "set-up", count, opens_at.date())
    if len(possible) < count:
        raise Invalid("exam.too_few", (), possible=len(possible), fields={"count": "exam.too_few"})
    people = staff(actor, "staff_nos", staff_nos) if staff_nos else []
    row = Exam(
        title=require_text("title", title, 120),
        grade=grade,
        editions=[str(e.pk) for e in rows],
        count=count,
        minutes=minutes,
        pass_mark=least,
        opens_at=opens_at,
        closes_at=closes_at,
        candidates=[str(p.pk) for p in people],
        set_by=UUID(actor.person_id),
        set_at=now,
    )
    row.save()
    for person in people:
        tell(person.pk, "exams.announced", now, title=row.title, day=opens_at.date().isoformat())
    data = {"grade": grade, "questions": count, "candidates": len(people)}
    append(actor, "exams.set_up", subject=("exam", row.pk), at=now, data=data, rows=[row])
    return Entered(row.pk)


@procedure("exams.cancel", requires=OFFICE, clauses=("SEED-27",))
def cancel(*, actor: Actor, now: datetime, exam: UUID, reason: str) -> Entered:
    """Cancel an examination that nobody has handed in yet. 取消考核。"""
    row = Exam.objects.select_for_update().filter(pk=exam, cancelled_at__isnull=True).first()
    if row is None:
        raise NotFound("object.not_found")
    if row.papers.filter(submitted_at__isnull=False).exists():
        raise Conflict("exam.handed_in_already", (), title=row.title)
    row.cancelled_at, row.cancelled_reason = now, require_text("reason", reason, 200)
    row.save(update_fields=["cancelled_at", "cancelled_reason"])
    append(actor, "exams.cancel", subject=("exam", row.pk), at=now, rows=[row])
    return Entered(row.pk)


@procedure("exams.start", clauses=("SEED-27",))
def start(*, actor: Actor, now: datetime, exam: UUID) -> Begun:
    """Begin one's paper: the questions are made now; beginning again goes on with the same paper. 开始答卷。

    Raises:
        Forbidden: One is no candidate.
        Conflict: It is not open, or one has handed it in.
    """
    row = Exam.objects.select_for_update().filter(pk=exam, cancelled_at__isnull=True).first()
    if row is None or not actor.person_id:
        raise NotFound("object.not_found")
    if row.candidates and actor.person_id not in row.candidates:
        raise Forbidden("exam.no_candidate", (), title=row.title)
    paper = Paper.objects.filter(exam=row, person_id=actor.person_id).first()
    if paper is not None and paper.submitted_at is not None:
        raise Conflict("exam.answered_already", (), title=row.title)
    if paper is None:
        if not row.opens_at <= now < row.closes_at:
            raise Conflict("exam.not_open", (), title=row.title, opens=row.opens_at, closes=row.closes_at)
        paper = _begin(row, actor, now)
    data = {"due": paper.due_at, "questions": len(paper.questions)}
    append(actor, "exams.start", subject=("paper", paper.pk), at=now, data=data, rows=[paper])
    return Begun(paper.pk, paper.due_at, len(paper.questions))


def _begin(exam: Exam, actor: Actor, now: datetime) -> Paper:
    entries = words.entries_of(words.editions_of(exam.editions, exam.opens_at.date()), exam.grade)
    questions = exercise.paper(entries, random_bytes(16).hex(), exam.count, now.date())
    paper = Paper(
        exam=exam,
        person_id=UUID(actor.person_id),
        started_at=now,
        due_at=min(now + timedelta(minutes=exam.minutes), exam.closes_at),
        questions=jsonable(questions),
    )
    paper.save()
    return paper


def _open(actor: Actor, paper: UUID) -> Paper:
    """Return one's own paper that has not been handed in, locked.

    Raises:
        NotFound: It is not one's own.
        Conflict: ``exam.answered_already``.
    """
    row = Paper.objects.select_for_update().filter(pk=paper, person_id=actor.person_id or None).first()
    if not isinstance(row, Paper):
        raise NotFound("object.not_found")
    if row.submitted_at is not None:
        raise Conflict("exam.answered_already", (), title=row.exam.title)
    return row


def _keep(paper: Paper, answers: dict[str, list[str]], now: datetime) -> None:
    """Keep answers given in time; only letters of the paper's own questions.

    Raises:
        Conflict: ``exam.late``.
        Invalid: A question or a letter is not on the paper.
    """
    if now >= paper.due_at:
        raise Conflict("exam.late", (), due=paper.due_at)
    kept = dict(paper.answers)
    for number, letters in answers.items():
        place = int(number) - 1 if number.isascii() and number.isdigit() and len(number) < 4 else -1
        question = paper.questions[place] if 0 <= place < len(paper.questions) else None
        known = {c["letter"] for c in question["choices"]} if question else set()
        several = question is not None and question["kind"] in exercise.SEVERAL
        if question is None or set(letters) - known or (len(letters) > 1 and not several):
            raise Invalid("input.invalid", (), fields={f"answers.{number[:4]}": "choice.unknown"})
        kept[str(place + 1)] = sorted(set(letters))
    paper.answers, paper.saved_at = kept, now


@procedure("exams.save", clauses=("SEED-27",))
def save(*, actor: Actor, now: datetime, paper: UUID, answers: dict[str, list[str]]) -> Saved:
    """Save answers while time is left; what was saved counts even if the paper is never handed in. 保存答案。

    Args:
        answers: Number of the question → letters; others stay as they are.
    """
    row = _open(actor, paper)
    _keep(row, answers, now)
    row.save(update_fields=["answers", "saved_at"])
    answered = sum(bool(a) for a in row.answers.values())
    append(actor, "exams.save", subject=("paper", row.pk), at=now, data={"answered": answered}, rows=[row])
    return Saved(row.pk, answered, now)


@procedure("exams.submit", clauses=("SEED-27", "SEED-1"))
def submit(*, actor: Actor, now: datetime, paper: UUID, answers: dict[str, list[str]] | None = None) -> Graded:
    """Hand one's paper in, once; it is judged at once by the regime that judges real work. 交卷。

    Args:
        answers: What is still to be saved; after the time is up only a paper without new answers is taken.
    Raises:
        Conflict: ``exam.late``; ``exam.answered_already``.
    """
    row = _open(actor, paper)
    if answers:
        _keep(row, answers, now)
    _grade(row, now)
    data = {"score": row.score, "passed": row.passed}
    append(actor, "exams.submit", subject=("paper", row.pk), at=now, data=data, rows=[row])
    return Graded(row.pk, row.score or 0, bool(row.passed))


def _grade(paper: Paper, now: datetime) -> None:
    score, marks = words.judged(asked.questions_of(paper), paper.answers, paper.started_at)
    paper.score, paper.marks, paper.passed = score, marks, score >= paper.exam.pass_mark
    paper.submitted_at = min(now, paper.due_at)
    paper.save()


@procedure(COLLECT, requires=(Role.CLOCK,), clauses=("SEED-27",))
def collect(*, actor: Actor, now: datetime, today: date) -> Collected:
    """Judge the papers whose time is up as they were saved. 收取到时的答卷。"""
    sweep.alone()
    due = Paper.objects.select_for_update().filter(submitted_at__isnull=True, due_at__lte=now)
    rows = list(due.filter(exam__cancelled_at__isnull=True).select_related("exam").order_by("due_at", "pk")[:50])
    for row in rows:
        _grade(row, now)
        tell(row.person_id, "exams.collected", now, title=row.exam.title, score=row.score)
    append(actor, COLLECT, subject=("sweep", COLLECT), at=now, data={"today": today, "papers": len(rows)}, rows=rows)
    return Collected(len(rows))


@procedure("exams.certify", requires=OFFICE, step_up=True, clauses=("SEED-1", "SEED-3", "TL-14.2"))
def certify(*, actor: Actor, now: datetime, paper: UUID) -> Entered:
    """Give the certificate that a paper passed leads to; it counts from now on (policy: 36 months). 颁发资格证书。"""
    row = Paper.objects.select_for_update().filter(pk=paper, submitted_at__isnull=False).first()
    if row is None:
        raise NotFound("object.not_found")
    if row.certificate_id is not None:
        raise Conflict("exam.certified_already", (), title=row.exam.title)
    verdict = asked.certificate_verdict(row, actor, now)
    facts.require(verdict)
    held = _certificate(row, now)
    row.certificate = held
    row.save(update_fields=["certificate"])
    tell(row.person_id, "exams.certified", now, grade=held.grade, certificate=held.certificate)
    data: dict[str, Any] = {"grade": held.grade, "until": held.until, "certificate": held.certificate}
    append(
        actor, "exams.certify", subject=("person", row.person_id), at=now, data=data, rows=[row, held], verdict=verdict
    )
    return Entered(held.pk)


def _certificate(paper: Paper, now: datetime) -> Qualification:
    """Return a numbered certificate of the grade; numbers of a year follow each other."""
    sweep.alone()
    given = Paper.objects.filter(certificate__since__year=now.year).count()
    last = Period(months=policy.number("certificate_months", now.date())).last_day(now.date())
    held = Qualification(
        person_id=paper.person_id,
        grade=paper.exam.grade,
        certificate=f"定密资格〔{now.year}〕{given + 1}号",
        since=now,
        until=start_of(last + timedelta(days=1)),
    )
    held.save()
    return held
