"""工作台, and what surrounds every page: what waits for the reader, what ends soon, the reader's own authority."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q

from dingmi.base.actor import Actor, Role
from dingmi.queries import (
    access,
    applications,
    content,
    grades,
    inbox,
    incident,
    limits,
    novelty,
    numbers,
    officer_file,
    oversight,
    password_rules,
    policy,
    preferences,
    standing,
    undecided,
)
from dingmi.queries.clock import ZONE, last_day
from dingmi.queries.house import house
from dingmi.queries.officers import MINUTES_OF_AN_HOUR
from dingmi.queries.registry import query
from dingmi.queries.remembered import remembered
from dingmi.queries.rows import MatterRow, capped, row_of, rows_of
from dingmi.records.matters.models import Matter, ReviewTask
from dingmi.records.officers.models import Designation
from dingmi.records.organs.models import Account, Organ, Person
from dingmi.regime import calendar

WEEKS = 13
BUSINESS = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
SECRET_LEVELS = ("秘密", "机密", "绝密")


@dataclass(frozen=True, slots=True)
class Shell:
    """What the frame of every page shows."""

    organ: str
    name: str
    department: str
    unread: int
    to_review: int
    expiring: int
    answerable: int
    findings: int
    incidents: int
    rulebook: str
    density: str
    keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Me:
    """The reader's own account."""

    name: str
    username: str
    department: str
    post: str
    clearance: str
    liked: preferences.Preferences
    password_due: bool  # a new one is to be set before anything else


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, with its limit; ``about`` is the matter, the finding or the leak, ``year`` that of a yearly review."""

    kind: str
    about: UUID
    title: str
    is_content: bool
    number: str
    level: str
    provisional: bool
    sender: str
    due_on: date | None
    days_left: int | None
    working_days: int | None
    working_days_late: int | None
    year: int = 0

    @property
    def days_late(self) -> int:
        """How many days it is late."""
        return max(0, -(self.days_left or 0))


@dataclass(frozen=True, slots=True)
class Week:
    """How many matters of each level end in one week."""

    on: date
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """The reader's authority to decide."""

    levels: tuple[tuple[str, bool], ...]
    kind: str
    matters: str
    instrument: str
    until: date | None
    organ_basis: str
    organ_until: date | None
    filed_on: date | None
    is_valid: bool
    trained_until: date | None
    hours_this_year: float
    hours_asked: int
    grade: str

    @property
    def hours_share(self) -> float:
        """How much of the hours asked for is done, 0 to 1."""
        return min(1.0, self.hours_this_year / self.hours_asked) if self.hours_asked else 1.0

    @property
    def hours_missing(self) -> float:
        """How many hours are still to come this year."""
        return round(max(0.0, self.hours_asked - self.hours_this_year), 1)


@dataclass(frozen=True, slots=True)
class Figures:
    """The reader's own counts this year: an officer's work with what was found in it; what was drafted."""

    person: UUID
    own: officer_file.OwnYear | None
    drafted: int


@dataclass(frozen=True, slots=True)
class Workbench:
    """Everything the workbench shows."""

    name: str
    today: date
    overdue: tuple[Task, ...]
    today_due: tuple[Task, ...]
    this_week: tuple[Task, ...]
    later: tuple[Task, ...]
    weeks: tuple[Week, ...]
    expiring: int
    authority: Authority | None
    figures: Figures
    regime: str  # the one that this house works with first
    propose: str  # what the house calls proposing a trade secret; empty where state secrets come first
    recent: tuple[MatterRow, ...]
    changes: tuple[novelty.Change, ...]


def _proposals(actor: Actor, now: datetime) -> Any:
    """Proposals that wait for the actor's decision: in sight, not of the actor's own drafting, not back with their drafter."""
    if not actor.holds(Role.OFFICER):
        return Matter.objects.none()
    return standing.undecided(access.visible(actor, now)).exclude(drafter_id=UUID(actor.person_id))


def _expiring(actor: Actor, now: datetime) -> Any:
    last = now.date() + timedelta(days=7 * WEEKS - 1)
    return access.existing(actor, now).filter(
        state="active", last_protected_day__gte=now.date(), last_protected_day__lte=last
    )


def _ending(actor: Actor, now: datetime) -> tuple[Any, tuple[str, ...]]:
    """What ends in the weeks shown, and its levels: of the regime that the house works with first."""
    if house().leads_with != grades.TRADE:
        return _expiring(actor, now), SECRET_LEVELS
    last = now.date() + timedelta(days=7 * WEEKS - 1)
    running = grades.existing(actor, now, grades.TRADE).filter(state="graded")
    return running.filter(last_protected_day__range=(now.date(), last)), grades.LEVELS[grades.TRADE]


@query("shell", recorded=False)
def shell(*, actor: Actor, now: datetime) -> Shell:
    """Organ, name and counts around a page."""
    return remembered(actor, now, "shell", lambda: _shell(actor, now))


