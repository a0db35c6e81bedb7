"""Marks after life events (procedures §3.4): the electronic copy is re-marked by the system, a paper copy by people.

Old marks are struck, never erased; the original as uploaded and every earlier marked copy stay in the vault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import DingmiError, Invalid, Refused
from dingmi.engines import documents
from dingmi.procedures import containers, decide, grading, paper, shelf, sweep
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Delivered, Noted
from dingmi.queries import access, content, facts, grades, marking, parting, standing
from dingmi.queries.terms import Upload
from dingmi.records.carriers.models import Carrier, markable
from dingmi.records.ledger.append import append
from dingmi.records.matters.models import Decision, Matter, MatterFile
from dingmi.records.notices.models import Notice
from dingmi.records.oversight.models import Sweep
from dingmi.records.vault import store

REMARK = "carriers.remark"
FAILED = "carrier.remark_failed"
PART_NAME = "公开件（已解密部分）"
STAMPED_AT_ONCE = 10  # files that one transaction of the sweep files
PEOPLE = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE)


@dataclass(frozen=True)
class Remarked:
    """How many copies were re-marked, how many could not be, and whether more are due."""

    remarked: int
    failed: int
    more: bool


@dataclass(frozen=True)
class _Made:
    """One copy as prepared: its carrier and its matter's version then; no file where stamping failed."""

    carrier: UUID
    version: int
    mark: str
    stamped: paper.Stamped | None


def released(row: Matter, on: date, ground: str, number: str = "") -> dict[str, Any]:
    """Prepare the copy that shows 解密 beside the old mark; what the act that releases puts into ``file``."""
    shown = marking.released_mark(row, on, ground, number)
    return {"shown": shown, "stamped": _stamped(row, shown, on), "version": row.version}


def _stamped(row: Matter, shown: marking.Shown, on: date) -> paper.Stamped | None:
    """Return the re-marked copy, or nothing where the file cannot be marked any more: the flag stays then."""
    if not _has_file(row) or not shown.mark:
        return None
    last = Decision.objects.filter(matter=row).order_by("-number").first()
    issued = row.issued_on or row.starts_on
    try:
        return decide.stamp_shown(
            row, shown, standing.determined_level(row), row.tail, issued, last.pk if last else "", on=on
        )
    except DingmiError:
        return None


def _has_file(row: Matter) -> bool:
    return bool(MatterFile.objects.filter(matter=row, role="original").exists())


def file(row: Matter, prepared: dict[str, Any], now: datetime) -> int:
    """File a prepared copy and flag every other carrier of a matter; return how many are still to be re-marked."""
    markable(matter=row).update(remark_due=True)
    if prepared.get("stamped") is not None:
        decide.file_marked(row, prepared["stamped"], prepared["shown"].short, now)
    elif "shown" in prepared and prepared["shown"].mark:  # sealed in the mark, though its paper could not be stamped
        containers.seal(row, prepared["shown"].short, prepared["shown"].text, now)
    return int(Carrier.objects.filter(matter=row, remark_due=True).count())


@procedure(REMARK, requires=(Role.CLOCK,), clauses=("TL-21.1b", "ZX-29.2", "ZX-34.2", "SM-14", "SEED-24"))
def remark(*, actor: Actor, now: datetime, today: date, prepared: dict[str, Any]) -> Remarked:
    """Re-mark a batch of electronic copies whose mark has changed; each run goes on where the last one stopped. 改注标志。"""
    sweep.alone()
    at = sweep.place(REMARK, today.isoformat())
    made: Sequence[_Made] = prepared["made"]
    rows = Carrier.objects.select_for_update().select_related("matter").in_bulk([m.carrier for m in made])
    done, failed = 0, 0
    for copy in made:
        carrier = rows.get(copy.carrier)
        if carrier is None or not carrier.remark_due or carrier.matter.version != copy.version:
            continue
        if copy.stamped is None:
            failed += 1
            _tell_failed(carrier.matter, now)
            continue
        done += 1
        decide.file_marked(carrier.matter, copy.stamped, copy.mark, now)
        data = {"carrier": carrier.pk, "file": copy.stamped.digest, "version": copy.version}
        append(actor, REMARK, subject=("matter", carrier.matter_id), at=now, data=data, rows=[carrier.matter])
    last = made[-1].carrier if made else None
    sweep.move(at, last, now)
    append(actor, REMARK, subject=("sweep", REMARK), at=now, data={"today": today, "remarked": done, "failed": failed})
    return Remarked(done, failed, bool(made))


@remark.prepare
def _restamp(*, actor: Actor, now: datetime, today: date) -> dict[str, Any]:
    """Stamp the next copies that are due, before the transaction."""
    place = Sweep.objects.filter(act=REMARK, period=today.isoformat()).first()
    due = Carrier.objects.filter(remark_due=True, form="electronic", file__isnull=False).select_related("matter__organ")
    if place is not None and place.cursor is not None:
        due = due.filter(pk__gt=place.cursor)
    made = []
    for carrier in due.order_by("pk")[:STAMPED_AT_ONCE]:
        mark, stamped = _copy(carrier.matter, now)
        made.append(_Made(carrier.pk, carrier.matter.version, mark, stamped))
    return {"made": made}


