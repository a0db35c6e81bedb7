"""定密考核 as the pages show it: the office's list and results, one's own papers, and practice that leaves no record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound
from dingmi.queries import exam_words as words
from dingmi.queries import policy, standing
from dingmi.queries.facts import REGIME
from dingmi.queries.registry import query
from dingmi.queries.training import READERS
from dingmi.records.guides.models import GuideEdition
from dingmi.records.officers.exams import Exam, Paper
from dingmi.records.officers.models import Qualification
from dingmi.records.organs.models import Person
from dingmi.regime import exercise, judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state.qualification import CertificateFacts

PRACTICE_MOST = 20


@dataclass(frozen=True, slots=True)
class ExamLine:
    """One examination with its figures."""

    id: UUID
    title: str
    grade: str
    count: int
    minutes: int
    pass_mark: int
    opens_at: datetime
    closes_at: datetime
    state: str  # planned / open / over / cancelled
    candidates: int  # 0: everyone
    started: int
    handed_in: int
    passed: int
    mean: int | None

    @property
    def pass_rate(self) -> int | None:
        """Passed of those handed in, in per cent."""
        return 100 * self.passed // self.handed_in if self.handed_in else None


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One paper: ``state`` is open, overdue or done."""

    id: UUID
    person: UUID
    name: str
    department: str
    started_at: datetime
    submitted_at: datetime | None
    state: str
    score: int | None
    passed: bool | None
    certificate: str
    can_certify: bool


@dataclass(frozen=True, slots=True)
class ExamsPage:
    """Every examination, and the editions that can be asked about today."""

    exams: tuple[ExamLine, ...]
    editions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ExamPage:
    """One examination with its papers, and how often each kind of question was answered rightly."""

    line: ExamLine
    editions: tuple[str, ...]
    papers: tuple[PaperLine, ...]
    absent: tuple[str, ...]
    kinds: tuple[tuple[str, int, int], ...]  # kind, asked, right
    reason: str


@dataclass(frozen=True, slots=True)
class MyExam:
    """One examination as one of its candidates sees it."""

    id: UUID
    title: str
    grade: str
    count: int
    minutes: int
    pass_mark: int
    closes_at: datetime
    paper: UUID | None
    state: str  # planned / open / going / overdue / done / missed
    score: int | None
    passed: bool | None
    opens_at: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """One's own paper while it is sat."""

    paper: UUID
    title: str
    due_at: datetime
    seconds_left: int
    questions: tuple[words.QuestionShown, ...]
    answered: int

    @property
    def unanswered(self) -> int:
        """How many questions have no answer yet."""
        return len(self.questions) - self.answered

    @property
    def minutes_left(self) -> int:
        """Whole minutes left."""
        return self.seconds_left // 60


@dataclass(frozen=True, slots=True)
class Result:
    """A paper handed in: score and, question by question, what the regime said."""

    paper: UUID | None
    title: str
    name: str
    grade: str
    score: int
    pass_mark: int
    passed: bool
    submitted_at: datetime | None
    questions: tuple[words.QuestionMarked, ...]
    certificate: str


@dataclass(frozen=True, slots=True)
class Practice:
    """Questions to practise on; nothing of it is kept."""

    edition: str
    editions: tuple[tuple[str, str], ...]
    seed: str
    questions: tuple[words.QuestionShown, ...]


def certificate_verdict(paper: Paper, actor: Actor, now: datetime) -> Verdict:
    """Judge whether the actor may give the certificate that a paper leads to."""
    facts = CertificateFacts(
        at=now,
        grade=paper.exam.grade,
        passed=bool(paper.passed),
        trained_until=standing.trained_until(paper.person_id, now),
        holder=str(paper.person_id),
        certifier=actor.person_id,
    )
    return judge(REGIME, "exams.certify", facts, now.date())


def questions_of(paper: Paper) -> tuple[exercise.Question, ...]:
    """Return the questions as they were made when the paper began."""
    return words.QUESTIONS.validate_python(paper.questions)


def questions_in(paper: UUID) -> tuple[exercise.Question, ...]:
    """Return the questions of a paper by its id."""
    return questions_of(Paper.objects.get(pk=paper))


def usable(day: date) -> tuple[tuple[str, str], ...]:
    """Return the unclassified editions in force that can be asked about."""
    running = Q(until__isnull=True) | Q(until__gt=day)
    rows = GuideEdition.objects.filter(running, regime=REGIME, level="", since__lte=day)
    return tuple((str(r.pk), f"{r.title}（{r.edition}）") for r in rows.order_by("code", "pk"))


def _state(row: Exam, now: datetime) -> str:
    if row.cancelled_at:
        return "cancelled"
    return "planned" if now < row.opens_at else "open" if now < row.closes_at else "over"


