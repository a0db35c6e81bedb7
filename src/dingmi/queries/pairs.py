"""经常搭档的两人: how often the same two people act one after the other, for whoever inspects (SECURITY-TESTS A9).

Of decisions on matters: who proposed and who decided. Of acts of two people: who asked and who agreed. Nobody is accused: a
pair above the organ's own threshold is one whose records are to be looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Count, F, Max

from dingmi.base.actor import Actor
from dingmi.base.errors import Invalid
from dingmi.queries import access, policy
from dingmi.queries.clock import ZONE
from dingmi.queries.oversight import READERS
from dingmi.queries.registry import query
from dingmi.records.matters.models import Decision
from dingmi.records.organs.models import Certificate, ClearanceAsked, Person, RoleAsked
from dingmi.records.vault.models import KeyEpoch

DECISION, SEAT = "decision", "seat"
FIRST_YEAR, LAST_YEAR = 2000, 9998
SEATS = (  # what two people do: its rows, and who agreed when
    (RoleAsked, "agreed_by", "agreed_at"),
    (ClearanceAsked, "agreed_by", "agreed_at"),
    (Certificate, "confirmed_by", "confirmed_at"),
    (KeyEpoch, "made_by", "made_at"),
)
Found = tuple[UUID, UUID, int, datetime]  # first, second, how often, when last


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people in one year.

    Attributes:
        kind: ``decision``: ``first`` proposed and ``second`` decided; ``seat``: ``first`` asked and ``second`` agreed.
        percent: Of what ``first`` proposed or asked and anybody decided or agreed to.
        back: How often they did it the other way round.
        is_above: Policy asks that somebody looks at their records.
    """

    kind: str
    first: str
    second: str
    count: int
    percent: int
    back: int
    last_on: date
    is_above: bool


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of a year, those above the threshold first; and the threshold, which is policy."""

    year: int
    rows: tuple[Pair, ...]
    above: int
    least: int
    percent: int


@query("oversight.pairs", roles=READERS, clauses=("TL-58",))
def pairs(*, actor: Actor, now: datetime, year: int | None = None) -> Pairs:
    """How often the same two people acted one after the other, over the matters that the reader may know of. 搭档统计。"""
    asked = year or now.astimezone(ZONE).year
    if not FIRST_YEAR <= asked <= LAST_YEAR:
        raise Invalid("input.invalid", (), fields={"year": "number.range"})
    since, until = (datetime.combine(date(y, 1, 1), time(), ZONE) for y in (asked, asked + 1))
    day = min(now.astimezone(ZONE).date(), date(asked, 12, 31))
    least, percent = policy.number("pair_least", day), policy.number("pair_percent", day)
    found = {DECISION: _decided(actor, now, since, until), SEAT: _seated(since, until)}
    people = {person for rows in found.values() for first, second, _, _ in rows for person in (first, second)}
    names = dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))
    rows = [pair for kind, some in found.items() for pair in _pairs(kind, some, names, least, percent)]
    rows.sort(key=lambda pair: (not pair.is_above, -pair.count, pair.kind, pair.first, pair.second))
    return Pairs(asked, tuple(rows), sum(pair.is_above for pair in rows), least, percent)


def _decided(actor: Actor, now: datetime, since: datetime, until: datetime) -> list[Found]:
    known = access.existing(actor, now).values("pk")
    made = Decision.objects.filter(at__gte=since, at__lt=until, matter__in=known, proposal__isnull=False)
    made = made.filter(officer__isnull=False).exclude(officer=F("proposal__drafter"))
    grouped = made.order_by().values_list("proposal__drafter", "officer")
    return list(grouped.annotate(times=Count("pk"), last=Max("at")))


def _seated(since: datetime, until: datetime) -> list[Found]:
    times: Counter[tuple[UUID, UUID]] = Counter()
    last: dict[tuple[UUID, UUID], datetime] = {}
    for model, second, at in SEATS:
        rows = model.objects.filter(**{f"{at}__gte": since, f"{at}__lt": until}).order_by(at, "pk")
        for asked_by, agreed_by, when in rows.values_list("asked_by", second, at):
            times[asked_by, agreed_by] += 1
            last[asked_by, agreed_by] = max(when, last.get((asked_by, agreed_by), when))
    return [(*two, number, last[two]) for two, number in times.items()]


def _pairs(kind: str, found: Iterable[Found], names: dict[UUID, str], least: int, percent: int) -> list[Pair]:
    times = {(first, second): (number, last) for first, second, number, last in found}
    every: Counter[UUID] = Counter()
    for (first, _), (number, _) in times.items():
        every[first] += number
    made = []
    for (first, second), (number, last) in times.items():
        share = number * 100 // every[first]
        back = times.get((second, first), (0, last))[0]
        made.append(
            Pair(
                kind=kind,
                first=names[first],
                second=names[second],
                count=number,
                percent=share,
                back=back,
                last_on=last.astimezone(ZONE).date(),
                is_above=number >= least and (share >= percent or back >= least),
            )
        )
    return made
