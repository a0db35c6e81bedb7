"""What the pages of 定密拟稿 show: the text with its evidence, the four questions, candidates, sources and people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import fields
from dingmi.queries.access import existing, matter_for, visible
from dingmi.queries.evidence import Evidence, Paragraph, Span, number, paragraphs
from dingmi.queries.registry import query
from dingmi.records.guides.models import CatalogueRow, GuideItem
from dingmi.records.matters.models import Decision, Matter, MatterText, Suggestion
from dingmi.records.organs.models import Department, Person
from dingmi.regime.prc_state import marks

RANKS = {"内部": 0, "秘密": 1, "机密": 2, "绝密": 3}
CARDS = ("item", "reuse", "terms", "scope")
CANDIDATES_SHOWN = 5


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
    missing: tuple[str, ...]
    evidence: tuple[int, ...]
    precedents: int
    adopted: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One classified matter whose words stand in the draft; title empty when the reader may only know that it exists."""

    number: int
    source: UUID
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


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """One person of the scope picker."""

    person: UUID
    name: str
    post: str
    clearance: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class DepartmentChoice:
    """One department of the scope picker with its people."""

    department: UUID
    name: str
    people: tuple[PersonChoice, ...]
    chosen_count: int


@dataclass(frozen=True, slots=True)
class Answers:
    """The drafter's answers so far."""

    item: UUID | None
    level: str
    tail: str
    persons: tuple[UUID, ...]
    departments: tuple[UUID, ...]
    organs: tuple[UUID, ...]
    reasons: str
    bars: Mapping[str, bool]
    reuse: tuple[tuple[UUID, bool, str], ...]
    confirmed: tuple[str, ...]
    trigger: str


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
    paragraphs: tuple[Paragraph, ...]
    evidence: tuple[Evidence, ...]
    unmarked: int
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


def opened(row: Any, column: str) -> str:
    """Return the plain text of the encrypted ``column`` of ``row``."""
    blob = bytes(getattr(row, column))
    level = row.matter.level if isinstance(row, MatterText) else row.level
    return fields.decrypt(level, blob, aad=f"{row._meta.db_table}.{column}:{row.pk}") if blob else ""


def label_of(matter: Matter) -> str:
    """Return the register number, or for a draft the first characters of its random id (SR-26)."""
    return matter.register_no or f"D-{str(matter.pk)[:8]}"


def answers_of(matter: Matter) -> Answers:
    """Return the drafter's answers; every field empty when nothing was answered."""
    text = opened(matter, "fill_ct")
    raw: dict[str, Any] = json.loads(text) if text else {}
    scope = raw.get("scope") or {}
    ids = {kind: tuple(UUID(str(i)) for i in scope.get(kind) or ()) for kind in ("persons", "departments", "organs")}
    item = raw.get("item")
    return Answers(
        item=UUID(str(item)) if item else None,
        level=raw.get("level") or "",
        tail=raw.get("tail") or "",
        persons=ids["persons"],
        departments=ids["departments"],
        organs=ids["organs"],
        reasons=raw.get("reasons") or "",
        bars=dict(raw.get("bars") or {}),
        reuse=tuple(
            (UUID(str(r["source"])), bool(r["confirmed"]), r.get("reason") or "") for r in raw.get("reuse") or ()
        ),
        confirmed=tuple(raw.get("confirmed") or ()),
        trigger=raw.get("trigger") or "",
    )


def suggestion_of(matter: Matter) -> dict[str, Any]:
    """Return the latest suggestion of ``matter`` as it was stored, or an empty one."""
    row = Suggestion.objects.filter(matter=matter).order_by("-number").first()
    return dict(json.loads(opened(row, "payload_ct"))) if row else {}


def mark_text(level: str, tail: str) -> str:
    """Return the canonical mark of ``level`` and ``tail``, or nothing while either is open."""
    if level not in RANKS or level == "内部" or not tail:
        return ""
    return str(marks.write(level, tail))


def _items(
    payload: Mapping[str, Any], actor: Actor, now: datetime, answers: Answers, spans: list[Span]
) -> list[dict[str, Any]]:
    """Collect the candidates of the suggestion that still exist, adding their evidence to ``spans``."""
    rows = {str(i.pk): i for i in GuideItem.objects.filter(pk__in=[c["item"] for c in payload.get("candidates", ())])}
    found = []
    for raw in payload.get("candidates", ())[:CANDIDATES_SHOWN]:
        item = rows.get(str(raw["item"]))
        if item is not None:
            spans += [Span(s, e, "guide", item.level, str(item.pk)) for s, e in raw.get("spans", ())]
            found.append({"item": item, "raw": raw})
    return found


