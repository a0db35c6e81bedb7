"""检查报告 filled from one inspection; findings about a matter stand there by number and kind alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.engines.documents.forms.model import Value
from dingmi.queries import oversight
from dingmi.queries.forms import base
from dingmi.queries.forms.base import Sheet, Source
from dingmi.queries.lists.words import FIGURE
from dingmi.regime import oversight as book

FORM = "inspection"


def fill(actor: Actor, now: datetime, case: UUID) -> Sheet:
    """Fill the report of one inspection, for those who oversee and for whoever leads it."""
    page = oversight.one(actor=actor, now=now, inspection=case)
    row, topics = page.row, book.topics()
    fields: dict[str, Value] = {
        "name": row.title,
        "kind": book.kinds()[row.kind].zh,
        "unit": row.unit or "全单位",
        "on": base.day(row.held_on) or f"计划 {base.day(row.planned_on)}",
        "document_no": page.document_no,
        "lead": row.lead,
        "participants": page.participants,
        "topics": "、".join(topics[code].zh for code in page.topics),
        "figures": "，".join(f"{FIGURE[f.code].text} {f.count} 件" for f in page.figures),
        "sample": _sample(page),
        "conclusion": page.conclusion or page.cancelled_words,
        "findings": tuple(
            (
                f.number.rpartition("-")[2],
                topics[f.topic].zh,
                _words(f),
                f.responsible,
                f.due_on.isoformat(),
                f.rectified_on.isoformat() if f.rectified_on else "",
                f.closed_on.isoformat() if f.closed_on else "",
            )
            for f in page.findings
        ),
    }
    filled = base.apart(FORM, fields, number=row.number)
    return Sheet(filled, case, None, "", f"保密检查报告-{row.number}")


def _words(row: oversight.FindingRow) -> str:
    if row.matter is None:
        return row.words
    return f"{row.matter_no} {book.errors()[row.error].zh if row.error else ''}".strip()


def _sample(page: oversight.InspectionPage) -> str:
    if not page.seed:
        return ""
    words = f"在密 {page.drawn_from} 件中抽取 {len(page.sample)} 件，抽样密钥 {page.seed}"
    if page.share is None:
        return words
    share, low, high = page.share
    return f"{words}；差错率 {share}%（95% 区间 {low}%–{high}%）"


INSPECTION = Source(FORM, fill)
