"""P3 无权或权限不足：protect first at the proposed level, then refer with a letter; register the answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, Refused
from dingmi.engines.documents import forms
from dingmi.procedures import paper, rulings, shelf
from dingmi.procedures.determination import REASON_LIMIT, protect, record_proposal, waiting_proposal
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Changed, Referred, Scope
from dingmi.queries import access, content, contested, facts, sourcing, standing
from dingmi.queries.forms import referral as letters
from dingmi.queries.terms import Answers, answers_from
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import owe
from dingmi.records.matters.models import Matter, MatterFile, Proposal, Referral
from dingmi.records.organs.models import Organ
from dingmi.records.vault import store

LETTER_NAME = "报请函.docx"


@procedure(
    "referral.refer",
    requires=(Role.OFFICER, Role.HEAD, Role.DRAFTER),
    step_up=True,
    clauses=("BMF-17.3", "GD-11.2", "TL-17.2"),
)
def refer(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    opinion: str,
    expected_version: int,
    prepared: dict[str, Any],
) -> Referred:
    """Protect a matter above the organ's authority at the proposed level, and make the letter that refers it. 报请。"""
    row = shelf.lock(actor, now, matter, expected_version, "draft", "proposed")  # load
    paper.block_of_text(opinion, "opinion", REASON_LIMIT)
    proposal, answers = _terms(row, actor)
    verdict = facts.judge_referral(row, answers, actor, now)  # gather, judge
    facts.require(verdict)
    if prepared.get("version") != row.version:
        raise Conflict("version.stale", (), found=row.version)
    used = None
    if proposal is None:  # write
        used = sourcing.used(row, answers, actor, now)
        proposal = record_proposal(row, "referral.refer", actor, now, answers, verdict)
    protect(row, answers, row.origin, actor, now, sources=used, state="referred")
    kept = _keep(row, prepared, str(verdict.values["referral_kind"]), now)
    append(  # prove
        actor,
        "referral.refer",
        subject=("matter", row.pk),
        at=now,
        data={
            "referral": kept.pk,
            "proposal": proposal.pk,
            "level": answers.level,
            "authority_kind": kept.authority_kind,
            "letter": kept.letter_id,
            "version": row.version,
        },
        verdict=verdict,
        rows=[row],
    )
    shelf.tell([row.drafter_id], "matter.referred", row, now)  # tell
    return Referred(row.pk, row.version, kept.pk, kept.letter_id, kept.addressee_name)


def _terms(row: Matter, actor: Actor) -> tuple[Proposal | None, Answers]:
    """Return what is referred: the proposal that waits, or the drafter's own answers."""
    own = str(row.drafter_id) == actor.person_id
    if row.state == "draft" or (row.state == "proposed" and standing.is_returned(row)):
        if not own:
            raise Refused("proposal.none_waiting", ("BMF-16.2",), state=row.state)
        return None, answers_from(content.fill(row))
    proposal = waiting_proposal(row)
    if own:
        raise Refused("officer.is_the_drafter", ("BMF-16.2",))
    return proposal, facts.terms_of(proposal)


@refer.prepare
def _letter(*, actor: Actor, now: datetime, matter: UUID, opinion: str, expected_version: int) -> dict[str, Any]:
    """Write the letter, unless the verdict already refuses."""
    row = access.matter_for(actor, now, matter)
    if row.state not in ("draft", "proposed"):
        return {}
    _, answers = _terms(row, actor)
    if facts.is_blocked(facts.judge_referral(row, answers, actor, now)):
        return {}
    addressee = facts.addressee(answers.level)
    letter = letters.letter(row, answers, addressee.name if addressee else "", opinion, now)
    label = {"regime": row.regime, "level": answers.level, "matter": str(row.pk), "form": letter.form}
    return {
        "content": forms.render(letter, "docx", label=label),
        "addressee": addressee,
        "opinion": opinion,
        "version": row.version,
    }


