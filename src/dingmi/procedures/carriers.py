"""P17 载体：opening and downloading content; who learned 机密 or above is recorded first (TL-20, E38)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import Forbidden, Invalid, NotFound
from dingmi.engines import documents
from dingmi.procedures import paper, shelf
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Delivered, TextShown
from dingmi.queries import access, attached, content, facts, facts_life, hidden, standing
from dingmi.records.ledger.append import Line, append, append_lines
from dingmi.records.matters.models import Matter, MatterFile
from dingmi.records.organs.models import Person
from dingmi.records.vault import store


def learned(row: Matter, actor: Actor, what: str, now: datetime) -> bool:
    """Record that the reader learns a matter, where the law asks for it; tell whether it was recorded."""
    due = facts_life.knowledge_is_due(row, UUID(actor.person_id), now)
    if due:
        shelf.know(row, UUID(actor.person_id), what, now)
    return due


@procedure("carriers.show", internal=True, clauses=("TL-20",))
def show(*, actor: Actor, now: datetime, query: str, matters: tuple[UUID, ...]) -> int:
    """Record that a page that holds words of matters lets its reader learn them, before it is shown; return how many."""
    rows = list(Matter.objects.filter(pk__in=matters).order_by("pk"))
    known = [learned(row, actor, "opened", now) for row in rows]
    told = [{"query": query, "level": row.level, "state": row.state} for row in rows]
    lines = [
        Line(("matter", row.pk), {**data, "knowledge": kept}) for row, data, kept in zip(rows, told, known, strict=True)
    ]
    append_lines(actor, "carriers.show", lines, at=now)
    return sum(known)


@procedure("carriers.read", clauses=("TL-20",), replay=False)
def read(*, actor: Actor, now: datetime, matter: UUID) -> TextShown:
    """Open the text of a matter; the reading is recorded before it is shown. 查阅。

    Raises:
        NotFound: There is no such matter, or the reader may not know of it: the same answer.
    """
    row = access.matter_for(actor, now, matter)
    recorded = learned(row, actor, "opened", now)
    append(
        actor,
        "carriers.read",
        subject=("matter", row.pk),
        at=now,
        data={"level": row.level, "state": row.state, "knowledge": recorded},
    )
    text, blocks = content.body(row)
    return TextShown(
        row.pk, content.title(row), text, blocks, facts.mark(standing.determined_level(row), row.tail), row.level
    )


@procedure("carriers.download", clauses=("TL-20", "BMF-26.2b", "TL-29.4"))
def download(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    role: str = "marked",
    file: UUID | None = None,
    prepared: dict[str, Any],
) -> Delivered:
    """Hand out a file with a watermark that names the reader; of another organ's 绝密 with its consent. 下载。

    Args:
        role: ``marked``, ``original`` or ``letter``; ``sealed`` for an attachment in its container, ``attachment`` for one
            as it was attached, which drafter and deciding officer are given.
        file: Which attachment; the first without one.
    """
    row = access.matter_for(actor, now, matter)
    if row.state in standing.SECRET:
        facts.require(facts_life.judge_taking(row, now))
    recorded = learned(row, actor, "downloaded", now)
    append(
        actor,
        "carriers.download",
        subject=("matter", row.pk),
        at=now,
        data={
            "level": row.level,
            "role": role,
            "file": prepared["file"],
            "knowledge": recorded,
            "hidden": prepared["hidden"],
        },
    )
    return Delivered(prepared["name"], prepared["content"], prepared["media"])


@download.prepare
def _watermarked(
    *, actor: Actor, now: datetime, matter: UUID, role: str = "marked", file: UUID | None = None
) -> dict[str, Any]:
    """Put the reader's name and the time on a copy; an attachment is handed out as it is kept."""
    if role in (attached.ATTACHMENT, attached.SEALED):
        return _attachment(actor, now, matter, role, file)
    if role not in hidden.ROLES or file is not None:
        raise Invalid("input.invalid", (), fields={"role": "role.unknown"})
    row = access.matter_for(actor, now, matter)
    if role == "original" and not hidden.has_original(actor, row):
        raise Forbidden("original.drafter_or_officer")
    found = hidden.current_file(row, role)
    if found is None:
        raise NotFound("object.not_found")
    return handed(actor, now, found, row.level)


def _attachment(actor: Actor, now: datetime, matter: UUID, role: str, file: UUID | None) -> dict[str, Any]:
    """Prepare an attachment to be handed out: in its container, or as it was attached to whoever is given that.

    Raises:
        Forbidden: ``attachment.drafter_or_officer``.
        NotFound: There is none.
    """
    row = access.matter_for(actor, now, matter)
    if role == attached.ATTACHMENT and not attached.has_plain(actor, row):
        raise Forbidden("attachment.drafter_or_officer", ("BMF-22.2", "BMF-16.2"))
    held = attached.current(row, role)
    found = (held.filter(pk=file) if file is not None else held).first()
    if found is None:
        raise NotFound("object.not_found")
    name = content.file_name(found, row.level)
    return {
        "file": str(found.pk),
        "name": name,
        "content": store.get(found.stored),
        "media": found.stored.media,
        "hidden": {},
    }


def handed(actor: Actor, now: datetime, found: MatterFile, level: str) -> dict[str, Any]:
    """Prepare a file to be handed out: with the reader's name and the time on it, and what it carries unseen counted."""
    name = content.file_name(found, level)
    reader = Person.objects.get(pk=actor.person_id)
    words = f"{reader.name} {reader.staff_no} {now:%Y-%m-%d %H:%M}"
    data = store.get(found.stored)
    shown, made, media = paper.watermarked(data, name, words)
    carried = {t.kind: t.count for t in documents.traces(data, found.stored.media)}
    return {"file": str(found.pk), "name": shown, "content": made, "media": media, "hidden": carried}
