"""审核参考的学习: how reviews were decided is kept with the facts of the day; versions are signed, a shadow first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dingmi.base.actor import Actor, Role
from dingmi.engines.suggest.outlook import Outlook, Past, Standing, learn
from dingmi.procedures import following, sweep, versions
from dingmi.procedures.frame import procedure
from dingmi.queries import outlook, overturned
from dingmi.queries import versions as versions_of
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Decision
from dingmi.records.matters.outlook import ReviewOutcome

FOLLOW = "outlook.follow"
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
    batch, more = following.new_decisions(FOLLOW, now, "review.decide", *ENDED)
    taken = sum(_came_of(decision) for decision in batch)
    following.followed(FOLLOW, batch)
    count = ReviewOutcome.objects.count() if taken else 0
    made = versions.learn(outlook.KIND, actor, FOLLOW, now, count=count, fit=_fit)
    append(
        actor,
        FOLLOW,
        subject=("sweep", FOLLOW),
        at=now,
        data={"today": today, "reviews": taken, "version": made},
    )
    return Followed(taken, int(made > 0), more)


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
    return {number: round(1000 * made.chances([standing])[0]) for number, made in versions_of.live(outlook.KIND)}


def _fit() -> Outlook:
    """Learn from the latest reviews, oldest first; from one overturned since, what ought to have been decided."""
    rows = list(ReviewOutcome.objects.order_by("-at", "-pk")[: versions.MOST_CASES])
    wrong = overturned.found_in(rows)
    return learn(
        [
            Past(Standing(r.facts, r.item, r.days_left), overturned.ended_of(r, wrong.get(r.decision_id)))
            for r in reversed(rows)
        ]
    )


@procedure("outlook.serve", requires=(Role.SECRECY_OFFICE,), step_up=True)
def serve(*, actor: Actor, now: datetime, number: int) -> Served:
    """Put a version that ran as a shadow to use; with 0 none. 启用审核参考。

    Raises:
        NotFound: There is no such version.
        Refused: It runs no longer, or it was altered.
    """
    versions.serve(outlook.KIND, actor, "outlook.serve", now, number)
    return Served(number)
