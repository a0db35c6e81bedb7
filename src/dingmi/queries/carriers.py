"""载体台账: every copy of what the reader may know of, where it stands, who has it, and what happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from dingmi.base import messages
from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding, Invalid, NotFound
from dingmi.queries import access, facts
from dingmi.queries.registry import query
from dingmi.queries.remembered import remembered
from dingmi.queries.rows import at_most, capped
from dingmi.records.carriers.models import Carrier, CarrierEvent
from dingmi.records.organs.models import Organ, Person
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import carriers as law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.facts_carriers import MoveFacts

PAGE = 20
ORDER = ("-created_at", "copy_no", "pk")
ELECTRONIC = "electronic"
PHYSICAL = ("paper", "optical", "magnetic", "product")  # in hands or in a safe
FORMS = (*PHYSICAL, ELECTRONIC)
IN_SYSTEM = "in_system"  # how an electronic copy stands: in the vault, in nobody's hands
SHOWN = (*law.STATES, IN_SYSTEM)
VIEWS = ("late", "mine", "return", "remark")  # beside the states: what waits for somebody
TO_COME = (*law.HELD, *law.ABROAD)  # copies, or their signed slips, that are to come back by a day
CLAUSES = ("BMF-26.1", "TL-27.2")
SLIPS = {  # acts by which copies change hands, and what the slip is called
    "carriers.lend": "交接",
    "carriers.take_back": "收回",
    "carriers.carry_out": "携带外出",
    "carriers.repair": "送修",
    "carriers.dispatch": "发出",
    "carriers.give_back": "清退",
    "carriers.archive": "归档",
}
KEEPERS = (Role.SECRECY_OFFICE,)
APPROVERS = (Role.OFFICER, Role.HEAD)


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """One copy: number, mark and place; never what it says."""

    id: UUID
    number: str
    matter: UUID
    form: str
    level: str
    mark: str
    state: str
    holder: str
    organ: str
    place: str
    due_on: date | None
    return_by: date | None
    is_late: bool
    remark_due: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Tallied:
    """How many copies stand in one state."""

    state: str
    count: int


@dataclass(frozen=True, slots=True)
class CarrierPage:
    """One page of the register of copies."""

    rows: tuple[CarrierRow, ...]
    tally: tuple[Tallied, ...]
    total: int
    late: int
    to_sign: int
    next_after: str
    may_keep: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """One event in the life of a copy."""

    id: UUID
    act: str
    title: str
    at: datetime
    by: str
    state: str
    holder: str
    organ: str
    place: str
    due_on: date | None
    document_no: str
    told: tuple[tuple[str, str], ...]
    has_slip: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """Whom and what the forms offer."""

    people: tuple[tuple[str, str], ...]
    organs: tuple[tuple[str, str], ...]
    channels: tuple[str, ...]
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CarrierDetail:
    """One copy with its life, what it was copied from, and the acts that may follow."""

    row: CarrierRow
    parent: tuple[UUID, str] | None
    children: tuple[CarrierRow, ...]
    events: tuple[Happened, ...]
    allowed: tuple[str, ...]
    is_content: bool
    choices: Choices


def label(row: Carrier) -> str:
    """Return the number of a copy: that of its matter and its copy number (GW-9.1)."""
    return f"{row.matter.register_no}-{row.copy_no:06d}"


def highest(rows: Iterable[Carrier]) -> str:
    """Return the highest level among copies."""
    return max((row.matter.level for row in rows), key=access.LEVELS.index)


def held_by(person: UUID) -> int:
    """Return how many copies are in a person's hands."""
    return int(Carrier.objects.filter(holder=person, state__in=law.HELD).count())


def known(actor: Actor, now: datetime) -> QuerySet[Carrier]:
    """Return the copies of registered state secrets that the actor may know of."""
    matters = access.existing(actor, now).filter(regime=facts.REGIME, register_no__isnull=False)
    found: QuerySet[Carrier] = Carrier.objects.filter(matter__in=matters.values("pk"))
    return found.select_related("matter__organ", "holder", "organ")


def labelled(numbers: Iterable[str]) -> Q:
    """Return the condition that finds the copies with these numbers."""
    found = Q(pk__in=())
    for number in numbers:
        register_no, _, copy = number.rpartition("-")
        if register_no and copy.isascii() and copy.isdigit() and len(copy) <= 9:
            found |= Q(matter__register_no=register_no, copy_no=int(copy))
    return found


