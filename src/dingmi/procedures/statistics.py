"""统计年报: a report handed out, signed by the principal once its year is closed, and filed with its receipt (ZX-39, TL-56)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Conflict, Invalid, NotFound
from dingmi.engines.documents import forms, tables
from dingmi.procedures import paper
from dingmi.procedures.frame import procedure
from dingmi.procedures.personnel import require_text
from dingmi.procedures.terms import Delivered
from dingmi.queries.statistics import report as asked
from dingmi.queries.statistics import sheet
from dingmi.queries.statistics.report import READERS, Report
from dingmi.records.ledger.append import append
from dingmi.records.oversight.reports import AnnualReport

WORDS = 600  # characters of an explanation


@dataclass(frozen=True, slots=True)
class Signed:
    """A report of a year as it stands: signed, or filed."""

    id: UUID
    name: str
    year: int
    as_of: date
    digest: str
    filing_no: str


def _outcome(row: AnnualReport) -> Signed:
    return Signed(row.pk, row.name, row.year, row.as_of, row.digest, row.filing_no)


def signed_day(name: str, year: int) -> date | None:
    """Return the day that the signed report of a year is known as of; nothing while none is signed."""
    row = AnnualReport.objects.filter(name=name, year=year).first()
    return row.as_of if row is not None else None


@procedure("statistics.render", requires=READERS, clauses=("ZX-39.1", "TL-56", "ZX-15"))
def render(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    year: int,
    as_of: date | None = None,
    department: str = "",
    format: str = "pdf",
    prepared: dict[str, Any],
) -> Delivered:
    """Hand out a report of a year; the same year, day and reader give the same bytes. 取得年报。

    Args:
        name: ``classification``, ``work`` or ``filing``.
        as_of: The day it is known as of: by default that of the signed report, else today.
        department: Only what belongs to this department of ours (``none``: to none); the file says that it is a part.
        format: ``json``, ``xlsx``, ``docx`` or ``pdf``.
    """
    report: Report = prepared["report"]
    data = {"report": name, "year": year, "as_of": report.as_of, "format": format, "digest": asked.digest(report)}
    data |= {"department": department} if department else {}
    append(actor, "statistics.render", subject=("organ", UUID(actor.organ_id)), at=now, data=data)
    return Delivered(
        "-".join(filter(None, (report.title, report.department_word, f"{year}.{format}"))), prepared["content"], format
    )


@render.prepare
def _written(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    year: int,
    as_of: date | None = None,
    department: str = "",
    format: str = "pdf",
) -> dict[str, Any]:
    """Count and write the report."""
    if format not in sheet.FORMATS:
        raise Invalid("input.invalid", (), fields={"format": "choice.unknown"})
    report = asked.build(actor, now, name, year, as_of or signed_day(name, year), department)
    if format == "json":
        content = sheet.as_json(report)
    elif format == "xlsx":
        content = tables.workbook(sheet.sheets(report))
    else:
        content = forms.render(sheet.filled(report), format)
    return {"report": report, "content": content}


@procedure("statistics.sign", requires=Role.HEAD, step_up=True, clauses=("ZX-39.1", "TL-56"))
def sign(*, actor: Actor, now: datetime, name: str, year: int, explained: str = "") -> Signed:
    """Sign the report of a closed year as it stands today; what looks wrong is explained or mended first. 签发年报。

    Raises:
        Conflict: ``statistics.year_open``: the year is not over; ``statistics.signed``: it was signed already.
        Invalid: ``statistics.unexplained``: something looks wrong and nothing is said about it.
    """
    report = asked.build(actor, now, name, year, None)
    if not report.is_closed:
        raise Conflict("statistics.year_open", ("ZX-39.1",), year=year)
    if AnnualReport.objects.filter(name=name, year=year).exists():
        raise Conflict("statistics.signed", (), year=year)
    words = explained.strip()
    paper.block_of_text(words, "explained", WORDS)
    if report.anomalies and not words:
        fields = {"explained": "missing"}
        raise Invalid("statistics.unexplained", ("ZX-39.1",), count=len(report.anomalies), fields=fields)
    row = AnnualReport(
        name=name,
        year=year,
        as_of=report.as_of,
        content=asked.plain(report),
        digest=asked.digest(report),
        explained=words,
        signed_by_id=UUID(actor.person_id),
        signed_at=now,
    )
    row.save()
    data = {"report": name, "year": year, "as_of": row.as_of, "digest": row.digest, "anomalies": len(report.anomalies)}
    append(actor, "statistics.sign", subject=("annual_report", row.pk), at=now, data=data, rows=[row])
    return _outcome(row)


@procedure("statistics.file", requires=Role.SECRECY_OFFICE, clauses=("ZX-39.1", "TL-56", "ZX-15"))
def file(*, actor: Actor, now: datetime, name: str, year: int, number: str, filed_on: date) -> Signed:
    """Record that a signed report was filed with the secrecy administration, and its receipt. 登记报送。

    Raises:
        NotFound: ``statistics.not_signed``: nothing of that year was signed.
        Conflict: ``statistics.filed``.
    """
    row = AnnualReport.objects.select_for_update().filter(name=name, year=year).first()
    if not isinstance(row, AnnualReport):
        raise NotFound("statistics.not_signed", (), year=year)
    if row.filed_on is not None:
        raise Conflict("statistics.filed", (), year=year, number=row.filing_no)
    if filed_on > now.date() or filed_on < row.as_of:
        raise Invalid("date.in_future", (), fields={"filed_on": "date.in_future"})
    row.filing_no, row.filed_on = require_text("number", number, 80), filed_on
    row.save()
    data = {"report": name, "year": year, "number": row.filing_no, "filed_on": filed_on}
    append(actor, "statistics.file", subject=("annual_report", row.pk), at=now, data=data, rows=[row])
    return _outcome(row)
