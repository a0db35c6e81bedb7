"""P10、P20 公开：opinion, review and approval by three; a formal publication releases what was in force at that instant."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid, Refused
from dingmi.procedures import paper, shelf, sweep
from dingmi.procedures.declassification import write_release
from dingmi.procedures.determination import REASON_LIMIT
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Changed, Noted
from dingmi.queries import access, clock, content, facts, facts_life, policy
from dingmi.queries.facts_life import Disclosing
from dingmi.records.ledger.append import append
from dingmi.records.matters.life import DisclosureReview
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Notice
from dingmi.regime.prc_state.disclosure_chain import GROUNDS

PUBLISH = "disclosure.publish"
OUTCOMES = ("publish", "part", "withhold", "refer")
WITHHELD = ("part", "withhold")
REASSESS = "disclosure.due_again"
STATES = ("active", "declassified", "not_classified")


@procedure("disclosure.submit", requires=(Role.DRAFTER,), clauses=("BMF-35", "XX-17.2", "CS-122", "ZX-36.1"))
def submit(*, actor: Actor, now: datetime, matter: UUID, opinion: str) -> Noted:
    """Ask that a text be reviewed before it is made public; the asking unit's opinion. 提请公开保密审查。"""
    row = access.matter_for(actor, now, matter)
    if row.state not in STATES:
        raise shelf.in_the_way(row, now)
    words = paper.block_of_text(opinion, "opinion", REASON_LIMIT, required=True)
    if DisclosureReview.objects.filter(matter=row, approved_at__isnull=True).exists():
        raise Refused("disclosure.open", ())
    kept = DisclosureReview(matter=row, asked_by_id=UUID(actor.person_id), asked_at=now, level=row.level)
    _write(kept, {"opinion": words})
    kept.save()
    append(actor, "disclosure.submit", subject=("matter", row.pk), at=now, data={"review": kept.pk}, rows=[kept])
    return Noted(kept.pk, row.pk, row.version)


def _write(kept: DisclosureReview, words: dict[str, str]) -> None:
    held = content.opened(kept, "words_ct", kept.level)
    text = json.dumps({**(json.loads(held) if held else {}), **words}, ensure_ascii=False)
    kept.words_ct = content.sealed(kept, "words_ct", kept.level, text)


def _open(row: Matter, *, reviewed: bool) -> DisclosureReview:
    """Return the review that runs.

    Raises:
        Refused: ``disclosure.none_open``.
    """
    found = DisclosureReview.objects.select_for_update().filter(
        matter=row, approved_at__isnull=True, reviewed_at__isnull=not reviewed
    )
    kept = found.first()
    if not isinstance(kept, DisclosureReview):
        raise Refused("disclosure.none_open", ())
    return kept


