"""工作秘密、商业秘密：propose, revise, approve, return, file, lift (GZ-s1, SM-12); one family of acts for both regimes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, Refused
from dingmi.engines.suggest import find_marks
from dingmi.procedures import decide, paper, shelf
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Changed, Upload, scope_plain
from dingmi.queries import access, content, facts, grades, standing
from dingmi.queries.grades import GradeTerms
from dingmi.queries.marking import Shown
from dingmi.records.ledger.append import append
from dingmi.records.ledger.checkpoint import signature_for
from dingmi.records.ledger.guard import new_id
from dingmi.records.matters.models import Decision, Matter, MatterFile, MatterText, Proposal
from dingmi.records.vault import store
from dingmi.regime.kernel.rulebook import Verdict

REASON_LIMIT = 4000  # characters
BASIS_LIMIT = 200


@dataclass(frozen=True)
class Graded:
    """A grade is in force."""

    matter: UUID
    version: int
    decision: UUID
    register_no: str
    mark: str
    last_protected_day: date | None


def lock(actor: Actor, now: datetime, matter: UUID, expected_version: int, *states: str) -> Matter:
    """Return the row of a work or trade secret, locked for this act.

    Raises:
        NotFound: There is none, or the actor may not know of it.
        Conflict: ``version.stale``.
        Refused: What its state stands in the way of, with the clause (``regime/states.toml``).
    """
    grades.matter_for(actor, now, matter)
    row: Matter = Matter.objects.select_for_update().get(pk=matter)
    if row.version != expected_version:
        raise Conflict("version.stale", (), expected=expected_version, found=row.version)
    if row.state not in states:
        raise shelf.in_the_way(row, now)
    return row


def decided(
    act: str,
    row: Matter,
    actor: Actor,
    now: datetime,
    *,
    verdict: Verdict,
    payload: dict[str, Any],
    proposal: Proposal | None = None,
    authority: dict[str, Any] | None = None,
    level: str = "",
    tail: str = "",
    last: date | None = None,
    starts_on: date | None = None,
    scope: dict[str, list[str]] | None = None,
    decision: UUID | None = None,
) -> Decision:
    """Write one immutable decision with what was signed, under the key of its level."""
    level = level or row.level
    number = Decision.objects.filter(matter=row).count() + 1
    signed = {
        "act": act,
        "matter": str(row.pk),
        "number": number,
        "proposal": proposal.digest if proposal else None,
        "approver": actor.person_id or None,
        "level": level,
        "tail": tail,
        "last_protected_day": last.isoformat() if last else None,
        "scope": scope or {},
        "authority": authority or {},
        "rulebook": verdict.rulebook,
        "at": now.isoformat(),
        **payload,
    }
    text, digest = shelf.sealed_payload(signed)
    kept = Decision(
        id=decision or new_id(),
        matter=row,
        number=number,
        act=act,
        proposal=proposal,
        officer_id=UUID(actor.person_id) if actor.person_id else None,
        level=level,
        tail=tail,
        starts_on=starts_on,
        last_protected_day=last,
        scope=scope or {},
        authority=authority or {},
        verdict=facts.verdict_plain(verdict),
        rulebook=verdict.rulebook,
        digest=digest,
        signature=signature_for(actor.person_id, digest),
        at=now,
    )
    kept.payload_ct = content.sealed(kept, "payload_ct", level, text)
    kept.save()
    if proposal is not None:
        shelf.limit_proposal(row, now)
    return kept


def _checked(regime: str, terms: GradeTerms) -> GradeTerms:
    """Return the terms with their words checked, and the one level of work secrets filled in."""
    grades.require_regime(regime)
    paper.line(terms.basis, "basis", BASIS_LIMIT)
    paper.block_of_text(terms.reasons, "reasons", REASON_LIMIT)
    for field, value in (("level", terms.level), ("tail", terms.tail), ("harm", terms.harm)):
        paper.line(value, field, 30)
    if regime == grades.WORK and not terms.level:
        return GradeTerms(**{**vars(terms), "level": grades.LEVELS[regime][0]})
    return terms


def _level_of(regime: str, terms: GradeTerms) -> str:
    """Return the level whose key protects a proposal.

    Raises:
        Refused: There is no such level; nothing is kept.
    """
    if terms.level not in grades.LEVELS[regime]:
        clauses, words = (
            (("GZ-s2",), grades.LEVELS[regime]) if regime == grades.WORK else (("SM-13",), grades.LEVELS[regime])
        )
        raise Refused("grade.level", clauses, levels="、".join(words))
    return terms.level


def _sign(act: str, row: Matter, terms: GradeTerms, verdict: Verdict, now: datetime, state_marks: int) -> Proposal:
    """Write what the drafter signed."""
    number = Proposal.objects.filter(matter=row).count() + 1
    signed = {
        "act": act,
        "matter": str(row.pk),
        "number": number,
        "drafter": str(row.drafter_id),
        "terms": grades.terms_plain(terms),
        "state_marks": state_marks,
        "rulebook": verdict.rulebook,
        "at": now.isoformat(),
    }
    text, digest = shelf.sealed_payload(signed)
    kept = Proposal(
        id=new_id(),
        matter=row,
        number=number,
        act=act,
        drafter_id=row.drafter_id,
        level=terms.level,
        tail=terms.tail,
        tail_kind="",
        scope=scope_plain(terms.scope),
        digest=digest,
        signature=signature_for(row.drafter_id, digest),
        verdict=facts.verdict_plain(verdict),
        at=now,
    )
    kept.payload_ct = content.sealed(kept, "payload_ct", terms.level, text)
    kept.save()
    shelf.limit_proposal(row, now, act)
    return kept


@procedure(
    "grading.propose",
    requires=(Role.DRAFTER,),
    step_up=True,
    clauses=("GZ-3", "GZ-s1", "SM-11", "SM-12", "SEED-24", "BMF-64", "NB-9"),
)
def propose(
    *,
    actor: Actor,
    now: datetime,
    regime: str,
    title: str,
    terms: GradeTerms,
    upload: Upload | None = None,
    statement: str = "",
    source: UUID | None = None,
    prepared: dict[str, Any],
) -> Changed:
    """Propose a work secret or a trade secret. 拟定工作秘密、商业秘密。

    Args:
        regime: ``work_secret`` or ``trade_secret``.
        upload: The file that holds it; what has no file is described in ``statement``.
        source: A draft of one's own that was closed as no state secret, whose file is taken over.
    """
    terms, level = prepared["terms"], prepared["level"]
    row = Matter(
        regime=regime,
        organ=standing.home(),
        department_id=next((UUID(d) for d in actor.department_ids), None),
        drafter_id=UUID(actor.person_id),
        state="pending",
        origin="provisional" if terms.provisional_until else "original",
        level=level,
        tail=terms.tail,
        created_at=now,
        changed_at=now,
    )
    verdict = grades.judge_proposal(row, terms, now, prepared["state_marks"])
    facts.require(verdict)
    row.title_ct = content.sealed(row, "title_ct", level, prepared["title"])
    row.save()
    shelf.count(row, +1)
    body = MatterText(matter=row, characters=len(prepared["text"]), pages=prepared["pages"])
    body.text_ct = content.sealed(body, "text_ct", level, prepared["text"])
    body.save()
    if prepared["file"] is not None:
        stored = store.put(level, prepared["file"].content, kind="original", media=prepared["media"], at=now)
        file = MatterFile(matter=row, stored=stored, role="original", created_at=now)
        file.name_ct = content.sealed(file, "name_ct", level, prepared["file"].filename)
        file.save()
    shelf.reindex(row, prepared["title"], "")
    kept = _sign("grading.propose", row, terms, verdict, now, prepared["state_marks"])
    data = {"regime": regime, "level": level, "proposal": kept.pk, "digest": kept.digest, "source": source}
    append(actor, "grading.propose", subject=("matter", row.pk), at=now, data=data, rows=[kept, row], verdict=verdict)
    return Changed(row.pk, row.version, row.state)


@propose.prepare
def _read(
    *,
    actor: Actor,
    now: datetime,
    regime: str,
    title: str,
    terms: GradeTerms,
    upload: Upload | None = None,
    statement: str = "",
    source: UUID | None = None,
) -> dict[str, Any]:
    """Check the words, read the file in a child process, and look for marks of state secrets in it."""
    terms = _checked(regime, terms)
    level = _level_of(regime, terms)
    clean = paper.line(title, "title", shelf.TITLE_LIMIT, required=True)
    upload = upload or (_taken_over(actor, now, source) if source else None)
    text = paper.block_of_text(statement, "statement", REASON_LIMIT, required=upload is None)
    media, pages = "", 0
    if upload is not None:
        read = paper.read(upload)
        text, media, pages, upload = read.text, read.media, read.pages, Upload(read.filename, upload.content)
    found = [mark for mark in find_marks(text) if "★" in mark.text]
    return {
        "terms": terms,
        "level": level,
        "title": clean,
        "text": text,
        "file": upload,
        "media": media,
        "pages": pages,
        "state_marks": len(found),
    }


def _taken_over(actor: Actor, now: datetime, source: UUID) -> Upload:
    """Return the file of a draft of the actor's that was closed as no state secret.

    Raises:
        Refused: ``grade.source``: it is not such a draft, or it has no file.
    """
    row = access.matter_for(actor, now, source)
    file = MatterFile.objects.filter(matter=row, role="original").select_related("stored").first()
    if row.state != "not_classified" or str(row.drafter_id) != actor.person_id or file is None:
        raise Refused("grade.source")
    return Upload(content.file_name(file, row.level), store.get(file.stored))


@procedure("grading.revise", requires=(Role.DRAFTER,), step_up=True, clauses=("GZ-s1", "SM-12", "NB-10"))
def revise(
    *, actor: Actor, now: datetime, matter: UUID, terms: GradeTerms, title: str = "", expected_version: int
) -> Changed:
    """Propose anew what was returned, or a change of what is in force. 修改重报、拟定变更。"""
    row = lock(actor, now, matter, expected_version, "returned", "graded")
    if str(row.drafter_id) != actor.person_id:
        raise Refused("grade.not_your_draft")
    if row.state == "graded" and grades.waiting(row) is not None:
        raise Refused("grade.already_waiting")
    terms = _checked(row.regime, terms)
    level = _level_of(row.regime, terms)
    last = Proposal.objects.filter(matter=row).order_by("-number").first()
    state_marks = int(grades.payload_of(last).get("state_marks", 0)) if last else 0
    verdict = grades.judge_proposal(row, terms, now, state_marks)
    facts.require(verdict)
    words = paper.line(title, "title", shelf.TITLE_LIMIT) or content.title(row)
    if row.state == "returned":
        shelf.move_to_level(row, level, now)
        shelf.save(
            row,
            now,
            state="pending",
            tail=terms.tail,
            origin="provisional" if terms.provisional_until else "original",
            title_ct=content.sealed(row, "title_ct", level, words),
        )
        shelf.reindex(row, words, "")
    else:
        shelf.save(row, now)
    kept = _sign("grading.revise", row, terms, verdict, now, state_marks)
    data = {"regime": row.regime, "level": level, "proposal": kept.pk, "digest": kept.digest, "version": row.version}
    append(actor, "grading.revise", subject=("matter", row.pk), at=now, data=data, rows=[kept, row], verdict=verdict)
    if row.officer_id:
        shelf.tell([row.officer_id], "graded.change_waits", row, now)
    return Changed(row.pk, row.version, row.state)


@procedure(
    "grading.approve",
    step_up=True,
    waits_for_date=True,
    clauses=("GZ-s1", "GZ-s2", "SM-12", "SM-13", "SM-14", "SM-15?", "NB-10", "BMF-22.3"),
)
def approve(
    *, actor: Actor, now: datetime, matter: UUID, opinion: str = "", expected_version: int, prepared: dict[str, Any]
) -> Graded:
    """Approve a proposed grade, or a proposed change of one. 审批工作秘密、商业秘密。

    The principal approves, or a person appointed in writing up to its level; a marked copy is made and the scope is told.
    """
    row = lock(actor, now, matter, expected_version, "pending", "graded")
    paper.block_of_text(opinion, "opinion", REASON_LIMIT)
    proposal = _waiting(row)
    terms = grades.terms_of(proposal)
    act = "grading.change" if row.state == "graded" else "grading.approve"
    verdict = grades.judge_approval(row, proposal, actor, now, act)
    facts.require(verdict)
    if prepared.get("version") != row.version:
        raise Conflict("version.stale", (), found=row.version)
    mark = grades.mark_of(row.regime, terms.level, terms.tail)
    window = grades.window(row.regime, terms.tail, now.date())
    last = terms.provisional_until or window.last_protected_day
    kept = decided(
        act,
        row,
        actor,
        now,
        verdict=verdict,
        proposal=proposal,
        authority=_authority(row, actor, now),
        payload={"opinion": opinion, "file": prepared["stamped"].digest if prepared["stamped"] else None},
        level=terms.level,
        tail=terms.tail,
        starts_on=now.date(),
        last=last,
        scope=scope_plain(terms.scope),
        decision=prepared["decision"],
    )
    _in_force(row, terms, mark, prepared["stamped"], last, actor, now)
    data = {"decision": kept.pk, "digest": kept.digest, "register_no": row.register_no, "mark": mark}
    data |= {"regime": row.regime, "last_protected_day": last, "version": row.version}
    append(actor, act, subject=("matter", row.pk), at=now, data=data, rows=[kept, row], verdict=verdict)
    code = "graded.changed" if act == "grading.change" else "graded.admitted"
    shelf.tell_scope(row, code, now, mark=mark, register_no=row.register_no)
    shelf.tell([row.drafter_id], "graded.approved", row, now, mark=mark)
    return Graded(row.pk, row.version, kept.pk, row.register_no or "", mark, last)


@approve.prepare
def _stamp(*, actor: Actor, now: datetime, matter: UUID, opinion: str = "", expected_version: int) -> dict[str, Any]:
    """Make the marked copy before the transaction; nothing is made where the law refuses anyway."""
    row = grades.matter_for(actor, now, matter)
    proposal = grades.waiting(row)
    if proposal is None:
        return {}
    terms = grades.terms_of(proposal)
    act = "grading.change" if row.state == "graded" else "grading.approve"
    if facts.is_blocked(grades.judge_approval(row, proposal, actor, now, act)):
        return {}
    decision = new_id()
    shown = grades.next_mark(row, grades.mark_of(row.regime, terms.level, terms.tail), now.date())
    stamped = stamp(row, shown, terms.level, terms.tail, decision, now)
    if stamped is None:
        facts.require(grades.judge_unmarked(row.regime, bool(any(proposal.scope.values())), now.date()))
    else:
        facts.require(grades.judge_mark(row.regime, shown, stamped.visible, stamped.is_bound, now.date()))
    return {"decision": decision, "stamped": stamped, "version": row.version}


def stamp(row: Matter, shown: Shown, level: str, tail: str, decision: UUID, now: datetime) -> paper.Stamped | None:
    """Return a copy of the original that shows ``shown``, with the machine mark of its regime; None without a file."""
    file = MatterFile.objects.filter(matter=row, role="original").select_related("stored").first()
    if file is None:
        return None
    label = {
        "label_id": str(new_id()),
        "regime": row.regime,
        "level": level,
        "tail": tail,
        "issued_on": now.date().isoformat(),
        "originator": row.organ.name,
        "matter": str(row.pk),
        "decision": str(decision),
    }
    return paper.stamped(store.get(file.stored), content.file_name(file, row.level), shown, label)


def _waiting(row: Matter) -> Proposal:
    """Return the proposal that waits.

    Raises:
        Refused: ``grade.nothing_waits``.
    """
    found = grades.waiting(row)
    if found is None:
        raise Refused("grade.nothing_waits")
    return found


def _authority(row: Matter, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return by what right the actor approves, as it stands now."""
    held = grades.appointments(actor.person_id, now).filter(regime=row.regime).order_by("since", "pk").last()
    if actor.holds(Role.HEAD):
        return {"principal": True}
    return {"principal": False, "instrument": held.instrument, "max_level": held.max_level} if held else {}