def item_card(place: int, item: GuideItem, actor: Actor, now: datetime, answers: Answers, **known: Any) -> Item:
    """Return the card of ``item`` at ``place`` with its row of the 一览表 and the precedents the reader may count."""
    row = CatalogueRow.objects.filter(item=item, catalogue__state__in=["approved", "filed"]).first()
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
        missing=tuple(known.get("missing", ())),
        evidence=tuple(known.get("evidence", ())),
        precedents=existing(actor, now).filter(item=item, state="active").count(),
        adopted=answers.item == item.pk,
    )


def _numbers(evidence: Sequence[Evidence], ref: str) -> tuple[int, ...]:
    return tuple(e.number for e in evidence if ref in e.refs)


def _sources(
    payload: Mapping[str, Any], readable: Mapping[str, Matter], answers: Answers, evidence: Sequence[Evidence]
) -> tuple[Source, ...]:
    """Return the sources of reused words that the reader may know."""
    decided = {str(source): (yes, reason) for source, yes, reason in answers.reuse}
    result = []
    for raw in payload.get("reuse", ()):
        source = readable.get(str(raw["source"]))
        if source is None:
            continue
        yes, reason = decided.get(str(source.pk), (None, ""))
        result.append(
            Source(
                number=len(result) + 1,
                source=source.pk,
                title=opened(source, "title_ct"),
                doc_number=opened(source, "doc_number_ct"),
                register_no=source.register_no or "",
                originator=source.organ.short_name,
                level=source.level,
                tail=source.tail,
                mark=mark_text(source.level, source.tail),
                last_day=source.last_protected_day,
                per_cent=int(100 * float(raw.get("similarity", 0))),
                trigger=str(raw.get("trigger", "")),
                evidence=_numbers(evidence, str(source.pk)),
                confirmed=yes,
                reason=reason,
            )
        )
    return tuple(result)


def people_of(actor: Actor, now: datetime) -> list[Person]:
    """Return the people of the home organ in service at ``now``, with their departments."""
    rows = Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True, department__isnull=False)
    return list(
        rows.select_related("department").prefetch_related("clearances").order_by("department__order", "staff_no")
    )


def clearance_at(person: Person, now: datetime) -> str:
    """Return the highest level ``person`` is cleared for at ``now``, or nothing."""
    held = [c.level for c in person.clearances.all() if c.since <= now and (c.until is None or now < c.until)]
    return max(held, key=lambda level: RANKS.get(level, -1), default="")


def _choices(people: Sequence[Person], chosen: frozenset[UUID], now: datetime) -> tuple[DepartmentChoice, ...]:
    """Group ``people`` by department for the scope picker."""
    groups: dict[UUID, list[PersonChoice]] = {}
    names: dict[UUID, str] = {}
    for person in people:
        department: Department | None = person.department
        if department is None:
            continue
        names[department.pk] = department.name
        choice = PersonChoice(person.pk, person.name, person.post, clearance_at(person, now), person.pk in chosen)
        groups.setdefault(department.pk, []).append(choice)
    return tuple(
        DepartmentChoice(key, names[key], tuple(group), sum(1 for p in group if p.chosen))
        for key, group in groups.items()
    )


def scope_words(people: Sequence[Person], chosen: frozenset[UUID]) -> str:
    """Say who is chosen, by department: ``管网处 3、规划处 2``; a single person by name."""
    groups: dict[str, list[str]] = {}
    for person in people:
        if person.pk in chosen and person.department is not None:
            groups.setdefault(person.department.name, []).append(person.name)
    return "、".join(
        f"{name} {len(group)}" if len(group) > 1 else f"{name} {group[0]}" for name, group in groups.items()
    )


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


def source_scope(sources: Sequence[Matter]) -> frozenset[UUID] | None:
    """Return the people who may know every one of ``sources``; nothing to say without sources (TL-18, PS-8)."""
    limit: frozenset[UUID] | None = None
    for source in sources:
        entries = source.scope_entries.filter(until__isnull=True)
        persons = {e.person_id for e in entries if e.person_id}
        departments = [e.department_id for e in entries if e.department_id]
        persons |= set(Person.objects.filter(department_id__in=departments).values_list("pk", flat=True))
        known = frozenset(persons)
        limit = known if limit is None else limit & known
    return limit


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
    if last is None or last.act != "determination.return":
        return ""
    payload = json.loads(opened(last, "payload_ct"))
    return str(payload.get("text") or payload.get("reason") or "")


