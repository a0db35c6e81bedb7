"""The record of one matter that an outsider can check: its entries as stored, their places in the signed log, and nothing else.

The package holds codes, ids, dates and digests; no title, no text, no reason, no file. Of attachments it has sizes and kinds, and of
the containers in which they leave the digests: of the files as attached none, for a digest tells who guesses a content that he is right. ``tools/verify_evidence.py`` reads it with the
standard library alone, and ``docs/evidence.md`` describes it.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from datetime import datetime
from typing import Any

from dingmi.base.errors import Tampered, Unavailable
from dingmi.engines.crypto import inclusion_proofs, sm3
from dingmi.engines.crypto.canonical import canonical
from dingmi.engines.crypto.signing import sign_evidence
from dingmi.queries.attached import ATTACHMENT, SEALED
from dingmi.records.ledger.checkpoint import signing_key
from dingmi.records.ledger.models import Checkpoint, Entry, Sequence
from dingmi.records.matters.models import Decision, Matter, MatterFile, Proposal
from dingmi.records.vault import store

MANIFEST = "evidence.json"


def leaves_of(size: int) -> tuple[list[bytes], dict[int, int]]:
    """Return the leaves of the first ``size`` places, and the place of each entry."""
    places = {
        entry: seq for seq, entry in Sequence.objects.filter(seq__lt=size).values_list("seq", "entry_id").iterator()
    }
    leaves = [b""] * size
    for entry, leaf in Entry.objects.values_list("pk", "leaf").iterator(chunk_size=5000):
        if entry in places:
            leaves[places[entry]] = bytes(leaf)
    return leaves, places


def _decided(row: Matter) -> list[dict[str, Any]]:
    """Return who proposed and decided what kind of act when, each with the digest of what was signed."""
    made = []
    for model, person in ((Proposal, "drafter_id"), (Decision, "officer_id")):
        for kept in model.objects.filter(matter=row).order_by("number"):
            made.append(
                {
                    "kind": model._meta.model_name,
                    "number": kept.number,
                    "act": kept.act,
                    "person": str(getattr(kept, person) or ""),
                    "at": kept.at.isoformat(),
                    "digest": kept.digest,
                    "signature": base64.b64encode(bytes(kept.signature)).decode(),
                }
            )
    return made


def _attached(row: Matter) -> dict[str, Any]:
    """Return what was attached and taken off, and the containers that attachments left in, each with the digest of its bytes."""
    files = MatterFile.objects.filter(matter=row).select_related("stored").order_by("created_at", "pk")
    attached = [
        {
            "file": str(f.pk),
            "media": f.stored.media,
            "size": f.stored.size,
            "at": _when(f.created_at),
            "off": _when(f.superseded_at),
        }
        for f in files.filter(role=ATTACHMENT)
    ]
    sealed = [
        {
            "file": str(f.pk),
            "mark": f.mark,
            "size": f.stored.size,
            "header_sm3": f.content_code,
            "sm3": _digest(f),
            "at": _when(f.created_at),
            "off": _when(f.superseded_at),
        }
        for f in files.filter(role=SEALED)
    ]
    return {"matter": str(row.pk), "attached": attached, "sealed": sealed}


def _when(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _digest(file: MatterFile) -> str:
    """Return the SM3 of a file's bytes; nothing where it was destroyed.

    Raises:
        Unavailable: Its level is closed, or a shelf is away.
    """
    try:
        return sm3(store.get(file.stored)).hex()
    except Unavailable as error:
        if error.code != "vault.file_missing" or file.stored.swept_at is None:
            raise
        return ""


def package(row: Matter, checkpoint: Checkpoint) -> bytes:
    """Return the evidence of one matter as a zip file.

    Args:
        row: The matter.
        checkpoint: A signed head of the log, as late as the last entry about the matter.
    Raises:
        Tampered: ``ledger.unplaced``: an entry about the matter stands nowhere in the signed log.
    """
    entries = list(Entry.objects.filter(stream=f"matter:{row.pk}").order_by("stream_no"))
    leaves, places = leaves_of(checkpoint.size)
    if any(entry.pk not in places for entry in entries):
        raise Tampered("ledger.unplaced", (), size=checkpoint.size)
    proofs = inclusion_proofs(leaves, [places[entry.pk] for entry in entries])
    names = [f"entries/{entry.stream_no:06}.json" for entry in entries]
    decided = canonical({"matter": str(row.pk), "decided": _decided(row)})
    attached = canonical(_attached(row))
    key, stream = signing_key(), f"matter:{row.pk}"
    digest, other = (sm3(text.encode()).hex() for text in (decided, attached))
    vouched = sign_evidence(key, stream, checkpoint.size, len(entries), digest, other)
    manifest = {
        "v": 2,
        "public": base64.b64encode(key.public).decode(),
        "note": checkpoint.note,
        "signature": base64.b64encode(bytes(checkpoint.signature)).decode(),
        "stream": stream,
        "decided_sm3": digest,
        "attached_sm3": other,
        "vouched": base64.b64encode(vouched).decode(),
        "entries": [
            {"file": name, "place": places[entry.pk], "path": [node.hex() for node in proof]}
            for name, entry, proof in zip(names, entries, proofs, strict=True)
        ],
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        archive.writestr("decided.json", decided)
        archive.writestr("attached.json", attached)
        for name, entry in zip(names, entries, strict=True):
            archive.writestr(name, entry.body.encode())
    return made.getvalue()
