"""Questions as people read them: the case, the choices and what the regime said, in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pydantic

from dingmi.base import messages
from dingmi.base.errors import Finding, Invalid, NotFound
from dingmi.records.guides.models import GuideEdition, GuideItem
from dingmi.regime import cite, exercise
from dingmi.regime.prc_state.levels import covers, is_level

QUESTIONS: pydantic.TypeAdapter[tuple[exercise.Question, ...]] = pydantic.TypeAdapter(tuple[exercise.Question, ...])


@dataclass(frozen=True, slots=True)
class ChoiceShown:
    """One choice in words; ``taken`` as answered."""

    letter: str
    words: str
    taken: bool


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """One question in words, as it is sat: nothing in it tells which choice is right."""

    number: int
    kind: str
    case: str
    ask: str
    several: bool
    choices: tuple[ChoiceShown, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that the regime said to an answer, with its clauses spelled out."""

    text: str
    remedy: str
    clauses: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class QuestionMarked:
    """One question with what was answered, what the regime accepts, and why."""

    question: QuestionShown
    right: bool
    accepted: tuple[str, ...]
    said: tuple[Said, ...]
    item: str
    item_id: str
    edition: str


def editions_of(ids: Sequence[str | UUID], day: date) -> list[GuideEdition]:
    """Return the editions named, all unclassified and in force on ``day``.

    Raises:
        NotFound: One is not there.
        Invalid: ``exam.edition``: one is classified itself, of another regime, or not in force.
    """
    rows = list(GuideEdition.objects.filter(pk__in=list(ids)).order_by("code", "since", "pk"))
    if not rows or len(rows) != len({str(i) for i in ids}):
        raise NotFound("object.not_found")
    for row in rows:
        running = row.since <= day and (row.until is None or day < row.until)
        if row.level or row.regime != exercise.REGIME or not running:
            raise Invalid("exam.edition", (), edition=row.title, fields={"editions": "exam.edition"})
    return rows


def entries_of(editions: Iterable[GuideEdition], grade: str = "") -> tuple[exercise.Entry, ...]:
    """Return the items of editions as they are examined; for an ordinary grade those of its level and below."""
    rows = GuideItem.objects.filter(edition__in=list(editions)).select_related("edition")
    found = tuple(
        exercise.Entry(
            id=str(row.pk),
            guide=row.edition.title,
            number=row.number,
            text=row.text,
            level=row.level,
            tail=row.tail,
            matter_code=row.matter_code,
            since=row.edition.since,
            until=row.edition.until,
        )
        for row in rows.order_by("edition__code", "order", "pk")
        if is_level(row.level)
    )
    within = tuple(e for e in found if covers(grade, e.level))
    return within if is_level(grade) and within else found


def _words(code: str, params: Mapping[str, Any], language: str) -> str:
    return messages.render(Finding(code, "note", (), params), language).text


def _case(question: exercise.Question, language: str) -> str:
    """Return the made-up case: the item's own words, and what else the question gives."""
    item, given = question.item, dict(question.case)
    more = {}
    if "bar" in given:
        more["bar"] = _words(f"exam.bar.{given['bar'] or 'none'}", {}, language)
    if "tier" in given:
        more["tier"] = _words(f"exam.tier.{given['tier']}", {}, language)
        held = given["delegated"]
        more["held"] = _words("exam.delegated" if held else "exam.not_delegated", {"level": held}, language)
    params = {"text": item.text, "guide": item.guide, "level": item.level, "tail": item.tail, **more}
    return _words(f"exam.case.{question.kind}", params, language)


def shown(number: int, question: exercise.Question, answer: Sequence[str], language: str) -> QuestionShown:
    """Return a question in words."""
    return QuestionShown(
        number=number,
        kind=question.kind,
        case=_case(question, language),
        ask=_words(f"exam.ask.{question.kind}", {}, language),
        several=question.several,
        choices=tuple(
            ChoiceShown(c.letter, _words(c.words, c.params, language), c.letter in answer) for c in question.choices
        ),
    )


def said(rows: Iterable[Mapping[str, Any]], language: str) -> tuple[Said, ...]:
    """Return findings as they were kept, in words."""
    found = []
    for row in rows:
        clauses = tuple(row["clauses"])
        told = messages.render(Finding(row["code"], "block", clauses, row["params"]), language)
        found.append(Said(told.text, told.remedy, tuple((c, cite(c, language)) for c in clauses)))
    return tuple(found)


def marked(
    number: int, question: exercise.Question, answer: Sequence[str], mark: Mapping[str, Any], language: str
) -> QuestionMarked:
    """Return a question with its judgement in words."""
    item = question.item
    row = GuideItem.objects.filter(pk=item.id).values_list("edition", flat=True).first()
    return QuestionMarked(
        question=shown(number, question, answer, language),
        right=bool(mark["right"]),
        accepted=tuple(mark["accepted"]),
        said=said(mark["findings"], language),
        item=f"{item.guide} {item.number}",
        item_id=item.id,
        edition=str(row) if row else "",
    )


def judged(
    questions: Sequence[exercise.Question], answers: Mapping[str, Sequence[str]], at: datetime
) -> tuple[int, list[dict[str, Any]]]:
    """Return the score of 100 and the judgement of each question as it is kept, by the law of the day of ``at``."""
    kept = []
    for number, question in enumerate(questions, start=1):
        mark = exercise.marked(question, list(answers.get(str(number), ())), at.date())
        findings = [
            {"code": f.code, "clauses": list(f.clauses), "params": {k: str(v) for k, v in f.params.items()}}
            for f in mark.findings
        ]
        kept.append({"right": mark.right, "accepted": list(mark.accepted), "findings": findings})
    right = sum(bool(m["right"]) for m in kept)
    return (100 * right // len(kept) if kept else 0), kept
