"""What the law says of one classified point before it is marked, and which points the evidence of a draft would make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.queries import access, content, facts, inheritance
from dingmi.queries.evidence import by_line
from dingmi.queries.people import RANKS
from dingmi.queries.points import rows_of
from dingmi.queries.suggested import fits, passages
from dingmi.queries.terms import Answers, answers_from
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.models import Matter
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts as asked


@dataclass(frozen=True, slots=True)
class Wanted:
    """One point as given: a stretch [start, end), level and tail, and the guide item or the source that it rests on."""

    start: int
    end: int
    level: str
    tail: str
    item: UUID | None = None
    source: UUID | None = None


def judged(row: Matter, wanted: Wanted, drafter: UUID, now: datetime, apart_from: UUID | None = None) -> Verdict:
    """Judge one point of ``row``; ``apart_from`` is the point that it replaces."""
    text, _ = content.body(row)
    source = Matter.objects.filter(pk=wanted.source).first() if wanted.source else None
    others = [p for p in rows_of(row) if p.pk != apart_from]
    asked_about = asked.PointingFacts(
        at=now,
        terms=asked.Terms(level=wanted.level, tail=facts.tail(wanted.tail).text),
        length=len(text),
        start=wanted.start,
        end=wanted.end,
        item=facts.item_facts(wanted.item),
        origin="original" if source is None else "derivative",
        sources=(_source(row, source, drafter, now),) if source else (),
        others=tuple(asked.PointFacts(p.start, p.end, p.level, p.tail) for p in others),
    )
    return judge(row.regime, "points.mark", asked_about, now.date())


def _source(row: Matter, source: Matter, drafter: UUID, now: datetime) -> asked.SourceFacts:
    used = _used(answers_from(content.fill(row)), source.pk)
    return inheritance.source_facts(inheritance.own_source(source, drafter, False, now, points=used), str(source.pk))


def _used(answers: Answers, source: UUID) -> tuple[UUID, ...]:
    """Return the points of a source that are used, where only they are."""
    return tuple(point for reuse in answers.reuse if reuse.source == source for point in reuse.points)


def from_evidence(row: Matter, answers: Answers, actor: Actor, now: datetime) -> tuple[Wanted, ...]:
    """Return the points that the adopted item and the confirmed sources make of their evidence; none share words.

    Under an adopted item, a source of a higher level makes none: whether its words raise the whole is the drafter's answer.
    """
    payload = content.suggestion(row.pk)
    text, _ = content.body(row)
    found: list[Wanted] = []
    item = GuideItem.objects.filter(pk=answers.item).first() if answers.item else None
    refused = {r.source for r in answers.reuse if not r.confirmed}
    used = {r.source for r in answers.reuse if r.confirmed} if "reuse" in answers.confirmed else set()
    readable = {m.pk: m for m in access.visible(actor, now).filter(pk__in=used - refused).select_related("organ")}
    for passage in passages(payload):
        source = readable.get(UUID(passage.source))
        if source is not None and (item is None or RANKS[source.level] <= RANKS[item.level]):
            parts = _used(answers, source.pk)
            taken = inheritance.inherited((inheritance.own_source(source, row.drafter_id, True, now, points=parts),))
            spans = [one for s, e in passage.spans for one in by_line(text, s, e)]
            found += [Wanted(s, e, taken.level, taken.tail, None, source.pk) for s, e in spans]
    for fit in fits(payload) if item is not None else ():
        if item is not None and fit.item == str(item.pk):
            tail = answers.tail if answers.tail and answers.level == item.level else item.tail
            spans = [one for s, e in fit.spans for one in by_line(text, s, e)]
            found += [Wanted(s, e, item.level, tail, item.pk, None) for s, e in spans]
    return _apart(found)


def _apart(found: Sequence[Wanted]) -> tuple[Wanted, ...]:
    """Return the stretches that share no words; an earlier one in the list goes before a later one."""
    kept: list[Wanted] = []
    for wanted in found:
        if all(wanted.end <= k.start or k.end <= wanted.start for k in kept):
            kept.append(wanted)
    return tuple(sorted(kept, key=lambda w: w.start))