def is_late(row: Carrier, today: date) -> bool:
    """Tell whether a copy should have come back, or gone back to its issuer, before today."""
    if row.state in TO_COME and row.due_on is not None and row.due_on < today:
        return True
    return row.state in law.INSIDE and row.return_by is not None and row.return_by < today


def _me(actor: Actor) -> UUID | None:
    return UUID(actor.person_id) if actor.person_id else None


def _late(today: date) -> Q:
    held = Q(state__in=TO_COME, due_on__lt=today)
    return held | Q(state__in=law.INSIDE, return_by__lt=today)


def shown_state(row: Carrier) -> str:
    """Return how a copy stands, as people are told."""
    return IN_SYSTEM if row.form == ELECTRONIC else str(row.state)


def row_of(row: Carrier, today: date) -> CarrierRow:
    """Return one copy as a line."""
    return CarrierRow(
        id=row.pk,
        number=label(row),
        matter=row.matter_id,
        form=row.form,
        level=row.matter.level,
        mark=row.mark,
        state=shown_state(row),
        holder=row.holder.name if row.holder else "",
        organ=row.organ.name if row.organ else "",
        place=row.place,
        due_on=row.due_on,
        return_by=row.return_by,
        is_late=is_late(row, today),
        remark_due=row.remark_due,
        created_at=row.created_at,
    )


