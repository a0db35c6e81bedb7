"""P22 定密不当纠正：an error is found by one, its remedy decided by an officer, and whoever gave notice gets a reply."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound, Refused
from dingmi.procedures import paper, rulings, shelf
from dingmi.procedures.determination import REASON_LIMIT
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Noted
from dingmi.queries import access, content, corrected, facts, facts_life
from dingmi.records.carriers.models import markable
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Matter
from dingmi.records.oversight.models import Correction
from dingmi.regime.prc_state.correction import REMEDIES

FINDERS = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE, Role.INSPECTOR)
SOURCES = ("own", "superior", "administration", "appraisal", "inspection", "challenge")
UNDETERMINED = (
    "draft",
    "discarded",
)  # nobody has classified anything yet; that it ought to have been is all that can be wrong
NOTIFIED = ("superior", "administration", "challenge")  # somebody gave notice and is owed a reply


@procedure("correction.find", requires=FINDERS, clauses=("TL-24", "ZX-40.2", "ZX-42", "BMF-50"))
def find(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    kind: str,
    source: str = "own",
    notifier: str = "",
    notice_no: str = "",
    found_on: date,
    detail: str,
) -> Noted:
    """Put down an error in a classification, on the record of its drafter and officer. 登记定密不当。

    Args:
        kind: ``not_determined``, ``wrong``, ``over``, ``under``, ``over_authority``, ``procedure``, ``unmarked``,
            ``unchanged``, ``unreviewed``, ``wrongly_released`` or ``unreleased``.
        source: ``own``, ``superior``, ``administration``, ``appraisal``, ``inspection`` or ``challenge``.
    """
    row = access.matter_for(actor, now, matter)
    who = paper.line(notifier, "notifier", 120, required=source in NOTIFIED)
    number = paper.line(notice_no, "notice_no", 80)
    words = paper.block_of_text(detail, "detail", REASON_LIMIT, required=True)
    faults = {
        "kind": "" if kind in REMEDIES else "choice.unknown",
        "source": "" if source in SOURCES else "choice.unknown",
        "found_on": "" if found_on <= now.date() else "date.in_future",
    }
    if any(faults.values()):
        raise Invalid("input.invalid", (), fields={k: v for k, v in faults.items() if v})
    if row.state in UNDETERMINED and kind != "not_determined":
        raise shelf.in_the_way(row, now)
    kept = put_down(actor, now, row, kind, source, found_on, words, notifier=who, notice_no=number)
    append(
        actor,
        "correction.find",
        subject=("matter", row.pk),
        at=now,
        data={"correction": kept.pk, "kind": kind, "source": source},
        rows=[kept],
    )
    return Noted(kept.pk, row.pk, row.version)


def put_down(
    actor: Actor,
    now: datetime,
    row: Matter,
    kind: str,
    source: str,
    found_on: date,
    words: str,
    *,
    notifier: str = "",
    notice_no: str = "",
) -> Correction:
    """Keep an error on the record of the drafter and officer of a matter, and tell the officers who can decide its remedy."""
    kept = Correction(
        matter=row,
        kind=kind,
        source=source,
        notifier=notifier,
        notice_no=notice_no,
        found_on=found_on,
        found_at=now,
        found_by_id=UUID(actor.person_id),
        drafter_id=row.drafter_id,
        officer_id=row.officer_id,
        level=row.level,
    )
    kept.detail_ct = content.sealed(kept, "detail_ct", row.level, words)
    kept.save()
    able = facts.to_be_told(row, row.level, row.item_id, now, derivative=row.origin == "derivative")
    shelf.tell([o.person for o in able], "correction.waiting", row, now, acknowledge=True)
    return kept


def _lock(actor: Actor, now: datetime, correction: UUID) -> tuple[Correction, Matter]:
    kept = Correction.objects.select_for_update().filter(pk=correction).first()
    if kept is None:
        raise NotFound("object.not_found")
    access.matter_for(actor, now, kept.matter_id)
    if kept.closed_at is not None:
        raise Refused("correction.closed", ())
    return kept, Matter.objects.select_for_update().get(pk=kept.matter_id)


@procedure(
    "correction.decide",
    requires=(Role.OFFICER,),
    step_up=True,
    waits_for_date=True,
    clauses=("TL-24", "ZX-42", "BMF-16.2"),
)
def decide_(*, actor: Actor, now: datetime, correction: UUID, remedy: str, reason: str, expected_version: int) -> Noted:
    """Decide how an error is put right: void, change, release, re-mark, review, classify, or nothing. 决定纠正办法。

    Voiding takes effect at once and everyone in scope is told; the other remedies are acts of their own, and the
    correction is closed when they are done.
    """
    kept, row = _lock(actor, now, correction)  # load
    words = paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    if row.version != expected_version:
        raise Invalid("version.stale", (), fields={"expected_version": "version.stale"})
    finder = str(kept.found_by_id)
    verdict = facts_life.judge_correction(row, kept.kind, remedy, finder, words, actor, now)  # gather, judge
    facts.require(verdict)
    kept.remedy, kept.decided_at, kept.decided_by_id = remedy, now, UUID(actor.person_id)  # write
    held = content.opened(kept, "detail_ct", kept.level)
    kept.detail_ct = content.sealed(kept, "detail_ct", kept.level, f"{held}\n{words}")
    kept.save()
    if remedy == "void":
        said = {"correction": str(kept.pk), "reason": words}
        rulings.void(rulings.Ruling("correction.decide", said, verdict=verdict), row, actor, now)
    if remedy == "remark":
        markable(matter=row).update(remark_due=True)
    append(  # prove
        actor,
        "correction.decide",
        subject=("matter", row.pk),
        at=now,
        data={"correction": kept.pk, "remedy": remedy, "version": row.version},
        verdict=verdict,
        rows=[kept],
    )
    shelf.tell([kept.found_by_id, kept.drafter_id], "correction.decided", row, now)  # tell
    return Noted(kept.pk, row.pk, row.version)


@procedure("correction.close", requires=FINDERS, clauses=("TL-24", "ZX-40.2", "ZX-42"))
def close(
    *, actor: Actor, now: datetime, correction: UUID, reply_no: str = "", register_no: str = "", reason: str = ""
) -> Noted:
    """Close a correction whose remedy has been carried out, with the reply to whoever gave notice. 办结并答复。

    Args:
        register_no: Of the matter that was classified anew, where that was the remedy.
        reason: Why the remedy can be carried out no longer: the matter is no longer in force.
    """
    kept, row = _lock(actor, now, correction)  # load
    number = paper.line(reply_no, "reply_no", 80)
    anew = _classified_anew(actor, now, paper.line(register_no, "register_no", 40))
    words = paper.block_of_text(reason, "reason", REASON_LIMIT)
    notified = kept.source in NOTIFIED
    verdict = corrected.judge_closing(kept, row, anew, number, words, notified, now)  # gather, judge
    facts.require(verdict)
    kept.reply_no, kept.closed_at = number, now  # write
    if words:
        held = content.opened(kept, "detail_ct", kept.level)
        kept.detail_ct = content.sealed(kept, "detail_ct", kept.level, f"{held}\n{words}")
    kept.save()
    append(  # prove
        actor,
        "correction.close",
        subject=("matter", row.pk),
        at=now,
        data={"correction": kept.pk, "reply_no": number, "classified_anew": str(anew.pk) if anew else None},
        verdict=verdict,
        rows=[kept],
    )
    shelf.tell([kept.found_by_id], "correction.done", row, now)  # tell
    return Noted(kept.pk, row.pk, row.version)


def _classified_anew(actor: Actor, now: datetime, register_no: str) -> Matter | None:
    """Return the matter under a register number.

    Raises:
        Invalid: There is none that the actor may know.
    """
    if not register_no:
        return None
    found: Matter | None = access.existing(actor, now).filter(register_no=register_no).first()
    if found is None:
        raise Invalid("input.invalid", (), fields={"register_no": "id.unknown"})
    return found