def _in_force(
    row: Matter,
    terms: GradeTerms,
    mark: str,
    stamped: paper.Stamped | None,
    last: date | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Bring the row in line with what was approved, keep the marked copy, open the scope."""
    shelf.move_to_level(row, terms.level, now)
    number = row.register_no or shelf.next_number(row, terms.level, now.date().year)
    shelf.save(
        row,
        now,
        state="graded",
        origin="provisional" if terms.provisional_until else "original",
        register_no=number,
        officer_id=UUID(actor.person_id),
        tail=terms.tail,
        starts_on=now.date(),
        last_protected_day=last,
    )
    shelf.reindex(row, content.title(row), "")
    shelf.close_scope(row, terms.scope, now)
    shelf.open_scope(row, terms.scope, "grading", now)
    if stamped is not None:
        decide.file_marked(row, stamped, mark, now)


@procedure("grading.return", step_up=True, clauses=("GZ-s1", "SM-12", "SEED-25"))
def return_(*, actor: Actor, now: datetime, matter: UUID, text: str, expected_version: int) -> Changed:
    """Send a proposal back to its drafter with reasons; what is in force stays in force. 退回。"""
    row = lock(actor, now, matter, expected_version, "pending", "graded")
    paper.block_of_text(text, "text", REASON_LIMIT, required=True)
    proposal = _waiting(row)
    act = "grading.change" if row.state == "graded" else "grading.approve"
    verdict = grades.judge_approval(row, proposal, actor, now, act)
    wrong = [f for f in verdict.blocking if f.code in ("grade.not_appointed", "grade.same_person")]
    if wrong:
        raise Refused.of(tuple(wrong))
    payload = {"text": text}
    kept = decided(
        "grading.return", row, actor, now, verdict=verdict, proposal=proposal, payload=payload, level=proposal.level
    )
    shelf.save(row, now, state="returned" if row.state == "pending" else row.state)
    data = {"decision": kept.pk, "digest": kept.digest, "version": row.version}
    append(actor, "grading.return", subject=("matter", row.pk), at=now, data=data, rows=[kept, row])
    shelf.tell([row.drafter_id], "graded.returned", row, now, acknowledge=True)
    return Changed(row.pk, row.version, row.state)


@procedure("grading.file", requires=(Role.SECRECY_OFFICE,), clauses=("SM-12",))
def file(*, actor: Actor, now: datetime, matter: UUID, note: str = "", expected_version: int) -> Changed:
    """File an approved trade secret; its content is not needed for it. 保密办备案。"""
    grades.existing(actor, now, grades.TRADE)
    if not grades.existing(actor, now, grades.TRADE).filter(pk=matter).exists():
        grades.matter_for(actor, now, matter)
        raise Invalid("grade.only_trade", (), fields={"matter": "grade.only_trade"})
    row: Matter = Matter.objects.select_for_update().get(pk=matter)
    if row.version != expected_version:
        raise Conflict("version.stale", (), expected=expected_version, found=row.version)
    paper.line(note, "note", BASIS_LIMIT)
    verdict = grades.judge_filing(row, actor, now)
    facts.require(verdict)
    if grades.is_filed(row):
        raise Refused("grade.filed_already")
    kept = decided("grading.file", row, actor, now, verdict=verdict, payload={"note": note}, tail=row.tail)
    shelf.save(row, now)
    data = {"decision": kept.pk, "digest": kept.digest, "version": row.version}
    append(actor, "grading.file", subject=("matter", row.pk), at=now, data=data, rows=[kept, row], verdict=verdict)
    shelf.tell([row.drafter_id], "graded.filed", row, now)
    return Changed(row.pk, row.version, row.state)


@procedure("grading.lift", step_up=True, waits_for_date=True, clauses=("GZ-s3", "SM-11", "SM-14"))
def lift(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    ground: str,
    reason: str,
    expected_version: int,
    prepared: dict[str, Any],
) -> Changed:
    """Lift the protection of a work or trade secret on a ground that its law knows. 解除。

    Args:
        ground: ``to_be_public`` or ``harmless`` (work); ``published`` or ``worthless`` (trade); ``converted`` once the
            state-secret matter made of it is in force.
    """
    row = lock(actor, now, matter, expected_version, "graded")
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    verdict = grades.judge_lift(row, ground, reason, actor, now)
    facts.require(verdict)
    if prepared.get("version") != row.version:
        raise Conflict("version.stale", (), found=row.version)
    kept = decided(
        "grading.lift",
        row,
        actor,
        now,
        verdict=verdict,
        authority=_authority(row, actor, now),
        payload={"ground": ground, "reason": reason},
        tail=row.tail,
        decision=prepared["decision"],
    )
    shelf.save(row, now, state="lifted", released_at=now, release_ground=ground)
    shelf.end_limits([row.pk], now)
    if prepared["stamped"] is not None:
        decide.file_marked(row, prepared["stamped"], grades.LIFTED, now)
    data = {"decision": kept.pk, "digest": kept.digest, "ground": ground, "version": row.version}
    append(actor, "grading.lift", subject=("matter", row.pk), at=now, data=data, rows=[kept, row], verdict=verdict)
    shelf.tell_scope(row, "graded.lifted", now, register_no=row.register_no)
    shelf.tell([row.drafter_id], "graded.lifted", row, now, register_no=row.register_no)
    return Changed(row.pk, row.version, row.state)


@lift.prepare
def _stamp_lifted(
    *, actor: Actor, now: datetime, matter: UUID, ground: str, reason: str, expected_version: int
) -> dict[str, Any]:
    """Strike the mark on a copy, unless the act will be refused anyway."""
    row = grades.matter_for(actor, now, matter)
    if row.state != "graded" or facts.is_blocked(grades.judge_lift(row, ground, reason, actor, now)):
        return {}
    decision = new_id()
    stamped = stamp(row, grades.lifted_mark(row, now.date()), row.level, row.tail, decision, now)
    return {"decision": decision, "stamped": stamped, "version": row.version}
