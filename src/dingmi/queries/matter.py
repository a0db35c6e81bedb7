"""One 事项: its life, its elements, what it derives from and what derives from it, who may know and who looked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from dingmi.base import messages
from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding
from dingmi.queries import (
    access,
    carriers,
    content,
    limits,
    lineage,
    numbers,
    parting,
    people,
    recusals,
    rescoped,
    standing,
    undecided,
)
from dingmi.queries.registry import query
from dingmi.queries.rows import MatterRow, row_of
from dingmi.queries.staff import bound_among
from dingmi.records.carriers.models import Carrier
from dingmi.records.guides.models import GuideItem
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Decision, Knowledge, Matter, Proposal, ReviewTask, ScopeEntry
from dingmi.records.organs.models import Department, Organ
from dingmi.regime.prc_state import marks

DRAWN = 12  # matters of the derivation graph on each side; its own page shows all
RESCOPING = ("change", "extend")  # proposals that name a scope of their own
WORDS = {
    "zh": {
        "ends": "到期",
        "after": "次日起自行解密",
        "source": "来源变化",
        "open": "待核对",
        "done": "已核对",
        "years": " 年 ",
        "months": " 个月",
        "days": " 天",
        "department": "全部门",
        "organ": "外单位",
    },
    "en": {
        "ends": "ends",
        "after": "released next day",
        "source": "a source changes",
        "open": "to be checked",
        "done": "checked",
        "years": " y ",
        "months": " m",
        "days": " d",
        "department": "the whole department",
        "organ": "another organ",
    },
}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the life line at one level."""

    level: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Event:
    """A point of the life line."""

    on: date
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class LifeLine:
    """The life of a matter from its first day to its end."""

    first: date
    last: date
    today: date
    level: str
    spans: tuple[Span, ...]
    events: tuple[Event, ...]
    remaining: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """Who may know: one department, person or organ."""

    name: str
    detail: str
    since: date
    basis: str


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody learned of the content."""

    person: str
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """One carrier and where it stands."""

    id: UUID
    copy_no: int
    form: str
    mark: str
    remark_due: bool
    state: str


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the record of decisions."""

    on: datetime
    title: str
    by: str
    mark: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """The last ledger entry about the matter: its leaf, and how many entries are about the matter.

    The place in the whole log is not told: it counts matters that the reader may not know (SR-25, SR-28).
    """

    digest: str
    entries: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal on a matter in force that waits for an officer."""

    outcome: str
    title: str
    by: str
    own: bool
    mark: str
    reason: str
    interests: str = ""
    parts: str = ""  # what is to be released of it, where the rest stays secret
    due_on: date | None = None  # by when it is to be decided (policy)
    ground: str = ""
    basis: str = ""  # the item that it is to rest on, where that is another
    effective_on: date | None = None  # where it is to take effect later than it is decided
    scope: rescoped.Moved | None = None  # None where the scope stays


@dataclass(frozen=True, slots=True)
class Choice:
    """One person, department or organ to add to the scope."""

    id: UUID
    name: str
    is_bound: bool = True  # a person: by an undertaking that counts today


@dataclass(frozen=True, slots=True)
class MatterPage:
    """Everything the page of a matter shows."""

    matter: UUID
    version: int
    row: MatterRow
    doc_number: str
    basis: str
    item_level: str
    item_tail: str
    drafter: str
    issued_on: date | None
    declassified_from: date | None
    release_ground: str
    life: LifeLine | None
    graph: lineage.Graph
    scope: tuple[ScopeRow, ...]
    looks: tuple[Look, ...]
    copies: tuple[Copy, ...]
    records: tuple[Record, ...]
    proof: Proof
    waiting: Waiting | None
    open_reviews: tuple[str, ...]
    people: tuple[Choice, ...]
    departments: tuple[Choice, ...]
    organs: tuple[Choice, ...]
    told: int
    may_propose: bool
    may_decide: bool
    may_bar: bool
    may_recuse: bool


def _act_title(act: str, language: str) -> str:
    return messages.render(Finding(act, "note"), language).text


def _records(matter: Matter, language: str) -> tuple[Record, ...]:
    rows = Decision.objects.filter(matter=matter).select_related("officer").order_by("-number")
    return tuple(
        Record(
            on=d.at,
            title=_act_title(d.act, language),
            by=d.officer.name if d.officer else "",
            mark=str(marks.mark_text(d.level, d.tail)) if d.tail and d.level in numbers.LETTERS else "",
            clauses=tuple(d.verdict.get("clauses", ()))[:2] if isinstance(d.verdict, dict) else (),
        )
        for d in rows
    )


def _remaining(last: date, today: date, language: str) -> str:
    words = WORDS[language]
    months = (last.year - today.year) * 12 + last.month - today.month
    if months == 0:
        return f"{(last - today).days}{words['days']}"
    years, rest = divmod(months, 12)
    return ((f"{years}{words['years']}" if years else "") + (f"{rest}{words['months']}" if rest else "")).strip()


def _life(matter: Matter, today: date, language: str) -> LifeLine | None:
    words = WORDS[language]
    decided = list(Decision.objects.filter(matter=matter, starts_on__isnull=False).order_by("number"))
    if not decided:
        return None
    first = decided[0].starts_on or decided[0].at.date()
    end = matter.last_protected_day or today
    if matter.state == "declassified" and matter.declassified_from:
        end = matter.declassified_from
    spans = []
    for place, decision in enumerate(decided):
        since = first if place == 0 else decision.at.date()
        until = decided[place + 1].at.date() if place + 1 < len(decided) else min(today, end)
        if until >= since and decision.level in numbers.LETTERS:
            spans.append(Span(decision.level, since, until))
    events = [
        Event(
            d.starts_on if i == 0 and d.starts_on else d.at.date(),
            f"{d.at:%Y-%m} {_act_title(d.act, language)}",
            str(marks.mark_text(d.level, d.tail)) if d.tail and d.level in numbers.LETTERS else "",
        )
        for i, d in enumerate(decided)
    ]
    tasks = ReviewTask.objects.filter(matter=matter, kind="source").order_by("due_on", "pk")
    events += [
        Event(t.due_on, f"{t.due_on:%Y-%m} {words['source']}", words["done" if t.done_at else "open"]) for t in tasks
    ]
    events.sort(key=lambda e: e.on)
    if matter.last_protected_day and matter.state == "active":
        events.append(
            Event(matter.last_protected_day, f"{matter.last_protected_day:%Y-%m} {words['ends']}", words["after"])
        )
    running = matter.state == "active" and matter.last_protected_day is not None and matter.last_protected_day > today
    return LifeLine(
        first=first,
        last=max(end, today) if running else max(end, first),
        today=today,
        level=matter.level,
        spans=tuple(spans),
        events=tuple(events),
        remaining=_remaining(end, today, language) if running else "",
        sentence="；".join(f"{e.title} {e.note}" for e in events),
    )


def _scope(matter: Matter, now: datetime, words: dict[str, str]) -> tuple[ScopeRow, ...]:
    live = ScopeEntry.objects.filter(matter=matter, since__lte=now).filter(Q(until__isnull=True) | Q(until__gt=now))
    rows = live.select_related("person__department", "department", "organ").order_by("since", "pk")[:60]
    made = []
    for row in rows:
        if row.person is not None:
            unit = row.person.department.name if row.person.department else ""
            made.append(ScopeRow(row.person.name, f"{unit} {row.person.post}".strip(), row.since.date(), row.basis))
        elif row.department is not None:
            made.append(ScopeRow(row.department.name, words["department"], row.since.date(), row.basis))
        elif row.organ is not None:
            made.append(ScopeRow(row.organ.name, words["organ"], row.since.date(), row.basis))
    return tuple(made)


def _proof(matter: Matter) -> Proof:
    last = Entry.objects.filter(stream=f"matter:{matter.pk}").order_by("-stream_no").first()
    return Proof(bytes(last.leaf).hex() if last else "", last.stream_no if last else 0)


def _waiting(matter: Matter, actor: Actor, now: datetime, language: str) -> Waiting | None:
    rows = Proposal.objects.filter(matter=matter).select_related("drafter", "item__edition")
    last = rows.order_by("-number").first()
    if last is None or last.act not in limits.CHANGES or Decision.objects.filter(proposal=last).exists():
        return None
    payload = json.loads(content.opened(last, "payload_ct", last.level) or "{}")
    reason = payload.get("reasons") or (payload.get("answers") or {}).get("reasons") or payload.get("reason") or ""
    outcome = last.act.partition(".")[2]
    differs = rescoped.moved(matter, last, now) if outcome in RESCOPING and any(last.scope.values()) else None
    return Waiting(
        outcome=outcome,
        title=_act_title(last.act, language),
        by=last.drafter.name,
        own=str(last.drafter_id) == actor.person_id,
        mark=str(marks.mark_text(last.level, last.tail)),
        reason=str(reason),
        interests=str(payload.get("interests") or ""),
        parts=_parts(payload),
        due_on=undecided.due_on(matter),
        ground=str(payload.get("ground") or ""),
        basis=_basis(last.item) if last.item_id != matter.item_id else "",
        effective_on=date.fromisoformat(payload["effective_on"]) if payload.get("effective_on") else None,
        scope=differs if differs and (differs.into or differs.out) else None,
    )


def _basis(item: GuideItem | None) -> str:
    return f"《{item.edition.title}》 {item.number}" if item else ""


def _parts(payload: dict[str, Any]) -> str:
    return parting.spoken(tuple(payload.get("released_parts") or ()), tuple(payload.get("released_paragraphs") or ()))


def _named(matter: Matter, now: datetime) -> set[UUID]:
    """Return who knows a matter by name: of its scope, and who drafted and decided it."""
    entries = standing.running(ScopeEntry.objects.filter(matter=matter, person__isnull=False), now)
    named = {matter.drafter_id, matter.officer_id, *entries.values_list("person", flat=True)}
    return {person for person in named if person is not None}


@query("matter")
def matter(*, actor: Actor, now: datetime, matter: UUID) -> MatterPage:
    """One matter with its history, for a reader who may know it.

    Raises:
        NotFound: It does not exist, or the reader may not know it.
    """
    found: Any = access.matter_for(actor, now, matter)
    today, language = now.date(), actor.language
    item = found.item
    looks = Knowledge.objects.filter(matter=found).select_related("person").order_by("-at", "-pk")[:30]
    copies = Carrier.objects.filter(matter=found).order_by("copy_no")[:30]
    reviews = ReviewTask.objects.filter(matter=found, done_at__isnull=True).values_list("kind", flat=True)
    colleagues = people.admissible(actor, now, found.level, _named(found, now))
    bound = bound_among((p.pk for p in colleagues), today)
    scope = _scope(found, now, WORDS[language])
    return MatterPage(
        matter=found.pk,
        version=found.version,
        row=row_of(found, today),
        doc_number=content.doc_number(found),
        basis=_basis(item),
        item_level=item.level if item else "",
        item_tail=item.tail if item else "",
        drafter=found.drafter.name,
        issued_on=found.issued_on,
        declassified_from=found.declassified_from,
        release_ground=found.release_ground,
        life=_life(found, today, language),
        graph=lineage.graph_of(found, actor, now).within(2, DRAWN),
        scope=scope,
        looks=tuple(Look(k.person.name, k.what, k.at) for k in looks),
        copies=tuple(Copy(c.pk, c.copy_no, c.form, c.mark, c.remark_due, carriers.shown_state(c)) for c in copies),
        records=_records(found, language),
        proof=_proof(found),
        waiting=_waiting(found, actor, now, language),
        open_reviews=tuple(reviews),
        people=tuple(Choice(p.pk, p.name, p.pk in bound) for p in colleagues),
        departments=tuple(
            Choice(d.pk, d.name) for d in Department.objects.filter(organ_id=actor.organ_id).order_by("order")
        ),
        organs=tuple(Choice(o.pk, o.name) for o in Organ.objects.filter(is_home=False).order_by("name")),
        told=len(scope),
        may_propose=actor.holds(Role.DRAFTER) and found.state == "active",
        may_decide=actor.holds(Role.OFFICER) and found.state == "active",
        may_bar=actor.holds(*recusals.KEEPERS),
        may_recuse=found.state in recusals.STATES,
    )