def _chosen(actor: Actor, now: datetime, state: str, form: str, level: str, text: str) -> QuerySet[Carrier]:
    """Return what a filter leaves.

    Raises:
        Invalid: An unknown state, form or level.
    """
    faults = {
        "state": "" if state in ("", *SHOWN, *VIEWS) else "choice.unknown",
        "form": "" if form in ("", *FORMS) else "choice.unknown",
        "level": "" if level in ("", *access.LEVELS[1:]) else "level.unknown",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    rows, today = known(actor, now), now.date()
    views = {
        "late": _late(today),
        "mine": Q(holder=_me(actor), state__in=law.HELD),
        "return": Q(state__in=law.INSIDE, return_by__isnull=False),
        "remark": Q(remark_due=True),
        IN_SYSTEM: Q(form=ELECTRONIC),
    }
    rows = rows.filter(views.get(state) or Q(state=state) & ~Q(form=ELECTRONIC)) if state else rows
    rows = rows.filter(form=form) if form else rows
    rows = rows.filter(matter__level=level) if level else rows
    words = text.strip()
    if not words:
        return rows
    named = Q(matter__register_no__icontains=words) | Q(holder__name__icontains=words) | Q(place__icontains=words)
    return rows.filter(named | labelled([words]))


def _beyond(rows: QuerySet[Carrier], after: str) -> QuerySet[Carrier]:
    """Return the rows after a page ended.

    Raises:
        Invalid: ``after`` is not what a page gave.
    """
    if not after:
        return rows
    try:
        instant, copy, key = after.split("_")
        at, copy_no, pk = datetime.fromisoformat(instant), int(copy), UUID(key)
    except ValueError:
        raise Invalid("input.invalid", (), fields={"after": "cursor.malformed"}) from None
    same = Q(created_at=at, copy_no__gt=copy_no) | Q(created_at=at, copy_no=copy_no, pk__gt=pk)
    return rows.filter(Q(created_at__lt=at) | same)


@query("carriers", clauses=CLAUSES)
def carriers(
    *,
    actor: Actor,
    now: datetime,
    state: str = "",
    form: str = "",
    level: str = "",
    text: str = "",
    after: str = "",
) -> CarrierPage:
    """One page of the register of copies, newest first: state secrets that the reader may know of. 载体台账。

    Args:
        state: One state, or ``late``, ``mine``, ``return``, ``remark``.
        text: Part of a number, of who has it, or of where it is.
        after: Where the page before ended.
    Raises:
        Invalid: An unknown state, form, level or cursor.
    """
    today = now.date()
    page = list(_beyond(_chosen(actor, now, state, form, level, text), after).order_by(*ORDER)[: PAGE + 1])
    shown = page[:PAGE]
    last = shown[-1] if len(page) > PAGE else None
    counts = remembered(actor, now, ("carriers", today), lambda: _counts(actor, now))
    return CarrierPage(
        rows=tuple(row_of(row, today) for row in shown),
        tally=tuple(Tallied(code, counts[code]) for code in SHOWN if counts.get(code)),
        total=at_most(sum(counts.get(code, 0) for code in SHOWN)),
        late=counts["late"],
        to_sign=counts["to_sign"],
        next_after=f"{last.created_at.isoformat()}_{last.copy_no}_{last.pk}" if last else "",
        may_keep=actor.holds(*KEEPERS),
    )


def _counts(actor: Actor, now: datetime) -> dict[str, int]:
    """Count the copies by state, those that are late, and those that wait for the reader's signature."""
    rows = known(actor, now).order_by()
    held = rows.exclude(form=ELECTRONIC).values_list("state").annotate(n=Count("pk"))
    counts = {state: at_most(n) for state, n in held}
    counts[IN_SYSTEM] = capped(rows.filter(form=ELECTRONIC))
    waiting = rows.filter(holder=_me(actor), state="handed")
    return counts | {"late": capped(rows.filter(_late(now.date()))), "to_sign": capped(waiting)}


def every(
    *,
    actor: Actor,
    now: datetime,
    state: str = "",
    form: str = "",
    level: str = "",
    text: str = "",
    after: str = "",
) -> Iterator[CarrierRow]:
    """Yield all that a filter finds, for the list that leaves."""
    rows = _chosen(actor, now, state, form, level, text).order_by(*ORDER)
    return (row_of(row, now.date()) for row in rows.iterator(chunk_size=500))


def allowed(row: Carrier, reader: str, now: datetime) -> tuple[str, ...]:
    """Return the acts that the order of steps allows with a copy now; whose they are, the registry of acts says.

    Signing is for whom the copy was handed to; acts on a whole list are on its page, returns only of what came from outside.
    """
    apart = ["carriers.refuse_destruction", "carriers.finish_destruction"]
    if row.matter.organ.is_home:
        apart += ["carriers.set_return", "carriers.give_back"]
    if str(row.holder_id) != reader:
        apart.append("carriers.sign")
    return tuple(act for act in law.MOVES if act not in apart and not judge_move(row, act, now).blocking)


def judge_move(row: Carrier, act: str, now: datetime) -> Verdict:
    """Return the verdict on whether the order of steps allows an act with a copy as it stands."""
    given = MoveFacts(now, act, row.state, row.form == ELECTRONIC, label(row))
    return facts.judged("carriers.move", given, now.date())


@query("carriers.one", clauses=(*CLAUSES, "TL-27.1", "TL-27.4", "TL-27.7", "TL-27.8"))
def one(*, actor: Actor, now: datetime, carrier: UUID) -> CarrierDetail:
    """One copy with its life. 载体。

    Raises:
        NotFound: There is none that the reader may know of.
    """
    row = known(actor, now).select_related("parent__matter").filter(pk=carrier).first()
    if row is None:
        raise NotFound("object.not_found")
    today = now.date()
    children = known(actor, now).filter(parent=row).order_by("copy_no")[:100]
    events = row.events.select_related("by", "holder", "organ").order_by("number")
    return CarrierDetail(
        row=row_of(row, today),
        parent=(row.parent.pk, label(row.parent)) if row.parent else None,
        children=tuple(row_of(child, today) for child in children),
        events=tuple(_happened(event, actor.language) for event in events),
        allowed=allowed(row, actor.person_id, now),
        is_content=access.visible(actor, now).filter(pk=row.matter_id).exists(),
        choices=choices(actor, now),
    )


def _happened(event: CarrierEvent, language: str) -> Happened:
    return Happened(
        id=event.pk,
        act=event.act,
        title=messages.render(Finding(event.act, "note"), language).text,
        at=event.at,
        by=event.by.name,
        state=event.state,
        holder=event.holder.name if event.holder else "",
        organ=event.organ.name if event.organ else "",
        place=event.place,
        due_on=event.due_on,
        document_no=event.document_no,
        told=tuple((name, str(value)) for name, value in event.told.items() if value not in ("", False, None)),
        has_slip=event.act in SLIPS,
    )


def choices(actor: Actor, now: datetime) -> Choices:
    """Return the people of the organ, the other organs, and the roads and ways of destruction that the law allows."""
    people = Person.objects.filter(organ_id=actor.organ_id, left_at__isnull=True).order_by("staff_no", "pk")
    organs = Organ.objects.filter(is_home=False).order_by("name", "pk")
    ways = BOOK.parameters.value("destruction_methods", now.date())
    return Choices(
        people=tuple((str(p.pk), p.name) for p in people),
        organs=tuple((str(o.pk), o.name) for o in organs),
        channels=tuple(BOOK.parameters.value("approved_channels", now.date())),
        methods=tuple(dict.fromkeys(method for methods in ways.values() for method in methods)),
    )


@query("carriers.desk", clauses=CLAUSES)
def desk(*, actor: Actor, now: datetime) -> Choices:
    """Whom and what the forms for several copies at once offer. 批量办理。"""
    return choices(actor, now)
