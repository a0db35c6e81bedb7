"""The sources of a draft: matters of ours whose words stand in it or that its drafter names, and papers received elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from dingmi.base.errors import DingmiError
from dingmi.queries import content, inheritance, points
from dingmi.queries.evidence import Evidence
from dingmi.queries.people import RANKS
from dingmi.queries.suggested import Passage
from dingmi.queries.terms import Answers, SourceIn
from dingmi.records.matters.models import Matter
from dingmi.regime.prc_state import marks


@dataclass(frozen=True, slots=True)
class Part:
    """One classified point of a source, and whether the drafter uses it alone with others of them."""

    point: UUID
    label: str
    basis: str
    is_used: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One source; ``source`` is nothing for a paper from outside, which then is number ``outside`` of the answers.

    ``trigger`` is ``identical``, ``point`` (words of a marked point) or ``rework``; ``per_cent`` is 0 where no words were found.
    """

    number: int
    source: UUID | None
    outside: int | None
    title: str
    doc_number: str
    register_no: str
    originator: str
    level: str
    tail: str
    mark: str
    last_day: date | None
    per_cent: int
    trigger: str
    evidence: tuple[int, ...]
    confirmed: bool | None
    reason: str
    parts: tuple[Part, ...] = ()


def mark_text(level: str, tail: str) -> str:
    """Return the canonical mark of ``level`` and ``tail``, or nothing while either is open."""
    if level not in RANKS or level == "内部" or not tail:
        return ""
    return marks.mark_text(level, tail)


def sources_of(
    reused: Sequence[Passage],
    readable: Mapping[str, Matter],
    answers: Answers,
    pointed: Collection[UUID],
    evidence: Sequence[Evidence],
    now: datetime,
) -> tuple[Source, ...]:
    """Return the sources that the reader may know: found in the text, named by the drafter, received from outside.

    One that a classified point of the text rests on is used, whatever was answered before.
    """
    decided: dict[str, tuple[bool, str]] = {str(r.source): (r.confirmed, r.reason) for r in answers.reuse}
    decided |= {str(s): (True, "") for s in pointed}
    found = [p for p in reused if p.source in readable]
    named = [Passage(s, 0.0, "rework", ()) for s in decided if s in readable and s not in {p.source for p in found}]
    result: list[Source] = []
    for passage in (*found, *named):
        yes, reason = decided.get(passage.source, (None, ""))
        one = _own(len(result) + 1, readable[passage.source], passage, evidence, yes, reason)
        result.append(replace(one, parts=_parts(readable[passage.source], answers)))
    for place, given in enumerate(answers.outside):
        result.append(_outside(len(result) + 1, place, given, now))
    return tuple(result)


def _own(
    number: int, row: Matter, passage: Passage, evidence: Sequence[Evidence], yes: bool | None, reason: str
) -> Source:
    return Source(
        number=number,
        source=row.pk,
        outside=None,
        title=content.title(row),
        doc_number=content.doc_number(row),
        register_no=row.register_no or "",
        originator=row.organ.short_name,
        level=row.level,
        tail=row.tail,
        mark=mark_text(row.level, row.tail),
        last_day=row.last_protected_day,
        per_cent=min(100, int(100 * passage.coverage)),
        trigger="point" if _touches_a_point(row, passage) else passage.kind,
        evidence=tuple(e.number for e in evidence if passage.source in e.refs),
        confirmed=yes,
        reason=reason,
    )


def _parts(row: Matter, answers: Answers) -> tuple[Part, ...]:
    used = {p for r in answers.reuse if r.source == row.pk for p in r.points}
    return tuple(Part(p.id, p.label, p.basis, p.id in used) for p in points.still_secret(row))


def _touches_a_point(row: Matter, passage: Passage) -> bool:
    return any(p.start < end and start < p.end for p in points.still_secret(row) for start, end in passage.source_spans)


def _outside(number: int, place: int, given: SourceIn, now: datetime) -> Source:
    """Return a received paper; one whose mark cannot be read keeps its words and has no end."""
    mark, last = f"{given.level}★{given.tail}", None
    try:
        last = inheritance.external_source(given, now).last_protected_day
        mark = mark_text(given.level, given.tail)
    except DingmiError:
        pass
    return Source(
        number=number,
        source=None,
        outside=place,
        title="",
        doc_number=given.number,
        register_no="",
        originator=given.originator,
        level=given.level,
        tail=given.tail,
        mark=mark,
        last_day=last,
        per_cent=0,
        trigger="rework",
        evidence=(),
        confirmed=True,
        reason="",
    )
