"""批注：officer and drafter talk about stretches of a text under review; a comment kept back goes out with the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Forbidden, Invalid, NotFound
from dingmi.procedures import paper, shelf
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.queries import access, content
from dingmi.records.ledger.append import append
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.models import Comment, Matter, Proposal

LIMIT = 1000  # characters
QUOTED = 200  # characters of the text spoken of that are kept with a comment
MOST = 500  # comments of one matter
OPEN_STATES = ("proposed", "referred")


@dataclass(frozen=True)
class Said:
    """A comment was written, or changed."""

    matter: UUID
    comment: UUID


@procedure("review.comment", requires=(Role.DRAFTER, Role.OFFICER), clauses=("TL-15.1", "SEED-38"))
def comment(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    text: str,
    start: int = 0,
    end: int = 0,
    parent: UUID | None = None,
    hold: bool = False,
) -> Said:
    """Say something about a stretch of a text under review, or answer what was said. 批注。

    Args:
        start: First character of the stretch; with ``parent`` the stretch is that of the thread.
        hold: Keep the comment back until the verdict is signed; for officers.
    """
    row = _open(actor, now, matter)
    paper.block_of_text(text, "text", LIMIT, required=True)
    if Comment.objects.filter(matter=row).count() >= MOST:
        raise Invalid("comment.too_many", (), limit=MOST)
    thread = _thread(row, actor, parent)
    body, _ = content.body(row)
    left, right = (thread.start, thread.end) if thread else (start, end)
    if not 0 <= left < right <= len(body):
        raise Invalid("comment.no_stretch", (), fields={"start": "comment.no_stretch"})
    own_draft = str(row.drafter_id) == actor.person_id
    made = Comment(
        matter=row,
        proposal=Proposal.objects.filter(matter=row).order_by("-number").first(),
        parent=thread,
        author_id=UUID(actor.person_id),
        start=left,
        end=right,
        at=now,
        published_at=None if hold and not own_draft else now,
    )
    words = shelf.plain_json({"text": text.strip(), "quote": body[left:right][:QUOTED]})
    made.words_ct = content.sealed(made, "words_ct", row.level, words)
    made.save()
    append(
        actor,
        "review.comment",
        subject=("matter", row.pk),
        at=now,
        data={"comment": made.pk, "digest": sm3(words.encode("utf-8")).hex(), "held": made.published_at is None},
        rows=[] if made.published_at is None else [made],  # one that is held may be taken back; sent out, it is proved
    )
    if made.published_at is not None:
        shelf.tell(_others(row, thread, actor), "review.commented", row, now)
    return Said(row.pk, made.pk)


@procedure("review.resolve", requires=(Role.DRAFTER, Role.OFFICER), clauses=("TL-15.1",))
def resolve(
    *, actor: Actor, now: datetime, matter: UUID, comment: UUID, resolved: bool = True, expected_version: str
) -> Said:
    """Say that a thread is dealt with, or open it again. 批注处理完毕。

    Args:
        expected_version: The version of the thread, as the page of the draft or of the review showed it.
    Raises:
        NotFound: There is no such thread, or it was not sent out.
        Conflict: ``record.stale``: it was changed meanwhile.
    """
    row = _open(actor, now, matter)
    found = _thread(row, actor, comment)
    if found is None or found.published_at is None:
        raise NotFound("comment.not_found")
    require_current(found, "matter", expected_version, of=row.pk)
    found.resolved_at = now if resolved else None
    found.resolved_by_id = UUID(actor.person_id) if resolved else None
    found.save()
    data = {"comment": found.pk, "resolved": resolved}
    append(actor, "review.resolve", subject=("matter", row.pk), at=now, data=data, rows=[found])
    return Said(row.pk, found.pk)


@procedure("review.withdraw_comment", requires=(Role.DRAFTER, Role.OFFICER))
def withdraw(*, actor: Actor, now: datetime, matter: UUID, comment: UUID) -> Said:
    """Take back a comment that nobody else has seen. 撤回未发出的批注。"""
    row = _open(actor, now, matter)
    found = Comment.objects.filter(
        matter=row, pk=comment, author_id=UUID(actor.person_id), published_at__isnull=True
    ).first()
    if found is None:
        raise NotFound("comment.not_found")
    kept = found.pk
    found.delete()
    append(actor, "review.withdraw_comment", subject=("matter", row.pk), at=now, data={"comment": kept})
    return Said(row.pk, kept)


def _open(actor: Actor, now: datetime, matter: UUID) -> Matter:
    """Return a matter under review that the actor drafted or may decide.

    Raises:
        Forbidden: The actor is neither its drafter nor an officer.
        Refused: It is not under review.
    """
    row = access.matter_for(actor, now, matter)
    if str(row.drafter_id) != actor.person_id and not actor.holds(Role.OFFICER):
        raise Forbidden("role.required", (), roles=[Role.OFFICER], act="review.comment")
    if row.state not in OPEN_STATES:
        raise shelf.in_the_way(row, now)
    return row


def _thread(row: Matter, actor: Actor, comment: UUID | None) -> Comment | None:
    """Return the comment that a thread begins with; one kept back by somebody else does not exist.

    Raises:
        NotFound: There is none.
    """
    if comment is None:
        return None
    found: Comment | None = Comment.objects.filter(matter=row, pk=comment).select_related("parent").first()
    if found is None or (found.published_at is None and str(found.author_id) != actor.person_id):
        raise NotFound("comment.not_found")
    return found.parent or found


def _others(row: Matter, thread: Comment | None, actor: Actor) -> list[UUID]:
    """Return whom a comment concerns: the drafter and whoever spoke in the thread, its writer apart."""
    found = {row.drafter_id}
    if thread is not None:
        found |= {thread.author_id, *thread.answers.values_list("author_id", flat=True)}
    return sorted((p for p in found if str(p) != actor.person_id), key=str)
