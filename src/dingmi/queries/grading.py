"""工作秘密、商业秘密的台账、事项页和拟定页: what a reader may know of them, and nothing else."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid, NotFound
from dingmi.queries import access, content, grades, house, numbers, people, search, standing, undecided
from dingmi.queries.registry import query
from dingmi.queries.rows import beyond, capped, count_word, end_of, page_of, urgency
from dingmi.queries.terms import scope_from
from dingmi.records.matters.models import GRADE_STATES, GRADES, Decision, Matter, MatterFile, Proposal, ScopeEntry
from dingmi.records.officers.models import Grader
from dingmi.records.organs.models import Department, Person

BUSINESS = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
VIEWS = ("all", "pending", "mine", "due", "unfiled", "provisional", "lifted")
DUE_DAYS = 90
PAGE = 17
EXPORT_MOST = 5000
STATE_WORDS: dict[str, str] = dict(GRADES)


@dataclass(frozen=True, slots=True)
class GradeRow:
    """One line; title, department and approver are empty where only its existence may be known."""

    matter: UUID
    version: int
    regime: str
    number: str
    title: str
    is_content: bool
    level: str
    mark: str
    state: str
    department: str
    approver: str
    decided_on: date | None
    last_day: date | None
    tail: str
    days_left: int | None
    urgency: str
    is_filed: bool
    is_provisional: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class GradeView:
    """One saved view as a tab."""

    name: str
    count: str


@dataclass(frozen=True, slots=True)
class GradePage:
    """One page of a register of work or trade secrets."""

    regime: str
    rows: tuple[GradeRow, ...]
    views: tuple[GradeView, ...]
    view: str
    level: str
    levels: tuple[str, ...]
    text: str
    after: str
    next_after: str
    more: bool
    may_propose: bool


def row_of(matter: Any, today: date) -> GradeRow:
    """Return one line. ``matter`` carries ``is_content``; related people are selected with it."""
    known = bool(matter.is_content)
    last = matter.last_protected_day if matter.state == "graded" else None
    days = (last - today).days if last else None
    return GradeRow(
        matter=matter.pk,
        version=matter.version,
        regime=matter.regime,
        number=numbers.shown(matter.pk, matter.register_no),
        title=content.title(matter) if known else "",
        is_content=known,
        level=matter.level,
        mark=grades.mark_now(matter),
        state=matter.state,
        department=matter.department.name if known and matter.department else "",
        approver=matter.officer.name if known and matter.officer else "",
        decided_on=matter.starts_on,
        last_day=matter.last_protected_day,
        tail=matter.tail,
        days_left=days,
        urgency=urgency(days),
        is_filed=matter.regime == grades.TRADE and grades.is_filed(matter),
        is_provisional=matter.origin == "provisional",
        changed_at=matter.changed_at,
    )


def _of_view(rows: Any, view: str, actor: Actor, today: date) -> Any:
    if view == "unfiled":
        return grades.unfiled(rows)
    made: dict[str, Q] = {
        "pending": Q(state__in=("pending", "returned")),
        "mine": Q(drafter_id=actor.person_id),
        "due": Q(state="graded", last_protected_day__lte=date.fromordinal(today.toordinal() + DUE_DAYS)),
        "provisional": Q(state="graded", origin="provisional"),
        "lifted": Q(state="lifted"),
    }
    return rows.filter(made[view]) if view in made else rows


def views_of(regime: str) -> tuple[str, ...]:
    """Return the views that a regime has: only trade secrets end by themselves, are filed or provisional."""
    return VIEWS if regime == grades.TRADE else ("all", "pending", "mine", "lifted")


def _chosen(actor: Actor, now: datetime, regime: str, text: str, view: str, level: str) -> Any:
    grades.require_regime(regime)
    if view not in views_of(regime) or (level and level not in grades.LEVELS[regime]):
        raise Invalid("input.invalid", (), fields={"view": "choice.unknown"})
    rows = _of_view(grades.existing(actor, now, regime), view, actor, now.date())
    rows = rows.filter(level=level) if level else rows
    if text.strip():
        mine = grades.visible(actor, now).filter(regime=regime)
        found = [m.pk for m in search.matching(mine, text, grades.LEVELS[regime])]
        rows = rows.filter(pk__in=found[:1000])
    return rows


@query("grading.register", roles=BUSINESS)
def register(
    *,
    actor: Actor,
    now: datetime,
    regime: str,
    text: str = "",
    view: str = "all",
    level: str = "",
    after: str = "",
) -> GradePage:
    """One page of the register of work or trade secrets, newest change first. 工作秘密、商业秘密台账。

    Args:
        text: Words of title or number, two characters at least.
        after: Where the page before ended.
    Raises:
        Invalid: An unknown regime, view, level or cursor, or a search of one character.
    """
    rows = _chosen(actor, now, regime, text, view, level)
    everything, today = grades.existing(actor, now, regime), now.date()
    views = tuple(GradeView(v, count_word(capped(_of_view(everything, v, actor, today)))) for v in views_of(regime))
    page = page_of(beyond(rows, after), PAGE + 1, "-changed_at", "-pk")
    shown, more = page[:PAGE], len(page) > PAGE
    return GradePage(
        regime=regime,
        rows=tuple(row_of(m, today) for m in shown),
        views=views,
        view=view,
        level=level,
        levels=grades.LEVELS[regime],
        text=text,
        after=after,
        next_after=end_of(shown) if more else "",
        more=more,
        may_propose=actor.holds(Role.DRAFTER),
    )


@dataclass(frozen=True, slots=True)
class GradeSheet:
    """The register as a table to save: UTF-8 with a byte order mark, so that spreadsheets read it."""

    filename: str
    text: str
    rows: int


def _cell(value: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@query("grading.export", roles=(Role.SECRECY_OFFICE, Role.HEAD))
def export(
    *, actor: Actor, now: datetime, regime: str, text: str = "", view: str = "all", level: str = ""
) -> GradeSheet:
    """The register as CSV; titles only of what the reader may know. 导出台账。"""
    rows = page_of(_chosen(actor, now, regime, text, view, level), EXPORT_MOST, "-changed_at", "-pk")
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(("编号", "名称", "标志", "部门", "审批人", "批准日期", "最后保护日", "状态", "备案"))
    for row in (row_of(m, now.date()) for m in rows):
        table.writerow(
            [
                _cell(value)
                for value in (
                    row.number,
                    row.title,
                    row.mark,
                    row.department,
                    row.approver,
                    row.decided_on,
                    row.last_day,
                    STATE_WORDS[row.state],
                    "已备案" if row.is_filed else "",
                )
            ]
        )
    return GradeSheet(f"{regime}-{now.date().isoformat()}.csv", "\ufeff" + out.getvalue(), len(rows))


@dataclass(frozen=True, slots=True)
class GradeStep:
    """One entry of a matter's history."""

    act: str
    at: datetime
    by: str
    level: str
    words: str


