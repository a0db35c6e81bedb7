"""归档移交: what waits to be archived, grouped by level, year and unit; the batches, and the files of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractYear

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import access, content, facts, grades, numbers, rows, standing
from dingmi.queries.house import house
from dingmi.queries.registry import query
from dingmi.queries.row_version import version_of
from dingmi.records.carriers.archives import ArchiveBatch, ArchiveFile
from dingmi.records.matters.models import Decision, Matter
from dingmi.records.organs.models import Department
from dingmi.regime import deadlines, judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state.facts_custody import ArchiveFacts, TransferFacts

READERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.OFFICER, Role.INSPECTOR)
FILED = ("active", "declassified", "graded", "lifted")  # decided upon, so that there is something to keep
REVIEWING = ("review.decide", "change.extend", "change.change", "change.register_external")
STATE, TRADE = "prc_state", grades.TRADE
SHOWN = 200
HANDLING = {STATE: "archive.handling_state", grades.WORK: "archive.handling_work", TRADE: "archive.handling_trade"}
RELEASED = "archive.handling_released"


@dataclass(frozen=True, slots=True)
class Group:
    """Files of one level, year and unit that are in no batch."""

    regime: str
    level: str
    year: int
    department: UUID | None
    unit: str
    files: int
    due_on: date | None
    is_due: bool


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch and how far it is."""

    batch: UUID
    number: str
    regime: str
    level: str
    year: int
    unit: str
    state: str
    files: int
    reviewed: int
    opened_on: date
    opened_by: str
    medium: str
    package_sm3: str
    copies: int
    archive: str
    receipt_no: str
    transferred_on: date | None


@dataclass(frozen=True, slots=True)
class Archives:
    """What waits, the batches, and whether the shorter limit of a county is reckoned with."""

    groups: tuple[Group, ...]
    batches: tuple[BatchRow, ...]
    by_county: bool


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of a batch; title and opinion only where the reader may know the matter."""

    file: UUID
    matter: UUID
    regime: str
    order: int
    number: str
    title: str
    is_content: bool
    mark: str
    state: str
    needs_review: bool
    opening: str
    opinion: str
    reviewed_by: str
    deferred_until: date | None
    deferral_no: str


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One batch with the files that the reader may know of; ``handling`` is the code of how its package is handled."""

    row: BatchRow
    files: tuple[FileRow, ...]
    handling: str
    all_reviewed: bool
    may_read_all: bool
    may_review: bool
    may_run: bool
    version: str


def known(actor: Actor, now: datetime, regime: str) -> QuerySet[Any]:
    """Return the matters of a regime that the actor may know of; content only where ``is_content``."""
    if regime == STATE:
        return access.existing(actor, now).filter(regime=STATE)
    return grades.existing(actor, now, regime)


def waiting(rows: QuerySet[Any], today: date) -> QuerySet[Any]:
    """Return those of ``rows`` that we answer for and that are neither in a batch nor deferred, with their ``year``."""
    held = ArchiveFile.objects.filter(matter=OuterRef("pk"))
    held = held.filter(Q(left_at__isnull=True) | Q(deferred_until__gt=today))
    ours = rows.filter(standing.OURS, state__in=FILED).exclude(origin="received").filter(~Exists(held))
    found: QuerySet[Any] = ours.annotate(year=ExtractYear(Coalesce("issued_on", "starts_on"))).filter(
        year__isnull=False
    )
    return found


def by_county() -> bool:
    """Tell whether the limit of a county is reckoned with: the tier does not say that the organ stands higher."""
    return standing.home().tier == "other"


def due_on(regime: str, year: int) -> date | None:
    """Return by when the files of a year go to the state archive; a company keeps its trade secrets itself (DAT-20.2)."""
    if regime == TRADE:
        return None
    limit = "archive_transfer_county" if by_county() else "archive_transfer"
    found: date = deadlines.compute(limit, date(year, 12, 31))["due"]
    return found


