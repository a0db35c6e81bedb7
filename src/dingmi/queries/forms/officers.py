"""履职情况说明 filled from an officer's file: authority, training, work and its quality, and what is open (SEED-7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.engines.documents.forms.model import Lines
from dingmi.queries import access, officer_file, standing
from dingmi.queries.forms import base
from dingmi.queries.forms.appointments import TIERS
from dingmi.queries.forms.base import Sheet, Source
from dingmi.queries.rows import capped
from dingmi.queries.statistics.work import Work
from dingmi.records.matters.models import ReviewTask
from dingmi.records.officers.performance import PerformanceReview
from dingmi.records.oversight.inspections import InspectionFinding

FORM = "officer_statement"
COUNTED = "审定 {decided} 件，一次通过 {at_once} 件，改定 {changed} 件，退回 {returned} 件，按时 {in_time} 件"
STATES = {"noticed": "已送达", "signed": "已签收", "objected": "已提出复核", "decided": "已复核决定"}


def fill(actor: Actor, now: datetime, case: UUID, words: str = "") -> Sheet:
    """Fill the statement of one officer, for oneself and for those who oversee; of others nobody learns anything.

    Args:
        words: What the officer says of it, where it is signed.
    """
    page = officer_file.officers_profile(actor=actor, now=now, person=case)
    row, deeds = page.row, page.deeds
    if deeds is None:
        raise NotFound("object.not_found")
    fields: dict[str, str | Lines] = {
        "name": row.name,
        "place": row.place,
        "kind": f"{row.kind}定密责任人，{TIERS.get(row.tier, row.tier)}",
        "clearance": row.clearance or "未登记",
        "instrument": row.instrument,
        "term": f"{base.day(row.since)}起{f'至{base.day(row.until)}' if row.until else ''}" if row.since else "没有有效任命",
        "authority": f"{row.max_level}级以下（含），{row.matters}" if row.max_level else "",
        "grants": "；".join(f"{i}（{level}，至{base.day(until)}）" for i, level, until in page.grants),
        "grade": f"{row.grade}（至{base.day(row.grade_until)}）" if row.grade else "未登记",
        "training": f"本年 {deeds.hours:g}/{page.hours_asked} 学时，有效至{base.day(row.trained_until) or '（未登记）'}",
        "year": _counted(deeds.year),
        "in_term": f"审定 {deeds.term.decided} 件",
        "errors": f"本年 {deeds.errors} 件",
        "duties": _duties(actor, now, case) if page.is_own else "",
        "appraisal": _appraisal(case) if page.is_own or page.appraises else "",
        "courses": tuple(
            (c.on.isoformat(), c.what if c.hours is not None else f"资格等级 {c.what}",
             f"{c.hours:g}" if c.hours is not None else "", c.valid_until.isoformat())
            for c in page.courses[:8]
        ),
        "words": words,
        "words_by": row.name if words else "",
        "words_on": base.day(now) if words else "",
    }  # fmt: skip
    filled = base.apart(FORM, fields, number=now.astimezone(base.ZONE).date().isoformat())
    return Sheet(filled, case, None, "", f"履职情况说明-{row.name}")


def _counted(done: Work) -> str:
    said = COUNTED.format(
        decided=done.decided, at_once=done.at_once, changed=done.changed, returned=done.returned, in_time=done.in_time
    )
    return f"{said}，平均用时 {done.mean_days} 天" if done.mean_days is not None else said


def _duties(actor: Actor, now: datetime, person: UUID) -> str:
    """Say what waits for the officer: proposals in sight, reviews of own matters, findings to put right."""
    proposals = capped(standing.undecided(access.visible(actor, now)).exclude(drafter_id=person))
    reviews = capped(ReviewTask.objects.filter(matter__officer=person, matter__state="active", done_at__isnull=True))
    findings = capped(InspectionFinding.objects.filter(responsible=person, closed_on__isnull=True))
    return f"待审核 {proposals} 件，待审查期限、密级 {reviews} 件，待整改 {findings} 项"


def _appraisal(person: UUID) -> str:
    last = PerformanceReview.objects.filter(person=person).order_by("-year").first()
    if last is None:
        return "尚未送达考核结果"
    return f"{last.year} 年度 {last.final or last.score['total']} 分，{STATES.get(last.state, last.state)}"


STATEMENT = Source(FORM, fill)
