"""P1 原始定密：draft, fill, propose, approve, return, not a secret."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid, Refused
from dingmi.procedures import decide, paper, recusal, shelf, source_links
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import (
    Answers,
    Approved,
    Changed,
    Drafted,
    Proposed,
    Scope,
    Upload,
    answers_from,
    answers_plain,
    scope_plain,
)
from dingmi.queries import (
    attached,
    content,
    facts,
    guide_impact,
    limits,
    points,
    readying,
    sourcing,
    standing,
    suggested,
    suggestions,
)
from dingmi.queries.inheritance import Source
from dingmi.records.guides.models import GuideItem
from dingmi.records.ledger.append import append
from dingmi.records.ledger.checkpoint import signature_for
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.models import (
    ClassifiedPoint,
    Decision,
    Matter,
    MatterFile,
    MatterText,
    Posting,
    Proposal,
    Suggestion,
)
from dingmi.records.vault import store

REASON_LIMIT = 4000  # characters
TITLE_SHOWN = 80  # characters; a longer first line is no title
INSTEAD = ("work_secret", "public", "internal")


@procedure("determination.draft", requires=(Role.DRAFTER,), clauses=("TL-17.1", "BJ-13", "SEED-15", "SEED-39"))
def draft(
    *,
    actor: Actor,
    now: datetime,
    upload: Upload,
    title: str = "",
    doc_number: str = "",
    department: UUID | None = None,
    prepared: dict[str, Any],
) -> Drafted:
    """Make a draft from a file; it is kept at the level of its drafter's clearance until proposed. 拟稿。

    Args:
        title: The title; by default the one that the paper begins with.
    Raises:
        Invalid: The title or the file cannot be taken; nothing is kept.
    """
    read: paper.Read = prepared["read"]
    level = actor.clearance or shelf.INTERNAL
    row = Matter(
        organ=standing.home(),
        department_id=department or next((UUID(d) for d in actor.department_ids), None),
        drafter_id=UUID(actor.person_id),
        level=level,
        created_at=now,
        changed_at=now,
    )
    row.title_ct = content.sealed(row, "title_ct", level, prepared["title"])
    row.doc_number_ct = content.sealed(row, "doc_number_ct", level, prepared["doc_number"])
    row.save()
    shelf.count(row, +1)
    body = MatterText(matter=row, characters=len(read.text), pages=read.pages, warnings=list(read.warnings))
    body.text_ct = content.sealed(body, "text_ct", level, read.text)
    body.blocks_ct = content.sealed(body, "blocks_ct", level, shelf.plain_json(read.blocks))
    body.save()
    stored = store.put(level, upload.content, kind="original", media=read.media, at=now)
    file = MatterFile(matter=row, stored=stored, role="original", created_at=now)
    file.name_ct = content.sealed(file, "name_ct", level, read.filename)
    file.save()
    shelf.reindex(row, prepared["title"], prepared["doc_number"])
    kept = keep_suggestion(row, prepared["suggestion"], now)
    append(
        actor,
        "determination.draft",
        subject=("matter", row.pk),
        at=now,
        data={"characters": len(read.text), "media": read.media, "level": level, "suggestion": kept.digest},
        rows=[kept, row],
    )
    return drafted(row, read, prepared["suggestion"])


def drafted(row: Matter, read: paper.Read, found: suggestions.Found) -> Drafted:
    """Return what came of a file, and whether it is still to be compared with what its drafter may read."""
    waiting = suggested.is_waiting(found.payload)
    return Drafted(row.pk, row.version, len(read.text), read.pages, read.warnings, waiting)


@draft.prepare
def _read_draft(
    *,
    actor: Actor,
    now: datetime,
    upload: Upload,
    title: str = "",
    doc_number: str = "",
    department: UUID | None = None,
) -> dict[str, Any]:
    """Check the words, read the file in a child process, and match it to guide and sources."""
    clean_number = paper.line(doc_number, "doc_number", 60)
    if department is not None and str(department) not in actor.department_ids:
        raise Invalid("department.not_yours", (), fields={"department": "department.not_yours"})
    paper.line(title, "title", shelf.TITLE_LIMIT)
    read = paper.read(upload)
    clean_title = paper.line(title.strip() or _first_line(read), "title", shelf.TITLE_LIMIT, required=True)
    found = readying.suggest(actor, now, read.text, read.blocks)
    return {"title": clean_title, "doc_number": clean_number, "read": read, "suggestion": found}


def _first_line(read: paper.Read) -> str:
    """Return the title that a paper begins with, else its file name: where the drafter typed none."""
    first = read.text.lstrip().partition("\n")[0].strip()
    name = read.filename.rsplit(".", 1)[0]
    return first if 0 < len(first) <= TITLE_SHOWN else name


def keep_suggestion(row: Matter, found: suggestions.Found, now: datetime) -> Suggestion:
    """Write what the system suggested under the next number of the matter."""
    text = shelf.plain_json(found.payload)
    number = Suggestion.objects.filter(matter=row).count() + 1
    kept = Suggestion(matter=row, number=number, engine=found.engine, level=row.level, at=now)
    kept.digest = sm3(text.encode("utf-8")).hex()
    kept.payload_ct = content.sealed(kept, "payload_ct", row.level, text)
    kept.save()
    return kept


@procedure("determination.fill", requires=(Role.DRAFTER,))
def fill(*, actor: Actor, now: datetime, matter: UUID, answers: Answers, expected_version: int) -> Changed:
    """Save the drafter's answers so far; they may be incomplete. 填写定密要素。"""
    row = lock_own(actor, now, matter, expected_version)
    paper.block_of_text(answers.reasons, "reasons", REASON_LIMIT)
    seen = GuideItem.objects.filter(edition__level__in=guide_impact.readable(actor, now))  # GD-8.2
    if answers.item is not None and not seen.filter(pk=answers.item).exists():
        raise Invalid("item.unknown", (), fields={"item": "item.unknown"})
    if "reuse" in set(answers.confirmed) - set(content.fill(row).get("confirmed", ())):
        suggested.require_compared(content.suggestion(row.pk))
    text = shelf.plain_json(answers_plain(answers))
    shelf.save(row, now, fill_ct=content.sealed(row, "fill_ct", row.level, text))
    shelf.limit_referral(row, answers, actor, now)
    append(
        actor,
        "determination.fill",
        subject=("matter", row.pk),
        at=now,
        data={"confirmed": sorted(answers.confirmed), "version": row.version},
        rows=[row],
    )
    return Changed(row.pk, row.version, row.state)


