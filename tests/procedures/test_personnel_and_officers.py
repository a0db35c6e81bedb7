"""People, clearances, officers and delegations through the acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from dingmi.base.errors import Forbidden, Invalid, Refused
from dingmi.procedures import clearances, delegation, officers, personnel
from dingmi.queries import access, standing
from dingmi.queries.row_version import version_of
from dingmi.records.organs.models import ClearanceAsked
from tests.procedures.test_frame_and_access import NOW, actor, founded  # noqa: F401

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def granted(until=None, **given):
    """Ask for a clearance of the head as the secrecy office, and agree as the security administrator; return when."""
    head, at = actor("head"), given.pop("at", NOW)
    asked = {"person": UUID(head.person_id), "instrument": "涉密〔2026〕1号", "until": until, **given}
    made = clearances.grant_clearance(actor=access_at("secrecy", at), now=at, **asked)
    if made.request is not None:
        seen = version_of(ClearanceAsked.objects.get(pk=made.request))
        second = access_at("secadmin", at)
        clearances.agree_clearance(actor=second, now=at, clearances=made.request, expected_version=seen)
    return made


def access_at(user, at):
    return replace(access.actor_for_account(user, at), stepped_up=True)


def test_clearance_shapes_the_actor_until_it_ends_and_the_office_of_the_principal_stays(founded):  # noqa: F811
    until = NOW + timedelta(days=10)
    granted(until, level="机密")
    assert actor().clearance == "机密" and "officer" in actor().roles
    later = access.actor_for_account("head", until)
    assert later.clearance == "" and "officer" in later.roles


def test_a_lower_clearance_lowers_at_once_and_a_higher_one_for_a_while_falls_back(founded):  # noqa: F811
    def held(level: str, hours: int, until=None) -> tuple[str, bool]:
        at = NOW + timedelta(hours=hours)
        made = granted(until, level=level, at=at)
        return access.actor_for_account("head", at).clearance, made.request is not None

    assert held("机密", 0) == ("机密", True) and held("秘密", 1) == ("秘密", False)
    assert held("绝密", 2, NOW + timedelta(hours=5)) == ("绝密", True)
    assert access.actor_for_account("head", NOW + timedelta(hours=5)).clearance == "秘密"
    assert held("秘密", 6, NOW + timedelta(hours=7)) == ("秘密", False), "the same level with an end"
    assert access.actor_for_account("head", NOW + timedelta(hours=7)).clearance == ""


def test_a_lower_clearance_that_would_outlast_the_higher_one_takes_two(founded):  # noqa: F811
    granted(NOW + timedelta(hours=5), level="机密")
    at = NOW + timedelta(hours=1)
    assert granted(NOW + timedelta(hours=5), level="秘密", at=at).request is None
    assert granted(NOW + timedelta(hours=6), level="秘密", at=at).request is not None
    assert granted(level="秘密", at=at).request is not None, "without an end"


def test_nobody_grants_oneself_a_clearance(founded):  # noqa: F811
    secrecy = actor("secrecy")
    with pytest.raises(Forbidden, match=r"clearance\.own"):
        clearances.grant_clearance(actor=secrecy, now=NOW, person=secrecy.person_id, level="绝密", instrument="x")


def test_delegation_from_a_superior_is_registered(founded):  # noqa: F811
    secrecy = actor("secrecy")
    above = personnel.enter_organ(actor=secrecy, now=NOW, name="某省水利厅", tier="provincial").id
    made = delegation.register(
        actor=secrecy,
        now=NOW,
        grantor=above,
        grantee=secrecy.organ_id,
        instrument="授权〔2026〕1号",
        max_level="机密",
        matters=("SW-NET",),
        since=NOW,
        until=NOW + timedelta(days=365),
    )
    assert made.id


def test_a_qualification_is_recorded_by_the_office_and_never_ones_own(founded):  # noqa: F811
    head, secrecy = actor("head"), actor("secrecy")
    common = {"now": NOW, "grade": "机密", "certificate": "资格〔2026〕1号", "since": NOW}
    officers.record_qualification(actor=secrecy, person=head.person_id, until=NOW + timedelta(days=30), **common)
    assert standing.qualified(head.person_id, NOW) == "机密"
    assert standing.qualified(head.person_id, NOW + timedelta(days=30)) == ""
    with pytest.raises(Forbidden, match=r"training\.own"):
        officers.record_qualification(actor=secrecy, person=secrecy.person_id, until=NOW + timedelta(days=1), **common)
    with pytest.raises(Invalid):
        officers.record_qualification(actor=secrecy, person=head.person_id, until=NOW, **common)


@pytest.mark.clause("GD-13.2", "TL-16.3c", "BMF-17.2c")
def test_a_delegation_that_the_grantor_may_not_give_is_refused_and_nothing_is_kept(founded):  # noqa: F811
    secrecy = actor("secrecy")
    common = {
        "actor": secrecy, "now": NOW, "grantee": secrecy.organ_id, "instrument": "授权〔2026〕2号",
        "matters": ("SW-NET",), "since": NOW, "until": NOW + timedelta(days=365),
    }  # fmt: skip
    city = personnel.enter_organ(actor=secrecy, now=NOW, name="某市保密委", tier="prefecture").id
    county = personnel.enter_organ(actor=secrecy, now=NOW, name="某县保密局", tier="other").id
    with pytest.raises(Refused, match=r"delegation\.over_authority"):
        delegation.register(grantor=city, max_level="绝密", **common)
    with pytest.raises(Refused) as refused:
        delegation.register(grantor=county, max_level="秘密", **common)
    assert {f.code for f in refused.value.findings} == {"delegation.over_authority", "delegation.sub_delegation"}
    assert standing.delegations(standing.home(), NOW) == ()
    assert delegation.register(grantor=county, max_level="秘密", by_administration=True, **common).id


@pytest.mark.clause("ZX-14.2", "TL-14.1")
def test_a_designation_above_the_persons_clearance_is_refused(founded):  # noqa: F811
    head, secrecy = actor("head"), actor("secrecy")
    with pytest.raises(Refused, match=r"designation\.clearance"):
        officers.designate(
            actor=head, now=NOW, person=secrecy.person_id, instrument="定密〔2026〕2号", max_level="机密"
        )
