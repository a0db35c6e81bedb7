"""What is compared between two matters: their words, level, period and scope; and who may rule on a difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from dingmi.engines.suggest.sketch import Sketcher
from dingmi.queries import access, content, numbers
from dingmi.records.keys import asking as keys
from dingmi.records.ledger.tree import canonical, sm3
from dingmi.records.matters.models import Decision, Matter, SourceLink
from dingmi.records.organs.models import Account
from dingmi.records.oversight.radar import Discord, SketchToken

LIKE = 0.7  # share of runs in common from which two texts count as nearly the same
LOOKED_AT = 20  # matters that are compared in full, those with most tokens in common first
HIGHEST = access.LEVELS[-1]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two matters that say nearly the same and differ; ``one`` was decided first."""

    one: Matter
    other: Matter
    per_cent: int
    differs: tuple[str, ...]
    terms: dict[str, Any]


def called(case: Discord) -> str:
    """Return what names a case: not its place in the series, which tells of cases about matters that the reader may not know."""
    return numbers.short(case.pk)


def sketcher() -> Sketcher:
    """Return the maker of sketches; its key is that of the highest level, for texts of every level are compared."""
    return Sketcher(keys.key(HIGHEST, "index"))


def terms_of(row: Matter) -> dict[str, str]:
    """Return what of a matter is compared; of the scope a digest."""
    last = Decision.objects.filter(matter=row).exclude(scope={}).order_by("-number").first()
    scope = canonical(last.scope if last else {})
    return {"level": row.level, "period": row.tail, "scope": sm3(scope.encode("utf-8")).hex()}


def difference(one: Matter, other: Matter, per_cent: int) -> Difference | None:
    """Return how two matters differ, or nothing.

    A derived matter may have another scope than its source, and has its level and its end from its sources: what it took over
    is no choice of its officer (TL-18).
    """
    first, second = sorted((one, other), key=_decided)
    mine, theirs = terms_of(first), terms_of(second)
    chosen = ("scope",) if _took_over(first) or _took_over(second) else ("level", "period", "scope")
    differs = tuple(name for name in chosen if mine[name] != theirs[name])
    linked = Q(matter=first, source=second) | Q(matter=second, source=first)
    if not differs or (differs == ("scope",) and SourceLink.objects.filter(linked).exists()):
        return None
    return Difference(first, second, per_cent, differs, {"one": mine, "other": theirs})


def _took_over(row: Matter) -> bool:
    """Tell whether a matter has level and end from its sources; an original determination has them from its item."""
    if row.origin == "original":
        return False
    taken = SourceLink.objects.filter(matter=row).values_list("level", "last_protected_day")
    return row.level in {level for level, _ in taken} and row.last_protected_day in {day for _, day in taken}


def _decided(row: Matter) -> tuple[datetime, str]:
    first = Decision.objects.filter(matter=row).order_by("number").values_list("at", flat=True).first()
    return first or row.created_at, str(row.pk)


def like(row: Matter, text: str, tokens: tuple[str, ...]) -> list[tuple[Matter, int]]:
    """Return the matters in force whose text is nearly that of ``row``, with the share of it in per cent."""
    ours = {"matter__state": "active", "matter__organ_id": row.organ_id}
    shared = SketchToken.objects.filter(token__in=tokens, **ours).exclude(matter=row)
    near = shared.values("matter").annotate(common=Count("pk")).order_by("-common", "matter")[:LOOKED_AT]
    made, found = sketcher(), []
    for other in Matter.objects.filter(pk__in=[n["matter"] for n in near]).order_by("created_at", "pk"):
        share = made.resemblance(text, content.body(other)[0])
        if share >= LIKE:
            found.append((other, int(100 * share)))
    return found


def may_rule(person: UUID | None, one: Matter, other: Matter, now: datetime) -> bool:
    """Tell whether ``person`` decides as an officer today and may read both matters."""
    account = Account.objects.filter(person_id=person, is_active=True, admin_role="").first() if person else None
    if account is None or not access.designations(account.person_id, now).exists():
        return False
    actor = access.actor_of(account, now, session="radar", terminal="")
    return access.visible(actor, now).filter(pk__in=(one.pk, other.pk)).count() == 2