@procedure("determination.discard", requires=(Role.DRAFTER,))
def discard(*, actor: Actor, now: datetime, matter: UUID, expected_version: int) -> Changed:
    """Put a draft away; its text, answers and index entries are removed. 弃用草稿。"""
    row = lock_own(actor, now, matter, expected_version)
    if row.state != "draft":
        raise shelf.in_the_way(row, now)
    MatterText.objects.filter(matter=row).delete()
    Posting.objects.filter(matter=row).delete()
    ClassifiedPoint.objects.filter(matter=row).delete()
    shelf.save(row, now, state="discarded", fill_ct=b"")
    shelf.end_limit(row, now, limits.REFERRAL)
    append(
        actor, "determination.discard", subject=("matter", row.pk), at=now, data={"version": row.version}, rows=[row]
    )
    return Changed(row.pk, row.version, row.state)


@procedure(
    "determination.propose",
    requires=(Role.DRAFTER,),
    step_up=True,
    clauses=("BMF-16.2", "BMF-19", "TL-14.2", "TL-17.1", "FW-4", "FW-9.1"),
)
def propose(*, actor: Actor, now: datetime, matter: UUID, expected_version: int) -> Proposed:
    """Sign the proposal of level, period and scope with its basis; protection starts. 承办人提出具体意见。

    Raises:
        Refused: With every finding at once.
    """
    row = lock_own(actor, now, matter, expected_version)  # load
    answers = answers_from(content.fill(row))
    used = sourcing.used(row, answers, actor, now)  # gather
    verdict = facts.judge_proposal(row, answers, used, actor, now)  # judge
    facts.require(verdict)
    more = {"sources": [s.plain() for s in used]}
    kept = record_proposal(row, "determination.propose", actor, now, answers, verdict, more=more)  # write
    protect(row, answers, "original", actor, now, sources=used)
    told = facts.to_be_told(row, answers.level, answers.item, now)
    append(  # prove
        actor,
        "determination.propose",
        subject=("matter", row.pk),
        at=now,
        data={
            "proposal": kept.pk,
            "digest": kept.digest,
            "level": kept.level,
            "tail": kept.tail,
            "sources": [str(s.matter.pk) if s.matter else "external" for s in used],
            "version": row.version,
        },
        verdict=verdict,
        rows=[kept, row],
    )
    shelf.tell([o.person for o in told], "proposal.waiting", row, now)  # tell
    warnings = tuple(f.code for f in verdict.findings if f.severity != "block")
    return Proposed(row.pk, row.version, kept.pk, kept.digest, facts.mark(kept.level, kept.tail), warnings)


