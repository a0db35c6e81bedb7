"""到期与审核：what ends within 90 days, open yearly reviews, conditions to check, what was missed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, prefetch_related_objects

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.queries import access, outlook
from dingmi.queries.matter import MatterPage
from dingmi.queries.matter import matter as one_matter
from dingmi.queries.registry import query
from dingmi.queries.remembered import remembered
from dingmi.queries.rows import MatterRow, keys_of, records, rows_of
from dingmi.queries.tally import tally
from dingmi.records.matters.models import Decision, Matter, Proposal, ReviewTask, SourceLink

VIEWS = ("due", "annual", "event", "late")
ORDERS = ("", "outlook")  # by the last day; by what earlier reviews teach
SHOWN = 60
FEW_LATE = 400  # late reviews whose matters are named one by one
WEIGHED = 2_000  # matters that are put in the order of earlier reviews; the nearest of them
BATCHED = ("keep", "lapse", "extend")  # what may be signed together, each with its own reason


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stand together: those of one month, those that are late, that wait for a condition, or that were weighed."""

    kind: str  # month / late / event / outlook
    start: date | None
    rows: tuple[ExpiryRow, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """A fact of the records that speaks for one end of a matter; ``count`` is 0 where there is nothing to count."""

    code: str  # item_ended / sources_released / derived_live
    count: int


@dataclass(frozen=True, slots=True)
class LateReview:
    """A review that was not done by its day: which one it is."""

    kind: str
    year: int
    due_on: date


@dataclass(frozen=True, slots=True)
class ExpiryRow:
    """One matter with the proposal that waits on it, and what the records say about its end."""

    row: MatterRow
    proposed: str
    version: int
    days_left: int
    level: str
    may_batch: bool
    signs: tuple[Sign, ...]
    prospect: outlook.Prospect | None
    late: tuple[LateReview, ...]

    @property
    def leaning(self) -> str:
        """Return what the facts speak for: ``release``, ``study``, or nothing. A person decides."""
        codes = {s.code for s in self.signs}
        if not codes:
            return ""
        return "study" if "derived_live" in codes else "release"


@dataclass(frozen=True, slots=True)
class Expiry:
    """The page of expiry and review."""

    view: str
    by: str
    version: int  # of the order of earlier reviews; 0: none is in use
    today: date
    groups: tuple[Group, ...]
    late: int
    days30: int
    days60: int
    days90: int
    events: int
    annual_open: int
    annual_all: int
    annual_done: int
    chosen: MatterPage | None
    chosen_signs: tuple[Sign, ...]
    chosen_prospect: outlook.Prospect | None

    @property
    def may_batch(self) -> bool:
        """Tell whether anything shown may be signed together with others."""
        return any(e.may_batch for group in self.groups for e in group.rows)

    @property
    def annual_share(self) -> float:
        """Return how far the yearly review has come, 0…1."""
        return self.annual_done / self.annual_all if self.annual_all else 0.0


def _signs(matters: list[Matter], visible: Any, today: date) -> dict[Any, tuple[Sign, ...]]:
    """Return per matter what the records say: its item is no longer in force, its sources ended, derived ones go on."""
    ids = [m.pk for m in matters]
    links = SourceLink.objects.filter(matter__in=ids).values("matter")
    ended = Q(source__state="declassified")
    sources = {
        row["matter"]: (row["n"], row["done"])
        for row in links.annotate(n=Count("pk"), done=Count("pk", filter=ended)).order_by()
    }
    onward = set(SourceLink.objects.filter(source__in=ids, matter__state="active").values_list("source", "matter"))
    known = set(visible.filter(pk__in={made for _, made in onward}).values_list("pk", flat=True))
    derived = Counter(source for source, made in onward if made in known)
    found: dict[Any, tuple[Sign, ...]] = {}
    for matter in matters:
        held, done = sources.get(matter.pk, (0, 0))
        until = matter.item.edition.until if matter.item else None
        facts = (
            Sign("item_ended", 0) if until is not None and until <= today else None,
            Sign("sources_released", held) if held and held == done else None,
            Sign("derived_live", derived[matter.pk]) if matter.pk in derived else None,
        )
        found[matter.pk] = tuple(f for f in facts if f is not None)
    return found


def _pending(ids: list[Any]) -> dict[Any, str]:
    """Return the open proposal per matter: the latest one, if nobody has decided on it."""
    latest: dict[Any, Proposal] = {}
    for proposal in Proposal.objects.filter(matter__in=ids).order_by("number"):
        latest[proposal.matter_id] = proposal
    decided = set(Decision.objects.filter(proposal__in=list(latest.values())).values_list("proposal_id", flat=True))
    return {m: p.act.partition(".")[2] for m, p in latest.items() if p.pk not in decided}


def _first(actor: Actor, now: datetime, view: str, matters: Any, count: int) -> list[Any]:
    """Return the first of ``matters`` by their last day, with what a row shows; which they are is remembered."""

    def found() -> list[tuple[UUID, bool]]:
        return list(keys_of(matters, count, "last_protected_day", "pk"))

    read = records(remembered(actor, now, ("expiry", view, count), found))
    prefetch_related_objects(read, "item__edition")
    return read


def _conditions(today: date) -> dict[str, Q]:
    """Return what each view and each count asks of a matter in force."""

    def ending(first: int, last: int) -> Q:
        days = (today + timedelta(days=first), today + timedelta(days=last))
        return Q(last_protected_day__range=days)

    waiting = ReviewTask.objects.filter(done_at__isnull=True)
    late = waiting.filter(due_on__lt=today).values_list("matter", flat=True)
    few = list(late.order_by("due_on", "pk")[: FEW_LATE + 1])  # by the index of what waits; else every matter is tested
    return {
        "due30": ending(0, 30),
        "due60": ending(31, 60),
        "due90": ending(61, 90),
        "annual": Q(Exists(waiting.filter(matter=OuterRef("pk"), kind="annual"))),
        "event": Q(last_protected_day__isnull=True),
        "late": Q(pk__in=set(few) if len(few) <= FEW_LATE else late),
    }


def _counts(live: Any, asked: dict[str, Q], today: date) -> dict[str, int]:
    """Count what each view holds, and how far the yearly review has come."""
    yearly = ReviewTask.objects.filter(kind="annual", year=today.year, matter__in=live.values("pk"))
    done = yearly.aggregate(annual_all=Count("pk"), annual_done=Count("pk", filter=Q(done_at__isnull=False)))
    return tally(live, asked) | done


@query("expiry", roles=(Role.OFFICER, Role.SECRECY_OFFICE), clauses=("JM-4.1", "SEED-19", "TL-22.1"))
def expiry(*, actor: Actor, now: datetime, view: str = "due", by: str = "", row: UUID | None = None) -> Expiry:
    """What ends or is to be reviewed: what is late first, then the nearest, or what is likelier to be released or changed.

    Args:
        by: ``outlook``: in the order that earlier reviews teach, where a version of it is in use.
        row: The matter shown beside the list; by default the first that the reader may open.
    Raises:
        Invalid: An unknown view or order.
        NotFound: ``row`` does not exist, or the reader may not know it.
    """
    if view not in VIEWS or by not in ORDERS:
        raise Invalid("input.invalid", (), fields={"view" if view not in VIEWS else "by": "choice.unknown"})
    today = now.date()
    live = access.listed(actor, now).filter(state="active")
    asked = _conditions(today)
    counts = remembered(actor, now, "expiry", lambda: _counts(live, asked, today))
    chosen = live.filter(asked["due30"] | asked["due60"] | asked["due90"] if view == "due" else asked[view])
    overdue = _first(actor, now, "late", live.filter(asked["late"]), SHOWN) if view in ("due", "late") else []
    used = outlook.in_use()
    weighed = bool(by and used[0])
    count = WEIGHED if weighed else SHOWN
    nearest = [m for m in _first(actor, now, view, chosen, count) if m not in overdue]
    said = outlook.prospects(actor, now, [m for m in (*overdue, *nearest) if m.is_content], used)
    if weighed:
        nearest.sort(key=lambda m: -said[m.pk].chance if m.pk in said else 1.0)
    matters = [*overdue, *nearest][:SHOWN]
    open_to = row or next((m.pk for m in matters if m.is_content), None)
    beside = one_matter(actor=actor, now=now, matter=open_to) if open_to else None
    signs = _signs([m for m in matters if m.is_content], access.visible(actor, now), today)
    rows = _lines(matters, today, signs, said)
    return Expiry(
        view=view,
        by=by,
        version=used[0],
        today=today,
        groups=_grouped(rows, {m.pk for m in overdue}, weighed),
        late=counts["late"],
        days30=counts["due30"],
        days60=counts["due60"],
        days90=counts["due90"],
        events=counts["event"],
        annual_open=counts["annual"],
        annual_all=counts["annual_all"],
        annual_done=counts["annual_done"],
        chosen=beside,
        chosen_signs=signs.get(open_to, ()),
        chosen_prospect=said.get(open_to) if open_to else None,
    )


def _lines(
    matters: list[Any], today: date, signs: dict[Any, tuple[Sign, ...]], said: dict[UUID, outlook.Prospect]
) -> list[ExpiryRow]:
    """Return one row for each matter, with the proposal that waits on it."""
    proposed = _pending([m.pk for m in matters])
    late = _late([m.pk for m in matters if m.is_content], today)
    return [
        ExpiryRow(
            row=line,
            proposed=proposed.get(matter.pk, "") if line.is_content else "",
            version=matter.version,
            days_left=line.days_left if line.days_left is not None else 90,
            level=matter.level,
            may_batch=matter.level == "秘密" and line.is_content and proposed.get(matter.pk) in BATCHED,
            signs=signs.get(matter.pk, ()),
            prospect=said.get(matter.pk),
            late=tuple(late.get(matter.pk, ())),
        )
        for matter, line in zip(matters, rows_of(matters, today), strict=True)
    ]


def _late(matters: list[UUID], today: date) -> dict[UUID, list[LateReview]]:
    """Return the reviews of each matter that were not done by their day, the oldest first."""
    found: dict[UUID, list[LateReview]] = {}
    rows = ReviewTask.objects.filter(matter__in=matters, done_at__isnull=True, due_on__lt=today)
    for task in rows.order_by("due_on", "pk"):
        found.setdefault(task.matter_id, []).append(LateReview(task.kind, task.year, task.due_on))
    return found


def _grouped(rows: list[ExpiryRow], overdue: set[UUID], weighed: bool) -> tuple[Group, ...]:
    """Return the rows in the groups they stand in, in the order of their first rows."""
    groups: dict[tuple[str, date | None], list[ExpiryRow]] = {}
    for line in rows:
        day = line.row.last_day
        if line.row.matter in overdue:
            key: tuple[str, date | None] = ("late", None)
        elif weighed:
            key = ("outlook", None)
        else:
            key = ("month", day.replace(day=1)) if day else ("event", None)
        groups.setdefault(key, []).append(line)
    return tuple(Group(kind, start, tuple(found)) for (kind, start), found in groups.items())
