"""P4 不明确事项：set provisionally and protected first, reported in time, decided by an administration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Refused
from dingmi.procedures import paper, rulings, shelf
from dingmi.procedures.determination import REASON_LIMIT, protect, record_proposal, waiting_proposal
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Changed, Scope
from dingmi.queries import access, content, contested, facts, limits, opinions, sourcing, standing
from dingmi.queries.terms import Answers, answers_from
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import owe
from dingmi.records.matters.models import Matter, Proposal, Referral
from dingmi.records.notices.models import Deadline
from dingmi.records.oversight.models import Breach

KIND = "unclear"


@dataclass(frozen=True)
class Unclear:
    """A matter is protected provisionally; its report has to be sent by a day (None: calendar not loaded)."""

    matter: UUID
    version: int
    referral: UUID
    route: str
    due_on: date | None


@dataclass(frozen=True)
class Sent:
    """A report went out; by when the answer is due (None: calendar not loaded)."""

    matter: UUID
    version: int
    late: bool
    answer_by: date | None


@procedure(
    "unclear.refer",
    requires=(Role.DRAFTER, Role.OFFICER),
    step_up=True,
    clauses=("TL-25.1", "TL-15.4", "TL-25.1d", "BMF-13.1"),
)
def refer(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    category: str,
    does_damage: bool,
    opinion: str = "",
    expected_version: int,
) -> Unclear:
    """Set the three elements provisionally where no guide item fits; protection and the limit start. 不明确事项先行拟定。

    Args:
        category: One of the categories of the law, by its short name (``subject_categories``).
        does_damage: The actor finds that disclosure may harm national security and interests.
        opinion: More words for the report.
    """
    row = shelf.lock(actor, now, matter, expected_version, "draft", "proposed")  # load
    paper.block_of_text(opinion, "opinion", REASON_LIMIT)
    answers = _terms(row, actor)
    verdict = contested.judge_unclear(row, answers, category, does_damage, actor, now)  # gather, judge
    facts.require(verdict)
    own = str(row.drafter_id) == actor.person_id
    used = sourcing.used(row, answers, actor, now) if own else None
    more = {"category": category, "does_damage": does_damage, "opinion": opinion}
    proposal = record_proposal(row, "unclear.refer", actor, now, answers, verdict, more=more)  # write
    protect(row, answers, "original", actor, now, sources=used, state="referred")
    today = now.date()
    limit = limits.limit(contested.REPORT, today)
    kept = Referral.objects.create(
        matter=row,
        kind=KIND,
        addressee_name="",
        route=str(verdict.values["route"]),
        category=category,
        provisional_on=today,
        due_on=limit.due_on,
        drafter_id=UUID(actor.person_id),
        referred_at=now,
    )
    owe(kept)
    Deadline.objects.create(
        matter_id=row.pk, name=contested.REPORT, clause=limit.clause, starts_on=today, due_on=limit.due_on
    )
    append(  # prove
        actor,
        "unclear.refer",
        subject=("matter", row.pk),
        at=now,
        data={
            "referral": kept.pk,
            "proposal": proposal.pk,
            "digest": proposal.digest,
            "level": answers.level,
            "route": kept.route,
            "due_on": limit.due_on,
            "version": row.version,
        },
        verdict=verdict,
        rows=[proposal, row],
    )
    able = facts.to_be_told(row, answers.level, None, now)  # tell
    due = limit.due_on.isoformat() if limit.due_on else ""
    shelf.tell([o.person for o in able], "unclear.waiting", row, now, due_on=due)
    shelf.tell([p for p in opinions.preparers(row, now) if str(p) != actor.person_id], "opinion.wanted", row, now)
    return Unclear(row.pk, row.version, kept.pk, kept.route, limit.due_on)


def _terms(row: Matter, actor: Actor) -> Answers:
    """Return the drafter's own answers, or a proposal that an officer finds no item for."""
    own = str(row.drafter_id) == actor.person_id
    if row.state == "draft" or standing.is_returned(row):
        if not own:
            raise Forbidden("drafter.not_yours")
        return answers_from(content.fill(row))
    proposal = waiting_proposal(row)
    if own:
        raise Refused("officer.is_the_drafter", ("BMF-16.2",))
    return replace(facts.terms_of(proposal), item=None)


def _referral(row: Matter) -> Referral:
    """Return the open referral of an unclear matter, locked.

    Raises:
        Refused: ``referral.not_unclear``: it was referred for lack of authority.
    """
    found = Referral.objects.select_for_update().filter(matter=row, kind=KIND, answered_at__isnull=True).first()
    if not isinstance(found, Referral):
        raise Refused("referral.not_unclear", ("TL-25.1",))
    return found