def groups(pools: Iterator[QuerySet[Any]], today: date) -> tuple[Group, ...]:
    """Return what waits in ``pools``, one of each regime: what is due first, then by year."""
    units = dict(Department.objects.values_list("pk", "name"))
    found = []
    for pool in pools:
        counted = (
            waiting(pool, today).order_by().values("regime", "level", "year", "department").annotate(n=Count("pk"))
        )
        for c in counted:
            due = due_on(c["regime"], c["year"])
            found.append(
                Group(
                    regime=c["regime"],
                    level=c["level"],
                    year=c["year"],
                    department=c["department"],
                    unit=units.get(c["department"], ""),
                    files=c["n"],
                    due_on=due,
                    is_due=due is not None and due <= today,
                )
            )
    return tuple(sorted(found, key=lambda g: (not g.is_due, g.year, g.regime, g.level, g.unit)))


@query("archives", roles=READERS, clauses=("SEED-17", "DAT-20.2"))
def archives(*, actor: Actor, now: datetime) -> Archives:
    """Electronic files that wait for the archive, by level, year and unit, and the batches so far. 归档移交。"""
    pools = (known(actor, now, regime) for regime in house().regimes)
    batches = _shown_batches(actor, now).order_by("-opened_at", "pk")[:SHOWN]
    return Archives(groups(pools, now.date()), tuple(batch_row(b) for b in batches), by_county())


def _shown_batches(actor: Actor, now: datetime) -> QuerySet[ArchiveBatch]:
    """Return every batch to who may know of everything, and to an officer those that hold a matter of theirs."""
    found: QuerySet[ArchiveBatch] = ArchiveBatch.objects.select_related("department", "opened_by")
    if actor.holds(*access.EXISTENCE_ROLES):
        return found
    theirs = Q(pk__in=())
    for regime in house().regimes:
        theirs |= Q(matter__in=known(actor, now, regime).values("pk"))
    return found.filter(Exists(ArchiveFile.objects.filter(theirs, batch=OuterRef("pk"))))


def batch_for(actor: Actor, now: datetime, batch: UUID) -> ArchiveBatch:
    """Return a batch that the actor may know of.

    Raises:
        NotFound: There is none, or none that the actor may know of: the same answer.
    """
    found = _shown_batches(actor, now).filter(pk=batch).first()
    if found is None:
        raise NotFound("object.not_found")
    return found


def inside(batch: ArchiveBatch) -> QuerySet[ArchiveFile]:
    """Return the files that stay in a batch."""
    found: QuerySet[ArchiveFile] = batch.files.filter(left_at__isnull=True).order_by("order")
    return found.select_related("matter__department", "matter__organ", "matter__successor", "reviewed_by")


def batch_row(batch: ArchiveBatch) -> BatchRow:
    """Return one batch as a line."""
    stays = Count("pk", filter=Q(left_at__isnull=True))
    reviewed = Count("pk", filter=Q(left_at__isnull=True) & ~Q(opening=""))
    counted = batch.files.aggregate(stays=stays, reviewed=reviewed)
    return BatchRow(
        batch=batch.pk,
        number=batch.number,
        regime=batch.regime,
        level=batch.level,
        year=batch.year,
        unit=batch.department.name if batch.department else "",
        state=batch.state,
        files=counted["stays"],
        reviewed=counted["reviewed"],
        opened_on=batch.opened_at.date(),
        opened_by=batch.opened_by.name,
        medium=batch.medium,
        package_sm3=batch.package_sm3,
        copies=batch.copies,
        archive=batch.archive,
        receipt_no=batch.receipt_no,
        transferred_on=batch.transferred_on,
    )


