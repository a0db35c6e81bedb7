"""Attachments sealed in their mark: files that can carry none inside leave in a DMB1 container whose label is the mark (ADR 0061).

The attachment itself stays in the vault of its matter's level. With each mark that is put on the matter every attachment is
sealed anew, under a key and a secret of its own; what it was sealed as before stays and is known as superseded.
"""

from __future__ import annotations

from datetime import datetime

from dingmi.engines import crypto
from dingmi.procedures import paper
from dingmi.queries import content
from dingmi.queries.attached import ATTACHMENT, SEALED, SUFFIX, current
from dingmi.records.keys import asking as keys
from dingmi.records.ledger.guard import new_id, owe
from dingmi.records.matters.models import Matter, MatterFile
from dingmi.records.vault import store
from dingmi.records.vault.models import SealedFile


def seal(row: Matter, mark: str, visible: str, now: datetime) -> int:
    """Seal the attachments of a matter with the mark that it bears now; return how many.

    Args:
        mark: As the register of copies has it.
        visible: The whole text of the mark, with what was struck and the note beside it.
    """
    files = list(current(row, ATTACHMENT))
    MatterFile.objects.filter(matter=row, role=SEALED, superseded_at__isnull=True).update(superseded_at=now)
    for file in files:
        _seal(row, file, mark, visible, now)
    return len(files)


def _seal(row: Matter, file: MatterFile, mark: str, visible: str, now: datetime) -> None:
    """Keep one container as a file of the matter, and the secret that opens it beside."""
    data = store.get(file.stored)
    code = store.content_code(row.level, crypto.sm3(data).hex())  # keyed: whoever reads the label learns no digest
    label = {"v": 1, "label_id": str(new_id()), "level": row.level, "mark": mark, "matter": str(row.pk)}
    signed = {**paper.signed_label(label, visible, code), "visible": visible, "content_sm3": code}
    container, sealed = crypto.seal_bytes(data, label=signed, kek=keys.sealing_key(row.level))
    secret = SealedFile(
        fid=sealed.fid.hex(),
        level=row.level,
        matter=row.pk,
        sealed_by=row.officer_id or row.drafter_id,
        size=sealed.size,
        header_digest=sealed.header_digest.hex(),
        created_at=now,
    )
    store.wrap_secret(secret, sealed.shred)
    secret.save(force_insert=True)
    owe(secret)
    stored = store.put(row.level, container, kind=SEALED, media="dmb", at=now)
    kept = MatterFile(matter=row, stored=stored, role=SEALED, mark=mark, created_at=now)
    kept.content_code = secret.header_digest
    kept.name_ct = content.sealed(kept, "name_ct", row.level, content.file_name(file, row.level) + SUFFIX)
    kept.save()