def record_proposal(
    row: Matter,
    act: str,
    actor: Actor,
    now: datetime,
    answers: Answers,
    verdict: Any,
    *,
    more: dict[str, Any] | None = None,
) -> Proposal:
    """Write the immutable proposal with its canonical payload and digest; its key is that of the proposed level.

    Raises:
        Refused: ``assist.not_compared``: its text waits to be compared with what its drafter may read.
    """
    suggested.require_compared(content.suggestion(row.pk))
    tail = facts.tail(answers.tail)
    number = Proposal.objects.filter(matter=row).count() + 1
    payload = {
        "act": act,
        "matter": str(row.pk),
        "number": number,
        "drafter": actor.person_id,
        **answers_plain(answers),
        "level": answers.level,
        "tail": tail.text,
        "points": points.plain(points.of(row)),
        **({"attachments": digests} if (digests := attached.digests(row)) else {}),
        "rulebook": verdict.rulebook,
        "at": now.isoformat(),
        **(more or {}),
    }
    text, digest = shelf.sealed_payload(payload)
    kept = Proposal(
        matter=row,
        number=number,
        act=act,
        drafter_id=UUID(actor.person_id),
        level=answers.level,
        tail=tail.text,
        tail_kind=tail.kind,
        scope=scope_plain(answers.scope),
        item_id=answers.item,
        bars=dict(answers.bars),
        digest=digest,
        signature=signature_for(actor.person_id, digest),
        verdict=facts.verdict_plain(verdict),
        at=now,
    )
    kept.payload_ct = content.sealed(kept, "payload_ct", answers.level, text)
    kept.save()
    shelf.limit_proposal(row, now, act)
    return kept


def protect(
    row: Matter,
    answers: Answers,
    origin: str,
    actor: Actor,
    now: datetime,
    *,
    sources: tuple[Source, ...] | None,
    state: str = "proposed",
) -> None:
    """Bring a matter under the proposed level and open its scope: protection starts with the proposal (BJ-13).

    Args:
        sources: What its words were taken from, so that a change of theirs reaches it; None: as they stand.
    """
    shelf.move_to_level(row, answers.level, now)
    tail = facts.tail(answers.tail)
    shelf.save(row, now, state=state, origin=origin, item_id=answers.item, tail=tail.text, tail_kind=tail.kind)
    shelf.close_scope(row, answers.scope, now)
    shelf.open_scope(row, answers.scope, "proposal", now)
    if state != "proposed":
        shelf.limit_proposal(row, now)
    if state != "proposed" or origin == "derivative":
        shelf.end_limit(row, now, limits.REFERRAL)
    else:
        shelf.limit_referral(row, answers, actor, now)
    if sources is not None:
        source_links.link(row, sources, now)
    recusal.follow(row, now)