@query("archives.batch", roles=READERS, clauses=("SEED-17", "DAT-30.2"))
def batch(*, actor: Actor, now: datetime, batch: UUID) -> BatchPage:
    """One batch with its files and what comes next. 归档批次。

    Raises:
        NotFound: There is none, or none that the reader may know of.
    """
    row = batch_for(actor, now, batch)
    may_know = dict(known(actor, now, row.regime).filter(archived__batch=row).values_list("pk", "is_content"))
    files = row.files.select_related("matter__department", "reviewed_by").order_by("order")
    shown = tuple(_file_row(f, bool(may_know[f.matter_id]), now) for f in files if f.matter_id in may_know)
    staying = list(inside(row))
    read_all = bool(staying) and all(may_know.get(f.matter_id) for f in staying)
    return BatchPage(
        row=batch_row(row),
        files=shown,
        handling=handling(row),
        all_reviewed=bool(staying) and all(f.opening for f in staying),
        may_read_all=read_all,
        may_review=actor.holds(Role.OFFICER) and row.state == "open",
        may_run=actor.holds(Role.SECRECY_OFFICE) and row.state in ("open", "packed"),
        version=version_of(row, *staying),
    )


def handling(row: ArchiveBatch) -> str:
    """Return the code of how the package of a batch is handled: by its regime, and whether it is still protected."""
    return HANDLING[row.regime] if in_force(row) else RELEASED


def in_force(row: ArchiveBatch) -> bool:
    """Tell whether something in a batch is still protected; a released matter keeps the level of its old mark."""
    return bool(row.files.filter(left_at__isnull=True, matter__state__in=standing.PROTECTED).exists())


def _file_row(kept: ArchiveFile, is_content: bool, now: datetime) -> FileRow:
    matter = kept.matter
    return FileRow(
        file=kept.pk,
        matter=matter.pk,
        regime=matter.regime,
        order=kept.order,
        number=numbers.shown(matter.pk, matter.register_no),
        title=content.listed_title(matter) if is_content else "",
        is_content=is_content,
        mark=mark_of(matter),
        state=matter.state,
        needs_review=is_protected(matter) and not was_reviewed(matter, now),
        opening=kept.opening,
        opinion=content.opened(kept, "opinion_ct", kept.level) if is_content else "",
        reviewed_by=kept.reviewed_by.name if kept.reviewed_by else "",
        deferred_until=kept.deferred_until,
        deferral_no=kept.deferral_no,
    )


def mark_of(matter: Matter) -> str:
    """Return the mark of a matter of any regime."""
    return rows.mark_of(matter) if matter.regime == STATE else grades.mark_now(matter)


def is_protected(matter: Matter) -> bool:
    """Tell whether a matter is a state secret in force."""
    return bool(matter.regime == STATE and matter.state == "active")


def was_reviewed(matter: Matter, now: datetime) -> bool:
    """Tell whether an officer decided this year that the matter stays as it is, or how it changes."""
    this_year = facts.start_of(date(now.year, 1, 1))
    return bool(Decision.objects.filter(matter=matter, act__in=REVIEWING, at__gte=this_year).exists())


def judge_review(matter: Matter, opening: str, now: datetime) -> Verdict | None:
    """Judge an opinion before the transfer; only the law of state secrets says something about it."""
    if matter.regime != STATE:
        return None
    asked = ArchiveFacts(now, is_protected(matter), was_reviewed(matter, now), opens=opening in ("open", "part"))
    return judge(STATE, "archives.transfer", asked, now.date())


def judge_way(row: ArchiveBatch, channel: str, couriers: int, now: datetime) -> Verdict | None:
    """Judge by which way a package leaves, where it holds state secrets in force."""
    if row.regime != STATE or not in_force(row):
        return None
    return judge(STATE, "carriers.transfer", TransferFacts(now, row.level, channel, couriers), now.date())


def matter_for(actor: Actor, now: datetime, matter: Matter) -> Matter:
    """Return a matter of any regime whose content the actor may read.

    Raises:
        NotFound: The actor may not read it.
    """
    if matter.regime == STATE:
        return access.matter_for(actor, now, matter.pk)
    return grades.matter_for(actor, now, matter.pk)
