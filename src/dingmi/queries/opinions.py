"""拟写意见: the case that an opinion is for, the opinions written so far, and who may write one (SEED-2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound
from dingmi.queries import access, content, standing
from dingmi.queries.facts import REGIME
from dingmi.queries.registry import query
from dingmi.queries.rows import MatterRow, row_of
from dingmi.records.matters.disputes import Appraisal, Preparation
from dingmi.records.matters.models import Matter, Referral
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state.qualification import PREPARE, PreparationFacts

READERS = (Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD)


@dataclass(frozen=True, slots=True)
class Case:
    """What an opinion is for: ``unclear`` or ``appraisal``; once the report went out or the reply was given it is over."""

    id: UUID
    matter: UUID
    kind: str
    is_over: bool
    drafter: UUID | None

    def answerers(self, matter: Matter) -> tuple[UUID, ...]:
        """Return who works on with what was written: the drafter of the report, and the officer of the matter."""
        return tuple(dict.fromkeys(p for p in (self.drafter, matter.officer_id) if p))


@dataclass(frozen=True, slots=True)
class Opinion:
    """One opinion as written."""

    number: int
    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case with the opinions written for it, the newest first."""

    row: MatterRow
    kind: str
    is_over: bool
    opinions: tuple[Opinion, ...]
    may_prepare: bool


def case_of(case: UUID) -> Case:
    """Return the case of an id.

    Raises:
        NotFound: There is none that an opinion could be written for.
    """
    sent = Referral.objects.filter(pk=case, kind="unclear").first()
    if sent is not None:
        over = sent.sent_on is not None or sent.answered_at is not None
        return Case(sent.pk, sent.matter_id, "unclear", over, sent.drafter_id)
    asked = Appraisal.objects.filter(pk=case, matter__isnull=False).first()
    if asked is None or asked.matter_id is None:
        raise NotFound("object.not_found")
    return Case(asked.pk, asked.matter_id, "appraisal", asked.answered_at is not None, asked.received_by_id)


def judge_preparing(of: Case, actor: Actor, now: datetime) -> Verdict:
    """Judge whether the actor may write an opinion for a case now."""
    holds = bool(actor.person_id) and standing.prepares(UUID(actor.person_id), now)
    return judge(REGIME, PREPARE, PreparationFacts(at=now, is_special=holds, is_over=of.is_over), now.date())


def written(case: UUID) -> tuple[Opinion, ...]:
    """Return the opinions written for a case, the newest first."""
    rows = Preparation.objects.filter(case=case).select_related("by").order_by("-number")
    return tuple(Opinion(r.number, r.by.name, r.at, content.opened(r, "text_ct", r.level)) for r in rows)


def preparers(matter: Matter, now: datetime) -> tuple[UUID, ...]:
    """Return who holds the special qualification and may know a matter."""
    return tuple(p for p in standing.preparers(now) if standing.in_scope(matter, p, now))


@query("opinion.case", roles=READERS, clauses=("SEED-2",))
def opinion_case(*, actor: Actor, now: datetime, case: UUID) -> CasePage:
    """A case with the opinions prepared for it, for a reader who may know its matter. 拟写的意见。

    Raises:
        NotFound: There is none, or the reader may not know its matter.
    """
    of = case_of(case)
    row: Any = access.matter_for(actor, now, of.matter)
    may = not judge_preparing(of, actor, now).blocking
    return CasePage(row_of(row, now.date()), of.kind, of.is_over, written(case), may)