def lock_own(actor: Actor, now: datetime, matter: UUID, expected_version: int) -> Matter:
    """Return the drafter's own draft, or own proposal that came back."""
    row = shelf.lock(actor, now, matter, expected_version, "draft", "proposed")
    if str(row.drafter_id) != actor.person_id:
        raise Forbidden("drafter.not_yours")
    if row.state == "proposed" and not standing.is_returned(row):
        raise Refused("proposal.waiting_for_officer", ("BMF-16.2",), state=row.state)
    return row


def waiting_proposal(row: Matter) -> Proposal:
    """Return the proposal that waits for an officer.

    Raises:
        Refused: There is none, or it came back to its drafter.
    """
    last: Proposal | None = Proposal.objects.filter(matter=row).order_by("-number").first()
    if last is None or Decision.objects.filter(proposal=last).exists():
        raise Refused("proposal.none_waiting", ("BMF-16.2",), state=row.state)
    return last


@procedure(
    "determination.approve",
    requires=(Role.OFFICER,),
    step_up=True,
    clauses=("BMF-16.2", "BMF-17.1", "ZX-21", "ZX-24", "GD-2.1", "SEED-32", "ZX-23"),
)
def approve(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    opinion: str = "",
    issued_on: date | None = None,
    answered: dict[str, str] | None = None,
    expected_version: int,
    prepared: dict[str, Any],
) -> Approved:
    """Decide as proposed: the determination is in force, marked and registered. 定密责任人审核批准。"""
    row = shelf.lock(actor, now, matter, expected_version, "proposed")  # load
    proposal = waiting_proposal(row)
    answers = facts.terms_of(proposal)
    verdict = facts.judge_approval(row, proposal, answers, actor, now, answered or {}, issued_on)  # gather, judge
    facts.require(verdict)
    return decide.enter_force(  # write, prove, tell
        "determination.approve",
        row,
        proposal,
        answers,
        actor,
        now,
        verdict,
        prepared,
        issued_on=issued_on,
        more={"opinion": opinion, "answered": dict(answered or {})},
    )


@approve.prepare
def _stamp_approved(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    opinion: str = "",
    issued_on: date | None = None,
    answered: dict[str, str] | None = None,
    expected_version: int,
) -> dict[str, Any]:
    """Stamp the proposed mark on a copy, unless the verdict already refuses."""
    paper.block_of_text(opinion, "opinion", REASON_LIMIT)
    return decide.stamp_for(actor, now, matter, None, issued_on, answered or {})


@procedure(
    "determination.change_and_approve",
    requires=(Role.OFFICER,),
    step_up=True,
    clauses=("BMF-16.2", "BMF-17.1", "BMF-20.1"),
)
def change_and_approve(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    level: str,
    tail: str,
    scope: Scope,
    item: UUID | None,
    reason: str,
    longer_reason: str = "",
    issued_on: date | None = None,
    expected_version: int,
    prepared: dict[str, Any],
) -> Approved:
    """Decide otherwise than proposed, with the reason; the proposal stays as it was signed. 改后批准。

    Args:
        longer_reason: Why the period is longer than similar matters got, where the officer makes it so (BMF-20.1).
    Raises:
        Refused: With every finding; ``period.longer_than_similar`` where that reason is missing.
    """
    row = shelf.lock(actor, now, matter, expected_version, "proposed")  # load
    proposal = waiting_proposal(row)
    answers = facts.terms_of(proposal, level=level, tail=tail, scope=scope, item=item, longer_reason=longer_reason)
    verdict = facts.judge_approval(row, proposal, answers, actor, now, {}, issued_on)  # gather, judge
    facts.require(verdict)
    return decide.enter_force(  # write, prove, tell
        "determination.change_and_approve",
        row,
        proposal,
        answers,
        actor,
        now,
        verdict,
        prepared,
        issued_on=issued_on,
        more={"reason": reason, **({"longer_reason": longer_reason} if longer_reason.strip() else {})},
    )


