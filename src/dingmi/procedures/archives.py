"""归档移交: files of one level, year and unit are reviewed, packed with their records, read back, and handed to an archive.

The package is the only place where the content of a batch stands unencrypted. It is made for the act, handed out once an
entry says so, and not kept: the system keeps its digest, and what comes back is held against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding, Invalid, NotFound, Refused, Unavailable
from dingmi.engines import documents
from dingmi.engines.documents import bag
from dingmi.procedures import carriers, paper, sweep
from dingmi.procedures.current import require_current
from dingmi.procedures.frame import procedure
from dingmi.procedures.terms import Delivered, Upload
from dingmi.queries import archive_package, archives, content, facts, standing
from dingmi.queries.attached import SEALED
from dingmi.queries.house import house
from dingmi.records.carriers.archives import OPENINGS, ArchiveBatch, ArchiveFile
from dingmi.records.ledger.append import Line, append, append_lines
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.models import Matter, MatterFile, Series
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import Person
from dingmi.records.vault import store

REASON_LIMIT = 400  # characters
FILES_MOST = 200  # of one batch; the rest of a group goes into the next
REMIND = "archives.remind"


@dataclass(frozen=True)
class Batched:
    """A batch as it stands now."""

    batch: UUID
    number: str
    state: str
    files: int


@dataclass(frozen=True)
class Checked:
    """What was read back of a package: whether it is whole, and whether it is the one that a batch was packed into."""

    whole: bool
    number: str
    state: str
    is_latest: bool
    files: int
    size: int
    sm3: str
    faults: tuple[Finding, ...]


@dataclass(frozen=True)
class Reminded:
    """How many groups have reached their limit, and how many people were told."""

    groups: int
    reminded: int


@procedure("archives.open", requires=(Role.SECRECY_OFFICE,), clauses=("SEED-17",))
def open_(
    *, actor: Actor, now: datetime, level: str, year: int, regime: str = "prc_state", department: UUID | None = None
) -> Batched:
    """Put the files of one level, year and unit that are in no batch into a new one, to be reviewed. 组卷归档。

    Raises:
        Refused: ``archive.nothing``: no such file waits.
    """
    if regime not in house().regimes:
        raise Invalid("input.invalid", (), fields={"regime": "choice.unknown"})
    number = _next_number(now.year)  # load: the row of the series lets one batch at a time be opened
    pool = archives.waiting(archives.known(actor, now, regime), now.date())
    found = list(pool.filter(level=level, year=year, department=department).order_by("register_no", "pk")[:FILES_MOST])
    if not found:
        raise Refused("archive.nothing", ("SEED-17",), level=level[:12], year=year)
    row = ArchiveBatch.objects.create(  # write
        number=number,
        regime=regime,
        level=level,
        year=year,
        department_id=department,
        opened_at=now,
        opened_by_id=UUID(actor.person_id),
    )
    files = [ArchiveFile(batch=row, matter_id=m.pk, order=n, level=m.level) for n, m in enumerate(found, start=1)]
    ArchiveFile.objects.bulk_create(files)
    _prove(actor, "archives.open", row, files, now)  # prove
    Notice.objects.bulk_create(  # tell
        Notice(person_id=o.person, code="archive.review_waiting", params={"number": number}, created_at=now)
        for o in standing.officers(now)
    )
    return _batched(row)


def _next_number(year: int) -> str:
    unit = standing.home().unit_code
    row, _ = Series.objects.select_for_update().get_or_create(unit=unit, letter="A", year=year)
    row.last += 1
    row.save()
    return f"{unit}-A-{year}-{row.last}"


def _batched(row: ArchiveBatch) -> Batched:
    return Batched(row.pk, row.number, row.state, row.files.filter(left_at__isnull=True).count())


def _prove(actor: Actor, act: str, row: ArchiveBatch, files: list[ArchiveFile], now: datetime, **data: Any) -> None:
    """Write one entry about the batch and one about each matter in it."""
    append(actor, act, subject=("archive", row.pk), at=now, data={"files": len(files), **data}, rows=[row])
    lines = [Line(("matter", f.matter_id), {"batch": row.pk, "order": f.order, **data}, [f]) for f in files]
    append_lines(actor, act, lines, at=now)


def _locked(actor: Actor, now: datetime, batch: UUID, *states: str) -> ArchiveBatch:
    """Return a batch, locked.

    Raises:
        NotFound: There is none, or the actor may not know of it.
        Refused: ``archive.wrong_state``.
    """
    archives.batch_for(actor, now, batch)
    row: ArchiveBatch = ArchiveBatch.objects.select_for_update().get(pk=batch)
    if row.state not in states:
        raise Refused("archive.wrong_state", ("SEED-17",), number=row.number, state=row.state)
    return row


def _files(row: ArchiveBatch, wanted: tuple[UUID, ...]) -> list[ArchiveFile]:
    """Return files that stay in a batch.

    Raises:
        Invalid: None is named.
        NotFound: One is not in the batch.
    """
    if not wanted:
        raise Invalid("input.invalid", (), fields={"files": "missing"})
    found = [f for f in archives.inside(row) if f.pk in set(wanted)]
    if len(found) != len(set(wanted)):
        raise NotFound("object.not_found")
    return found


@procedure("archives.review", requires=(Role.OFFICER,), step_up=True, clauses=("JM-4.2", "ZX-37.1", "DA-20", "DA-30"))
def review(
    *,
    actor: Actor,
    now: datetime,
    batch: UUID,
    files: tuple[UUID, ...],
    opening: str,
    reason: str = "",
    expected_version: str,
) -> Batched:
    """Sign for files of a batch that they were reviewed, and whether they may be opened when their time comes. 移交前审核。

    Args:
        opening: ``open``, ``part`` or ``closed``; a reason is needed unless they may be opened.
        expected_version: The version of the batch with its files, as ``archives.batch`` showed it.
    Raises:
        Conflict: ``record.stale``: it was changed meanwhile.
        Refused: A file still under protection was not reviewed for release this year, or is to be opened.
    """
    row = _locked(actor, now, batch, "open")  # load
    require_current(row, "archive", expected_version, *archives.inside(row))
    chosen = _files(row, files)
    if opening not in dict(OPENINGS):
        raise Invalid("input.invalid", (), fields={"opening": "choice.unknown"})
    said = paper.block_of_text(reason, "reason", REASON_LIMIT, required=opening != "open")
    for kept in chosen:
        verdict = archives.judge_review(archives.matter_for(actor, now, kept.matter), opening, now)  # gather, judge
        if verdict is not None:
            facts.require(verdict)
        kept.level = kept.matter.level  # write
        kept.opinion_ct = content.sealed(kept, "opinion_ct", kept.level, said)
        kept.opening, kept.reviewed_by_id, kept.reviewed_at = opening, UUID(actor.person_id), now
        kept.save()
    _prove(actor, "archives.review", row, chosen, now, opening=opening)  # prove
    return _batched(row)


@procedure("archives.defer", requires=(Role.SECRECY_OFFICE,), clauses=("DAT-20.3",))
def defer(
    *, actor: Actor, now: datetime, batch: UUID, files: tuple[UUID, ...], until: date, document_no: str
) -> Batched:
    """Take files that need secrecy out of a batch until a day, with the archive's consent. 经同意延长移交期限。

    Args:
        until: The last day on which they stay; afterwards they wait for a batch again.
        document_no: Number of the archive's consent.
    """
    row = _locked(actor, now, batch, "open")
    consent = paper.line(document_no, "document_no", 80, required=True)
    if until <= now.date():
        raise Invalid("input.invalid", ("DAT-20.3",), fields={"until": "date.in_past"})
    chosen = _files(row, files)
    for kept in chosen:
        kept.left_at, kept.deferred_until, kept.deferral_no = now, until, consent
        kept.save()
    _prove(actor, "archives.defer", row, chosen, now, until=until)
    return _batched(row)


@procedure("archives.withdraw", requires=(Role.SECRECY_OFFICE,))
def withdraw(*, actor: Actor, now: datetime, batch: UUID, reason: str) -> Batched:
    """Give up a batch that was not handed over; its files wait again. 撤销批次。"""
    row = _locked(actor, now, batch, "open", "packed")
    paper.line(reason, "reason", REASON_LIMIT, required=True)
    files = list(archives.inside(row))
    for kept in files:
        kept.left_at = now
        kept.save()
    row.state = "withdrawn"
    row.save()
    _prove(actor, "archives.withdraw", row, files, now)
    return _batched(row)


@procedure(
    "archives.pack",
    requires=(Role.SECRECY_OFFICE,),
    step_up=True,
    waits_for_date=True,
    clauses=("SEED-17", "DAT-30.2", "TL-20"),
)
def pack(*, actor: Actor, now: datetime, batch: UUID, medium: str, prepared: dict[str, Any]) -> Delivered:
    """Pack a reviewed batch with its records and digests, and hand the package out; the fetch of each content is recorded. 打包。

    Args:
        medium: Number of the carrier that the package is written to; state secrets stay on approved media.
    Raises:
        Refused: ``archive.not_all_reviewed`` or ``archive.outside_scope``.
    """
    row = _locked(actor, now, batch, "open", "packed")  # load
    files = list(archives.inside(row))
    if [(f.matter_id, f.matter.version) for f in files] != prepared["versions"]:
        raise Refused("archive.changed", (), number=row.number)
    digest = sm3(prepared["content"]).hex()
    known = [carriers.learned(f.matter, actor, "archived", now) for f in files]  # write
    for kept in files:
        kept.packed_version = kept.matter.version
        kept.save()
    row.state, row.medium, row.copies = "packed", prepared["medium"], row.copies + 1
    row.packed_at, row.packed_by_id = now, UUID(actor.person_id)
    row.package_sm3, row.package_size = digest, len(prepared["content"])
    row.save()
    told = {"sm3": digest, "copy": row.copies, "knowledge": sum(known), "hidden": prepared["hidden"]}
    _prove(actor, "archives.pack", row, files, now, **told)  # prove
    return Delivered(f"{row.number}.zip", prepared["content"], "zip")


@pack.prepare
def _packed(*, actor: Actor, now: datetime, batch: UUID, medium: str) -> dict[str, Any]:
    """Read every file of a batch into a package and read the package back."""
    row = archives.batch_for(actor, now, batch)
    number = paper.line(medium, "medium", 80, required=True)
    files = list(archives.inside(row))
    if not files or not all(f.opening for f in files):
        raise Refused("archive.not_all_reviewed", ("JM-4.2",), number=row.number)
    _require_readable(actor, now, files)
    payload: dict[str, bytes] = {}
    made = []
    for kept in files:
        held = _contents(kept.matter)
        about = archive_package.record(kept) | {"hidden": _hidden(held)}
        folder = f"{kept.order:03}-{about['number']}"
        payload |= {f"{folder}/{name}": data for name, data in held.items()}
        payload[f"{folder}/{archive_package.RECORD}"] = archive_package.spelled(about)
        made.append((about, len(held)))
        if sum(map(len, payload.values())) > bag.MOST_BYTES:
            raise Refused("archive.too_large", (), limit_mb=bag.MOST_BYTES // 1_048_576)
    payload[archive_package.LIST] = archive_package.transfer_list(made)
    packer = Person.objects.get(pk=actor.person_id)
    told = archive_package.info(row, number, len(files), packer.name)
    whole = bag.write(row.number, payload, told, now.date())
    if bag.check(whole).faults:
        raise Unavailable("archive.not_read_back")
    versions = [(f.matter_id, f.matter.version) for f in files]
    hidden = sum(len(about["hidden"]) for about, _ in made)
    return {"content": whole, "medium": number, "versions": versions, "hidden": hidden}


def _hidden(held: dict[str, bytes]) -> dict[str, dict[str, int]]:
    """Return by name what each file carries and does not show, by kind: an archive keeps files as they were made."""
    found = {name: documents.traces(data, name.rpartition(".")[2]) for name, data in held.items()}
    return {name: {trace.kind: trace.count for trace in traces} for name, traces in found.items() if traces}


def _require_readable(actor: Actor, now: datetime, files: list[ArchiveFile]) -> None:
    """Refuse to pack what the packer may not read: packing is reading.

    Raises:
        Refused: ``archive.outside_scope``.
    """
    outside = 0
    for kept in files:
        try:
            archives.matter_for(actor, now, kept.matter)
        except NotFound:
            outside += 1
    if outside:
        raise Refused("archive.outside_scope", ("BMF-21.3",), count=outside)


def _contents(matter: Matter) -> dict[str, bytes]:
    """Return the files of a matter by name; of one without a file, its text; of an earlier one entered without either, nothing.

    Raises:
        Tampered: A stored file is not what was sealed.
    """
    found: dict[str, bytes] = {}
    for number, file in enumerate(
        MatterFile.objects.filter(matter=matter)
        .exclude(role=SEALED)  # opens with our keys alone; what it holds is packed as it was attached
        .select_related("stored")
        .order_by("created_at", "-role", "pk"),
        start=1,
    ):
        old = "-superseded" if file.superseded_at else ""
        found[f"{number:02}-{file.role}{old}.{file.stored.media}"] = store.get(file.stored)
    text = "" if found else content.body(matter)[0]
    return {"text.txt": text.encode()} if text else found


def _read_back(package: Upload) -> tuple[documents.Bag, str]:
    """Return what an uploaded package holds, and its digest.

    Raises:
        Invalid: It is no package, or cannot be read.
    """
    return documents.check_package(package.content), sm3(package.content).hex()


@procedure(
    "archives.check",
    requires=(Role.SECRECY_OFFICE, Role.OFFICER, Role.INSPECTOR),
    replay=False,
    clauses=("DAT-30.2",),
)
def check(*, actor: Actor, now: datetime, package: Upload, prepared: tuple[documents.Bag, str]) -> Checked:
    """Read a package back: every digest, nothing missing, nothing added, and whether it is the one last packed. 读回核验。"""
    found, digest = prepared
    number = found.info.get("External-Identifier", "")[:40]
    row = ArchiveBatch.objects.filter(number=number).first()
    latest = row is not None and row.package_sm3 == digest
    subject = ("archive", row.pk) if row is not None else ("archive", "unknown")
    codes = sorted({f.code for f in found.faults})
    append(actor, "archives.check", subject=subject, at=now, data={"sm3": digest, "codes": codes, "latest": latest})
    return Checked(
        whole=not found.faults,
        number=number,
        state=row.state if row is not None else "",
        is_latest=latest,
        files=len(found.payload),
        size=found.size,
        sm3=digest,
        faults=found.faults,
    )


@check.prepare
def _checked(*, actor: Actor, now: datetime, package: Upload) -> Any:
    """Read the package before the transaction."""
    return _read_back(package)


@procedure("archives.transfer", requires=(Role.SECRECY_OFFICE,), step_up=True, clauses=("JM-4.2", "ZX-37.1", "TL-27.3"))
def transfer(
    *,
    actor: Actor,
    now: datetime,
    batch: UUID,
    package: Upload,
    archive: str,
    receipt_no: str,
    channel: str,
    couriers: int = 1,
    transferred_on: date,
    prepared: tuple[documents.Bag, str],
) -> Batched:
    """Register that a batch was handed to an archive, after the package was read back from its carrier. 移交档案馆。

    Args:
        package: As it stands on the carrier that was handed over.
        channel: By which it went, as the law names them; state secrets never by post or over open networks.
    Raises:
        Refused: The package was altered (each fault is told), is another one, or its files changed after it was packed.
    """
    row = _locked(actor, now, batch, "packed")  # load
    found, digest = prepared
    files = list(archives.inside(row))
    taker = paper.line(archive, "archive", 120, required=True)
    receipt = paper.line(receipt_no, "receipt_no", 80, required=True)
    if transferred_on > now.date():
        raise Invalid("input.invalid", (), fields={"transferred_on": "date.in_future"})
    _require_intact(row, found, digest)
    if any(f.packed_version != f.matter.version for f in files):
        raise Refused("archive.changed", ("JM-4.2",), number=row.number)
    for kept in files:
        reviewed = archives.judge_review(kept.matter, kept.opening, kept.reviewed_at or now)  # gather, judge
        if reviewed is not None:
            facts.require(reviewed)
    way = archives.judge_way(row, channel, couriers, now)
    if way is not None:
        facts.require(way)
    row.state, row.archive, row.receipt_no = "transferred", taker, receipt  # write
    row.channel, row.transferred_on = channel[:20], transferred_on
    row.transferred_by_id = UUID(actor.person_id)
    row.save()
    _prove(actor, "archives.transfer", row, files, now, sm3=digest, receipt=receipt, on=transferred_on)  # prove
    return _batched(row)


@transfer.prepare
def _returned(*, actor: Actor, now: datetime, package: Upload, **_: Any) -> Any:
    """Read the package before the transaction."""
    return _read_back(package)


def _require_intact(row: ArchiveBatch, found: documents.Bag, digest: str) -> None:
    """Refuse a package that was altered, and one that is whole but another.

    Raises:
        Refused: With every fault, or ``archive.other_package``.
    """
    if found.faults:
        raise Refused("archive.altered", (), findings=(Finding("archive.altered", "block"), *found.faults))
    if digest != row.package_sm3:
        raise Refused("archive.other_package", (), number=row.number)


@procedure(REMIND, requires=(Role.CLOCK,), clauses=("DAT-20.2",))
def remind(*, actor: Actor, now: datetime, today: date) -> Reminded:
    """Tell the secrecy office once a year which files have reached the limit for their transfer. 提醒移交。"""
    sweep.alone()
    mark = sweep.place(REMIND, str(today.year))
    told, due = 0, 0
    if mark.done_at is None:
        rows = Matter.objects.all()
        due = sum(1 for g in archives.groups(iter([rows]), today) if g.is_due)
        people = standing.holders(str(Role.SECRECY_OFFICE), now) if due else ()
        params = {"groups": due, "year": today.year}
        Notice.objects.bulk_create(
            Notice(person_id=p, code="archive.transfer_due", params=params, created_at=now) for p in people
        )
        told = len(people)
        sweep.move(mark, None, now)
    append(actor, REMIND, subject=("sweep", REMIND), at=now, data={"today": today, "groups": due, "reminded": told})
    return Reminded(due, told)
