"""核对标志：the mark of a file, held against the copies that this installation has marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from dingmi.base.actor import Actor
from dingmi.base.errors import Invalid, Unavailable
from dingmi.engines import crypto, documents
from dingmi.engines.suggest import copies
from dingmi.queries import access, sealed_marks, signed_marks, standing
from dingmi.queries.reading import everything
from dingmi.queries.registry import query
from dingmi.queries.terms import Upload
from dingmi.records.keys.places import SLUGS
from dingmi.records.ledger.checkpoint import signing_key
from dingmi.records.matters.models import Matter, MatterFile, SketchCode
from dingmi.records.vault import store

Record = Mapping[str, Any]
MOST_ALIKE = 20  # matters of one level that are looked at, most alike first


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on the mark of a file; ``registered`` when it was held against the register."""

    verdict: str
    visible: str
    label: Mapping[str, Any] | None
    place_ok: bool
    content_sm3: str
    kind: str
    registered: bool
    likeness: int = 0  # of a copy without its mark, in per cent: 100 is the same content
    matter: str = (
        ""  # what the file was held against, or whose content it is; nothing when that is not ours or not known
    )


def _record(row: Matter, label_id: str) -> Record | None:
    """Return what the marked copy of ``row`` with this label says, newest first; nothing when none was given out."""
    files = MatterFile.objects.filter(matter=row, role="marked").select_related("stored").order_by("-created_at", "-pk")
    for file in files:
        label = documents.read_mark(store.get(file.stored), file.stored.media).label or {}
        if str(label.get("label_id", "")) == label_id:
            return {
                "label": label,
                "content_sm3": label.get("content_sm3"),
                "mark": label.get("visible"),
                "superseded": file.superseded_at is not None,
            }
    return None


def _codes(digest: str) -> list[str]:
    """Return the codes that this content has under every level whose key is there."""
    codes = []
    for level in SLUGS:
        with suppress(Unavailable):
            codes.append(store.content_code(level, digest))
    return codes


def _alike(matters: Any, text: str) -> tuple[Matter, int] | None:
    """Return the protected matter among ``matters`` whose text this one is an edited copy of, with the likeness."""
    sketch = copies.sketch(text)
    best: tuple[Matter, int] | None = None
    for level in SLUGS if sketch else ():
        try:
            codes = store.sketch_codes(level, sketch)
        except Unavailable:
            continue
        hits = SketchCode.objects.filter(level=level, code__in=codes).values("matter").annotate(common=Count("pk"))
        for hit in hits.order_by("-common", "matter")[:MOST_ALIKE]:
            size = SketchCode.objects.filter(matter=hit["matter"]).count()
            share = copies.likeness(hit["common"], len(sketch), size)
            row = matters.filter(pk=hit["matter"], state__in=standing.PROTECTED).first() if share else None
            if row is not None and (best is None or share > best[1]):
                best = (row, share)
    return best


def checked(matters: Any, filename: str, data: bytes, trusted: signed_marks.Trusted) -> Checked:
    """Judge the mark of a file; one that names a matter among ``matters`` is held against what was given out of it.

    A file without a label whose content is that of a protected matter among them has lost its mark, and so has an attachment
    of any kind that is out of its container.

    Raises:
        Invalid: ``file.*`` for what cannot be read.
        Refused: ``key.takes_two``: a container of 绝密 that only opening it would tell of.
    """
    if crypto.is_container(data):
        held = sealed_marks.judged(data, matters, trusted)
        matter = str(held.matter.pk) if held.matter is not None else ""
        return Checked(
            held.verdict, held.visible, held.label, bool(matter), "", sealed_marks.KIND, bool(matter), 0, matter
        )
    try:
        found = _of_document(matters, filename, data, trusted)
    except Invalid:
        bare = sealed_marks.bare(data, matters)
        if bare is None:
            raise
        return _bare(bare, data, filename.rpartition(".")[2].lower()[:12])
    if found.verdict == "unknown" and found.label is None:
        bare = sealed_marks.bare(data, matters)
        return _bare(bare, data, found.kind) if bare is not None else found
    return found


def _bare(row: Matter, data: bytes, kind: str) -> Checked:
    return Checked("stripped-known", "", None, False, crypto.sm3(data).hex(), kind, True, 100, str(row.pk))


def _of_document(matters: Any, filename: str, data: bytes, trusted: signed_marks.Trusted) -> Checked:
    """Judge the mark inside a document; see ``checked``."""

    held: list[Matter] = []

    def known(digest: str) -> Record | None:
        row = matters.filter(state__in=standing.PROTECTED, files__content_code__in=_codes(digest)).first()
        if row is None:
            return None
        held[:] = [row]
        return {}

    def register(label: Record) -> Callable[[str], Record | None] | None:
        try:
            row = matters.filter(pk=UUID(str(label.get("matter", "")))).first()
        except ValueError:
            return None
        if row is None:
            return None
        held[:] = [row]
        return lambda label_id: _record(row, label_id)

    found = documents.verify_file(data, filename, register, known)
    if found["label"] is None and not held:
        alike = _alike(matters, documents.extract(data, filename).text)
        if alike is not None:
            held[:] = [alike[0]]
            found |= {"verdict": "stripped-known", "registered": True, "likeness": alike[1]}
    elif found["verdict"] == "stripped-known":
        found["likeness"] = 100
    found["verdict"] = signed_marks.judged(found["verdict"], found["label"], trusted, registered=found["registered"])
    return Checked(**found, matter=str(held[0].pk) if held and found["registered"] else "")


def own_keys() -> signed_marks.Trusted:
    """Return the key that signs the marks of this installation; nothing while the keys are closed."""
    try:
        key = signing_key()
    except Unavailable:
        return {}
    return {key.id: key.public}


def checked_by_holder(filename: str, data: bytes, trusted: signed_marks.Trusted | None = None) -> Checked:
    """Judge the mark of a file for whoever holds the data directory itself: the verdict tells nothing of a text.

    Raises:
        Invalid: ``file.*`` for what cannot be read.
    """
    with everything("holder of the keys"):
        return checked(Matter.objects.all(), filename, data, own_keys() if trusted is None else trusted)


@dataclass(frozen=True, slots=True)
class CodeChecked:
    """What the code on a printed copy states, and whether a trusted key signed it."""

    verdict: str
    visible: str = ""
    label_id: str = ""
    content_sm3: str = ""
    key_id: str = ""


def checked_code(text: str, trusted: signed_marks.Trusted) -> CodeChecked:
    """Judge the text of the code on a printed copy, by the signature alone."""
    stated = documents.read_code(text)
    if stated is None:
        return CodeChecked("unknown")
    word = signed_marks.standing(stated, trusted)
    return CodeChecked(word, stated.visible, stated.label_id, stated.content_sm3, stated.key_id)


@query("marks.verify_code", clauses=("TL-21.1a",))
def verify_code(*, actor: Actor, now: datetime, text: str) -> CodeChecked:
    """核对打印件上的二维码：只看签名，不查台账。 The code of a printed copy, by its signature alone."""
    return checked_code(text, own_keys())


@query("marks.verify", clauses=("TL-21.1a",))
def verify(*, actor: Actor, now: datetime, upload: Upload) -> Checked:
    """核对一份文件上的标志；能知悉该事项的，对照本单位标过的每一份。 The mark of a file, against the register where the reader may.

    Raises:
        Invalid: ``file.*`` for what cannot be read.
    """
    return checked(access.visible(actor, now), upload.filename, upload.content, own_keys())
