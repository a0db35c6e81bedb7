"""P21 版本更替与意见反馈: a new edition opens a task on every matter that it touches; defects go back to its owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, NotFound
from dingmi.procedures import paper, shelf
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.queries import catalogue, clock, guide_impact, policy, standing
from dingmi.records.guides.models import GuideEdition, GuideFeedback, GuideItem, Impact
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Notice
from dingmi.regime.prc_state.guide_change import ItemChange

TABLE = "catalogue.to_be_made"
TEXT_LIMIT = 1000  # characters
DEFECTS = ("unclear", "missing", "too_high", "too_low", "period", "scope", "other")


@dataclass(frozen=True, slots=True)
class Run:
    """How many matters an edition has given a task so far, and how many of them in this run."""

    touched: int
    opened: int


@dataclass(frozen=True, slots=True)
class Followed:
    """How many editions came into force and were followed up, and the tasks opened."""

    editions: int
    opened: int
    told: int = 0  # that the organ's own table is missing or stale


@dataclass(frozen=True, slots=True)
class Fed:
    """One report of a defect."""

    id: UUID


@procedure("guides.run_impact", requires=(Role.SECRECY_OFFICE, Role.HEAD), clauses=("TL-13c", "BMF-23.1", "ZX-12.2"))
def run_impact(*, actor: Actor, now: datetime, edition: UUID) -> Run:
    """Open a review task on every matter in force that an edition touches; again, only on those not yet given one. 生成变化影响待办。"""
    return _run(actor, now, guide_impact.edition_for(actor, edition, now))


@procedure("guides.follow_editions", requires=(Role.CLOCK,), clauses=("TL-13a", "TL-13c", "BMF-23.1"))
def follow_editions(*, actor: Actor, now: datetime, today: date) -> Followed:
    """Follow up every edition in force by today, and tell that the organ's own table is missing. 跟进新版事项范围。

    Nothing that an edition touches waits for somebody to press a button.
    """
    opened = editions = 0
    for edition in GuideEdition.objects.filter(since__lte=today).order_by("since", "code"):
        if edition.until is not None and edition.until <= today:
            continue
        made = _run(actor, now, edition, quiet=True).opened
        opened, editions = opened + made, editions + bool(made)
    told = _tell_of_table(now)
    data = {"today": today, "editions": editions, "opened": opened, "told": told}
    append(actor, "guides.follow_editions", subject=("sweep", "guides.follow_editions"), at=now, data=data)
    return Followed(editions, opened, told)


def _tell_of_table(now: datetime) -> int:
    """Tell the secrecy office that the organ has authority but no table in force; again after a while (policy)."""
    state = catalogue.missing(now) if clock.unconfirmed() is None else None
    if state is None:
        return 0
    lately = now - timedelta(days=policy.number("table_reminded_days", now.date()))
    told = set(Notice.objects.filter(code=TABLE, created_at__gt=lately).values_list("person", flat=True))
    people = [p for p in standing.holders(Role.SECRECY_OFFICE, now) if p not in told]
    params = {"state": state or "none"}
    made = [Notice(person_id=p, code=TABLE, params=params, created_at=now) for p in people]
    Notice.objects.bulk_create(made)
    return len(made)


def _run(actor: Actor, now: datetime, edition: GuideEdition, *, quiet: bool = False) -> Run:
    fresh = guide_impact.touched(edition, untasked=True)  # load
    if quiet and not fresh:
        return Run(0, 0)
    touched = Impact.objects.filter(edition=edition).count() + len(fresh)
    made = [_impact(edition, row, outcome, change, now) for row, outcome, change in fresh]
    Impact.objects.bulk_create(made, batch_size=500)  # write
    shelf.prompt([row for row, _, _ in fresh], "guide", now.date())
    counts: dict[str, int] = {}
    for _, outcome, _ in fresh:
        counts[outcome] = counts.get(outcome, 0) + 1
    data = {"edition": edition.edition, "touched": touched, "opened": len(fresh), "by": counts}
    append(actor, "guides.run_impact", subject=("guide", edition.pk), at=now, data=data, rows=made)  # prove
    for row, outcome, _ in fresh:  # tell
        people = [p for p in (row.drafter_id, row.officer_id) if p]
        shelf.tell(people, f"guide.{outcome}", row, now, acknowledge=True, edition=edition.edition)
    return Run(touched, len(fresh))


def _impact(edition: GuideEdition, row: Matter, outcome: str, change: ItemChange, now: datetime) -> Impact:
    new = UUID(change.new.id) if change.new else None
    return Impact(edition=edition, matter_id=row.pk, outcome=outcome, old_item=row.item, new_item_id=new, at=now)


@procedure(
    "guides.report_defect", requires=(Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE), clauses=("SEED-13", "TL-12.2")
)
def report_defect(*, actor: Actor, now: datetime, item: UUID, kind: str, text: str) -> Fed:
    """Report a defect of a guide item, to be sent to the guide's owner. 反馈事项范围问题。

    Args:
        kind: ``unclear``, ``missing``, ``too_high``, ``too_low``, ``period``, ``scope`` or ``other``.
        text: What is wrong and what would be better; no secret content.
    """
    found = GuideItem.objects.filter(pk=item, edition__level__in=guide_impact.readable(actor, now)).first()
    if found is None:
        raise NotFound("object.not_found")
    if kind not in DEFECTS:
        raise Invalid("input.invalid", (), fields={"kind": "choice.unknown"})
    words = paper.block_of_text(text, "text", TEXT_LIMIT, required=True)
    kept = GuideFeedback(item=found, person_id=UUID(actor.person_id), kind=kind, text=words, at=now)
    kept.save()
    append(actor, "guides.report_defect", subject=("item", found.pk), at=now, data={"kind": kind}, rows=[kept])
    return Fed(kept.pk)


def _feedback(feedback: UUID) -> GuideFeedback:
    found = GuideFeedback.objects.select_for_update().filter(pk=feedback).first()
    if not isinstance(found, GuideFeedback):
        raise NotFound("object.not_found")
    return found


@procedure("guides.send_feedback", requires=(Role.SECRECY_OFFICE, Role.HEAD), clauses=("SEED-13",))
def send_feedback(*, actor: Actor, now: datetime, feedback: UUID, sent_on: date, number: str) -> Fed:
    """Record that a report went to the owner of the guide, with the number of the letter. 报送反馈意见。"""
    found = _feedback(feedback)
    if found.sent_on is not None:
        raise Conflict("feedback.sent_already")
    if sent_on > now.date():
        raise Invalid("input.invalid", (), fields={"sent_on": "date.range"})
    found.sent_on, found.sent_number = sent_on, paper.line(number, "number", 60, required=True)
    found.save()
    append(actor, "guides.send_feedback", subject=("item", found.item_id), at=now, data={"on": sent_on}, rows=[found])
    return Fed(found.pk)


@procedure("guides.answer_feedback", requires=(Role.SECRECY_OFFICE, Role.HEAD), clauses=("SEED-13",))
def answer_feedback(
    *,
    actor: Actor,
    now: datetime,
    feedback: UUID,
    answered_on: date,
    answer: str,
    adopted: bool = False,
    expected_version: str,
) -> Fed:
    """Record what the owner of the guide answered; whoever reported it is told. 登记反馈答复。

    Args:
        adopted: The owner took it up; the appraisal of an officer who reported it counts it.
        expected_version: The version of the report, as ``guides.feedback`` showed it.
    Raises:
        Conflict: ``record.stale``: it was changed meanwhile; or it was not sent.
    """
    found = _feedback(feedback)
    require_current(found, "item", expected_version, of=found.item_id)
    if found.sent_on is None:
        raise Conflict("feedback.not_sent")
    if not found.sent_on <= answered_on <= now.date():
        raise Invalid("input.invalid", (), fields={"answered_on": "date.range"})
    found.answered_on, found.answer = answered_on, paper.block_of_text(answer, "answer", TEXT_LIMIT, required=True)
    found.adopted = adopted
    found.save()
    data = {"on": answered_on, "adopted": adopted}
    append(actor, "guides.answer_feedback", subject=("item", found.item_id), at=now, data=data, rows=[found])
    return Fed(found.pk)
