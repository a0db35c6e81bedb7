"""P14 定密授权: requests, delegations with what happened to each, and what is still to be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.queries import clock, facts, policy, standing
from dingmi.queries.facts import REGIME
from dingmi.queries.registry import query
from dingmi.records.matters.models import Decision, Referral
from dingmi.records.officers.appointments import DelegationRequest, DelegationStep
from dingmi.records.officers.models import Delegation
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts_office as asked
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.facts_appointment import SupervisionFacts

SIDES = ("grantor", "grantee")
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class StepLine:
    """One thing that happened to a delegation."""

    kind: str
    on: date
    number: str
    words: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DelegationLife:
    """One delegation, what happened to it, and what is to be done: ``file_grantor``, ``file_grantee``, ``supervise``."""

    id: UUID
    grantor: str
    grantee: str
    instrument: str
    max_level: str
    matters: str
    since: date
    until: datetime
    revoked: bool
    running: bool
    days_left: int
    steps: tuple[StepLine, ...]
    owed: tuple[str, ...]

    @property
    def last_day(self) -> date:
        """The last day on which it runs."""
        return clock.last_day(self.until)

    @property
    def states(self) -> tuple[str, ...]:
        """How it stands, whether it ends soon (policy), and what is to be done."""
        ends = self.running and self.days_left <= policy.DELEGATION_LEAD_DAYS[0]
        stands = "running" if self.running else "revoked" if self.revoked else "outside"
        return (stands, *(("ends",) if ends else ()), *self.owed)


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One application for a delegation."""

    id: UUID
    addressee: str
    level: str
    matters: str
    applied_on: date
    originals: tuple[int, ...]
    answer: str
    answer_no: str


@dataclass(frozen=True, slots=True)
class Delegations:
    """Requests and delegations; ``originals`` are counted from the records, of the last three years."""

    requests: tuple[RequestLine, ...]
    delegations: tuple[DelegationLife, ...]
    originals: tuple[int, ...]


def years_counted(now: datetime) -> int:
    """Return over how many years the frequency test counts (ZX-44.4)."""
    return int(BOOK.parameters.value("frequency", now.date())["years"])


def originals(now: datetime) -> tuple[int, ...]:
    """Return how many matters of our own came up in each of the last years: decided here, or referred for want of authority.

    The years are windows of 365 days, the oldest first.
    """
    edges = [now - timedelta(days=365 * n) for n in range(years_counted(now), -1, -1)]
    found = []
    for start, end in pairwise(edges):
        decided = Decision.objects.filter(
            act__in=facts.FIRST_DECISIONS, matter__origin="original", at__gt=start, at__lte=end
        )
        sent = Referral.objects.filter(kind="authority", referred_at__gt=start, referred_at__lte=end)
        found.append(decided.count() + sent.count())
    return tuple(found)


def judge_application(
    level: str, matters: tuple[str, ...], counted: tuple[int, ...], since: date, until: date, basis: str, reasons: str,
    now: datetime,
) -> Verdict:  # fmt: skip
    """Judge an application of our organ for a delegation (ZX-9)."""
    home = standing.home()
    given = asked.ApplicationFacts(
        at=now,
        organ=standing.organ_facts(home, now),
        level=level,
        matters=matters,
        originals=counted,
        has_term=until > since,
        has_basis=bool(basis.strip()),
        has_reasons=bool(reasons.strip()),
        has_line_superior=home.superior is not None,
    )
    return judge(REGIME, "delegation.apply", given, now.date())


def judge_supervision(row: Delegation, now: datetime) -> Verdict:
    """Judge the yearly look at a delegation: how often it was needed, and whether its matters and levels still stand."""
    codes = [c for c in row.matters if c != EVERYTHING]
    levels = set(standing.running_items(now).filter(matter_code__in=codes).values_list("level", flat=True))
    given = SupervisionFacts(
        at=now,
        originals=originals(now),
        matters_still_secret=not codes or bool(levels),
        level_unchanged=not codes or row.max_level in levels or not levels,
    )
    return judge(REGIME, "delegation.supervise", given, now.date())


@query(
    "delegations",
    roles=(Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR),
    clauses=("TL-16.3b", "ZX-11", "ZX-13.1"),
    over_all=True,
)
def delegations(*, actor: Actor, now: datetime) -> Delegations:
    """Applications and delegations of authority with filing, supervision and what is still owed."""
    steps: dict[UUID, list[DelegationStep]] = {}
    for step in DelegationStep.objects.order_by("-on", "-at")[:1000]:
        steps.setdefault(step.delegation_id, []).append(step)
    rows = Delegation.objects.select_related("grantor", "grantee").order_by("-until", "-pk")[:200]
    asked_for = DelegationRequest.objects.select_related("addressee").order_by("-applied_at", "-pk")[:100]
    return Delegations(
        tuple(_request(r) for r in asked_for),
        tuple(_life(d, steps.get(d.pk, []), now) for d in rows),
        originals(now),
    )


def _request(row: DelegationRequest) -> RequestLine:
    return RequestLine(
        row.pk,
        row.addressee.name,
        row.level,
        "、".join(row.matters),
        row.applied_at.date(),
        tuple(row.originals),
        row.answer,
        row.answer_no,
    )


def _life(row: Delegation, steps: list[DelegationStep], now: datetime) -> DelegationLife:
    revoked = row.revoked_at is not None and row.revoked_at <= now
    running = row.since <= now < row.until and not revoked
    done = {s.kind for s in steps}
    owed = [f"file_{side}" for side in SIDES if f"filed_{side}" not in done and not row.filed_on]
    if running and not any(s.kind == "supervised" and s.on.year == now.year for s in steps):
        owed.append("supervise")
    return DelegationLife(
        id=row.pk,
        grantor=row.grantor.name,
        grantee=row.grantee.name,
        instrument=row.instrument,
        max_level=row.max_level,
        matters="" if EVERYTHING in row.matters else "、".join(row.matters),
        since=row.since.date(),
        until=row.until,
        revoked=revoked,
        running=running,
        days_left=(row.until - now).days,
        steps=tuple(StepLine(s.kind, s.on, s.number, s.words, tuple(s.findings)) for s in steps),
        owed=tuple(owed),
    )