@dataclass(frozen=True, slots=True)
class GradeDetail:
    """Everything that the page of one work or trade secret shows."""

    row: GradeRow
    drafter: str
    basis: str
    harm: str
    reasons: str
    scope: str
    chosen: tuple[UUID, ...]
    statement: str
    has_file: bool
    waiting: bool
    due_on: date | None  # by when it is to be approved (policy)
    waiting_mark: str
    waiting_scope: str
    provisional_until: date | None
    steps: tuple[GradeStep, ...]
    grounds: tuple[str, ...]
    draft: UUID | None
    draft_state: str
    may_approve: bool
    may_revise: bool
    may_lift: bool
    may_file: bool
    may_convert: bool
    may_bar: bool
    may_recuse: bool


def _words_of(ids: dict[str, Any]) -> str:
    scope = scope_from(ids)
    names = list(
        Department.objects.filter(pk__in=scope.departments).order_by("order", "name").values_list("name", flat=True)
    )
    names += list(Person.objects.filter(pk__in=scope.persons).order_by("staff_no").values_list("name", flat=True))
    return "、".join(names)


def _steps(row: Matter) -> tuple[GradeStep, ...]:
    made = [
        GradeStep(p.act, p.at, p.drafter.name, p.level, "")
        for p in Proposal.objects.filter(matter=row).select_related("drafter")
    ]
    for d in Decision.objects.filter(matter=row).select_related("officer"):
        signed = grades.signed_of(d)
        words = str(signed.get("text") or signed.get("opinion") or signed.get("reason") or signed.get("note") or "")
        made.append(GradeStep(d.act, d.at, d.officer.name if d.officer else "", d.level, words))
    return tuple(sorted(reversed(made), key=lambda s: s.at, reverse=True))


