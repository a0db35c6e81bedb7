"""一页总览: the organ in eight figures for its head: numbers only, no titles, each open to its records (S18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dingmi.base.actor import Actor, Role
from dingmi.queries import incident
from dingmi.queries.clock import ZONE
from dingmi.queries.registry import query
from dingmi.queries.rows import capped
from dingmi.queries.statistics import report, tables
from dingmi.queries.statistics.cells import TOTAL
from dingmi.records.organs.models import Organ
from dingmi.records.oversight.inspections import InspectionFinding
from dingmi.records.oversight.models import Correction

BAD = ("late", "outside", "over", "untrained", "open")  # what should be none


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure, the table and row that it opens, its parts by level, and the same figure a year ago where that tells."""

    name: str
    count: int
    table: str
    row: str
    levels: tuple[tuple[str, int], ...]
    before: int | None
    bad: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The organ on one page; beside the figures, findings that are open and late, and leaks that are not closed (S18)."""

    organ: str
    year: int
    as_of: date
    tiles: tuple[Tile, ...]
    findings: int
    late: int
    incidents: int


@query("overview", roles=(Role.HEAD, Role.SECRECY_OFFICE), clauses=("TL-6.3", "SEED-36"))
def overview(*, actor: Actor, now: datetime) -> Overview:
    """Eight figures of the organ today, counted over the matters whose existence the reader may know."""
    frame = report.frame_for(actor, now, now.year, None)
    stock, standing = tables.table("stock", frame), tables.table("standing", frame)
    levels = tuple((level, n) for level in reversed(stock.columns) if (n := stock.count(TOTAL, level)))
    seen = {life.matter for life in frame.past.lives}
    earlier = Correction.objects.filter(kind="over", found_on__year=now.year - 1).values_list("matter", flat=True)
    tiles = [Tile("active", stock.count(TOTAL, TOTAL), "stock", TOTAL, levels, None, False)]
    for name in standing.rows:
        count = standing.count(name, TOTAL)
        before = sum(1 for matter in earlier if matter in seen) if name == "over" else None
        tiles.append(Tile(name, count, "standing", name, (), before, name in BAD and count > 0))
    organ = Organ.objects.filter(is_home=True).values_list("name", flat=True).first()
    findings = InspectionFinding.objects.filter(closed_on__isnull=True)
    late = findings.filter(rectified_on__isnull=True, due_on__lt=now.astimezone(ZONE).date())
    return Overview(
        organ=str(organ or ""),
        year=now.year,
        as_of=frame.past.day,
        tiles=tuple(tiles),
        findings=capped(findings),
        late=capped(late),
        incidents=capped(incident.known(actor, now).filter(closed_at__isnull=True)),
    )