def _copy(row: Matter, now: datetime) -> tuple[str, paper.Stamped | None]:
    """Return the mark that stands now, and the copy that shows it, by the rule of the regime of ``row``."""
    if row.regime == facts.REGIME:
        shown = marking.mark_now(row)
        return shown.short, _stamped(row, shown, now.date())
    last = Decision.objects.filter(matter=row).order_by("-number").first()
    if row.state != "lifted" or last is None:
        return "", None
    on = (row.released_at or now).astimezone(marking.ZONE).date()
    try:
        return grades.LIFTED, grading.stamp(row, grades.lifted_mark(row, on), row.level, row.tail, last.pk, now)
    except DingmiError:
        return "", None


def _tell_failed(row: Matter, now: datetime) -> None:
    """Tell drafter and officer once that a copy has to be re-marked by hand."""
    if not Notice.objects.filter(matter_id=row.pk, code=FAILED).exists():
        people = [p for p in (row.drafter_id, row.officer_id) if p]
        shelf.tell(people, FAILED, row, now, acknowledge=True, register_no=row.register_no)


@procedure("carriers.note_remarked", requires=PEOPLE, clauses=("TL-21.1b", "ZX-29.2", "ZX-34.2"))
def note_remarked(*, actor: Actor, now: datetime, matter: UUID, copy_no: int, expected_version: int) -> Noted:
    """Record that a paper copy was re-marked by hand: old mark struck but readable, new one beside it. 登记改注。"""
    row = shelf.lock(actor, now, matter, expected_version)  # load
    carrier = Carrier.objects.select_for_update().filter(matter=row, copy_no=copy_no, remark_due=True).first()
    if carrier is None:
        raise Refused("carrier.nothing_due", ("TL-21.1b",))
    shown = marking.mark_now(row)
    carrier.old_mark, carrier.mark, carrier.remark_due = carrier.mark, shown.short, False  # write
    carrier.save()
    shelf.save(row, now)
    append(  # prove
        actor,
        "carriers.note_remarked",
        subject=("matter", row.pk),
        at=now,
        data={"carrier": carrier.pk, "copy_no": copy_no, "version": row.version},
        rows=[carrier, row],
    )
    return Noted(carrier.pk, row.pk, row.version)


@procedure("carriers.public_copy", requires=PEOPLE, clauses=("ZX-36.3",), replay=False)
def public_copy(
    *,
    actor: Actor,
    now: datetime,
    matter: UUID,
    upload: Upload | None = None,
    declared: tuple[str, ...] = (),
    prepared: dict[str, Any],
) -> Delivered:
    """Hand out a copy for the public: no mark, no machine mark, no watermark, and nothing that its pages do not show. 制作公开件。

    Args:
        upload: The copy with its sensitive parts removed; without one, the original, or of a matter that was released
            in part its released paragraphs alone, set anew.
        declared: Kinds of what cannot be taken out (``covered_text``, ``form_fields``…) that was looked at and may stay.
    Raises:
        Refused: ``public_copy.not_released``: neither the matter nor a part of it was; ``public_copy.mark_left``: a
            state-secret mark is still on it; ``hidden.*``: something hidden is still in it, as the finished copy was
            read back (ZX-36.3); ``public_copy.still_secret``: of a matter that was released in part, words of what is
            still secret; ``public_copy.no_paragraphs``: which words were released is not on record.
    """
    row = access.matter_for(actor, now, matter)
    facts.require(prepared["verdict"])
    append(
        actor,
        "carriers.public_copy",
        subject=("matter", row.pk),
        at=now,
        data={
            "file": prepared["digest"],
            "own_upload": upload is not None,
            "state": row.state,
            "paragraphs": prepared["paragraphs"],
            "taken_out": prepared["taken_out"],
            "declared": prepared["declared"],
        },
        verdict=prepared["verdict"],
    )
    return Delivered(prepared["name"], prepared["content"], prepared["media"])


@public_copy.prepare
def _cleaned(
    *, actor: Actor, now: datetime, matter: UUID, upload: Upload | None = None, declared: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Take off what we put on, take out what is hidden, and read the copy back for what is left."""
    if not set(declared) <= set(documents.KINDS):
        raise Invalid("input.invalid", (), fields={"declared": "choice.unknown"})
    row = access.matter_for(actor, now, matter)
    part = parting.parted(row)
    facts.require(marking.judge_release(row, part, now.date()))
    name, data = (upload.filename, upload.content) if upload is not None else _released(row, part)
    made = marking.public_copy(data, name, row.regime, now.date(), declared, part)
    stem = paper.line(name.rsplit(".", 1)[0], "filename", 190) or "公开件"
    return {
        "verdict": made.verdict,
        "content": made.content,
        "media": made.kind,
        "name": f"{stem}.{made.kind}",
        "digest": documents.content_sm3(made.content, made.kind),
        "taken_out": made.taken_out,
        "declared": made.left,
        "paragraphs": list(part.paragraphs) if part else [],
    }


def _released(row: Matter, part: parting.Parted | None) -> tuple[str, bytes]:
    """Return what may be made public as far as we hold it: the original, or a page with the released paragraphs alone."""
    if part is None:
        return _original(row)
    return f"{PART_NAME}.pdf", documents.render_text_pdf(part.text)


def _original(row: Matter) -> tuple[str, bytes]:
    found = MatterFile.objects.filter(matter=row, role="original").select_related("stored").latest("created_at", "pk")
    return content.file_name(found, row.level), store.get(found.stored)