@query("grading.matter", roles=BUSINESS)
def matter(*, actor: Actor, now: datetime, matter: UUID) -> GradeDetail:
    """One work or trade secret with its history and what the reader may do with it. 事项页。"""
    row: Any = grades.matter_for(actor, now, matter)
    row.is_content = True
    last = Proposal.objects.filter(matter=row).order_by("-number").first()
    if last is None:
        raise NotFound("object.not_found")
    waiting, terms, mine = grades.waiting(row), grades.terms_of(last), str(row.drafter_id) == actor.person_id
    approves = row.level in grades.limits(actor, now)
    entries = ScopeEntry.objects.filter(matter=row, until__isnull=True)
    admitted = {
        "persons": [e.person_id for e in entries if e.person_id],
        "departments": [e.department_id for e in entries if e.department_id],
    }
    has_file = MatterFile.objects.filter(matter=row).exists()
    made = grades.draft_made_of(row)
    active = row.state == "graded"
    return GradeDetail(
        row=row_of(row, now.date()),
        drafter=row.drafter.name,
        basis=terms.basis,
        harm=terms.harm,
        reasons=terms.reasons,
        scope=_words_of(admitted if active else last.scope),
        chosen=tuple(terms.scope.departments) + tuple(terms.scope.persons),
        statement="" if has_file else content.body(row)[0],
        has_file=has_file,
        waiting=waiting is not None,
        due_on=undecided.due_on(row),
        waiting_mark=grades.mark_of(row.regime, terms.level, terms.tail) if waiting else "",
        waiting_scope=_words_of(last.scope) if waiting else "",
        provisional_until=terms.provisional_until,
        steps=_steps(row),
        grounds=tuple(g for g in grades.GROUNDS[row.regime] if g != "converted" or (made and made.state == "active")),
        draft=made.pk if made and access.visible(actor, now).filter(pk=made.pk).exists() else None,
        draft_state=made.state if made else "",
        may_approve=waiting is not None and approves and not mine,
        may_revise=mine and actor.holds(Role.DRAFTER) and (row.state == "returned" or (active and waiting is None)),
        may_lift=active and approves,
        may_bar=actor.holds(Role.SECRECY_OFFICE, Role.HEAD),
        may_recuse=row.state != "lifted",
        may_file=active
        and row.regime == grades.TRADE
        and actor.holds(Role.SECRECY_OFFICE)
        and not grades.is_filed(row),
        may_convert=active
        and actor.holds(Role.DRAFTER)
        and (made is None or made.state in ("discarded", "not_classified")),
    )


@dataclass(frozen=True, slots=True)
class GradeChoice:
    """A department or a person to choose."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class GradeForm:
    """What the page of proposing offers."""

    regime: str
    levels: tuple[str, ...]
    harms: tuple[str, ...]
    departments: tuple[GradeChoice, ...]
    persons: tuple[GradeChoice, ...]
    sources: tuple[GradeChoice, ...]
    sign: str


@query("grading.form", roles=(Role.DRAFTER,))
def form(*, actor: Actor, now: datetime, regime: str) -> GradeForm:
    """What can be chosen when a work or trade secret is proposed. 拟定页的选项。"""
    grades.require_regime(regime)
    home = standing.home()
    closed = (
        access.visible(actor, now)
        .filter(state="not_classified", drafter__pk=actor.person_id)
        .order_by("-changed_at", "-pk")
    )
    return GradeForm(
        regime=regime,
        levels=grades.LEVELS[regime],
        harms=grades.HARMS[regime],
        departments=tuple(
            GradeChoice(d.pk, d.name) for d in Department.objects.filter(organ=home).order_by("order", "name")
        ),
        persons=tuple(GradeChoice(p.pk, p.name) for p in people.people_of(actor, now)),
        sources=tuple(GradeChoice(m.pk, content.title(m)) for m in closed[:20]),
        sign=house.house().separator,
    )


@dataclass(frozen=True, slots=True)
class GradeAppointment:
    """One appointment in force."""

    id: UUID
    person: str
    department: str
    regime: str
    max_level: str
    instrument: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class GradeApprovers:
    """Who may approve work and trade secrets, and who could be appointed."""

    rows: tuple[GradeAppointment, ...]
    persons: tuple[GradeChoice, ...]
    levels: dict[str, tuple[str, ...]]


@query("grading.approvers", roles=BUSINESS)
def approvers(*, actor: Actor, now: datetime) -> GradeApprovers:
    """Who may approve work and trade secrets beside the principal. 审批人名册。"""
    running = Q(since__lte=now) & (Q(until__isnull=True) | Q(until__gt=now)) & Q(ended_at__isnull=True)
    rows = Grader.objects.filter(running).select_related("person__department").order_by("regime", "person__staff_no")
    return GradeApprovers(
        tuple(
            GradeAppointment(
                id=g.pk,
                person=g.person.name,
                department=g.person.department.name if g.person.department else "",
                regime=g.regime,
                max_level=g.max_level,
                instrument=g.instrument,
                since=g.since,
                until=g.until,
            )
            for g in rows
        ),
        tuple(GradeChoice(p.pk, p.name) for p in people.people_of(actor, now)),
        grades.LEVELS,
    )


__all__ = ["GRADE_STATES", "approvers", "export", "form", "matter", "register"]
