"""What the law is asked about delegations and designations, gathered from the records, and its verdicts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from dingmi.base.actor import Actor
from dingmi.base.errors import NotFound
from dingmi.queries import policy, standing
from dingmi.queries.facts import REGIME
from dingmi.records.organs.models import Account, Organ, Person
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts as asked
from dingmi.regime.prc_state import facts_office
from dingmi.regime.prc_state.authority import inherent_authority


def judge_grant(
    *,
    grantor: UUID,
    grantee: UUID,
    instrument: str,
    max_level: str,
    matters: tuple[str, ...],
    since: datetime,
    until: datetime,
    by_administration: bool,
    now: datetime,
) -> Verdict:
    """Judge a delegation of authority as its instrument states it, by the law of the day it starts.

    Raises:
        NotFound: One of the two organs is not entered here.
    """
    rows = {row.pk: row for row in Organ.objects.filter(pk__in=(grantor, grantee))}
    if len(rows) != 2:
        raise NotFound("object.not_found")
    giver = asked.OrganFacts(rows[grantor].tier, (), str(grantor), rows[grantor].own_authority)
    facts = facts_office.GrantFacts(
        at=now,
        grantor=giver,
        grantor_may_delegate=by_administration or bool(inherent_authority(giver, since.date())),
        max_level=max_level,
        matters=matters,
        since=since,
        until=until,
        has_instrument=bool(instrument.strip()),
        grantor_kind="administration" if by_administration else "organ",
    )
    return judge(REGIME, "delegation.register", facts, min(since, now).date())


def takes_over(now: datetime) -> bool:
    """Tell whether officers already in office may still be entered in one step, soon after the founding (policy)."""
    founded = Account.objects.order_by("created_at", "pk").values_list("created_at", flat=True).first()
    return founded is not None and now < founded + timedelta(days=policy.number("takeover_days", founded.date()))


def judge_ex_officio(now: datetime) -> Verdict:
    """Judge that the principal of an organ is a classification officer by office, by the law of the day."""
    return judge(REGIME, "officers.ex_officio", facts_office.AppointmentFacts(now, True), now.date())


def is_principal(person: str) -> bool:
    """Tell whether a person is the principal of the organ."""
    return bool(person) and Person.objects.filter(pk=person, is_principal=True).exists()


class Office:
    """What the designations of one act have in common: the organ, its principal, and how the people stand; asked once."""

    def __init__(self, actor: Actor, now: datetime, people: Collection[UUID]) -> None:
        self.actor, self.now = actor, now
        self.home, self.takes_over = standing.home(), takes_over(now)
        self.is_principal = is_principal(actor.person_id)
        self.principals = set(Person.objects.filter(pk__in=people, is_principal=True).values_list("pk", flat=True))
        self.clearance = standing.cleared(now, person__in=people)
        self.trained = standing.trained(now, person__in=people)
        self._organ: dict[datetime, asked.OrganFacts] = {}

    def organ(self, at: datetime) -> asked.OrganFacts:
        """Return the organ with the delegations that it holds at ``at``."""
        if at not in self._organ:
            self._organ[at] = standing.organ_facts(self.home, at)
        return self._organ[at]

    def judge(
        self,
        person: UUID,
        instrument: str,
        max_level: str,
        matters: tuple[str, ...],
        since: datetime,
        until: datetime | None,
    ) -> Verdict:
        """Judge an officer entered in one step, in office before the product was (QA-9).

        Anyone else takes the road of P15: nominated, vetted, trained, commissioned, published and filed. The principal is one
        by law.
        """
        facts = facts_office.DesignationFacts(
            at=self.now,
            organ=self.organ(max(self.now, since)),
            max_level=max_level,
            matters=matters,
            since=since,
            until=until,
            by_principal=self.is_principal,
            is_self=person in self.principals,
            clearance=self.clearance.get(person, ""),
            trained_until=self.trained.get(person),
            has_instrument=bool(instrument.strip()),
            was_nominated=None if self.takes_over else False,
        )
        return judge(REGIME, "officers.designate", facts, self.now.date())
