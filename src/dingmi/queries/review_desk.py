"""What 待我审核 and 审核台 show: the queue by due day, the proposal beside guide and precedents, and what happened so far."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import limits, sourcing, standing, undecided
from dingmi.queries.access import existing, matter_for, visible
from dingmi.queries.draft import DraftPage, Item, build, item_card, label_of, opened
from dingmi.queries.draft_sources import mark_text
from dingmi.queries.people import people_of, scope_words
from dingmi.queries.registry import query
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Decision, Matter, Proposal
from dingmi.records.notices.models import Deadline
from dingmi.records.organs.models import Account, Department, Person

QUEUE_SHOWN = 200


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One proposal that waits for the officer."""

    matter: UUID
    label: str
    title: str
    drafter: str
    department: str
    origin: str
    level: str
    mark: str
    proposed_at: datetime
    due_on: date | None
    is_policy: bool  # no law counts these days
    act: str = ""  # what is proposed about a matter in force; empty for one that is determined for the first time


@dataclass(frozen=True, slots=True)
class Comparison:
    """One element side by side: proposed, guide, precedents; ``same`` is nothing where they cannot be compared."""

    element: str
    proposed: str
    guide: str
    precedents: str
    same: bool | None


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the ledger about the matter."""

    at: datetime
    who: str
    act: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the 审核台 shows of one proposal."""

    page: DraftPage
    proposal: UUID
    drafter: str
    department: str
    proposed_at: datetime
    level: str
    tail: str
    mark: str
    reasons: str
    scope_words: str
    scope_persons: tuple[UUID, ...]
    scope_departments: tuple[UUID, ...]
    scope_organs: tuple[UUID, ...]
    item: Item | None
    linked: tuple[sourcing.Linked, ...]
    comparison: tuple[Comparison, ...]
    history: tuple[Happened, ...]
    due_on: date | None
    place: int
    total: int
    previous: UUID | None
    following: UUID | None
    max_level: str
    instrument: str
    own_draft: bool


def _waiting(actor: Actor, now: datetime) -> list[tuple[Matter, Proposal, Deadline | None]]:
    """Return the proposals that wait, earliest due first; without a limit by when they were proposed."""
    matters = list(visible(actor, now).filter(state="proposed").select_related("drafter", "department")[:QUEUE_SHOWN])
    newest: dict[UUID, Proposal] = {}
    for proposal in Proposal.objects.filter(matter__in=matters).order_by("number"):
        newest[proposal.matter_id] = proposal
    running = {
        d.matter_id: d
        for d in Deadline.objects.filter(
            matter_id__in=[m.pk for m in matters], name=limits.PROPOSAL, done_at__isnull=True
        )
    }
    returned = {
        d.proposal_id for d in Decision.objects.filter(matter__in=matters, act="determination.return") if d.proposal_id
    }
    rows = [(m, newest[m.pk], running.get(m.pk)) for m in matters if m.pk in newest and newest[m.pk].pk not in returned]
    return sorted(rows, key=lambda r: ((r[2].due_on if r[2] else None) or date.max, r[1].at))


@query("review.queue", roles=(Role.OFFICER,), recorded=True)
def queue(*, actor: Actor, now: datetime) -> tuple[QueueRow, ...]:
    """Return what waits for the officer, earliest due day first: what is determined, and what is proposed of matters in force."""
    firsts = [_queued(m, p, m.drafter.name, d.due_on if d else None) for m, p, d in _waiting(actor, now)]
    later = undecided.changes(actor, now).select_related("matter__department", "drafter")[:QUEUE_SHOWN]
    rows = [*firsts, *(_queued(p.matter, p, p.drafter.name, p.limit, p.act) for p in later)]
    return tuple(sorted(rows, key=lambda r: (r.due_on or date.max, r.proposed_at)))


def _queued(m: Matter, p: Proposal, drafter: str, due_on: date | None, act: str = "") -> QueueRow:
    return QueueRow(
        matter=m.pk,
        label=label_of(m),
        title=opened(m, "title_ct"),
        drafter=drafter,
        department=m.department.name if m.department else "",
        origin=m.origin,
        level=p.level,
        mark=mark_text(p.level, p.tail),
        proposed_at=p.at,
        due_on=due_on,
        is_policy=True,
        act=act,
    )


def _scope_ids(proposal: Proposal, kind: str) -> tuple[UUID, ...]:
    return tuple(UUID(str(i)) for i in proposal.scope.get(kind) or ())


def named_scope(proposal: Proposal, people: list[Person]) -> tuple[str, int]:
    """Say who ``proposal`` names and how many they are, departments counted by their people."""
    persons = set(_scope_ids(proposal, "persons"))
    departments = set(_scope_ids(proposal, "departments"))
    inside = {p.pk for p in people if p.department_id in departments}
    words = [scope_words(people, frozenset(persons - inside))] if persons - inside else []
    words += list(Department.objects.filter(pk__in=departments).values_list("name", flat=True))
    return "、".join(w for w in words if w), len(persons | inside)


