"""What the pages of 定密拟稿 show: the text with its evidence, the four questions, candidates, sources and people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding, NotFound
from dingmi.engines import documents
from dingmi.queries import attached, content, guide_impact, numbers, points, sourcing, threads
from dingmi.queries.access import existing, matter_for, visible
from dingmi.queries.draft_sources import Source, mark_text, sources_of
from dingmi.queries.evidence import Evidence, Paragraph, Span, Stretch, number, paragraphs
from dingmi.queries.guard import Guard
from dingmi.queries.guard import of as guard_of
from dingmi.queries.people import RANKS, DepartmentChoice, choices, clearance_at, people_of, scope_words, source_scope
from dingmi.queries.points import Point
from dingmi.queries.registry import query
from dingmi.queries.rows import capped
from dingmi.queries.ruled import Precedent, precedents
from dingmi.queries.suggested import Fit, Passage, fits, is_waiting, notes, passages, work_secrets
from dingmi.queries.terms import Answers, answers_from
from dingmi.queries.threads import Thread
from dingmi.records.guides.models import CatalogueRow, GuideItem
from dingmi.records.matters.models import Decision, EarlierText, Matter, MatterText, Proposal
from dingmi.records.organs.models import Person

NEAR = "suggest.near_precedent"


@dataclass(frozen=True, slots=True)
class Item:
    """One guide item as a card shows it: its lawful bounds and why it fits or does not."""

    number: int
    item: UUID
    text: str
    guide: str
    item_number: str
    catalogue_number: str
    level: str
    tail: str
    scope_rule: str
    matched: tuple[str, ...]
    why: tuple[Finding, ...]
    why_not: tuple[Finding, ...]
    evidence: tuple[int, ...]
    precedents: int
    adopted: bool
    chance: int | None = None


@dataclass(frozen=True, slots=True)
class ScopeProposal:
    """Who the rule of the item names, before the drafter confirms."""

    persons: tuple[UUID, ...]
    words: str
    count: int
    basis: str


@dataclass(frozen=True, slots=True)
class DraftPage:
    """Everything the assist, check and derive pages show of one draft."""

    matter: UUID
    label: str
    title: str
    doc_number: str
    state: str
    origin: str
    level: str
    version: int
    changed_at: datetime
    characters: int
    pages: int
    notes: tuple[
        Finding, ...
    ]  # pages not read or recognised, marks that it must not carry, what the suggestion did without
    paragraphs: tuple[Paragraph, ...]
    evidence: tuple[Evidence, ...]
    unmarked: tuple[Paragraph, ...]
    points: tuple[Point, ...]
    threads: tuple[Thread, ...]
    earlier: int
    candidates: tuple[Item, ...]
    item: Item | None
    none_fits: bool
    sources: tuple[Source, ...]
    answers: Answers
    proposed_level: str
    proposed_tail: str
    mark: str
    suggested_mark: str
    scope: ScopeProposal
    scope_words: str
    scope_count: int
    departments: tuple[DepartmentChoice, ...]
    remaining: int
    returned: str
    mine: bool
    derivative: bool
    is_waiting: bool  # not yet compared with what its drafter may read
    is_blind: bool  # the items were withheld, to see whether suggestions sway people
    guard: Guard | None
    rulings: tuple[Precedent, ...]
    attachments: int


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One row of my drafts and matters."""

    matter: UUID
    label: str
    title: str
    state: str
    origin: str
    level: str
    mark: str
    changed_at: datetime
    returned: bool


def opened(row: Any, column: str) -> str:
    """Return the plain text of the encrypted ``column`` of ``row``; a text is under the level of its matter."""
    return content.opened(row, column, row.matter.level if isinstance(row, MatterText) else row.level)


def label_of(matter: Matter) -> str:
    """Return the register number, or for a draft the first characters of its random id (SR-26)."""
    return numbers.shown(matter.pk, matter.register_no)


def answers_of(matter: Matter) -> Answers:
    """Return the drafter's answers; every field empty when nothing was answered."""
    return answers_from(content.fill(matter))


