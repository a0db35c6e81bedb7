"""次序的学习: versions learnt from decisions, each signed into the ledger, a shadow first, in use by an act."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, QuerySet

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound, Refused, Tampered
from dingmi.engines.suggest.ranking import LEAST_CASES, Case, Ranking, learn
from dingmi.procedures.frame import procedure
from dingmi.queries import content
from dingmi.queries import ranking as orders
from dingmi.records.ledger.append import append
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.assist import Outcome, RankingModel
from dingmi.records.matters.models import Suggestion

MOST_CASES = 5_000
AGAIN_AFTER = 50  # decisions after which it is learnt anew
LIVE = ("shadow", "serving")


@dataclass(frozen=True, slots=True)
class Served:
    """The order that is in use from now on; 0: the engine's own."""

    number: int


def places(payload: dict[str, object], item: str) -> dict[str, int]:
    """Return the place that each live order would have given ``item`` (0: not suggested); an altered one is left out."""
    offers = orders.offers_of(payload)
    found: dict[str, int] = {}
    for row in RankingModel.objects.filter(state__in=LIVE).order_by("number"):
        try:
            ordered = [o.item for o in orders.opened(row).ordered(offers)]
        except (Tampered, ValueError):
            continue
        found[str(row.number)] = ordered.index(item) + 1 if item in ordered else 0
    return found


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
    retired = _retire(RankingModel.objects.filter(state="shadow"))
    number = (RankingModel.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    row = RankingModel(number=number, state="shadow", cases=count, fitted=made.to_text(), at=now)
    row.digest = sm3(row.fitted.encode("utf-8")).hex()
    row.save()
    _told(actor, act, row, made, now, retired)
    return number


def _retire(rows: QuerySet[RankingModel]) -> list[RankingModel]:
    found = list(rows.select_for_update().order_by("number"))
    for row in found:
        row.state = "retired"
        row.save()
    return found


def _cases() -> list[Case]:
    """Return the latest decisions, oldest first, with what was suggested then."""
    rows = list(Outcome.objects.order_by("-at", "-pk").values_list("matter_id", "item_id", "at")[:MOST_CASES])
    cases = []
    for matter, item, at in reversed(rows):
        shown = Suggestion.objects.filter(matter_id=matter, at__lte=at).order_by("-number").first()
        payload = json.loads(content.opened(shown, "payload_ct", shown.level)) if shown else {}
        cases.append(Case(orders.offers_of(payload), str(item or "")))
    return cases


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
    retired = _retire(RankingModel.objects.filter(state="serving").exclude(number=number))
    if row is not None and made is not None:
        row.state, row.served_at, row.served_by_id = "serving", now, UUID(actor.person_id)
        row.save()
        _told(actor, "assist.serve", row, made, now, retired)
    else:
        append(actor, "assist.serve", subject=("ranking", "engine"), at=now, data={"number": 0}, rows=retired)
    return Served(number)


def _told(actor: Actor, act: str, row: RankingModel, made: Ranking, now: datetime, retired: list[RankingModel]) -> None:
    figures = {name: round(1000 * getattr(made, name)) for name in ("before", "after", "error")}
    data = {"number": row.number, "state": row.state, "cases": row.cases, "digest": row.digest, **figures}
    append(actor, act, subject=("ranking", row.pk), at=now, data=data, rows=[row, *retired])