def _precedents(actor: Actor, now: datetime, item: Item | None, matter: Matter) -> list[Matter]:
    """Return the decided matters under the same item within three years that the reader may know of."""
    if item is None:
        return []
    since = now.replace(year=now.year - 3, day=min(now.day, 28))
    rows = existing(actor, now).filter(item_id=item.item, state="active", created_at__gte=since)
    return list(rows.exclude(pk=matter.pk)[:500])


def _counted(words: list[str], unit: str = "") -> str:
    """Say how often each word occurs: ``10年 9 件、5年 2 件``."""
    return "、".join(f"{word}{unit} {count}" for word, count in Counter(words).most_common(3))


def compare(
    proposal: Proposal, item: Item | None, count: int, page: DraftPage, earlier: list[Matter]
) -> tuple[Comparison, ...]:
    """Put the three elements and the marked points beside the guide item and the precedents."""
    marked = [m.points.count() for m in earlier[:50]]
    sizes = [m.scope_entries.filter(until__isnull=True).count() for m in earlier[:50]]
    middle = f"≈ {int(median(sizes))}" if sizes else ""
    level = Comparison("level", proposal.level, item.level if item else "", _counted([m.level for m in earlier]), None)
    tail = Comparison("period", proposal.tail, item.tail if item else "", _counted([m.tail for m in earlier]), None)
    if item is not None:
        level = Comparison(level.element, level.proposed, level.guide, level.precedents, proposal.level == item.level)
        tail = Comparison(tail.element, tail.proposed, tail.guide, tail.precedents, proposal.tail == item.tail)
    scope = Comparison("scope", str(count), item.scope_rule if item else "", middle, None)
    usual = f"{min(marked)}–{max(marked)}" if any(marked) else ""
    return level, tail, scope, Comparison("points", str(len(page.points)), "", usual, None)


def history(matter: Matter) -> tuple[Happened, ...]:
    """Return what the ledger holds about ``matter``, looking apart, oldest first."""
    rows = Entry.objects.filter(stream=f"matter:{matter.pk}").exclude(act="access.looked").order_by("stream_no")[:100]
    parsed = [(row, json.loads(row.body)) for row in rows]
    ids = {str(_who(body)) for _, body in parsed if _who(body)}
    names = {str(a.pk): a.person.name for a in Account.objects.filter(pk__in=ids).select_related("person")}
    names |= {str(p.pk): p.name for p in Person.objects.filter(pk__in=ids)}
    return tuple(Happened(row.at, names.get(str(_who(body)), ""), row.act) for row, body in parsed)


def _who(body: dict[str, object]) -> object:
    """Return the id of the person or account that an entry names as its actor."""
    actor = body.get("actor")
    if isinstance(actor, dict):
        return actor.get("person") or actor.get("person_id") or actor.get("account") or ""
    return actor if isinstance(actor, str) and len(actor) == 36 else ""


@query("review.desk", roles=(Role.OFFICER,), shows=lambda desk: (desk.page.matter,))
def desk(*, actor: Actor, now: datetime, matter: UUID) -> Desk:
    """Return one proposal as the officer reviews it.

    Raises:
        NotFound: There is no proposal of that id that the officer may know.
    """
    row = matter_for(actor, now, matter)
    proposal = (
        Proposal.objects.filter(matter=row).select_related("drafter", "item__edition").order_by("-number").first()
    )
    if proposal is None or row.state != "proposed":
        raise NotFound()
    page = build(actor, now, row)
    queued = _waiting(actor, now)
    ids = [m.pk for m, _, _ in queued]
    place = ids.index(row.pk) if row.pk in ids else -1
    item = item_card(0, proposal.item, actor, now, page.answers) if proposal.item else None
    people = people_of(actor, now)
    words, count = named_scope(proposal, people)
    held = standing.officer(UUID(actor.person_id), now)
    payload = json.loads(opened(proposal, "payload_ct")) if proposal.payload_ct else {}
    earlier = _precedents(actor, now, item, row)
    limit = queued[place][2] if place >= 0 else None
    return Desk(
        page=page,
        proposal=proposal.pk,
        drafter=proposal.drafter.name,
        department=row.department.name if row.department else "",
        proposed_at=proposal.at,
        level=proposal.level,
        tail=proposal.tail,
        mark=mark_text(proposal.level, proposal.tail),
        reasons=str(payload.get("reasons") or ""),
        scope_words=words,
        scope_persons=_scope_ids(proposal, "persons"),
        scope_departments=_scope_ids(proposal, "departments"),
        scope_organs=_scope_ids(proposal, "organs"),
        item=item,
        linked=sourcing.linked(row),
        comparison=compare(proposal, item, count, page, earlier),
        history=history(row),
        due_on=limit.due_on if limit else None,
        place=place + 1,
        total=len(ids),
        previous=ids[place - 1] if place > 0 else None,
        following=ids[place + 1] if 0 <= place < len(ids) - 1 else None,
        max_level=held.max_level if held else "",
        instrument=held.instrument if held else "",
        own_draft=str(row.drafter_id) == actor.person_id,
    )
