"""一致性雷达: the cases that the reader may know of, and one case with what both matters have in common."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import access, content, discord, facts, numbers
from dingmi.queries.draft_history import Line, compared
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.queries.rows import capped
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.models import Matter
from dingmi.records.officers.models import Designation
from dingmi.records.organs.models import Person
from dingmi.records.oversight.radar import Discord

READERS = (Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two matters; the title is for those who may read it."""

    matter: UUID
    number: str
    title: str
    level: str
    tail: str
    mark: str
    item_words: str
    officer: str
    is_content: bool


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case in the list."""

    case: UUID
    number: str
    one: Side
    other: Side
    differs: tuple[str, ...]
    per_cent: int
    state: str
    outcome: str
    owner: str
    is_mine: bool
    found_on: date
    due_on: date
    is_late: bool

    @property
    def standing(self) -> str:
        """How the case stands: late, open, aligned, or what came of the ruling (stands, or ruled: a change is due)."""
        if self.state == "open":
            return "late" if self.is_late else "open"
        return "stands" if self.state == "ruled" and self.outcome == "stands" else self.state


@dataclass(frozen=True, slots=True)
class RadarPage:
    """The cases: open ones first, the longest overdue at the top."""

    rows: tuple[CaseRow, ...]
    open: int
    late: int
    more: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case: both matters, their texts compared line by line, the ruling or who may make it."""

    row: CaseRow
    level: str
    lines: tuple[Line, ...]
    reason: str
    ruled_by: str
    ruled_on: date | None
    basis: str
    officers: tuple[tuple[UUID, str], ...]
    items: tuple[tuple[UUID, str], ...]
    may_rule: bool
    may_assign: bool
    version: str


@query("radar", roles=READERS)
def page(*, actor: Actor, now: datetime) -> RadarPage:
    """Return the cases of near-identical matters that differ, as far as the reader may know of both."""
    known = access.existing(actor, now)
    cases = Discord.objects.filter(one__in=known.values("pk"), other__in=known.values("pk"))
    cases = cases.select_related("one", "other", "owner")
    live = list(cases.filter(closed_at__isnull=True).order_by("state", "due_on", "number"))
    done = list(cases.filter(closed_at__isnull=False).order_by("-closed_at", "-number")[:SHOWN])
    rows = _rows(actor, now, [*live, *done])
    waiting = [r for r in rows if r.state == "open"]
    more = max(0, capped(cases) - len(rows))
    return RadarPage(rows, len(waiting), sum(r.is_late for r in waiting), more)


def _shown(page: CasePage) -> tuple[UUID, ...]:
    return (page.row.one.matter, page.row.other.matter) if page.lines else ()


@query("radar.case", roles=READERS, shows=_shown)
def case(*, actor: Actor, now: datetime, case: UUID) -> CasePage:
    """Return one case; the words of the matters for those who may read them.

    Raises:
        NotFound: There is no such case, or the reader may not know of both matters.
    """
    known = access.existing(actor, now)
    found = Discord.objects.select_related("one", "other", "owner", "ruled_by", "item__edition").filter(pk=case)
    kept = found.filter(one__in=known.values("pk"), other__in=known.values("pk")).first()
    if not isinstance(kept, Discord):
        raise NotFound("object.not_found", ())
    (row,) = _rows(actor, now, [kept])
    reads = row.one.is_content and row.other.is_content
    for matter in (kept.one_id, kept.other_id) if reads else ():
        access.matter_for(actor, now, matter)  # opened side by side: the decision is asked for each, and the ledger
    words = json.loads(content.opened(kept, "words_ct", kept.level) or "{}") if reads else {}
    may_assign = kept.state == "open" and actor.holds(Role.SECRECY_OFFICE)
    return CasePage(
        row=row,
        level=kept.level,
        lines=compared(content.body(kept.one)[0], content.body(kept.other)[0]) if reads else (),
        reason=str(words.get("reason", "")),
        ruled_by=kept.ruled_by.name if kept.ruled_by else "",
        ruled_on=kept.ruled_at.date() if kept.ruled_at else None,
        basis=_words_of(kept.item) if kept.item and reads else "",
        officers=_officers(kept, now) if may_assign else (),
        items=_items(kept, now),
        may_rule=kept.state == "open" and row.is_mine and reads,
        may_assign=may_assign,
        version=version_of(kept),
    )


def _rows(actor: Actor, now: datetime, cases: list[Discord]) -> tuple[CaseRow, ...]:
    ids = {m for c in cases for m in (c.one_id, c.other_id)}
    readable = set(access.visible(actor, now).filter(pk__in=ids).values_list("pk", flat=True))
    matters = Matter.objects.select_related("item__edition", "officer").in_bulk(ids)
    sides = {pk: _side(matter, pk in readable) for pk, matter in matters.items()}
    return tuple(
        CaseRow(
            case=c.pk,
            number=discord.called(c),
            one=sides[c.one_id],
            other=sides[c.other_id],
            differs=tuple(c.differs),
            per_cent=c.per_cent,
            state=c.state,
            outcome=c.outcome,
            owner=c.owner.name if c.owner else "",
            is_mine=str(c.owner_id) == actor.person_id,
            found_on=c.found_at.date(),
            due_on=c.due_on,
            is_late=c.state == "open" and c.due_on < now.date(),
        )
        for c in cases
    )


def _side(row: Matter, reads: bool) -> Side:
    return Side(
        matter=row.pk,
        number=numbers.shown(row.pk, row.register_no),
        title=content.listed_title(row) if reads else "",
        level=row.level,
        tail=row.tail,
        mark=facts.mark(row.level, row.tail),
        item_words=_words_of(row.item) if reads and row.item else "",
        officer=row.officer.name if row.officer else "",
        is_content=reads,
    )


def _words_of(item: GuideItem) -> str:
    return f"《{item.edition.title}》{item.number} {item.text}"


def _items(kept: Discord, now: datetime) -> tuple[tuple[UUID, str], ...]:
    """Return the items that the two matters rest on, as they are in force today."""
    today = (facts.same_item_on(pk, now) for pk in dict.fromkeys((kept.one.item_id, kept.other.item_id)) if pk)
    rows = GuideItem.objects.select_related("edition").filter(pk__in=[pk for pk in today if pk]).order_by("number")
    return tuple((row.pk, f"{row.level} · {_words_of(row)}") for row in rows)


def _officers(kept: Discord, now: datetime) -> tuple[tuple[UUID, str], ...]:
    """Return the officers who may read both matters."""
    people = Designation.objects.filter(ended_at__isnull=True).values("officer__person")
    rows = Person.objects.filter(pk__in=people).order_by("name", "pk")
    return tuple((p.pk, p.name) for p in rows if discord.may_rule(p.pk, kept.one, kept.other, now))
