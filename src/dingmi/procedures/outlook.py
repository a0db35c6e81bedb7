"""审核参考的学习: how reviews were decided is kept with the facts of the day; versions are signed, a shadow first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound, Refused, Tampered
from dingmi.engines.suggest.outlook import Past, Standing, learn
from dingmi.engines.suggest.review import LEAST_DECISIONS
from dingmi.procedures import following, sweep, versions
from dingmi.procedures.frame import procedure
from dingmi.queries import outlook
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Decision
from dingmi.records.matters.outlook import OutlookModel, ReviewOutcome

FOLLOW = "outlook.follow"
MOST_CASES = 5_000
AGAIN_AFTER = 50  # reviews after which it is learnt anew
ENDED = {  # act, or act of the proposal that was signed: did the matter end or change
    "review.keep": False,
    "change.extend": False,
    "review.lapse": True,
    "change.change": True,
    "declassification.release": True,
}


@dataclass(frozen=True, slots=True)
class Followed:
    """How many reviews were taken in, versions learnt, and whether more are due."""

    reviews: int
    versions: int
    more: bool


@dataclass(frozen=True, slots=True)
class Served:
    """The version in use from now on; 0: none, lists go by the last day alone."""

    number: int


@procedure(FOLLOW, requires=(Role.CLOCK,))
def follow(*, actor: Actor, now: datetime, today: date) -> Followed:
    """Take in how reviews were decided, and learn from them when enough are new. 跟进审核结果。"""
    sweep.alone()
    batch = following.new_decisions(FOLLOW, "review.decide", *ENDED)
    taken = sum(_came_of(decision) for decision in batch)
    following.followed(FOLLOW, batch)
    made = _retrain(actor, now) if taken else 0
    append(
        actor,
        FOLLOW,
        subject=("sweep", FOLLOW),
        at=now,
        data={"today": today, "reviews": taken, "version": made},
    )
    return Followed(taken, int(made > 0), len(batch) == sweep.BATCH)


def _came_of(decision: Decision) -> bool:
    """Keep how one review was decided, with the facts as they stood; tell whether it was a review of a state secret."""
    proposed = decision.proposal.act if decision.proposal is not None else ""
    act = proposed if decision.act == "review.decide" else decision.act
    earlier = Decision.objects.filter(matter=decision.matter, number__lt=decision.number).exclude(scope={})
    before = earlier.order_by("-number").first()
    if act not in ENDED or decision.matter.regime != "prc_state" or before is None:
        return False
    terms = outlook.Terms(before.starts_on, before.last_protected_day, before.level)
    (standing,) = outlook.standings([(decision.matter, terms)], decision.at).values()
    ReviewOutcome.objects.create(
        decision=decision,
        matter_id=decision.matter_id,
        facts=dict(standing.facts),
        item=standing.item,
        days_left=standing.days_left,
        ended=ENDED[act],
        scored=_scored(standing),
        at=decision.at,
    )
    return True


def _scored(standing: Standing) -> dict[str, int]:
    """Return the chance that each live version gives; an altered one is left out."""
    found = {}
    for row in OutlookModel.objects.filter(state__in=versions.LIVE).order_by("number"):
        try:
            (chance,) = outlook.opened(row).chances([standing])
        except (Tampered, ValueError):
            continue
        found[str(row.number)] = round(1000 * chance)
    return found


def _retrain(actor: Actor, now: datetime) -> int:
    """Learn a new version when enough was decided since the last; it runs as a shadow. Return its number, 0 for none."""
    count = ReviewOutcome.objects.count()
    last = OutlookModel.objects.order_by("-number").first()
    if count < LEAST_DECISIONS or (last is not None and count - last.cases < AGAIN_AFTER):
        return 0
    rows = list(ReviewOutcome.objects.order_by("-at", "-pk")[:MOST_CASES])
    try:
        made = learn([Past(Standing(r.facts, r.item, r.days_left), r.ended) for r in reversed(rows)])
    except ValueError:
        return 0
    retired = versions.retire(OutlookModel.objects.filter(state="shadow"))
    row = OutlookModel(number=(last.number if last else 0) + 1, state="shadow", cases=count, at=now)
    row.fitted = made.to_text()
    row.digest = versions.digest(row.fitted)
    row.save()
    versions.told(actor, FOLLOW, "outlook", row, made, now, retired)
    return int(row.number)


@procedure("outlook.serve", requires=(Role.SECRECY_OFFICE,), step_up=True)
def serve(*, actor: Actor, now: datetime, number: int) -> Served:
    """Put a version that ran as a shadow to use; with 0 none. 启用审核参考。

    Raises:
        NotFound: There is no such version.
        Refused: It runs no longer, or it was altered.
    """
    row = OutlookModel.objects.select_for_update().filter(number=number).first() if number else None
    if number and row is None:
        raise NotFound("outlook.no_version", ())
    if row is not None and row.state == "retired":
        raise Refused("outlook.retired", (), number=number)
    made = outlook.opened(row) if row is not None else None
    retired = versions.retire(OutlookModel.objects.filter(state="serving").exclude(number=number))
    if row is not None and made is not None:
        row.state, row.served_at, row.served_by_id = "serving", now, UUID(actor.person_id)
        row.save()
        versions.told(actor, "outlook.serve", "outlook", row, made, now, retired)
    else:
        append(actor, "outlook.serve", subject=("outlook", "none"), at=now, data={"number": 0}, rows=retired)
    return Served(number)