def _line(row: Exam, now: datetime) -> ExamLine:
    papers = list(row.papers.all())
    done = [p for p in papers if p.submitted_at]
    scores = [p.score or 0 for p in done]
    return ExamLine(
        id=row.pk,
        title=row.title,
        grade=row.grade,
        count=row.count,
        minutes=row.minutes,
        pass_mark=row.pass_mark,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        state=_state(row, now),
        candidates=len(row.candidates),
        started=len(papers),
        handed_in=len(done),
        passed=sum(bool(p.passed) for p in done),
        mean=round(sum(scores) / len(scores)) if scores else None,
    )


@query("exams", roles=READERS, clauses=("SEED-27", "SEED-1"))
def exams(*, actor: Actor, now: datetime) -> ExamsPage:
    """Examinations with how many sat and passed, the latest first."""
    rows = Exam.objects.prefetch_related("papers").order_by("-opens_at", "pk")[:200]
    return ExamsPage(tuple(_line(row, now) for row in rows), usable(now.date()))


def _paper_line(paper: Paper, actor: Actor, now: datetime) -> PaperLine:
    done, held = paper.submitted_at is not None, paper.certificate
    ready = done and held is None and actor.holds(Role.SECRECY_OFFICE)
    return PaperLine(
        id=paper.pk,
        person=paper.person_id,
        name=paper.person.name,
        department=paper.person.department.name if paper.person.department else "",
        started_at=paper.started_at,
        submitted_at=paper.submitted_at,
        state="done" if done else "open" if now < paper.due_at else "overdue",
        score=paper.score,
        passed=paper.passed,
        certificate=held.certificate if held else "",
        can_certify=ready and certificate_verdict(paper, actor, now).allowed,
    )


@query("exams.one", roles=READERS, clauses=("SEED-27",))
def exams_one(*, actor: Actor, now: datetime, exam: UUID) -> ExamPage:
    """One examination with its papers.

    Raises:
        NotFound: There is none.
    """
    row = Exam.objects.prefetch_related("papers").filter(pk=exam).first()
    if row is None:
        raise NotFound("object.not_found")
    papers = list(
        Paper.objects.filter(exam=row)
        .select_related("person__department", "certificate", "exam")
        .order_by("person__staff_no", "pk")
    )
    sat = {str(p.person_id) for p in papers}
    missing = Person.objects.filter(pk__in=[c for c in row.candidates if c not in sat]).order_by("staff_no", "pk")
    titles = GuideEdition.objects.filter(pk__in=row.editions).order_by("code", "pk")
    return ExamPage(
        line=_line(row, now),
        editions=tuple(f"{e.title}（{e.edition}）" for e in titles),
        papers=tuple(_paper_line(p, actor, now) for p in papers),
        absent=tuple(p.name for p in missing),
        kinds=_kinds(papers),
        reason=row.cancelled_reason,
    )


def _kinds(papers: list[Paper]) -> tuple[tuple[str, int, int], ...]:
    asked: dict[str, list[bool]] = {}
    for paper in papers:
        for question, mark in zip(paper.questions, paper.marks, strict=False):
            asked.setdefault(question["kind"], []).append(mark["right"])
    return tuple((kind, len(asked[kind]), sum(asked[kind])) for kind in exercise.KINDS if kind in asked)


def _mine(row: Exam, paper: Paper | None, now: datetime) -> MyExam:
    state = _state(row, now)
    if paper is not None:
        state = "done" if paper.submitted_at else "going" if now < paper.due_at else "overdue"
    elif state == "over":
        state = "missed"
    return MyExam(
        id=row.pk,
        title=row.title,
        grade=row.grade,
        count=row.count,
        minutes=row.minutes,
        pass_mark=row.pass_mark,
        closes_at=row.closes_at,
        paper=paper.pk if paper else None,
        state=state,
        score=paper.score if paper else None,
        passed=paper.passed if paper else None,
        opens_at=row.opens_at,
    )


@query("exams.mine", clauses=("SEED-27",))
def exams_mine(*, actor: Actor, now: datetime) -> tuple[MyExam, ...]:
    """The examinations that one may sit or sat, those to be done first."""
    papers = {p.exam_id: p for p in Paper.objects.filter(person_id=UUID(actor.person_id))}
    rows = Exam.objects.filter(cancelled_at__isnull=True).order_by("-opens_at", "pk")[:200]
    mine = [r for r in rows if r.pk in papers or not r.candidates or actor.person_id in r.candidates]
    order = {"going": 0, "overdue": 1, "open": 2, "planned": 3, "done": 4, "missed": 5}
    recent = [m for m in (_mine(r, papers.get(r.pk), now) for r in mine) if _is_recent(m, now)]
    return tuple(sorted(recent, key=lambda m: order[m.state]))