def _keep(row: Matter, prepared: dict[str, Any], kind: str, now: datetime) -> Referral:
    stored = store.put(row.level, prepared["content"], kind="letter", media="docx", at=now)
    file = MatterFile(matter=row, stored=stored, role="letter", created_at=now)
    file.name_ct = content.sealed(file, "name_ct", row.level, LETTER_NAME)
    file.save()
    addressee = prepared["addressee"]
    kept = Referral(
        matter=row,
        kind="authority",
        authority_kind=kind,
        addressee=addressee,
        addressee_name=addressee.name if addressee else "",
        letter=stored,
        referred_at=now,
    )
    kept.opinion_ct = content.sealed(kept, "opinion_ct", row.level, prepared["opinion"])
    kept.save()
    owe(kept)
    return kept


@procedure("referral.answer", requires=(Role.OFFICER, Role.HEAD), step_up=True, clauses=("BMF-17.3",))
def answer(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    decided: bool,
    level: str = "",
    tail: str = "",
    scope: Scope | None = None,
    document_no: str,
    decided_on: date,
    decided_by: UUID | None = None,
    issued_for: UUID | None = None,
    expected_version: int,
    prepared: dict[str, Any],
) -> Changed:
    """Register the decision of the organ that a matter was referred to; it is that organ's matter then. 登记报请的答复。

    Args:
        decided_by: Who decided, where it is another organ than the one asked (TL-17.2).
        issued_for: The superior in whose name the text is issued: it is the superior's matter (QA-5).
    """
    row = shelf.lock(actor, now, matter, expected_version, "referred")
    number = paper.line(document_no, "document_no", 80, required=True)
    if decided_on > now.date():
        raise Invalid("date.in_future", (), fields={"decided_on": "date.in_future"})
    referral = _open(row)
    decider = decided_by or referral.addressee_id or standing.home().pk
    for field, organ in (("decided_by", decider), ("issued_for", issued_for)):
        if organ is not None and not Organ.objects.filter(pk=organ).exists():
            raise Invalid("input.invalid", (), fields={field: "organ.unknown"})
    proposal = Proposal.objects.filter(matter=row).latest("number")
    if str(proposal.drafter_id) == actor.person_id:
        raise Refused("officer.is_the_drafter", ("BMF-16.2",))
    referral.answered_at, referral.answer = now, "decided" if decided else "not_secret"
    referral.answer_number, referral.decided_on = number, decided_on
    referral.save()
    owe(referral)
    payload = {"document_no": number, "decided_on": decided_on.isoformat(), "decided": decided}
    ruling = rulings.Ruling("referral.answer", payload, proposal)
    if decided:
        answers = facts.terms_of(proposal, level=level, tail=tail, scope=scope)
        row.organ_id = contested.originator_of_record(decider, issued_for, now)
        kept = rulings.enter_force(
            ruling, row, answers, actor, now, prepared, starts_on=decided_on, issued_on=None, officer=None
        )
        shelf.tell_scope(row, "matter.admitted", now, mark=facts.mark(kept.level, kept.tail))
    else:
        kept = rulings.no_secret(ruling, row, actor, now)
    append(
        actor,
        "referral.answer",
        subject=("matter", row.pk),
        at=now,
        data={"decision": kept.pk, "digest": kept.digest, "decided": decided, "version": row.version},
        rows=[kept, row],
    )
    shelf.tell([row.drafter_id], "referral.answered", row, now, decided=decided)
    return Changed(row.pk, row.version, row.state)


def _open(row: Matter) -> Referral:
    """Return the open referral for lack of authority, locked.

    Raises:
        Refused: ``referral.unclear``: an administration decides, and its decision is registered by another act.
    """
    found = Referral.objects.select_for_update().filter(matter=row, kind="authority", answered_at__isnull=True).first()
    if not isinstance(found, Referral):
        raise Refused("referral.unclear", ("TL-25.1",))
    return found


@answer.prepare
def _stamp_answer(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    decided: bool,
    level: str = "",
    tail: str = "",
    scope: Scope | None = None,
    document_no: str,
    decided_on: date,
    decided_by: UUID | None = None,
    issued_for: UUID | None = None,
    expected_version: int,
) -> dict[str, Any]:
    """Stamp the mark that was decided elsewhere."""
    row = access.matter_for(actor, now, matter)
    if not decided or row.state != "referred":
        return {}
    proposal = Proposal.objects.filter(matter=row).latest("number")
    answers = facts.terms_of(proposal, level=level, tail=tail, scope=scope)
    return rulings.stamped(row, answers, decided_on, actor, now)