@procedure(
    "disclosure.review",
    requires=(Role.OFFICER, Role.SECRECY_OFFICE),
    step_up=True,
    clauses=("BMF-35", "XX-14", "XX-15", "XX-16", "JM-4.2", "XX-17.3", "TL-5"),
)
def review(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    outcome: str,
    ground: str = "",
    opinion: str,
    aggregate_checked: bool,
    third_party_consents: bool = False,
    public_interest: bool = False,
    must_be_public: bool = False,
) -> Noted:
    """Review what is asked to be made public; for a matter in force an officer reviews its release. 保密审查。

    Args:
        outcome: ``publish``, ``part``, ``withhold`` or ``refer``.
        ground: For withholding: ``state_secret``, ``trade_secret``, ``privacy``, ``internal`` or ``process``.
        aggregate_checked: It was looked at together with what is already public (BMF-36.3).
        third_party_consents: Whose trade secret or privacy it is agrees.
        public_interest: Not to publish it would gravely harm the public interest.
        must_be_public: Laws or regulations require that it is public; then only a state secret is withheld (TL-5).
    """
    row = access.matter_for(actor, now, matter)  # load
    kept = _open(row, reviewed=False)
    words = paper.block_of_text(opinion, "opinion", REASON_LIMIT, required=True)
    faults = {
        "outcome": "" if outcome in OUTCOMES else "choice.unknown",
        "ground": "choice.unknown" if outcome in WITHHELD and ground not in GROUNDS else "",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    released = outcome in ("publish", "part") and facts_life.may_decide_level(actor, row.level, now)
    found = Disclosing(
        outcome in WITHHELD, ground, aggregate_checked, third_party_consents, public_interest, must_be_public
    )
    hands = (str(kept.asked_by_id), actor.person_id, "-")
    facts.require(facts_life.judge_disclosure(row, found, hands, released, now))  # gather, judge
    record = facts_life.valid_record(row) if ground == "state_secret" else None
    kept.reviewed_by_id, kept.reviewed_at = UUID(actor.person_id), now  # write
    kept.outcome, kept.ground, kept.record = outcome, ground, record
    kept.released, kept.aggregate_checked = released, aggregate_checked
    _write(kept, {"review": words})
    kept.save()
    append(  # prove
        actor,
        "disclosure.review",
        subject=("matter", row.pk),
        at=now,
        data={"review": kept.pk, "outcome": outcome, "ground": ground, "record": record.pk if record else None},
        rows=[kept],
    )
    return Noted(kept.pk, row.pk, row.version)


@procedure("disclosure.approve", requires=(Role.HEAD,), step_up=True, clauses=("CS-122", "BMF-35", "TL-42"))
def approve(*, actor: Actor, now: datetime, matter: UUID, agreed: bool, opinion: str = "") -> Noted:
    """Approve the conclusion of a review, or send it back to be reviewed again. 批准公开审查结论。"""
    row = access.matter_for(actor, now, matter)
    kept = _open(row, reviewed=True)
    words = paper.block_of_text(opinion, "opinion", REASON_LIMIT, required=not agreed)
    if actor.person_id in (str(kept.asked_by_id), str(kept.reviewed_by_id)):
        raise Forbidden("role.required", (), roles=[Role.HEAD], act="disclosure.approve")
    if agreed:
        found = Disclosing(kept.outcome in WITHHELD, kept.ground, kept.aggregate_checked)
        hands = (str(kept.asked_by_id), str(kept.reviewed_by_id), actor.person_id)
        facts.require(facts_life.judge_disclosure(row, found, hands, kept.released, now))
        kept.approved_by_id, kept.approved_at = UUID(actor.person_id), now
    else:
        kept.reviewed_by, kept.reviewed_at, kept.outcome, kept.ground = None, None, "", ""
    _write(kept, {"approval": words})
    kept.save()
    append(
        actor,
        "disclosure.approve",
        subject=("matter", row.pk),
        at=now,
        data={"review": kept.pk, "agreed": agreed},
        rows=[kept],
    )
    shelf.tell([kept.asked_by_id], "disclosure.concluded" if agreed else "disclosure.again", row, now)
    return Noted(kept.pk, row.pk, row.version)


@dataclass(frozen=True)
class Reassessed:
    """How many texts that were withheld are to be assessed again."""

    told: int


@procedure("disclosure.reassess", requires=(Role.CLOCK,), clauses=("XX-18",))
def reassess(*, actor: Actor, now: datetime, today: date) -> Reassessed:
    """Tell who asked and who decides that a text withheld a year ago (policy) is to be assessed again. 定期评估。"""
    sweep.alone()
    before = now - timedelta(days=policy.number("withheld_reassessed_days", today))
    told = Notice.objects.filter(matter_id=OuterRef("matter"), code=REASSESS, created_at__gt=before)
    latest = DisclosureReview.objects.filter(matter=OuterRef("matter")).order_by("-asked_at", "-pk").values("pk")[:1]
    due = DisclosureReview.objects.filter(~Exists(told), pk=Subquery(latest), outcome__in=WITHHELD)
    rows = due.filter(approved_at__lte=before).select_related("matter").order_by("approved_at", "pk")
    found = list(rows[: sweep.BATCH]) if clock.unconfirmed() is None else []
    for kept in found:
        people = [p for p in (kept.asked_by_id, kept.matter.officer_id) if p]
        shelf.tell(people, REASSESS, kept.matter, now, acknowledge=True)
    data = {"today": today, "told": len(found)}
    append(actor, "disclosure.reassess", subject=("sweep", "disclosure.reassess"), at=now, data=data)
    return Reassessed(len(found))


@procedure(
    PUBLISH,
    requires=(Role.OFFICER, Role.SECRECY_OFFICE),
    step_up=True,
    waits_for_date=True,
    clauses=("BMF-20.4", "ZX-31.2", "ZX-35", "ZX-36.1", "ZX-36.2", "CS-124"),
)
def publish(
    *, actor: Actor, now: datetime, matter: UUID, published_at: datetime, place: str, expected_version: int
) -> Changed:
    """Register the formal publication; what was in force is released at that instant, without notices. 登记正式公布。"""
    row = shelf.lock(actor, now, matter, expected_version, *STATES)  # load
    where = paper.line(place, "place", 120, required=True)
    if published_at > now:
        raise Invalid("date.in_future", (), fields={"published_at": "date.in_future"})
    kept = (
        DisclosureReview.objects.filter(matter=row, approved_at__isnull=False).order_by("-approved_at", "-pk").first()
    )
    reviewed = kept is not None and kept.outcome in ("publish", "part")
    if kept is not None and not reviewed:
        raise Refused("publication.withheld", ("XX-17.2",))
    verdict = facts_life.judge_publication(  # gather, judge
        row, reviewed, bool(kept and kept.released), published_at, now
    )
    facts.require(verdict)
    if kept is not None:  # write
        kept.published_at, kept.place = published_at, where
        kept.save()
    if row.state == "active":
        payload = {"place": where, "published_at": published_at.isoformat(), "review": str(kept.pk) if kept else None}
        write_release(
            PUBLISH,
            row,
            None,
            actor,
            now,
            verdict,
            published_at,
            "published",
            payload,
            {},
            told=False,
            rows=(kept,) if kept else (),
        )
        return Changed(row.pk, row.version, row.state)
    shelf.save(row, now, published_at=published_at)
    append(  # prove
        actor,
        PUBLISH,
        subject=("matter", row.pk),
        at=now,
        data={"published_at": published_at, "review": kept.pk if kept else None, "version": row.version},
        verdict=verdict,
        rows=[row, *([kept] if kept else ())],
    )
    return Changed(row.pk, row.version, row.state)