def _shell(actor: Actor, now: datetime) -> Shell:
    organ = Organ.objects.filter(is_home=True).values_list("name", flat=True).first()
    person = Person.objects.select_related("department").filter(pk=actor.person_id).first()
    unread = capped(inbox.notices_of(actor).filter(acknowledged_at__isnull=True))
    business = actor.holds(*BUSINESS)
    liked = preferences.of(actor.account_id)
    may_expire = actor.holds(Role.OFFICER, Role.SECRECY_OFFICE)
    return Shell(
        organ=organ or "",
        name=person.name if person else actor.name,
        department=person.department.name if person and person.department else "",
        unread=unread,
        to_review=_proposals(actor, now)[:100].count() + undecided.changes(actor, now)[:100].count() if business else 0,
        expiring=_expiring(actor, now)[:1000].count() if may_expire else 0,
        answerable=applications.answerable(actor, now)[:100].count() if business else 0,
        findings=oversight.waiting(actor, now) if business else 0,
        incidents=len(incident.waiting(actor, now)) if business else 0,
        rulebook="",
        density=liked.density,
        keys=liked.keys,
    )


@query("people.me", recorded=False)
def me(*, actor: Actor, now: datetime) -> Me:
    """The reader's own account."""
    account = Account.objects.select_related("person__department").get(pk=actor.account_id)
    person = account.person
    return Me(
        person.name,
        account.username,
        person.department.name if person.department else "",
        person.post,
        actor.clearance,
        preferences.of(actor.account_id),
        password_rules.is_due(account.password_changed_at, now),
    )


def _task(kind: str, matter: Any, sender: str, due: date | None, today: date, year: int = 0) -> Task:
    number = numbers.shown(matter.pk, matter.register_no)
    provisional = matter.state in ("draft", "proposed", "referred")
    made = _duty(kind, matter.pk, number, due, today, sender)
    title = content.title(matter)
    return replace(made, title=title, is_content=True, level=matter.level, provisional=provisional, year=year)


def _duty(kind: str, about: UUID, number: str, due: date | None, today: date, sender: str = "") -> Task:
    """Return one thing to do that is named by its number alone."""
    return Task(
        kind=kind,
        about=about,
        title=number,
        is_content=False,
        number=number,
        level="",
        provisional=False,
        sender=sender,
        due_on=due,
        days_left=(due - today).days if due else None,
        working_days=_working_days(today, due) if due else None,
        working_days_late=_working_days(due, today) if due and due < today else None,
    )


def _working_days(today: date, due: date) -> int | None:
    """Return the working days to a limit; nothing when the holidays of a year are not known yet."""
    try:
        return calendar.official().working_days_between(today, due)
    except calendar.CalendarGap:
        return None


def _tasks(actor: Actor, now: datetime) -> list[Task]:
    today = now.date()
    soonest, limit = (F("limit").asc(nulls_last=True), "changed_at", "pk"), undecided.day()
    nearest = _proposals(actor, now).select_related("drafter").annotate(limit=limit).order_by(*soonest)[:20]
    found = [_task("review", m, m.drafter.name, m.limit, today) for m in nearest]
    later = undecided.changes(actor, now).select_related("matter", "drafter")[:10]
    found += [_task("change", p.matter, p.drafter.name, p.limit, today) for p in later]
    approving = grades.to_approve(actor, now).select_related("drafter").annotate(limit=limit).order_by(*soonest)[:10]
    found += [_task("grade", m, m.drafter.name, m.limit, today) for m in approving]
    came_back = grades.to_revise(actor, now).order_by("changed_at", "pk")[:5]
    found += [_task("regrade", m, m.officer.name if m.officer else "", None, today) for m in came_back]
    found += _trade_tasks(actor, now) if grades.TRADE in house().regimes else []
    drafts = Matter.objects.filter(drafter_id=UUID(actor.person_id), state="draft")
    drafts = drafts.annotate(limit=undecided.day("pk", limits.REFERRAL)).order_by(*soonest[:1], "-changed_at", "-pk")[
        :5
    ]
    found += [_task("draft", m, "", m.limit, today) for m in drafts]
    inside = access.visible_in_lists(actor, now).filter(state="active", pk=OuterRef("matter_id"))
    soon = today + timedelta(days=max(policy.EXPIRY_LEAD_DAYS))
    waits = ReviewTask.objects.filter(Exists(inside), done_at__isnull=True, due_on__lte=soon)
    due = list(waits.order_by("due_on", "pk")[:24])
    seen = Matter.objects.in_bulk({t.matter_id for t in due})
    first = {(t.matter_id, t.kind): t for t in reversed(due)}
    nearest = sorted(first.values(), key=lambda t: (t.due_on, str(t.matter_id)))[:10]
    found += [_task(t.kind, seen[t.matter_id], "", t.due_on, today, t.year) for t in nearest]
    found += [
        _duty("finding", f.pk, oversight.finding_number(f, actor), f.due_on, today)
        for f in oversight.to_put_right(actor)[:10]
    ]
    found += [
        _duty("incident", i.id, i.number, i.due_at.astimezone(ZONE).date(), today)
        for i in incident.waiting(actor, now)[:10]
    ]
    return found