@change_and_approve.prepare
def _stamp_changed(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    level: str,
    tail: str,
    scope: Scope,
    item: UUID | None,
    reason: str,
    longer_reason: str = "",
    issued_on: date | None = None,
    expected_version: int,
) -> dict[str, Any]:
    """Stamp the changed mark on a copy, unless the verdict already refuses."""
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    paper.block_of_text(longer_reason, "longer_reason", REASON_LIMIT)
    changed = {"level": level, "tail": tail, "scope": scope, "item": item, "longer_reason": longer_reason}
    return decide.stamp_for(actor, now, matter, changed, issued_on, {})


@procedure("determination.return", requires=(Role.OFFICER,), step_up=True, clauses=("TL-15.1", "SEED-38"))
def return_(
    *, actor: Actor, now: datetime, matter: UUID, reason_code: str, text: str, expected_version: int
) -> Changed:
    """Send a proposal back with reasons; protection continues. 退回。"""
    row = shelf.lock(actor, now, matter, expected_version, "proposed")
    proposal = waiting_proposal(row)
    paper.block_of_text(text, "text", REASON_LIMIT, required=True)
    if str(row.drafter_id) == actor.person_id:
        raise Refused("officer.is_the_drafter", ("BMF-16.2",))
    kept = decide.record_decision(
        "determination.return",
        row,
        proposal,
        actor,
        now,
        level=proposal.level,
        payload={"reason_code": reason_code, "text": text},
    )
    shelf.save(row, now)
    append(
        actor,
        "determination.return",
        subject=("matter", row.pk),
        at=now,
        data={"decision": kept.pk, "digest": kept.digest, "reason_code": reason_code, "version": row.version},
        rows=[kept, row],
    )
    shelf.tell([row.drafter_id], "proposal.returned", row, now, acknowledge=True)
    return Changed(row.pk, row.version, row.state)


@procedure(
    "determination.not_secret",
    requires=(Role.DRAFTER, Role.OFFICER),
    step_up=True,
    waits_for_date=True,
    clauses=("BMF-22.3", "ZX-19", "BMF-64"),
)
def not_secret(
    *, actor: Actor, now: datetime, matter: UUID, reason: str, instead: str, expected_version: int
) -> Changed:
    """Decide that a text is not a state secret: the drafter on a draft, an officer on a proposal. 不属于国家秘密。

    Args:
        instead: What it is handled as: ``work_secret``, ``public`` or ``internal``.
    """
    row = shelf.lock(actor, now, matter, expected_version, "draft", "proposed")
    paper.block_of_text(reason, "reason", REASON_LIMIT, required=True)
    if instead not in INSTEAD:
        raise Invalid("input.invalid", (), fields={"instead": "instead.unknown"})
    own = str(row.drafter_id) == actor.person_id
    if row.state == "draft" and not own:
        raise Forbidden("drafter.not_yours")
    suggested.require_compared(content.suggestion(row.pk))
    proposal = None
    if row.state == "proposed":
        if not actor.holds(Role.OFFICER):
            raise Forbidden("role.required", (), roles=[Role.OFFICER], act="determination.not_secret")
        if own:
            raise Refused("officer.is_the_drafter", ("BMF-16.2",))
        proposal = waiting_proposal(row)
        facts.require(facts.judge_officer(row, actor, now))
        facts.require(facts.judge_not_secret(row, now))
    shelf.move_to_level(row, shelf.INTERNAL, now)
    kept = decide.record_decision(
        "determination.not_secret",
        row,
        proposal,
        actor,
        now,
        level=shelf.INTERNAL,
        payload={"reason": reason, "instead": instead},
    )
    ClassifiedPoint.objects.filter(matter=row).delete()  # what is no state secret carries no mark (BMF-22.3)
    source_links.unlink(row)
    shelf.end_limit(row, now, limits.REFERRAL)
    shelf.save(row, now, state="not_classified", tail="", tail_kind="", officer_id=kept.officer_id)
    append(
        actor,
        "determination.not_secret",
        subject=("matter", row.pk),
        at=now,
        data={"decision": kept.pk, "digest": kept.digest, "instead": instead, "version": row.version},
        rows=[kept, row],
    )
    if not own:
        shelf.tell([row.drafter_id], "proposal.not_secret", row, now, acknowledge=True)
    return Changed(row.pk, row.version, row.state)
