"""The tables of statistics: each says which records stand in which cell, so that every figure opens exactly what it counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from dingmi.queries import facts, gate, standing
from dingmi.queries.clock import ZONE
from dingmi.queries.facts_appointment import DERIVES_ONLY
from dingmi.queries.statistics import signals
from dingmi.queries.statistics.cells import NO_UNIT, Count, Counted, Frame, Kind, Table, of_matter, quarter, quarters
from dingmi.queries.statistics.past import LEVELS, Deed, Life, Step, end_of, entered_after
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.disputes import Challenge
from dingmi.records.matters.models import Decision, Matter, Referral, ReviewTask
from dingmi.records.officers.models import Delegation, Officer
from dingmi.records.organs.models import Department
from dingmi.records.oversight.models import Correction

ENTERED = ("officers.record_training", "personnel.import_rows", "delegation.register")
RANK = {level: place for place, level in enumerate(LEVELS)}
QUARTERS, YEARS, ITEMS, ITEM_QUARTERS = 12, 10, 6, 8


def _determined(frame: Frame) -> Iterable[Count]:
    for life, step in frame.past.steps(frame.first, frame.last, "determined"):
        yield "derivative" if life.origin == "derivative" else "original", step.deed.level, of_matter(life)


def _tails(frame: Frame) -> Iterable[Count]:
    for life, step in frame.past.steps(frame.first, frame.last, "determined"):
        yield step.deed.kind, step.deed.level, of_matter(life)


def change_of(step: Step) -> str:
    """Name a change by what weighs most: level, then period, then the rest."""
    before, after = step.before, step.deed
    if before is not None and before.level != after.level:
        return "raised" if RANK[after.level] > RANK[before.level] else "lowered"
    if step.what == "extended":
        return "extended"
    if before is not None and before.last_day and after.last_day and before.last_day != after.last_day:
        return "extended" if after.last_day > before.last_day else "shortened"
    return "other"


def _changed(frame: Frame) -> Iterable[Count]:
    for life, step in frame.past.steps(frame.first, frame.last, "changed", "extended"):
        yield change_of(step), step.deed.level, of_matter(life)


def _ended(frame: Frame) -> Iterable[Count]:
    for life, step in frame.past.steps(frame.first, frame.last, "ended", "voided"):
        level = step.before.level if step.before else step.deed.level
        ground = "event_done" if step.ground == "event" else step.ground
        yield "voided" if step.what == "voided" else ground, level, of_matter(life)


def held_at(frame: Frame, day: date) -> Iterable[tuple[Life, Deed]]:
    """Yield what is in force at the end of a day, with its terms."""
    for life in frame.past.lives:
        terms = life.terms(day)
        if terms is not None and terms.level in RANK:
            yield life, terms


def _stock(frame: Frame) -> Iterable[Count]:
    for life, terms in held_at(frame, frame.last):
        yield str(life.department) if life.department else NO_UNIT, terms.level, of_matter(life)


def _by_department(frame: Frame, found: set[str]) -> tuple[str, ...]:
    known = [str(pk) for pk in frame.departments]
    return (*(pk for pk in known if pk in found), *((NO_UNIT,) if NO_UNIT in found else ()))


def _seen(frame: Frame) -> set[UUID]:
    return {life.matter for life in frame.past.lives}


def _reviews(frame: Frame) -> Iterable[Count]:
    rows = ReviewTask.objects.filter(due_on__gte=frame.first, due_on__lte=frame.last, opened_on__lte=frame.past.day)
    seen = _seen(frame)
    for pk, matter, kind, due, done in rows.order_by("due_on", "pk").values_list(
        "pk", "matter", "kind", "due_on", "done_at"
    ):
        if matter not in seen:
            continue
        in_time = done is not None and done < frame.past.end and done.astimezone(ZONE).date() <= due
        yield {"expiry": "before_expiry"}.get(kind, kind), "done" if in_time else "undone", Counted("review", pk)


def _doubts(frame: Frame) -> Iterable[Count]:
    seen = _seen(frame) | _undecided(frame)
    for pk, matter, kind, at in (
        Referral.objects.filter(referred_at__lt=frame.past.end)
        .order_by("referred_at", "pk")
        .values_list("pk", "matter", "kind", "referred_at")
    ):
        if matter in seen and frame.first <= at.astimezone(ZONE).date() <= frame.last:
            yield kind, "count", Counted("referral", pk)
    for pk, matter, ours, at in (
        Challenge.objects.filter(raised_at__lt=frame.past.end)
        .order_by("raised_at", "pk")
        .values_list("pk", "matter", "is_received", "raised_at")
    ):
        if matter in seen and frame.first <= at.astimezone(ZONE).date() <= frame.last:
            yield "received" if ours else "raised_by_us", "count", Counted("challenge", pk)
    found = Correction.objects.filter(found_at__lt=frame.past.end, found_on__gte=frame.first, found_on__lte=frame.last)
    for pk, matter, kind in found.order_by("found_on", "found_at", "pk").values_list("pk", "matter", "kind"):
        if matter in seen:
            row = f"found_{kind}"
            yield row if row in DOUBTS else "found_other", "count", Counted("correction", pk)


def _undecided(frame: Frame) -> set[UUID]:
    """Return the matters within sight about which nothing was decided by then."""
    return set(frame.past.undecided)


def officers_of(frame: Frame) -> QuerySet[Officer]:
    """Return the officers of the organ, or of the department that is told of."""
    rows = Officer.objects.filter(person__organ__is_home=True).order_by("person__staff_no")
    return rows.filter(person__department=frame.unit) if frame.department else rows


def _officers(frame: Frame) -> Iterable[Count]:
    at = end_of(frame.last)
    late = entered_after(frame.past.end, *ENTERED)
    trained = standing.trainings(at).filter(valid_until__gt=at).values_list("pk", "person")
    valid = {person for pk, person in trained if pk not in late}
    for held in standing.roll(officers_of(frame), at):
        if held.in_office:
            row = "derives" if held.matters == DERIVES_ONLY else held.kind
            yield row, "trained" if held.person in valid else "untrained", Counted("officer", held.person)


def _delegations(frame: Frame) -> Iterable[Count]:
    if frame.department not in ("", NO_UNIT):
        return  # the organ gives and receives them, no department does
    late = entered_after(frame.past.end, *ENTERED)
    home, end = standing.home(), end_of(frame.last)
    for row in Delegation.objects.order_by("since", "pk"):
        if row.pk in late or row.since >= end:
            continue
        if row.revoked_at is not None and frame.first <= row.revoked_at.astimezone(ZONE).date() <= frame.last:
            yield "revoked", "count", Counted("delegation", row.pk)
        elif row.until >= end and (row.revoked_at is None or row.revoked_at >= end):
            yield (
                "granted_to_us" if row.grantee_id == home.pk else "granted_by_us",
                "count",
                Counted("delegation", row.pk),
            )


# --- tables that only the page has --------------------------------------------------------------------------------


FLOW = {"determined": "det", "changed": "chg", "extended": "chg", "ended": "end", "voided": "end"}


def _flow(frame: Frame) -> Iterable[Count]:
    for life, step in frame.past.steps(date.min, frame.last, *FLOW):
        yield quarter(step.on), FLOW[step.what], of_matter(life)


def _months(frame: Frame) -> Iterable[Count]:
    for life, step in frame.past.steps(frame.first, frame.last, *FLOW):
        yield f"m{step.on.month}", FLOW[step.what], of_matter(life)


def _forecast(frame: Frame) -> Iterable[Count]:
    for life, terms in held_at(frame, frame.last):
        if terms.last_day is not None:
            yield str(terms.last_day.year), terms.level, of_matter(life)


def _items(frame: Frame) -> Iterable[Count]:
    uses: dict[str, list[tuple[str, Counted]]] = {}
    names = item_numbers()
    for life, step in frame.past.steps(date.min, frame.last, "determined"):
        if step.deed.item in names:
            uses.setdefault(names[step.deed.item], []).append((quarter(step.on), of_matter(life)))
    shown = quarters(frame.last, ITEM_QUARTERS)
    used = {n: [u for u in found if u[0] in shown] for n, found in uses.items()}
    for number in sorted(used, key=lambda n: (-len(used[n]), n))[:ITEMS]:
        yield from ((number, when, record) for when, record in used[number])


def item_numbers() -> dict[UUID | None, str]:
    """Return the number of each item of every guide that is not itself classified (GD-8.2)."""
    rows = GuideItem.objects.filter(edition__level="").values_list("pk", "number")
    return dict(rows)


STANDING = ("due", "late", "waiting", "outside", "over", "untrained", "open")
SOON_DAYS = 90


def _standing(frame: Frame) -> Iterable[Count]:
    """Count what the head looks at: what ends soon, is late, waits, was decided outside authority, over-marked, not trained."""
    seen, day = _seen(frame), frame.last
    for life, terms in held_at(frame, day):
        if terms.last_day is not None and terms.last_day <= day + timedelta(days=SOON_DAYS):
            yield "due", "count", of_matter(life)
    late = ReviewTask.objects.filter(due_on__lt=day, opened_on__lte=frame.past.day).order_by("due_on", "pk")
    open_then = Q(done_at__isnull=True) | Q(done_at__gte=frame.past.end)
    for pk, matter in late.filter(open_then).values_list("pk", "matter"):
        if matter in seen:
            yield "late", "count", Counted("review", pk)
    waiting = Matter.objects.filter(pk__in=frame.past.undecided, state__in=("proposed", "referred"))
    for pk in waiting.order_by("created_at", "pk").values_list("pk", flat=True):
        yield "waiting", "count", Counted("matter", pk)
    decided = Decision.objects.filter(act__in=gate.JUDGED, at__gte=facts.start_of(frame.first), at__lt=frame.past.end)
    for row in gate.kept_outside(decided.filter(officer__isnull=False).order_by("at", "pk")):
        if row.matter_id in seen:
            yield "outside", "count", Counted("matter", row.matter_id)
    found = Correction.objects.filter(found_at__lt=frame.past.end).order_by("found_on", "pk")
    for pk, matter, kind, on, closed in found.values_list("pk", "matter", "kind", "found_on", "closed_at"):
        if matter in seen and kind == "over" and frame.first <= on <= day:
            yield "over", "count", Counted("correction", pk)
        if matter in seen and (closed is None or closed >= frame.past.end):
            yield "open", "count", Counted("correction", pk)
    for _row, column, record in _officers(frame):
        if column == "untrained":
            yield "untrained", "count", record


SAMPLED = ("right", "found_high", "points_missed", "other_error")


def _sampled(frame: Frame) -> Iterable[Count]:
    """Count what inspections of the year had drawn: nothing wrong, too high, points missed, or another error alone."""
    for _on, life, errors in signals.sampled(frame, frame.first, frame.last):
        named = {"over": "found_high", "points": "points_missed"}
        rows = [named[e] for e in sorted(errors) if e in named] or (["other_error"] if errors else ["right"])
        yield rows[0], "count", of_matter(life)


def _natural(frame: Frame, found: set[str]) -> tuple[str, ...]:
    return tuple(sorted(found, key=lambda n: (len(n), n)))


DOUBTS = (
    "unclear",
    "authority",
    "received",
    "raised_by_us",
    "found_not_determined",
    "found_wrong",
    "found_over",
    "found_under",
    "found_over_authority",
    "found_procedure",
    "found_unmarked",
    "found_unchanged",
    "found_unreviewed",
    "found_wrongly_released",
    "found_unreleased",
    "found_other",
)
KINDS: dict[str, Kind] = {
    "determined": Kind(("original", "derivative"), LEVELS, "ZX-39.1", _determined),
    "tails": Kind(("period", "date", "event", "indefinite", "defaulted"), LEVELS, "ZX-39.1", _tails),
    "changed": Kind(("raised", "lowered", "extended", "shortened", "other"), LEVELS, "ZX-39.1", _changed),
    "ended": Kind(("expiry", "early", "event_done", "published", "voided"), LEVELS, "ZX-39.1", _ended),
    "stock": Kind((), LEVELS, "ZX-39.1", _stock, _by_department),
    "reviews": Kind(("annual", "before_expiry", "source"), ("done", "undone"), "BMF-24.1", _reviews),
    "doubts": Kind(DOUBTS, ("count",), "SEED-36", _doubts),
    "officers": Kind(("statutory", "designated", "derives"), ("trained", "untrained"), "ZX-15", _officers),
    "delegations": Kind(("granted_to_us", "granted_by_us", "revoked"), ("count",), "TL-16.4", _delegations),
    "standing": Kind(STANDING, ("count",), "SEED-36", _standing),
    "flow": Kind((), ("det", "end", "chg"), "SEED-36", _flow, lambda frame, _: quarters(frame.last, QUARTERS)),
    "months": Kind(
        (),
        ("det", "end", "chg"),
        "SEED-36",
        _months,
        lambda frame, _: tuple(f"m{n}" for n in range(1, frame.last.month + 1)),
    ),
    "forecast": Kind(
        (), LEVELS, "BMF-24.2a", _forecast, lambda frame, _: tuple(str(frame.last.year + n) for n in range(YEARS + 1))
    ),
    "items": Kind((), (), "SEED-13", _items, _natural),
    "sampled": Kind(SAMPLED, ("count",), "SEED-12", _sampled),
    **signals.KINDS,
}


def units() -> dict[UUID, str]:
    """Return the departments of the organ, in their order, with their names."""
    names = Department.objects.filter(organ__is_home=True).order_by("order", "name").values_list("pk", "name")
    return dict(names)


def table(name: str, frame: Frame) -> Table:
    """Return one table, each cell with its records; what falls outside its rows and columns is not counted."""
    kind = KINDS[name]
    held: dict[tuple[str, str], list[Counted]] = {}
    for row, column, record in kind.fill(frame):
        held.setdefault((row, column), []).append(record)
    rows = kind.order(frame, {row for row, _ in held}) if kind.order else kind.rows
    columns = kind.columns or quarters(frame.last, ITEM_QUARTERS)
    counted = {cell: tuple(records) for cell, records in held.items() if cell[0] in rows and cell[1] in columns}
    return Table(name, rows, columns, kind.clause, counted, kind.adds_up)