def _trade_tasks(actor: Actor, now: datetime) -> list[Task]:
    """Trade secrets of one's own that end soon (SEED-24), and for the secrecy office those that it has to file (SM-12)."""
    today = now.date()
    ends = grades.ending(actor, now, today + timedelta(days=policy.GRADE_LEAD_DAYS)).order_by(
        "last_protected_day", "pk"
    )
    found = [_task("grade_ends", m, "", m.last_protected_day, today) for m in ends[:10]]
    if actor.holds(Role.SECRECY_OFFICE):
        unfiled = grades.unfiled(grades.existing(actor, now, grades.TRADE)).order_by("changed_at", "pk")[:10]
        found += [_duty("grade_file", m.pk, numbers.shown(m.pk, m.register_no), None, today) for m in unfiled]
    return found


def _weeks(actor: Actor, now: datetime) -> tuple[tuple[Week, ...], int]:
    monday = now.date() - timedelta(days=now.weekday())
    ending, levels = _ending(actor, now)
    counts: list[dict[str, int]] = [dict.fromkeys(levels, 0) for _ in range(WEEKS)]
    total = 0
    ends = ending.values("last_protected_day", "level").annotate(n=Count("pk"))
    for end in ends.order_by():
        place = (end["last_protected_day"] - monday).days // 7
        if 0 <= place < WEEKS and end["level"] in levels:
            counts[place][end["level"]] += end["n"]
            total += end["n"]
    weeks = tuple(
        Week(monday + timedelta(days=7 * i), tuple((k, v) for k, v in c.items() if v)) for i, c in enumerate(counts)
    )
    return weeks, total


def _authority(actor: Actor, now: datetime) -> Authority | None:
    held = standing.officer(UUID(actor.person_id), now)
    if held is None:
        return None
    grants = standing.delegations(standing.home(), now)
    named = Designation.objects.filter(officer__person=held.person, instrument=held.instrument)
    filed = None if held.since is None else named.filter(since=held.since).order_by("pk").first()
    reach = SECRET_LEVELS.index(held.max_level) if held.max_level in SECRET_LEVELS else -1
    minutes = sum(
        standing.trainings(now)
        .filter(person_id=actor.person_id, completed_at__year=now.year)
        .values_list("minutes", flat=True)
    )
    valid = reach >= 0 and not held.suspended and held.trained_until is not None and held.trained_until > now
    return Authority(
        levels=tuple((level, i <= reach) for i, level in enumerate(SECRET_LEVELS)),
        kind=held.kind,
        matters="、".join(held.matters),
        instrument=held.instrument,
        until=last_day(held.until),
        organ_basis=grants[0].instrument if grants else "",
        organ_until=last_day(grants[0].until) if grants else None,
        filed_on=filed.filed_on if filed else None,
        is_valid=valid,
        trained_until=last_day(held.trained_until),
        hours_this_year=round(minutes / MINUTES_OF_AN_HOUR, 1),
        hours_asked=policy.number("officer_hours", now.date()),
        grade=held.qualified,
    )


def _figures(actor: Actor, now: datetime) -> Figures:
    person = UUID(actor.person_id)
    own = None
    if standing.officer(person, now) is not None:
        year = partial(officer_file.own_year, actor, now, person)
        own = remembered(actor, now, ("own year", now.date()), year)
    return Figures(person, own, Matter.objects.filter(drafter=person, created_at__year=now.year).count())


def _recent(actor: Actor, now: datetime, regime: str) -> tuple[MatterRow, ...]:
    """Return what the reader drafted or decided on last, of the regime that the house works with first."""
    if regime == grades.TRADE:
        return tuple(replace(row_of(m, now.date()), mark=grades.mark_now(m)) for m in grades.recent(actor, now)[:5])
    mine = access.existing(actor, now).filter(Q(drafter_id=actor.person_id) | Q(officer_id=actor.person_id))
    return rows_of(mine.select_related("department", "officer").order_by("-changed_at", "-pk")[:5], now.date())


@query("workbench", roles=BUSINESS)
def workbench(*, actor: Actor, now: datetime) -> Workbench:
    """What waits for the reader, by limit; what ends in 13 weeks; the reader's authority and own figures."""
    today = now.date()
    sunday = today + timedelta(days=6 - today.weekday())
    tasks = _tasks(actor, now)
    dated = [t for t in tasks if t.due_on is not None]
    weeks, total = remembered(actor, now, "weeks", lambda: _weeks(actor, now))
    regime = house().leads_with
    person = Person.objects.get(pk=actor.person_id)
    return Workbench(
        name=person.name,
        today=today,
        overdue=tuple(t for t in dated if t.due_on is not None and t.due_on < today),
        today_due=tuple(t for t in dated if t.due_on == today),
        this_week=tuple(t for t in tasks if t.due_on is None or today < t.due_on <= sunday),
        later=tuple(t for t in dated if t.due_on is not None and t.due_on > sunday),
        weeks=weeks,
        expiring=total,
        authority=_authority(actor, now),
        figures=remembered(actor, now, "figures", lambda: _figures(actor, now)),
        regime=regime,
        propose=house().word("grading.propose", actor.language) if regime == grades.TRADE else "",
        recent=_recent(actor, now, regime),
        changes=novelty.changes(actor, now),
    )