@procedure(
    "unclear.send",
    requires=(Role.OFFICER, Role.HEAD, Role.SECRECY_OFFICE),
    step_up=True,
    clauses=("TL-25.1", "TL-25.1d", "TL-15.4"),
)
def send(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    sent_on: date,
    document_no: str,
    received_on: date | None = None,
    expected_version: int,
) -> Sent:
    """Register that the report went to the administration, reviewed by another than its drafter. 登记报出。

    A report that went out late is registered all the same, and kept as a breach.

    Args:
        received_on: When the administration received it; the limit of its decision starts then.
    """
    row = shelf.lock(actor, now, matter, expected_version, "referred")  # load
    number = paper.line(document_no, "document_no", 80, required=True)
    referral = _referral(row)
    verdict = contested.judge_sending(referral, actor, sent_on, now)  # gather, judge
    facts.require(verdict)
    late = "unclear.sent_late" in contested.warnings(verdict)
    referral.sender_id, referral.sent_on, referral.sent_number = UUID(actor.person_id), sent_on, number  # write
    referral.save()
    owe(referral)
    Deadline.objects.filter(matter_id=row.pk, name=contested.REPORT, done_at__isnull=True).update(done_at=now)
    limit = limits.limit(contested.RULING, received_on or sent_on)
    Deadline.objects.create(
        matter_id=row.pk,
        name=contested.RULING,
        clause=limit.clause,
        starts_on=received_on or sent_on,
        due_on=limit.due_on,
    )
    missed = Breach.objects.filter(matter=row, kind="unclear.sent_late").exists()
    if late and not missed:
        clause = limits.limit(contested.REPORT, referral.provisional_on or sent_on).clause
        Breach.objects.create(matter=row, kind="unclear.sent_late", clause=clause, on=referral.due_on or sent_on)
    shelf.save(row, now)
    append(  # prove
        actor,
        "unclear.send",
        subject=("matter", row.pk),
        at=now,
        data={"referral": referral.pk, "sent_on": sent_on, "late": late, "version": row.version},
        verdict=verdict,
        rows=[row],
    )
    shelf.tell([row.drafter_id], "unclear.sent", row, now)  # tell
    return Sent(row.pk, row.version, late, limit.due_on)


@procedure("unclear.answer", requires=(Role.OFFICER, Role.HEAD), step_up=True, clauses=("BMF-25", "TL-25.2"))
def answer(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    decided: bool,
    ruled_by: str,
    document_no: str,
    decided_on: date,
    level: str = "",
    tail: str = "",
    scope: Scope | None = None,
    issued_on: date | None = None,
    expected_version: int,
    prepared: dict[str, Any],
) -> Changed:
    """Register what the administration decided about an unclear matter; only then may protection change. 登记确定结果。

    Args:
        decided: It is a state secret, on these terms (as provisional where none are given); otherwise it is none.
        ruled_by: ``national`` or ``provincial``.
        issued_on: Issue date of the text, from which protection counts (TL-19.2a); the day of the decision where none.
    """
    row = shelf.lock(actor, now, matter, expected_version, "referred")  # load
    number = paper.line(document_no, "document_no", 80, required=True)
    referral = _referral(row)
    proposal = Proposal.objects.filter(matter=row).latest("number")
    answers = facts.terms_of(proposal, level=level or None, tail=tail or None, scope=scope)
    verdict = contested.judge_unclear_ruling(  # gather, judge
        referral, ruled_by, answers.level if decided else "", number, decided_on, now, issued_on if decided else None
    )
    facts.require(verdict)
    if str(proposal.drafter_id) == actor.person_id:
        raise Refused("officer.is_the_drafter", ("BMF-16.2",))
    _close(row, referral, decided, ruled_by, number, decided_on, now)  # write
    payload = {
        "document_no": number,
        "decided_on": decided_on.isoformat(),
        "decided": decided,
        "ruled_by": ruled_by,
        "filed_nationally": bool(verdict.values["filed_nationally"]),
    }
    ruling = rulings.Ruling("unclear.answer", payload, proposal, verdict)
    if decided:
        kept = rulings.enter_force(
            ruling,
            row,
            answers,
            actor,
            now,
            prepared,
            starts_on=issued_on or decided_on,
            issued_on=issued_on,
            officer=UUID(actor.person_id),
        )
        mark = facts.mark(kept.level, kept.tail)
        shelf.tell_scope(row, "matter.admitted", now, mark=mark, register_no=row.register_no)
    else:
        kept = rulings.no_secret(ruling, row, actor, now)
    append(  # prove
        actor,
        "unclear.answer",
        subject=("matter", row.pk),
        at=now,
        data={
            "decision": kept.pk,
            "digest": kept.digest,
            "decided": decided,
            "ruled_by": ruled_by,
            "filed_nationally": payload["filed_nationally"],
            "version": row.version,
        },
        verdict=verdict,
        rows=[kept, row],
    )
    shelf.tell([row.drafter_id], "unclear.answered", row, now, decided=decided)  # tell
    shelf.tell(contested.secrecy_office(now), "unclear.precedent", row, now, category=referral.category)
    return Changed(row.pk, row.version, row.state)


def _close(
    row: Matter, referral: Referral, decided: bool, ruled_by: str, number: str, decided_on: date, now: datetime
) -> None:
    referral.answered_at, referral.answer = now, "decided" if decided else contested.NOT_SECRET
    referral.ruled_by, referral.answer_number, referral.decided_on = ruled_by, number, decided_on
    referral.save()
    owe(referral)
    Deadline.objects.filter(matter_id=row.pk, name=contested.RULING, done_at__isnull=True).update(done_at=now)


@answer.prepare
def _stamp_answer(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    decided: bool,
    ruled_by: str,
    document_no: str,
    decided_on: date,
    level: str = "",
    tail: str = "",
    scope: Scope | None = None,
    issued_on: date | None = None,
    expected_version: int,
) -> dict[str, Any]:
    """Stamp the mark that the administration decided."""
    row = access.matter_for(actor, now, matter)
    proposal = Proposal.objects.filter(matter=row).order_by("-number").first()
    if not decided or row.state != "referred" or proposal is None:
        return {}
    answers = facts.terms_of(proposal, level=level or None, tail=tail or None, scope=scope)
    return rulings.stamped(row, answers, issued_on or decided_on, actor, now)
