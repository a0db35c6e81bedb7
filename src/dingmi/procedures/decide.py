"""What follows from every decision: the record with its frozen authority, the marked file, tasks and notices."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Conflict
from dingmi.procedures import containers, paper, shelf
from dingmi.procedures.terms import Answers, Approved, scope_plain
from dingmi.queries import access, authority, content, facts, gate, limits, marking, points
from dingmi.queries.delivery import EXTENSION_NOTICE
from dingmi.records.carriers.models import Carrier, markable
from dingmi.records.ledger.append import append
from dingmi.records.ledger.checkpoint import signature_for
from dingmi.records.ledger.guard import new_id, owe
from dingmi.records.matters.models import Comment, Decision, Matter, MatterFile, Proposal
from dingmi.records.notices.models import Deadline
from dingmi.records.vault import store


def record_decision(
    act: str,
    row: Matter,
    proposal: Proposal | None,
    actor: Actor,
    now: datetime,
    *,
    level: str,
    payload: dict[str, Any],
    tail: str = "",
    starts_on: date | None = None,
    scope: dict[str, list[str]] | None = None,
    verdict: Any = None,
    decision: UUID | None = None,
    released: date | None = None,
) -> Decision:
    """Write one immutable decision: terms, dates, the authority used as it stood, canonical payload and digest."""
    parsed = facts.tail(tail) if tail else None
    dates = facts.dates(level, tail, starts_on)
    number = Decision.objects.filter(matter=row).count() + 1
    entitled = gate.kept(row, proposal, act, actor.person_id, level, now)
    used = authority.used(row, actor, now) | entitled
    signed = {
        "act": act,
        "matter": str(row.pk),
        "number": number,
        "proposal": proposal.digest if proposal else None,
        "officer": actor.person_id or None,
        "level": level,
        "tail": parsed.text if parsed else "",
        "starts_on": starts_on.isoformat() if starts_on else None,
        "last_protected_day": dates.last_protected_day.isoformat() if dates.last_protected_day else None,
        "scope": scope or {},
        "authority": used,
        "rulebook": getattr(verdict, "rulebook", ""),
        "at": now.isoformat(),
        "comments": publish(row, actor, now),
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
        tail=parsed.text if parsed else "",
        tail_kind=parsed.kind if parsed else "",
        starts_on=starts_on,
        last_protected_day=dates.last_protected_day,
        declassified_from=released or dates.declassified_from,
        scope=scope or {},
        authority=used,
        verdict=facts.verdict_plain(verdict) if verdict is not None else {},
        rulebook=getattr(verdict, "rulebook", ""),
        digest=digest,
        signature=signature_for(actor.person_id, digest),
        at=now,
    )
    kept.payload_ct = content.sealed(kept, "payload_ct", level, text)
    kept.save()
    if proposal is not None:
        shelf.limit_proposal(row, now)
    return kept


def publish(row: Matter, actor: Actor, now: datetime) -> list[str]:
    """Send the comments that the actor still keeps to himself out with the decision, each proved; return their ids."""
    who = UUID(actor.person_id) if actor.person_id else None
    held = list(Comment.objects.filter(matter=row, author_id=who, published_at__isnull=True).order_by("at", "pk"))
    for comment in held:
        comment.published_at = now
        comment.save(update_fields=["published_at"])
        data = {"comment": comment.pk, "held": False}
        append(actor, "review.comment", subject=("matter", row.pk), at=now, data=data, rows=[comment])
    return sorted(str(comment.pk) for comment in held)


def stamp_for(
    actor: Actor,
    now: datetime,
    matter: UUID,
    changed: dict[str, Any] | None,
    issued_on: date | None,
    answered: dict[str, str],
) -> dict[str, Any]:
    """Make the marked copy before the transaction; nothing is made where the verdict refuses anyway."""
    row = access.matter_for(actor, now, matter)
    proposal = Proposal.objects.filter(matter=row).order_by("-number").first()
    if row.state != "proposed" or proposal is None:
        return {}
    answers = facts.terms_of(proposal, **(changed or {}))
    if facts.is_blocked(facts.judge_approval(row, proposal, answers, actor, now, answered, issued_on)):
        return {}
    decision = new_id()
    issued = issued_on or now.date()
    stamped = stamp(row, answers.level, answers.tail, issued, decision, on=now.date())
    return {"decision": decision, "stamped": stamped, "version": row.version}


def stamp(
    row: Matter,
    level: str,
    tail: str,
    issued_on: date,
    decision: UUID,
    *,
    on: date,
    word: str = marking.CHANGED,
    parts: bool = False,
    scope: str = "",
    freed: Collection[int] = (),
) -> paper.Stamped | None:
    """Return a marked copy of the matter's original, judged by the mark read back; None when the matter has no file.

    Args:
        on: The day of the decision; with ``word`` it stands beside the new mark where an old one is struck.
        parts: The decision releases a part, which the note beside the mark says.
        scope: Whom it lets know, where it changes that; the note says so too.
        freed: The paragraphs that it releases: classified points in them are none any more.
    """
    shown = marking.next_mark(row, level, tail, on, word, parts=parts, scope=scope)
    return stamp_shown(row, shown, level, tail, issued_on, decision, on=on, freed=freed)


def stamp_shown(
    row: Matter,
    shown: marking.Shown,
    level: str,
    tail: str,
    issued_on: date | None,
    decision: UUID | str,
    *,
    on: date,
    freed: Collection[int] = (),
) -> paper.Stamped | None:
    """Return a copy of the matter's original that shows ``shown``; see ``stamp``.

    Raises:
        Refused: ``mark.*``: the mark cannot be seen, is out of place or not bound (TL-21.1a, BMF-22.2, ZX-24.2).
    """
    file = (
        MatterFile.objects.filter(matter=row, role="original")
        .select_related("stored")
        .order_by("-created_at", "-pk")
        .first()
    )
    if file is None:
        facts.require(marking.judge_unmarked(row, level, shown, on))
        return None
    label = {
        "label_id": str(new_id()),
        "regime": row.regime,
        "level": level,
        "tail": facts.tail(tail).text,
        "issued_on": issued_on.isoformat() if issued_on else None,
        "originator": row.organ.name,
        "matter": str(row.pk),
        "decision": str(decision),
        "points": points.brief(points.still_secret(row, freed)),
    }
    made = paper.stamped(store.get(file.stored), content.file_name(file, row.level), shown, label)
    read = marking.Read(made.visible, made.is_in_place, made.is_bound)
    facts.require(marking.judge_mark(row, level, shown, read, on))
    return made


def file_marked(row: Matter, stamped: paper.Stamped | None, mark: str, now: datetime) -> Carrier:
    """Keep the marked copy in the vault of the matter's level as the carrier of its mark; other copies are to bear it too.

    What is attached is sealed in the same mark.
    """
    markable(matter=row).exclude(mark=mark).update(remark_due=True)
    containers.seal(row, mark, stamped.visible if stamped is not None else mark, now)
    file = None
    if stamped is not None:
        MatterFile.objects.filter(matter=row, role="marked", superseded_at__isnull=True).update(superseded_at=now)
        stored = store.put(row.level, stamped.content, kind="marked", media=stamped.media, at=now)
        file = MatterFile(matter=row, stored=stored, role="marked", mark=mark, created_at=now)
        file.content_code = store.content_code(row.level, stamped.content_sm3)
        file.name_ct = content.sealed(file, "name_ct", row.level, stamped.filename)
        file.save()
        shelf.resketch(row, content.body(row)[0])
    carrier: Carrier | None = Carrier.objects.filter(matter=row, form="electronic").order_by("copy_no").first()
    if carrier is None:
        copy_no = Carrier.objects.filter(matter=row).count() + 1
        carrier = Carrier(matter=row, file=file, copy_no=copy_no, mark=mark, created_at=now)
        carrier.save()
        owe(carrier)
        return carrier
    carrier.old_mark, carrier.mark, carrier.file = carrier.mark, mark, file or carrier.file
    carrier.remark_due = stamped is None
    carrier.save()
    owe(carrier)
    return carrier


def enter_force(
    act: str,
    row: Matter,
    proposal: Proposal,
    answers: Answers,
    actor: Actor,
    now: datetime,
    verdict: Any,
    prepared: dict[str, Any],
    *,
    issued_on: date | None,
    more: dict[str, Any],
) -> Approved:
    """Write a determination that comes into force: decision, number, mark, carrier, scope, tasks, entry, notices."""
    if prepared.get("version") != row.version:
        raise Conflict("version.stale", (), found=row.version)
    starts_on = issued_on or now.date()
    stamped: paper.Stamped | None = prepared["stamped"]
    kept = record_decision(
        act,
        row,
        proposal,
        actor,
        now,
        level=answers.level,
        tail=answers.tail,
        starts_on=starts_on,
        scope=scope_plain(answers.scope),
        verdict=verdict,
        decision=prepared["decision"],
        payload={
            **more,
            "issued_on": issued_on.isoformat() if issued_on else None,
            "file": stamped.digest if stamped else None,
        },
    )
    settle(row, kept, answers, now, UUID(actor.person_id), issued_on)
    mark = facts.mark(kept.level, kept.tail)
    file_marked(row, stamped, mark, now)
    append(
        actor,
        act,
        subject=("matter", row.pk),
        at=now,
        data={
            "decision": kept.pk,
            "digest": kept.digest,
            "register_no": row.register_no,
            "mark": mark,
            "last_protected_day": kept.last_protected_day,
            "version": row.version,
        },
        verdict=verdict,
        rows=[kept, row],
    )
    shelf.tell_scope(row, "matter.admitted", now, mark=mark, register_no=row.register_no)
    shelf.tell([row.drafter_id], "proposal.approved", row, now, mark=mark)
    return Approved(row.pk, row.version, kept.pk, row.register_no or "", mark, kept.last_protected_day, kept.digest)


def settle(
    row: Matter, kept: Decision, answers: Answers, now: datetime, officer: UUID | None, issued_on: date | None
) -> None:
    """Bring the row of a matter in line with the decision now in force, and open its scope and review tasks."""
    to_be_told_in_time(row, kept)
    shelf.move_to_level(row, kept.level, now)
    number = row.register_no or shelf.next_number(row, kept.level, now.date().year)
    shelf.save(
        row,
        now,
        state="active",
        register_no=number,
        officer_id=officer,
        item_id=answers.item,
        tail=kept.tail,
        tail_kind=kept.tail_kind,
        issued_on=issued_on,
        starts_on=kept.starts_on,
        last_protected_day=kept.last_protected_day,
        declassified_from=kept.declassified_from,
    )
    shelf.reindex(row, content.title(row), content.doc_number(row))
    shelf.close_scope(row, answers.scope, now)
    shelf.open_scope(row, answers.scope, "determination", now)
    shelf.end_limit(row, now, limits.REFERRAL)
    shelf.open_reviews(row, now)
    shelf.open_source_tasks(row, now)


def to_be_told_in_time(row: Matter, kept: Decision) -> None:
    """Where a decision protects for longer, whichever act took it, its notices must arrive by the old last day (ZX-30.2).

    The limit runs from the day of the decision, on which the notices go out: also for one that waits for its day.
    """
    old, new = row.last_protected_day, kept.last_protected_day
    if row.state != "active" or old is None or (new is not None and new <= old):
        return
    limit = {"matter_id": row.pk, "name": EXTENSION_NOTICE, "due_on": old}
    limit["starts_on"] = kept.at.astimezone(marking.ZONE).date()
    if not Deadline.objects.filter(**limit, done_at__isnull=True).exists():
        Deadline.objects.create(**limit, clause="ZX-30.2")


def drop_waiting(row: Matter, now: datetime) -> None:
    """End a change that waits for its day where something else was decided meanwhile; nobody need be told of it any more."""
    for limit in Deadline.objects.filter(matter_id=row.pk, name="change_effect", done_at__isnull=True):
        limit.done_at = now
        limit.save()
        told = Deadline.objects.filter(matter_id=row.pk, name=EXTENSION_NOTICE, starts_on=limit.starts_on)
        told.filter(done_at__isnull=True).update(done_at=now)


def to_be_marked(row: Matter) -> int:
    """Put down that every carrier is to bear a new mark beside the old one (TL-21.1b); return how many."""
    return int(markable(matter=row).update(remark_due=True))
