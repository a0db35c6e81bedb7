"""The life of a copy: the order of its steps, and one broken fact a row, refused on the ground of its clause."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Any

import pytest

from dingmi.regime import judge
from dingmi.regime.prc_state import carriers as law
from dingmi.regime.prc_state.conflicts import KeepingFacts, ResponsibleFacts
from dingmi.regime.prc_state.facts_carriers import (
    CarryingFacts,
    ConsentFacts,
    DoomedCountFacts,
    DoomFacts,
    HandingFacts,
    MoveFacts,
    ProductionFacts,
    RepairFacts,
    ReturnFacts,
)
from dingmi.regime.prc_state.facts_custody import ReceiptFacts

AT = datetime(2026, 11, 24, 10)
OLD = datetime(2015, 6, 1, 10)
LAWFUL: dict[str, Any] = {
    "carriers.produce": ProductionFacts(AT, "机密"),
    "carriers.lend": HandingFacts(AT, "机密"),
    "carriers.dispatch": HandingFacts(AT, "机密"),
    "carriers.repair": RepairFacts(AT, "机密", True, "林晓雯"),
    "carriers.carry_out": CarryingFacts(AT, "机密", "专用保密箱", True, "出境1号"),
    "carriers.give_back": ReturnFacts(AT),
    "carriers.hold": KeepingFacts(AT),
    "oversight.find": ResponsibleFacts(AT),
    "carriers.propose_destruction": DoomFacts(AT, "paper", "化浆"),
    "carriers.approve_destruction": ConsentFacts(AT, "p1", "p2"),
    "carriers.count_destruction": DoomedCountFacts(AT, 3, 3),
    "carriers.receive": ReceiptFacts(AT, "机密", listed=3, counted=3),
}


def case(act: str, clause: str, code: str, /, **change: Any) -> Any:
    return pytest.param(act, change, code, clause, id=f"{clause} {code}", marks=pytest.mark.clause(clause))


CASES = [
    case("carriers.produce", "TL-27.1", "production.licence", by_contractor=True),
    case("carriers.produce", "TL-27.1", "production.place", in_proper_place=False),
    case("carriers.produce", "BMF-22.1", "production.unmarked", is_marked=False),
    case("carriers.lend", "BMF-21.3", "handing.not_in_scope", in_scope=False),
    case("carriers.lend", "BMF-43.3", "handing.not_cleared", is_cleared=False),
    case("carriers.lend", "TL-27.4", "handing.place", in_proper_place=False),
    case("carriers.lend", "TL-30.2", "handing.product", in_scope=False, is_product=True),
    case("carriers.lend", "BMF10-16.3", "handing.not_in_scope", at=OLD, in_scope=False),
    case("carriers.dispatch", "BMF-21.3", "handing.not_in_scope", in_scope=False),
    case("carriers.repair", "TL-27.7", "repair.unwatched", watched_by=""),
    case("carriers.repair", "TL14-21", "repair.unwatched", at=OLD, watched_by=""),
    case("carriers.carry_out", "TL-27.8", "carrying.no_measures", measures=""),
    case("carriers.carry_out", "TL-27.8", "carrying.no_export_approval", export_approval=""),
    case("carriers.count_destruction", "TL-28.2", "destruction.count", counted=2),
    case("carriers.count_destruction", "TL-28.2", "destruction.count", counted=4),
    case("carriers.count_destruction", "TL-28.2", "destruction.count", strange=2),
    case("carriers.give_back", "TL-27.9", "returning.own", is_from_outside=False),
    case("carriers.hold", "BMF-21.1", "recusal.may_not_hold", holder_is_barred=True),
    case("carriers.hold", "BMF10-16.3", "recusal.may_not_hold", at=OLD, holder_is_barred=True),
    case("oversight.find", "BMF-21.1", "oversight.may_not_know", may_know=False),
    case("oversight.find", "BMF10-16.3", "oversight.may_not_know", at=OLD, may_know=False),
    case("carriers.propose_destruction", "TL-28.1", "destruction.method", method="消磁"),
    case("carriers.propose_destruction", "TL-28.1", "destruction.method", form="magnetic"),
    case("carriers.propose_destruction", "TL-28.1", "destruction.method", method="出售"),
    case("carriers.approve_destruction", "TL-28.2", "destruction.own_approval", approved_by="p1"),
    case("carriers.receive", "TL-27.2", "receipt.count", counted=2),
    case("carriers.receive", "TL-27.2", "receipt.strange", strange=1),
]


@pytest.mark.parametrize("act", sorted(LAWFUL))
def test_the_lawful_case_is_allowed_without_a_word(act: str) -> None:
    assert judge("prc_state", act, LAWFUL[act], AT.date()).findings == ()


@pytest.mark.parametrize(("act", "change", "code", "clause"), CASES)
def test_one_broken_fact_is_told_on_the_ground_of_its_clause(
    act: str, change: dict[str, Any], code: str, clause: str
) -> None:
    given = replace(LAWFUL[act], **change)
    assert [(f.code, f.clauses[0]) for f in judge("prc_state", act, given, given.at.date()).blocking] == [
        (code, clause)
    ]


@pytest.mark.clause("BMF-26.1", "BMF10-21.1")
def test_a_copy_moves_only_as_its_state_allows_and_what_has_ended_moves_no_more() -> None:
    for act, state, at in product(law.MOVES, law.STATES, (AT, OLD)):
        found = judge("prc_state", "carriers.move", MoveFacts(at, act, state), at.date()).blocking
        allowed = state in law.MOVES[act].begins
        assert [f.code for f in found] == ([] if allowed else ["carrier.state"]), (act, state)
        if found:
            assert found[0].clauses[0] == ("BMF-26.1" if at == AT else "BMF10-21.1")
        assert not (allowed and state in law.ENDED), (act, state)
    (electronic,) = judge(
        "prc_state", "carriers.move", MoveFacts(AT, "carriers.keep", "kept", True), AT.date()
    ).blocking
    assert electronic.code == "carrier.in_system"


@pytest.mark.clause("BMF-26.1")
def test_every_state_is_reached_and_every_state_that_has_not_ended_can_be_left() -> None:
    reached = {move.ends for move in law.MOVES.values()} | {"registered", ""}
    left = {state for move in law.MOVES.values() if move.ends for state in move.begins}
    assert set(law.STATES) | {""} == reached
    assert set(law.STATES) - left == set(law.ENDED)
