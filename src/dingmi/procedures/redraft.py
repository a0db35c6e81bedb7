"""换稿：a drafter replaces the file of a draft or of a returned proposal; what it read like before stays for comparison."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.procedures import paper, shelf
from dingmi.procedures.determination import drafted, keep_suggestion, lock_own
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Compared, Drafted, Upload
from dingmi.queries import access, content, readying, suggestions
from dingmi.queries.threads import placed
from dingmi.records.ledger.append import append
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.assist import KeptImprint
from dingmi.records.matters.models import ClassifiedPoint, EarlierText, Matter, MatterFile, MatterText, Proposal
from dingmi.records.vault import store


@procedure("determination.revise", requires=(Role.DRAFTER,), clauses=("TL-15.1", "TL-17.1"))
def revise(
    *, actor: Actor, now: datetime, matter: UUID, upload: Upload, expected_version: int, prepared: dict[str, Any]
) -> Drafted:
    """Put another file in the place of a draft's, or of a returned proposal's; answers stay, points follow their words. 换稿。

    Raises:
        Invalid: The file cannot be taken; nothing changes.
    """
    row = lock_own(actor, now, matter, expected_version)
    read: paper.Read = prepared["read"]
    body = MatterText.objects.get(matter=row)
    old = content.opened(body, "text_ct", row.level)
    earlier = _keep_earlier(row, old, now) if row.state == "proposed" else None
    body.text_ct = content.sealed(body, "text_ct", row.level, read.text)
    body.blocks_ct = content.sealed(body, "blocks_ct", row.level, shelf.plain_json(read.blocks))
    body.characters, body.pages, body.warnings = len(read.text), read.pages, list(read.warnings)
    body.save()
    KeptImprint.objects.filter(matter=row).delete()
    MatterFile.objects.filter(matter=row, role="original", superseded_at__isnull=True).update(superseded_at=now)
    stored = store.put(row.level, upload.content, kind="original", media=read.media, at=now)
    file = MatterFile(matter=row, stored=stored, role="original", created_at=now)
    file.name_ct = content.sealed(file, "name_ct", row.level, read.filename)
    file.save()
    lost = _move_points(row, old, read.text)
    kept = keep_suggestion(row, prepared["suggestion"], now)
    shelf.save(row, now)
    append(
        actor,
        "determination.revise",
        subject=("matter", row.pk),
        at=now,
        data={
            "earlier": earlier.number if earlier else 0,
            "earlier_digest": sm3(old.encode("utf-8")).hex(),
            "characters": len(read.text),
            "points_lost": lost,
            "suggestion": kept.digest,
            "version": row.version,
        },
        rows=[kept, row] if earlier is None else [earlier, kept, row],
    )
    return drafted(row, read, prepared["suggestion"])


@revise.prepare
def _read_revised(
    *, actor: Actor, now: datetime, matter: UUID, upload: Upload, expected_version: int
) -> dict[str, Any]:
    """Read the new file in a child process, and match it to guide and sources."""
    read = paper.read(upload)
    return {"read": read, "suggestion": readying.suggest(actor, now, read.text, read.blocks)}


@procedure("determination.compare", requires=(Role.DRAFTER,), clauses=("TL-18.1",))
def compare(*, actor: Actor, now: datetime, matter: UUID, expected_version: int, prepared: dict[str, Any]) -> Compared:
    """Compare a draft with the classified texts that its drafter may read, for the first time or again. 比对。

    A draft that came before the index of its drafter was made waits for this; nothing is proposed before (ADR 0066).
    """
    row = lock_own(actor, now, matter, expected_version)
    kept = keep_suggestion(row, prepared["suggestion"], now)
    append(
        actor,
        "determination.compare",
        subject=("matter", row.pk),
        at=now,
        data={"suggestion": kept.digest, "version": row.version},
        rows=[kept],
    )
    payload = prepared["suggestion"].payload
    return Compared(row.pk, row.version, len(payload["candidates"]), len(payload["reuse"]))


@compare.prepare
def _compared(*, actor: Actor, now: datetime, matter: UUID, expected_version: int) -> dict[str, Any]:
    """Match the text as it stands to guide and sources, however long it takes."""
    text, blocks = content.body(access.matter_for(actor, now, matter))
    return {"suggestion": suggestions.suggest(actor, now, text, blocks)}


def _keep_earlier(row: Matter, text: str, now: datetime) -> EarlierText:
    kept = EarlierText(
        matter=row,
        proposal=Proposal.objects.filter(matter=row).order_by("-number").first(),
        number=EarlierText.objects.filter(matter=row).count() + 1,
        level=row.level,
        at=now,
    )
    kept.text_ct = content.sealed(kept, "text_ct", row.level, text)
    kept.save()
    return kept


def _move_points(row: Matter, old: str, new: str) -> int:
    """Bring every point to where its words stand now; return how many were lost because their words are gone."""
    lost = 0
    for point in ClassifiedPoint.objects.filter(matter=row):
        start, end = placed(new, point.start, point.end, old[point.start : point.end])
        if start < 0:
            point.delete()
            lost += 1
        elif start != point.start:
            point.start, point.end = start, end
            point.save()
    return lost