def build(actor: Actor, now: datetime, matter: Matter) -> DraftPage:
    """Put the page of ``matter`` together for ``actor``, who may read it."""
    answers, payload = answers_of(matter), suggestion_of(matter)
    body = MatterText.objects.select_related("matter").get(matter=matter)
    text = opened(body, "text_ct")
    spans: list[Span] = [Span(s, e, "work", "内部", "work") for s, e in payload.get("work_secret", ())]
    found = _items(payload, actor, now, answers, spans)
    ids = [r["source"] for r in payload.get("reuse", ())]
    readable = {str(m.pk): m for m in visible(actor, now).filter(pk__in=ids).select_related("organ")}
    for raw in payload.get("reuse", ()):
        if str(raw["source"]) in readable:
            level = readable[str(raw["source"])].level
            spans += [Span(s, e, "reuse", level, str(raw["source"])) for s, e in raw.get("spans", ())]
    evidence = number(text, spans)
    lines = paragraphs(text, evidence, RANKS)
    cards = tuple(
        item_card(
            place,
            entry["item"],
            actor,
            now,
            answers,
            matched=entry["raw"].get("matched", ()),
            missing=entry["raw"].get("missing", ()),
            evidence=_numbers(evidence, str(entry["item"].pk)),
        )
        for place, entry in enumerate(found, 1)
    )
    chosen = next((c for c in cards if c.adopted), None)
    if chosen is None and answers.item is not None:
        chosen = item_card(0, GuideItem.objects.get(pk=answers.item), actor, now, answers)
    sources = _sources(payload, readable, answers, evidence)
    derivative = bool(sources) and not cards
    return _page(actor, now, matter, answers, lines, evidence, cards, chosen, sources, readable, body, derivative)


def _page(
    actor: Actor,
    now: datetime,
    matter: Matter,
    answers: Answers,
    lines: tuple[Paragraph, ...],
    evidence: tuple[Evidence, ...],
    cards: tuple[Item, ...],
    chosen: Item | None,
    sources: tuple[Source, ...],
    readable: Mapping[str, Matter],
    body: MatterText,
    derivative: bool,
) -> DraftPage:
    """Join what was found with what follows from it: terms, mark, scope and what is still open."""
    people = people_of(actor, now)
    used = [s for s in sources if s.confirmed is not False]
    level = answers.level or (chosen.level if chosen else "")
    tail = answers.tail or (chosen.tail if chosen else "")
    limit = source_scope([readable[str(s.source)] for s in used]) if derivative else None
    top = max((s.level for s in used), key=lambda word: RANKS.get(word, -1), default="")
    rule = chosen.scope_rule if chosen else ""
    picked = frozenset(answers.persons)
    none_fits = "none" in answers.confirmed
    waiting = [
        card
        for card in ("item", "reuse", "scope")
        if card not in answers.confirmed and not (card == "item" and none_fits)
    ]
    first = cards[0] if cards else None
    return DraftPage(
        matter=matter.pk,
        label=label_of(matter),
        title=opened(matter, "title_ct"),
        doc_number=opened(matter, "doc_number_ct"),
        state=matter.state,
        origin=matter.origin,
        level=level or (top if derivative else "") or (first.level if first else ""),
        version=matter.version,
        changed_at=matter.changed_at,
        characters=body.characters,
        pages=body.pages,
        paragraphs=lines,
        evidence=evidence,
        unmarked=sum(1 for line in lines if line.kind == "body" and not line.level),
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
        departments=_choices(people, picked, now),
        remaining=len(waiting),
        returned=returned_text(matter),
        mine=str(matter.drafter_id) == actor.person_id,
        derivative=derivative,
    )


@query("draft.page", roles=(Role.DRAFTER, Role.OFFICER), recorded=True)
def page(*, actor: Actor, now: datetime, matter: UUID) -> DraftPage:
    """Return the draft that the actor is working on, with text, evidence and answers.

    Raises:
        NotFound: There is no such draft, or it is not the actor's.
    """
    return build(actor, now, _ours(actor, now, matter))


@query("draft.mine", roles=(Role.DRAFTER, Role.OFFICER), recorded=True)
def mine(*, actor: Actor, now: datetime) -> tuple[DraftRow, ...]:
    """Return what the actor drafted, newest change first, at most 200."""
    rows = visible(actor, now).filter(drafter_id=actor.person_id).order_by("-changed_at")[:200]
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
        )
        for m in rows
    )


@query("draft.items", roles=(Role.DRAFTER, Role.OFFICER), recorded=False)
def items(*, actor: Actor, now: datetime, words: str, matter: UUID) -> tuple[Item, ...]:
    """Return guide items in force whose text or number holds every one of ``words``, at most 20."""
    answers = answers_of(_ours(actor, now, matter))
    today = now.date()
    rows = (
        GuideItem.objects.filter(edition__since__lte=today).exclude(edition__until__lte=today).select_related("edition")
    )
    for word in words.split()[:8]:
        rows = rows.filter(text__icontains=word) | rows.filter(number__iexact=word)
    if not words.strip():
        return ()
    return tuple(item_card(0, row, actor, now, answers) for row in rows.order_by("edition", "order")[:20])