def _is_recent(line: MyExam, now: datetime) -> bool:
    return line.state != "missed" or line.closes_at > now - timedelta(days=90)


def own_paper(actor: Actor, paper: UUID) -> Paper:
    """Return one's own paper.

    Raises:
        NotFound: It is nobody's, or another's.
    """
    row = Paper.objects.select_related("exam", "person", "certificate").filter(pk=paper).first()
    if not isinstance(row, Paper) or str(row.person_id) != actor.person_id:
        raise NotFound("object.not_found")
    return row


@query("exams.sheet", clauses=("SEED-27",))
def exams_sheet(*, actor: Actor, now: datetime, paper: UUID) -> Sheet:
    """One's own paper as it is sat: the questions, the answers saved, the time left."""
    row = own_paper(actor, paper)
    shown = tuple(
        words.shown(n, q, row.answers.get(str(n), ()), actor.language) for n, q in enumerate(questions_of(row), start=1)
    )
    left = 0 if row.submitted_at else max(0, int((row.due_at - now).total_seconds()))
    return Sheet(row.pk, row.exam.title, row.due_at, left, shown, sum(bool(a) for a in row.answers.values()))


@query("exams.result", clauses=("SEED-27",))
def exams_result(*, actor: Actor, now: datetime, paper: UUID) -> Result:
    """A paper handed in, for who sat it and for the office: each question with what the regime said.

    Raises:
        NotFound: There is none, it is another's, or it has not been handed in.
    """
    row = Paper.objects.select_related("exam", "person", "certificate").filter(pk=paper).first()
    mine = row is not None and str(row.person_id) == actor.person_id
    if row is None or row.submitted_at is None or not (mine or actor.holds(Role.SECRECY_OFFICE)):
        raise NotFound("object.not_found")
    pairs = zip(questions_of(row), row.marks, strict=True)
    questions = tuple(
        words.marked(n, q, row.answers.get(str(n), ()), m, actor.language) for n, (q, m) in enumerate(pairs, start=1)
    )
    held: Qualification | None = row.certificate
    return Result(
        paper=row.pk,
        title=row.exam.title,
        name=row.person.name,
        grade=row.exam.grade,
        score=row.score or 0,
        pass_mark=row.exam.pass_mark,
        passed=bool(row.passed),
        submitted_at=row.submitted_at,
        questions=questions,
        certificate=held.certificate if held else "",
    )


def _practised(edition: str, seed: str, count: int, now: datetime) -> tuple[exercise.Question, ...]:
    if not 0 < count <= PRACTICE_MOST or not 0 < len(seed) <= 40 or not seed.isalnum():
        raise Invalid("input.invalid", (), fields={"count": "number.range", "seed": "text.malformed"})
    try:
        chosen = str(UUID(edition))
    except ValueError:
        raise Invalid("input.invalid", (), fields={"edition": "id.unknown"}) from None
    entries = words.entries_of(words.editions_of([chosen], now.date()))
    return exercise.paper(entries, seed, count, now.date())


@query("practice", recorded=False, clauses=("SEED-41",))
def practice(*, actor: Actor, now: datetime, edition: str = "", seed: str = "", count: int = 5) -> Practice:
    """Made-up cases to practise on; the same seed gives the same ones, and nothing is kept."""
    offered = usable(now.date())
    chosen = edition or (offered[0][0] if offered else "")
    questions = _practised(chosen, seed, count, now) if chosen and seed else ()
    shown = tuple(words.shown(n, q, (), actor.language) for n, q in enumerate(questions, start=1))
    return Practice(chosen, offered, seed, shown)


@query("practice.marked", recorded=False, clauses=("SEED-41",))
def practice_marked(
    *, actor: Actor, now: datetime, edition: str, seed: str, answers: dict[str, list[str]], count: int = 5
) -> Result:
    """Judge answers to practice questions at once; no record, no appraisal."""
    questions = _practised(edition, seed, count, now)
    score, marks = words.judged(questions, answers, now)
    least = policy.number("pass_mark", now.date())
    return Result(
        paper=None,
        title="",
        name="",
        grade="",
        score=score,
        pass_mark=least,
        passed=score >= least,
        submitted_at=None,
        questions=_all_marked(questions, answers, marks, actor.language),
        certificate="",
    )


def _all_marked(
    questions: tuple[exercise.Question, ...],
    answers: Mapping[str, list[str]],
    marks: list[dict[str, Any]],
    language: str,
) -> tuple[words.QuestionMarked, ...]:
    pairs = enumerate(zip(questions, marks, strict=True), start=1)
    return tuple(words.marked(n, q, answers.get(str(n), ()), m, language) for n, (q, m) in pairs)
