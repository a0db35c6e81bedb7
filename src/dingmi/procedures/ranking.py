"""次序的学习: versions learnt from decisions, each signed into the ledger, a shadow first, in use by an act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dingmi.base.actor import Actor, Role
from dingmi.engines.suggest.ranking import Case, Offer, learn
from dingmi.procedures import versions
from dingmi.procedures.frame import procedure
from dingmi.queries import overturned
from dingmi.queries import ranking as orders
from dingmi.queries import versions as versions_of
from dingmi.records.matters.assist import Outcome


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
    return found | {number: _place(item, made.ordered(offers)) for number, made in versions_of.live(orders.KIND)}


def _place(item: str, offers: Sequence[Offer]) -> int:
    return next((n for n, offer in enumerate(offers, 1) if offer.item == item), 0)


def retrain(actor: Actor, act: str, now: datetime) -> int:
    """Learn a new order when enough was decided since the last; it runs as a shadow. Return its number, 0 for none."""
    return versions.learn(orders.KIND, actor, act, now, count=Outcome.objects.count(), fit=lambda: learn(_cases()))


def _cases() -> list[Case]:
    """Return the latest decisions, oldest first, with what was suggested then; one overturned since as it ought to have been."""
    rows = list(Outcome.objects.select_related("decision__proposal").order_by("-at", "-pk")[: versions.MOST_CASES])
    wrong = overturned.found_in(rows)
    return [
        Case(
            orders.offers_of(orders.suggestion_behind(row.decision)[1]),
            overturned.item_of(row, wrong.get(row.decision_id)),
        )
        for row in reversed(rows)
    ]


@procedure("assist.serve", requires=(Role.SECRECY_OFFICE,), step_up=True)
def serve(*, actor: Actor, now: datetime, number: int) -> Served:
    """Put an order that ran as a shadow to use; with 0 the engine's own order again. 启用次序。

    Raises:
        NotFound: There is no such order.
        Refused: It runs no longer, or it was altered.
    """
    versions.serve(orders.KIND, actor, "assist.serve", now, number)
    return Served(number)
