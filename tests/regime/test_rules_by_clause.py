"""One broken fact a row: the act is refused (or warned) with this code, on the ground of this clause, on that day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from dingmi.regime import judge
from dingmi.regime.prc_state import facts, facts_office
from dingmi.regime.prc_state.facts import AdmissionFacts, ItemFacts, OfficerFacts, OrganFacts, SourceFacts, Terms

AT = datetime(2026, 11, 24, 10)
OLD = datetime(2015, 6, 1, 10)  # the law of 2010 and the regulation of 2014
BARS = {"public_needed": False, "other_secret": False, "already_public": False, "statute_public": False}
ITEM = ItemFacts("SW#7", "机密", "10年", "SW-NET")
TERMS = Terms("机密", "10年", persons=("p3",))
OFFICER = OfficerFacts(
    "p2", "statutory", "main", "", ("*",), datetime(2010, 1, 1), None, False, True, datetime(2040, 1, 1), "绝密"
)
ORGAN = OrganFacts("prefecture")
PROPOSAL = facts.ProposalFacts(AT, facts.DrafterFacts("p1", datetime(2040, 1, 1), "机密"), TERMS, ITEM, True, BARS)
APPROVAL = facts.ApprovalFacts(AT, "p1", OFFICER, ORGAN, TERMS, ITEM, bars=BARS)
SOURCE = SourceFacts("s1", "机密", "20年", date(2035, 6, 1), has_consent=True, persons=("p3",))
DERIVED = Terms("机密", "2035年6月2日", persons=("p3",))
DERIVATION = facts.DerivationFacts(AT, PROPOSAL.drafter, DERIVED, (SOURCE,), "rework")
EXTENSION = facts.ExtensionFacts(
    AT, "p1", OFFICER, ORGAN, "active", replace(TERMS, tail="5年"), TERMS, date(2022, 1, 1), date(2027, 1, 1), ITEM
)
CHANGE = facts.ChangeFacts(
    AT, "p1", OFFICER, ORGAN, "active", TERMS, replace(TERMS, tail="8年"), date(2022, 1, 1), "basis_changed", ITEM
)
RELEASE = facts.ReleaseFacts(AT, "p1", OFFICER, "active", "harmless")
EXPANSION = facts.NeedToKnowFacts(AT, "机密", "active", True, (AdmissionFacts("p9", "机密"),))
GRANT = facts_office.GrantFacts(AT, ORGAN, True, "机密", ("*",), datetime(2026, 1, 1), datetime(2030, 1, 1))
DESIGNATION = facts_office.DesignationFacts(
    AT, ORGAN, "机密", ("*",), AT, datetime(2030, 1, 1), True, False, "机密", datetime(2040, 1, 1)
)
LAWFUL: dict[str, Any] = {
    "determination.propose": PROPOSAL,
    "determination.approve": APPROVAL,
    "derivation.propose": DERIVATION,
    "change.extend": EXTENSION,
    "change.change": CHANGE,
    "declassification.release": RELEASE,
    "need_to_know.expand": EXPANSION,
    "delegation.register": GRANT,
    "officers.designate": DESIGNATION,
}
OLD_EXTENSION = {"at": OLD, "starts_on": date(2010, 10, 8), "last_protected_day": date(2015, 10, 8)}


def case(act: str, clause: str, code: str, proves: tuple[str, ...] = (), /, **change: Any) -> Any:
    """Make a row; ``proves`` names further clauses that the row rests on."""
    return pytest.param(act, change, code, clause, id=f"{clause} {code}", marks=pytest.mark.clause(clause, *proves))


def terms(**change: Any) -> Terms:
    """Return the lawful terms with something changed."""
    return replace(TERMS, **change)


OUTSIDER = (AdmissionFacts("p9", "机密", organ_in_scope=False),)
UNCLEARED = (AdmissionFacts("p9", "秘密"),)
BARRED = (AdmissionFacts("p9", "机密", is_barred=True),)
ABROAD = (AdmissionFacts("p9", "机密", is_foreign=True),)
CASES = [
    case("determination.propose", "BMF-19", "element.scope_missing", ("TL-17.1", "BMF-2"), terms=terms(persons=())),
    case("determination.propose", "BMF10-14.1", "level.not_the_items", at=OLD, terms=terms(level="秘密")),
    case("determination.propose", "BMF-21.1", "scope.wide", terms=terms(persons=tuple(f"p{n}" for n in range(51)))),
    case("determination.propose", "QA-10", "period.unusual_unit", terms=terms(tail="32日")),
    case("determination.propose", "BMF-14.1", "level.not_one_of_three", terms=terms(level="内部")),
    case("determination.propose", "BMF10-10.1", "level.not_one_of_three", at=OLD, terms=terms(level="密")),
    case("change.extend", "BMF-14.1", "level.not_one_of_three", terms=terms(level="特密")),
    case("determination.propose", "BMF10-14.1", "element.scope_missing", ("TL14-12",), at=OLD, terms=terms(persons=())),
    case("change.change", "BMF-16.2", "officer.is_the_drafter", ("ZX-29.1", "JM-16?"), drafter="p2"),
    case("change.change", "BMF10-12.2", "officer.is_the_drafter", ("TL14-10",), at=OLD, starts_on=date(2014, 1, 1),
         drafter="p2"),
    case("declassification.release", "BMF-23.1", "matter.not_ours", ("JM-7.1",), is_ours=False),
    case("determination.propose", "BMF-20.1", "tail.malformed", terms=terms(tail="★")),
    case("determination.propose", "BMF10-15.1", "period.over_item", at=OLD, terms=terms(tail="15年")),
    case("determination.propose", "BMF10-15.2", "period.over_cap", at=OLD, terms=terms(tail="21年")),
    case("determination.propose", "BMF-20.1", "period.longer_than_similar", similar_tail="5年"),
    case("determination.propose", "BMF-14.2", "damage.of_another_level", stated_damage="绝密"),
    case("determination.propose", "BMF10-15.1", "period.longer_than_similar", at=OLD, similar_tail="9年"),
    case("determination.propose", "GD-6.1", "basis.missing", ("FW-4",), item=None),
    case("determination.propose", "FW-8", "basis.item_not_in_force", item=replace(ITEM, until=date(2026, 1, 1))),
    case("determination.propose", "BMF-21.2", "scope.not_to_persons", terms=terms(persons=(), departments=("d1",))),
    case("determination.propose", "TL-19.1", "period.item_silent", item=replace(ITEM, is_silent_on_period=True)),
    case("determination.propose", "ZX-21", "reasons.missing", ("ZX-34.1",), has_reasons=False),
    case("determination.propose", "BMF-4.2", "bar.statute_public", ("ZX-19.4", "TL14-5"),
         bars={**BARS, "statute_public": True}),
    case("determination.propose", "TL14-9", "drafter.untrained", at=OLD,
         drafter=facts.DrafterFacts("p1", is_dedicated=True)),
    case("determination.propose", "TL-14.2", "drafter.untrained", drafter=facts.DrafterFacts("p1")),
    case("determination.approve", "BMF-43.3", "officer.clearance", officer=replace(OFFICER, clearance="秘密")),
    case("determination.approve", "BMF10-12.2", "officer.is_the_drafter", at=OLD, drafter="p2"),
    case("determination.approve", "BMF10-13.1", "authority.none", at=OLD, organ=OrganFacts("other")),
    case("determination.approve", "PS-6", "officer.may_not_derive", origin="derivative", terms=DERIVED,
         sources=(SOURCE,), officer=replace(OFFICER, may_derive=False)),
    case("derivation.propose", "TL-18", "derivation.no_trigger", ("PS-7", "PS-12?"), trigger=""),
    case("derivation.propose", "TL-18", "derivation.source_unknown", ("BMF-18",),
         sources=(replace(SOURCE, drafter_may_know=False),)),
    case("derivation.propose", "TL-18", "derivation.cyclic", ("PS-7",), sources=(replace(SOURCE, is_descendant=True),)),
    case("derivation.propose", "PS-8", "derivation.level_differs", ("PS-8.2?",), terms=replace(DERIVED, level="秘密")),
    case("derivation.propose", "TL-18", "derivation.tail_differs", ("BJ-14.2", "JM-14?"),
         terms=replace(DERIVED, tail="20年")),
    case("change.extend", "BMF10-19.2", "extension.not_longer", **OLD_EXTENSION, terms=terms(tail="3年")),
    case("change.extend", "BMF10-19.1", "matter.not_in_force", **OLD_EXTENSION, state="declassified"),
    case("change.extend", "BMF-24.2c", "extension.too_late", ("ZX-27.1",), last_protected_day=date(2026, 11, 23)),
    case("change.change", "BMF10-18.1", "matter.not_ours", at=OLD, starts_on=date(2014, 1, 1), is_ours=False),
    case("declassification.release", "BMF-23.1", "matter.not_ours", ("JM-7.1",), is_ours=False),
    case("declassification.release", "BMF-24.2b", "release.no_ground", ("ZX-31.1",), ground=""),
    case("declassification.release", "ZX-33", "release.indefinite", tail_kind="indefinite"),
    case("declassification.release", "SEED-20", "release.interests_unweighed", weighs_interests=False),
    case("declassification.release", "ZX-25.1", "release.not_consulted", ("JM-8?", "BJ-14.1"), co_organs=2),
    case("declassification.release", "TL-26.3", "release.challenged", is_challenged=True),
    case("need_to_know.expand", "BMF-21.3", "scope.approver", ("ZX-28.1",), approver_is_principal_or_designee=False),
    case("need_to_know.expand", "BMF10-16.3", "scope.approver", at=OLD, approver_is_principal_or_designee=False),
    case("need_to_know.expand", "ZX-28.2", "scope.originator_consent", admitted=OUTSIDER, is_ours=False),
    case("need_to_know.expand", "BMF-43.3", "scope.clearance", admitted=UNCLEARED),
    case("need_to_know.expand", "TL-44", "scope.foreign", ("BMF-37",), admitted=ABROAD),
    case("need_to_know.expand", "BMF-21.1", "admission.barred", admitted=BARRED, approver_knows_bars=True),
    case("need_to_know.expand", "BMF-21.1", "admission.not_possible", admitted=BARRED),
    case("need_to_know.expand", "BMF10-16.3", "admission.barred", at=OLD, admitted=BARRED, approver_knows_bars=True),
    case("delegation.register", "TL-16.3a", "delegation.no_instrument", ("TL14-11",), has_instrument=False),
    case("delegation.register", "GD-13.2", "delegation.over_authority", ("ZX-7.1", "ZX-7.2"), max_level="绝密"),
    case("delegation.register", "TL-16.3c", "delegation.sub_delegation", grantor_may_delegate=False),
    case("delegation.register", "ZX-7.2", "delegation.sub_delegation", at=OLD, grantor_may_delegate=False),
    case("delegation.register", "ZX-10.2", "delegation.incomplete", ("TL14-11",), matters=()),
    case("delegation.register", "ZX-10.2", "delegation.empty_term", until=datetime(2026, 1, 1)),
    case("delegation.register", "TL14-11", "delegation.grantor", ("BMF-17.2c",), at=OLD, grantor_kind="administration"),
    case("delegation.register", "GD-s1?", "delegation.long_term", until=datetime(2036, 1, 1)),
    case("officers.designate", "TL-14.1", "designation.not_by_principal", by_principal=False),
]  # fmt: skip


@pytest.mark.parametrize("act", LAWFUL)
def test_the_lawful_case_is_allowed_without_a_word(act: str) -> None:
    verdict = judge("prc_state", act, LAWFUL[act], AT.date())
    assert verdict.findings == ()


@pytest.mark.parametrize(("act", "change", "code", "clause"), CASES)
def test_one_broken_fact_is_told_on_the_ground_of_its_clause(
    act: str, change: dict[str, Any], code: str, clause: str
) -> None:
    broken = replace(LAWFUL[act], **change)
    found = {f.code: f.clauses for f in judge("prc_state", act, broken, broken.at.date()).findings}
    assert found[code][0] == clause


@pytest.mark.parametrize(("at", "clause"), [(AT, "BMF-22.3"), (OLD, "BMF10-17")])
@pytest.mark.clause("BMF-22.3", "BMF10-17")
def test_another_secret_is_kept_from_the_star(at: datetime, clause: str) -> None:
    for act in ("determination.approve", "determination.propose", "change.extend", "change.change"):
        broken = replace(LAWFUL[act], at=at, terms=terms(level="内部"))
        found = {f.code: f.clauses for f in judge("prc_state", act, broken, at.date()).blocking}
        assert found
        if act == "determination.approve":
            assert found["mark.not_a_state_secret"] == (clause,)


@pytest.mark.clause("ZX-30.2")
def test_notice_of_an_extension_is_due_by_the_old_last_day() -> None:
    assert judge("prc_state", "change.extend", EXTENSION, AT.date()).values["notice_due_by"] == date(2027, 1, 1)
