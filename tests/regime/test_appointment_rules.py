"""How an officer comes into office, by the law: one broken fact a row, refused on the ground of its clause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingmi.regime import judge
from dingmi.regime.prc_state import facts_appointment as asked
from dingmi.regime.prc_state.facts import DelegationFacts, OrganFacts
from tests.regime.oracle.law import LEVELS as WORDS

AT = datetime(2026, 11, 24, 10)
LATER = datetime(2029, 6, 30)
CITY = OrganFacts("prefecture")
LAWFUL: dict[str, Any] = {
    "officers.nominate": asked.NominationFacts(AT, "a", "b", "机密", ("*",)),
    "selection.decide": asked.SelectionFacts(AT, AT, True, True, True, True),
    "officers.vet": asked.VettingFacts(AT, "a", "b", True, "机密", "机密", "重要"),
    "officers.commission": asked.CommissionFacts(
        AT, CITY, "机密", ("*",), AT, LATER, True, False, "机密", datetime(2030, 1, 1), "机密", granted_level="机密"
    ),
    "officers.adjust": asked.CommissionFacts(
        AT, CITY, "秘密", ("SW",), AT, LATER, True, False, "机密", None, "", granted_level="机密", granted_until=LATER
    ),
    "officers.activate": asked.ActivationFacts(AT, date(2026, 11, 24), date(2026, 11, 24), True),
    "delegation.supervise": asked.SupervisionFacts(AT, (6, 7, 8)),
}


def case(act: str, code: str, *clauses: str, **change: Any) -> Any:
    marks = [pytest.mark.clause(c) for c in clauses]
    return pytest.param(act, code, clauses[0], change, marks=marks, id=f"{act}-{code}-{'-'.join(change)}")


HELD = ((AT - timedelta(days=100), AT + timedelta(days=50)),)
CASES = [
    case("officers.nominate", "nomination.self", "QA-9", "QA-2", nominee="a"),
    case("officers.nominate", "nomination.open_already", "QA-9", has_open_case=True),
    case("officers.nominate", "nomination.incomplete", "ZX-14.1", matters=()),
    case("officers.nominate", "nomination.incomplete", "ZX-14.1", tier="chief"),
    case("selection.decide", "selection.not_closed", "SEED-26", closes_at=LATER),
    case("selection.decide", "selection.not_by_principal", "SEED-26", by_principal=False),
    case("selection.decide", "selection.exam_not_passed", "SEED-26", passed_exam=False),
    case("selection.decide", "selection.no_reasons", "SEED-26", has_reasons=False),
    case("officers.vet", "vetting.own", "SEED-5", nominee="a"),
    case("officers.vet", "vetting.criteria", "SEED-4", criteria_met=4),
    case("officers.vet", "vetting.unfit", "ZX-14.2", "BMF-43.3", clearance="秘密"),
    case("officers.vet", "vetting.unfit", "ZX-14.2", post_category=""),
    case("officers.commission", "commission.not_vetted", "SEED-3", "TL-14.2", was_vetted=False),
    case("officers.commission", "commission.untrained", "SEED-3", trained_until=None),
    case("officers.commission", "commission.untrained", "SEED-3", trained_until=AT),
    case("officers.commission", "commission.qualification", "SEED-1", qualification="秘密"),
    case("officers.commission", "commission.over_nomination", "QA-9", granted_level="秘密"),
    case("officers.commission", "commission.over_nomination", "QA-9", granted_matters=("SW",)),
    case("officers.commission", "commission.over_authority", "BMF-17.1", "ZX-14.1", organ=OrganFacts("other")),
    case("officers.commission", "commission.overlap", "ZX-14.1", other_terms=HELD),
    case("officers.commission", "commission.gap", "ZX-14.1", other_terms=HELD, since=AT + timedelta(days=51)),
    case("officers.commission", "designation.self", "TL-14.1", is_self=True),
    case("officers.commission", "designation.not_by_principal", "TL-14.1", by_principal=False),
    case("officers.commission", "designation.backdated", "ZX-14.1", since=AT - timedelta(days=1)),
    case("officers.commission", "designation.no_instrument", "ZX-14.1", has_instrument=False),
    case("officers.commission", "designation.clearance", "ZX-14.2", clearance="秘密"),
    case("officers.adjust", "adjustment.widens", "QA-9", max_level="绝密", clearance="绝密", organ=OrganFacts("central")),
    case("officers.adjust", "adjustment.widens", "QA-9", until=None),
    case("officers.activate", "activation.not_published", "ZX-15", published_on=None),
    case("officers.activate", "activation.not_filed", "ZX-15", has_receipt=False),
    case("delegation.supervise", "supervision.not_frequent", "ZX-12.1", "ZX-11", originals=(6, 6, 5)),
    case("delegation.supervise", "supervision.no_longer_secret", "ZX-12.1", matters_still_secret=False),
    case("delegation.supervise", "supervision.regrant", "ZX-12.2", level_unchanged=False),
]  # fmt: skip


@pytest.mark.parametrize("act", LAWFUL)
def test_the_lawful_case_is_allowed_without_a_word(act: str) -> None:
    assert judge("prc_state", act, LAWFUL[act], AT.date()).findings == ()


@pytest.mark.parametrize(("act", "code", "clause", "change"), CASES)
def test_one_broken_fact_is_told_on_the_ground_of_its_clause(
    act: str, code: str, clause: str, change: dict[str, Any]
) -> None:
    found = {f.code: f.clauses for f in judge("prc_state", act, replace(LAWFUL[act], **change), AT.date()).findings}
    assert found[code][0] == clause


@pytest.mark.clause("ZX-14.1")
def test_a_renewal_that_starts_when_the_running_term_ends_is_allowed() -> None:
    renewed = replace(LAWFUL["officers.commission"], other_terms=HELD, since=HELD[0][1])
    assert judge("prc_state", "officers.commission", renewed, AT.date()).findings == ()


@pytest.mark.clause("SEED-3", "SEED-1", "ZX-14.1", "BMF-17.1")
@settings(max_examples=3_000, deadline=None)
@given(
    tier=st.sampled_from(["central", "provincial", "prefecture", "other"]),
    level=st.sampled_from(WORDS),
    grade=st.sampled_from(("", *WORDS)),
    clearance=st.sampled_from(("", *WORDS)),
    nominated=st.sampled_from(WORDS),
    delegated=st.sampled_from(("", *WORDS)),
    start=st.integers(-3, 3),
    trained=st.integers(-3, 6),
    only_derives=st.booleans(),
    principal=st.booleans(),
    own=st.booleans(),
)
def test_a_commission_is_allowed_exactly_when_a_second_reading_of_the_clauses_says_so(
    tier: str, level: str, grade: str, clearance: str, nominated: str, delegated: str, start: int, trained: int,
    only_derives: bool, principal: bool, own: bool,
) -> None:  # fmt: skip
    since = AT + timedelta(days=start)
    grants = (DelegationFacts("x", delegated, ("*",), AT - timedelta(days=9), LATER),) if delegated else ()
    facts = asked.CommissionFacts(
        AT, OrganFacts(tier, grants), level, ("*",), since, LATER, principal, own, clearance,
        AT + timedelta(days=trained), grade, derives_only=only_derives, granted_level=nominated,
    )  # fmt: skip
    rank = {"": 0, "秘密": 1, "机密": 2, "绝密": 3}
    organ = max(rank[delegated], {"central": 3, "provincial": 3, "prefecture": 2, "other": 0}[tier])
    expected = (
        principal
        and not own
        and start >= 0
        and trained > start
        and trained > 0
        and min(rank[grade], rank[clearance], rank[nominated]) >= rank[level]
        and (only_derives or organ >= rank[level])
    )
    assert judge("prc_state", "officers.commission", facts, AT.date()).allowed == expected