def item_card(place: int, item: GuideItem, actor: Actor, now: datetime, answers: Answers, **known: Any) -> Item:
    """Return the card of ``item`` at ``place`` with its row of the 一览表 and the precedents the reader may count."""
    row = CatalogueRow.objects.filter(item=item, catalogue__state__in=["approved", "filed"]).first()
    before = capped(existing(actor, now).filter(item=item, state="active"))
    return Item(
        number=place,
        item=item.pk,
        text=item.text,
        guide=item.edition.title,
        item_number=item.number,
        catalogue_number=str(row.number) if row else "",
        level=item.level,
        tail=item.tail,
        scope_rule=(row.scope if row else "") or item.scope_rule,
        matched=tuple(known.get("matched", ())),
        why=tuple(
            f for f in known.get("why", ()) if f.code != NEAR or before
        ),  # of precedents that this reader may know of
        why_not=tuple(known.get("why_not", ())),
        evidence=tuple(known.get("evidence", ())),
        precedents=before,
        adopted=answers.item == item.pk,
        chance=known.get("chance"),
    )


def _numbers(evidence: Sequence[Evidence], ref: str) -> tuple[int, ...]:
    return tuple(e.number for e in evidence if ref in e.refs)


def _proposal(
    matter: Matter, people: Sequence[Person], rule: str, level: str, now: datetime, limit: frozenset[UUID] | None
) -> ScopeProposal:
    """Name the cleared people of the departments that ``rule`` names, else of the drafter's department, and the drafter."""
    named = [p for p in people if p.department is not None and p.department.name in rule]
    basis = "rule" if named else "department"
    pool = named or [p for p in people if p.department_id == matter.department_id]
    floor = RANKS.get(level, 0)
    fit = {p.pk for p in pool if RANKS.get(clearance_at(p, now), -1) >= floor}
    fit.add(matter.drafter_id)
    if limit is not None:
        fit &= limit | {matter.drafter_id}
        basis = "sources"
    return ScopeProposal(tuple(sorted(fit)), scope_words(people, frozenset(fit)), len(fit), basis)


def _ours(actor: Actor, now: datetime, matter: UUID) -> Matter:
    """Return the draft of the actor.

    Raises:
        NotFound: There is none, or it is somebody else's.
    """
    row = matter_for(actor, now, matter)
    if str(row.drafter_id) != actor.person_id:
        raise NotFound()
    return row


def returned_text(matter: Matter) -> str:
    """Return the officer's words when the last decision sent the draft back."""
    last = Decision.objects.filter(matter=matter).order_by("-number").first()
    if last is None or last.act != "determination.return" or matter.state != "proposed":
        return ""
    if Proposal.objects.filter(matter=matter, at__gt=last.at).exists():
        return ""
    payload = json.loads(opened(last, "payload_ct"))
    return str(payload.get("text") or payload.get("reason") or "")


def is_only_reuse(evidence: Sequence[Evidence], length: int) -> bool:
    """Tell whether every word that speaks for a guide item stands in a reused passage, and a fifth of the text does."""
    reused = {place for e in evidence if e.kind == "reuse" for place in range(e.start, e.end)}
    guided = {place for e in evidence if e.kind == "guide" for place in range(e.start, e.end)}
    return len(reused) * 5 >= max(length, 1) and len(guided - reused) * 5 <= len(guided)


