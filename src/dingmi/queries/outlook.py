"""审核参考: the facts of a matter at a review, the version in use, and what it says to a reader; for those who review.

What a reader is shown rests on what that reader may know: a source, a derived matter or a like one that he may not know of
counts for nothing on his screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.engines.suggest.evaluate.scores import auc
from dingmi.engines.suggest.outlook import EFFORT, NAMES, Outlook, Standing
from dingmi.engines.suggest.review import LEAST_DECISIONS
from dingmi.queries import access, versions
from dingmi.queries.registry import query
from dingmi.records.matters.learnt import LearntVersion
from dingmi.records.matters.models import Decision, Matter, SourceLink
from dingmi.records.matters.outlook import OutlookModel, ReviewOutcome
from dingmi.records.oversight.radar import Discord

KIND = versions.Kind(
    "outlook",
    OutlookModel,
    Outlook.from_text,
    LEAST_DECISIONS,
    nothing="none",
    altered="outlook.altered",
    missing="outlook.no_version",
    retired="outlook.retired",
)
NEAR = 90  # days before the last day
YEAR = 365.25
_KEPT, _YEARS = 5, 10.0  # what counts as one: five reviews, ten years


@dataclass(frozen=True, slots=True)
class Terms:
    """Period and level of a matter at one moment."""

    starts_on: date | None
    last_day: date | None
    level: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """What the unit's earlier reviews say of one matter; ``per_cent`` only while the figures are calibrated.

    ``speaks_for`` and ``speaks_against`` are names of facts, strongest first.
    """

    version: int
    chance: float
    per_cent: int | None
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version(versions.Version):
    """One version: how it did on reviews kept apart, and as it ran since, beside what it was learnt from.

    ``before``, ``after``: per cent of the matters that ended which stand in the first fifth of the list, by last day and in the
    order learnt; ``ran``: reviews that it ran beside; ``auc``: per cent of pairs that it put right among them, nothing while too
    few; ``weights``: names of facts with their weight in hundredths, strongest first.
    """

    ran: int
    auc: int | None
    weights: tuple[tuple[str, int], ...]
    digest: str


@dataclass(frozen=True, slots=True)
class OutlookPage:
    """The versions, newest first, and from how many reviews the next is learnt; numbers of reviews in steps (SR-28)."""

    reviews: int
    ended: int
    wanted: int
    effort: int
    serving: int
    versions: tuple[Version, ...]
    may_serve: bool


@query("outlook", roles=(Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR))
def page(*, actor: Actor, now: datetime) -> OutlookPage:
    """Return what the order of reviews has learnt from, and how each version does."""
    rows = versions.latest(KIND)
    ran = list(ReviewOutcome.objects.filter(at__lte=now).exclude(scored={}).values_list("scored", "ended"))
    return OutlookPage(
        reviews=versions.in_steps(ReviewOutcome.objects.count()),
        ended=versions.in_steps(ReviewOutcome.objects.filter(ended=True).count()),
        wanted=LEAST_DECISIONS,
        effort=round(100 * EFFORT),
        serving=next((row.number for row in rows if row.state == "serving"), 0),
        versions=tuple(_version(row, ran) for row in rows),
        may_serve=actor.holds(Role.SECRECY_OFFICE),
    )


def _version(row: LearntVersion, ran: Sequence[tuple[dict[str, int], bool]]) -> Version:
    made = versions.sound(KIND, row)
    beside = [(ended, scored[str(row.number)]) for scored, ended in ran if str(row.number) in scored]
    both = len({ended for ended, _ in beside}) == 2
    weights = sorted(zip(NAMES, made.weights, strict=True), key=lambda pair: -abs(pair[1])) if made else []
    return Version(
        ran=versions.in_steps(len(beside)),
        auc=round(100 * auc([e for e, _ in beside], [s for _, s in beside])) if both else None,
        weights=tuple((name, round(100 * weight)) for name, weight in weights if round(100 * weight)),
        digest=row.digest,
        **versions.shown(row, made) | {"cases": versions.in_steps(row.cases)},
    )


def in_use() -> tuple[int, Outlook | None]:
    """Return number and content of the version in use; an altered one is not used."""
    row = versions.serving(KIND)
    made = versions.sound(KIND, row) if row is not None else None
    return (row.number, made) if row is not None and made is not None else (0, None)


def prospects(
    actor: Actor, now: datetime, matters: Iterable[Matter], used: tuple[int, Outlook | None]
) -> dict[UUID, Prospect]:
    """Return what the version ``in_use`` says of matters that ``actor`` may read; empty without one."""
    number, made = used
    rows = [(m, Terms(m.starts_on, m.last_protected_day, m.level)) for m in matters]
    if made is None or not rows:
        return {}
    stood = standings(rows, now, access.existing(actor, now))
    chances = dict(zip(stood, made.chances(list(stood.values())), strict=True))
    found = {}
    for pk, standing in stood.items():
        reasons = made.reasons(standing)
        found[pk] = Prospect(
            version=number,
            chance=chances[pk],
            per_cent=round(100 * chances[pk]) if made.is_calibrated else None,
            speaks_for=tuple(r.name for r in reasons if r.weight > 0),
            speaks_against=tuple(r.name for r in reasons if r.weight < 0),
        )
    return found


def standings(
    rows: Sequence[tuple[Matter, Terms]], at: datetime, known: QuerySet[Matter] | None = None
) -> dict[UUID, Standing]:
    """Return how each matter stands at ``at``.

    Args:
        known: The matters that a reader may know of; without it all count.
    """
    counts = _counts([m.pk for m, _ in rows], at, known)
    return {m.pk: _standing(m, terms, at.date(), {n: c.get(m.pk, 0) for n, c in counts.items()}) for m, terms in rows}


def _counts(ids: list[UUID], at: datetime, known: QuerySet[Matter] | None) -> dict[str, dict[Any, int]]:
    """Count per matter what earlier reviews, sources, derived matters and the radar say."""
    on = at.date()
    kept = Decision.objects.filter(matter__in=ids, act="review.decide", proposal__act="review.keep", at__lt=at)
    sources = SourceLink.objects.filter(matter__in=ids, at__lte=at)
    derived = SourceLink.objects.filter(source__in=ids, at__lte=at, matter__state__in=("active", "declassified"))
    derived = derived.filter(Q(matter__declassified_from__isnull=True) | Q(matter__declassified_from__gt=on))
    cases = Discord.objects.filter(found_at__lte=at)
    if known is not None:
        shown = known.values("pk")
        sources = sources.filter(Q(source__isnull=True) | Q(source__in=shown))
        derived = derived.filter(matter__in=shown)
        cases = cases.filter(one__in=shown, other__in=shown)
    return {
        "kept": _by(kept, "matter"),
        "sources": _by(sources, "matter"),
        "released": _by(sources.filter(source__declassified_from__lte=on), "matter"),
        "derived": _by(derived, "source"),
        "differs": _by(cases.filter(one__in=ids), "one") | _by(cases.filter(other__in=ids), "other"),
    }


def _by(rows: QuerySet[Any], name: str) -> dict[Any, int]:
    return {row[name]: row["n"] for row in rows.values(name).annotate(n=Count("pk")).order_by()}


def _standing(matter: Matter, terms: Terms, on: date, count: Mapping[str, int]) -> Standing:
    until = matter.item.edition.until if matter.item else None
    passed = (on - terms.starts_on).days if terms.starts_on else 0
    whole = (terms.last_day - terms.starts_on).days + 1 if terms.last_day and terms.starts_on else 0
    facts = {
        "elapsed": min(1.0, max(0.0, passed / whole)) if whole > 0 else 0.5,
        "ending": float(terms.last_day is not None and terms.last_day <= on + timedelta(days=NEAR)),
        "years": min(3.0, max(0.0, passed / YEAR / _YEARS)),
        "kept": min(count["kept"], _KEPT) / _KEPT,
        "by_event": float(terms.last_day is None),
        "item_ended": float(until is not None and until <= on),
        "sources_released": float(0 < count["sources"] == count["released"]),
        "derived_live": float(count["derived"] > 0),
        "derivative": float(matter.origin != "original"),
        "higher": max(0, access.LEVELS.index(terms.level) - 1) / 2 if terms.level in access.LEVELS else 0.0,
        "differs": float(count["differs"] > 0),
    }
    left = (terms.last_day - on).days if terms.last_day else 36_500
    return Standing({name: round(v, 4) for name, v in facts.items() if v}, str(matter.item_id or ""), left)
