"""次序的学习: versions learnt from decisions, each signed into the ledger, a shadow first, in use by an act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound, Refused, Tampered
from dingmi.engines.suggest.ranking import LEAST_CASES, Case, Offer, learn
from dingmi.procedures import versions
from dingmi.procedures.frame import procedure
from dingmi.queries import ranking as orders
from dingmi.records.ledger.append import append
from dingmi.records.matters.assist import Outcome, RankingModel

MOST_CASES = 5_000
AGAIN_AFTER = 50  # decisions after which it is learnt anew


@dataclass(frozen=True, slots=True)
class Served:
    """The order that is in use from now on; 0: the engine's own."""

    number: int


def places(payload: dict[str, object], item: str) -> dict[str, int]:
    """Return the place that the engine (``0``) and each live order would have given ``item`` (0: not suggested).

    An altered order is left out.
    """
    offers = orders.offers_of(payload)
    found = {orders.ENGINE: _place(item, offers)}
    for row in RankingModel.objects.filter(state__in=versions.LIVE).order_by("number"):
        try:
            found[str(row.number)] = _place(item, orders.opened(row).ordered(offers))
        except (Tampered, ValueError):
            continue
    return found


def _place(item: str, offers: Sequence[Offer]) -> int:
    return next((n for n, offer in enumerate(offers, 1) if offer.item == item), 0)


def retrain(actor: Actor, act: str, now: datetime) -> int:
    """Learn a new order when enough was decided since the last; it runs as a shadow. Return its number, 0 for none."""
    count = Outcome.objects.count()
    last = RankingModel.objects.order_by("-number").first()
    if count < LEAST_CASES or (last is not None and count - last.cases < AGAIN_AFTER):
        return 0
    try:
        made = learn(_cases())
    except ValueError:
        return 0
    retired = versions.retire(RankingModel.objects.filter(state="shadow"))
    number = (last.number if last is not None else 0) + 1
    row = RankingModel(number=number, state="shadow", cases=count, fitted=made.to_text(), at=now)
    row.digest = versions.digest(row.fitted)
    row.save()
    versions.told(actor, act, "ranking", row, made, now, retired)
    return number


def _cases() -> list[Case]:
    """Return the latest decisions, oldest first, with what was suggested then."""
    rows = list(Outcome.objects.select_related("decision__proposal").order_by("-at", "-pk")[:MOST_CASES])
    return [
        Case(orders.offers_of(orders.suggestion_behind(row.decision)[1]), str(row.item_id or ""))
        for row in reversed(rows)
    ]


@procedure("assist.serve", requires=(Role.SECRECY_OFFICE,), step_up=True)
def serve(*, actor: Actor, now: datetime, number: int) -> Served:
    """Put an order that ran as a shadow to use; with 0 the engine's own order again. 启用次序。

    Raises:
        NotFound: There is no such order.
        Refused: It runs no longer, or it was altered.
    """
    row = RankingModel.objects.select_for_update().filter(number=number).first() if number else None
    if number and row is None:
        raise NotFound("assist.no_ranking", ())
    if row is not None and row.state == "retired":
        raise Refused("assist.ranking_retired", (), number=number)
    made = orders.opened(row) if row is not None else None
    retired = versions.retire(RankingModel.objects.filter(state="serving").exclude(number=number))
    if row is not None and made is not None:
        row.state, row.served_at, row.served_by_id = "serving", now, UUID(actor.person_id)
        row.save()
        versions.told(actor, "assist.serve", "ranking", row, made, now, retired)
    else:
        append(actor, "assist.serve", subject=("ranking", "engine"), at=now, data={"number": 0}, rows=retired)
    return Served(number)