def build(actor: Actor, now: datetime, matter: Matter) -> DraftPage:
    """Put the page of ``matter`` together for ``actor``, who may read it.

    Raises:
        NotFound: It has no text here, so there is no draft of it: it was received.
    """
    answers, payload = answers_of(matter), content.suggestion(matter.pk)
    body = MatterText.objects.select_related("matter").filter(matter=matter).first()
    if body is None:
        raise NotFound("object.not_found")
    text = opened(body, "text_ct")
    candidates, reused = fits(payload), passages(payload)
    rows = {
        str(i.pk): i for i in GuideItem.objects.filter(pk__in=[c.item for c in candidates]).select_related("edition")
    }
    held = sourcing.pointed(matter)
    wanted = {*(r.source for r in reused), *(str(r.source) for r in answers.reuse), *(str(s) for s in held)}
    readable = {str(m.pk): m for m in visible(actor, now).filter(pk__in=wanted).select_related("organ")}
    evidence = _evidence(text, payload, candidates, rows, reused, readable)
    known = [c for c in candidates if c.item in rows]
    cards = tuple(
        item_card(
            place,
            rows[c.item],
            actor,
            now,
            answers,
            matched=c.matched,
            why=c.why,
            why_not=c.why_not,
            chance=c.chance,
            evidence=_numbers(evidence, c.item),
        )
        for place, c in enumerate(known, 1)
    )
    chosen = next((c for c in cards if c.adopted), None)
    if chosen is None and answers.item is not None:
        chosen = item_card(0, GuideItem.objects.get(pk=answers.item), actor, now, answers)
    marked = points.of(matter, text)
    said = threads.of(actor, matter, text)
    stretches = [Stretch(p.number, p.start, p.end, "point", p.level) for p in marked]
    stretches += [Stretch(t.number, t.start, t.end, "thread") for t in said if not t.moved]
    lines = paragraphs(text, evidence, RANKS, stretches, json.loads(opened(body, "blocks_ct") or "[]"))
    sources = sources_of(reused, readable, answers, held, evidence, now)
    derivative = bool(sources) and is_only_reuse(evidence, len(text))
    seen = _Seen(lines, evidence, marked, said, body, (*documents.notes(map(str, body.warnings)), *notes(payload)))
    return _page(actor, now, matter, answers, seen, cards, chosen, sources, readable, derivative)


def _evidence(
    text: str,
    payload: Mapping[str, Any],
    candidates: Sequence[Fit],
    rows: Mapping[str, GuideItem],
    reused: Sequence[Passage],
    readable: Mapping[str, Matter],
) -> tuple[Evidence, ...]:
    """Number what speaks for items, what stands in sources that the reader may know, and what looks like a work secret."""
    spans = [Span(s, e, "guide", rows[c.item].level, c.item) for c in candidates if c.item in rows for s, e in c.spans]
    spans += [
        Span(s, e, "reuse", readable[r.source].level, r.source)
        for r in reused
        if r.source in readable
        for s, e in r.spans
    ]
    taken = [(s.start, s.end) for s in spans]
    spans += [
        Span(s, e, "work", "内部", "")
        for s, e in work_secrets(payload)
        if all(e <= left or right <= s for left, right in taken)
    ]
    return number(text, spans)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The text as it is shown: lines, evidence, points, threads, and what is to be said of the file."""

    lines: tuple[Paragraph, ...]
    evidence: tuple[Evidence, ...]
    points: tuple[Point, ...]
    threads: tuple[Thread, ...]
    body: MatterText
    notes: tuple[Finding, ...]


def _page(
    actor: Actor,
    now: datetime,
    matter: Matter,
    answers: Answers,
    seen: _Seen,
    cards: tuple[Item, ...],
    chosen: Item | None,
    sources: tuple[Source, ...],
    readable: Mapping[str, Matter],
    derivative: bool,
) -> DraftPage:
    """Join what was found with what follows from it: terms, mark, scope and what is still open."""
    people = people_of(actor, now)
    used = [s for s in sources if s.confirmed is not False]
    level = answers.level or (chosen.level if chosen else "")
    tail = answers.tail or (chosen.tail if chosen else "")
    own = [readable[str(s.source)] for s in used if str(s.source) in readable]
    limit = source_scope(own) if derivative and own else None
    top = max((s.level for s in used), key=lambda word: RANKS.get(word, -1), default="")
    rule = chosen.scope_rule if chosen else ""
    picked = frozenset(answers.scope.persons)
    none_fits = "none" in answers.confirmed
    done = {"item": none_fits or (chosen is not None and "item" in answers.confirmed)}
    payload = content.suggestion(matter.pk)
    done |= {"reuse": "reuse" in answers.confirmed and not is_waiting(payload), "scope": "scope" in answers.confirmed}
    first = cards[0] if cards else None
    return DraftPage(
        matter=matter.pk,
        label=label_of(matter),
        title=opened(matter, "title_ct"),
        doc_number=opened(matter, "doc_number_ct"),
        state=matter.state,
        origin=matter.origin,
        level=level or (top if derivative or answers.outside else "") or (first.level if first else ""),
        version=matter.version,
        changed_at=matter.changed_at,
        characters=seen.body.characters,
        pages=seen.body.pages,
        notes=seen.notes,
        paragraphs=seen.lines,
        evidence=seen.evidence,
        unmarked=tuple(
            line for line in seen.lines if line.kind == "body" and not line.pointed and line.level != "内部"
        ),
        points=seen.points,
        threads=seen.threads,
        earlier=EarlierText.objects.filter(matter=matter).count(),
        candidates=cards,
        item=chosen,
        none_fits=none_fits,
        sources=sources,
        answers=answers,
        proposed_level=level,
        proposed_tail=tail,
        mark=mark_text(level, tail),
        suggested_mark=mark_text(first.level, first.tail) if first else "",
        scope=_proposal(matter, people, rule, level or top, now, limit),
        scope_words=scope_words(people, picked),
        scope_count=len(picked),
        departments=choices(people, picked, now),
        remaining=sum(not is_done for is_done in done.values()),
        returned=returned_text(matter),
        mine=str(matter.drafter_id) == actor.person_id,
        derivative=derivative,
        is_waiting=is_waiting(payload),
        is_blind="withheld" in payload,
        guard=None if derivative or none_fits else guard_of(matter, answers, actor, now),
        rulings=precedents(
            actor,
            now,
            {c.item for c in ((chosen,) if chosen else cards)},
            {s.source for s in sources if s.source and s.confirmed is not False},
        ),
        attachments=len(attached.current(matter, attached.ATTACHMENT)),
    )


@query("draft.page", roles=(Role.DRAFTER, Role.OFFICER), shows=lambda page: (page.matter,))
def page(*, actor: Actor, now: datetime, matter: UUID) -> DraftPage:
    """Return the draft that the actor is working on, with text, evidence and answers.

    Raises:
        NotFound: There is no such draft, or it is not the actor's.
    """
    return build(actor, now, _ours(actor, now, matter))


@query("draft.mine", roles=(Role.DRAFTER, Role.OFFICER), recorded=True)
def mine(*, actor: Actor, now: datetime) -> tuple[DraftRow, ...]:
    """Return what the actor drafted, newest change first, at most 200."""
    rows = visible(actor, now).filter(drafter_id=UUID(actor.person_id)).order_by("-changed_at", "-pk")[:200]
    return tuple(
        DraftRow(
            matter=m.pk,
            label=label_of(m),
            title=opened(m, "title_ct"),
            state=m.state,
            origin=m.origin,
            level="" if m.state == "draft" else m.level,
            mark=mark_text(m.level, m.tail) if m.state in ("proposed", "active") else "",
            changed_at=m.changed_at,
            returned=bool(returned_text(m)),
        )
        for m in rows
    )


@query("draft.items", roles=(Role.DRAFTER, Role.OFFICER), recorded=False)
def items(*, actor: Actor, now: datetime, words: str, matter: UUID) -> tuple[Item, ...]:
    """Return guide items in force whose text or number holds every one of ``words``, at most 20.

    Items of a guide that is classified above the reader's clearance are none (GD-8.2).
    """
    answers = answers_of(_ours(actor, now, matter))
    today = now.date()
    seen = GuideItem.objects.filter(edition__since__lte=today, edition__level__in=guide_impact.readable(actor, now))
    rows = seen.exclude(edition__until__lte=today).select_related("edition")
    for word in words.split()[:8]:
        rows = rows.filter(text__icontains=word) | rows.filter(number__iexact=word)
    if not words.strip():
        return ()
    return tuple(item_card(0, row, actor, now, answers) for row in rows.order_by("edition", "order")[:20])
