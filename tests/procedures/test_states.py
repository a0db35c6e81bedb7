"""Each illegal transition of the life cycle is refused for every state and every act (SR-56)."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from dingmi.base import messages
from dingmi.base.errors import Finding
from dingmi.procedures import decide, grading
from dingmi.records.matters.models import GRADES
from dingmi.records.matters.models import STATES as KEPT
from tests import states
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
TABLE = Path(__file__).with_name("states.toml")
PLAIN = tuple(
    state for state in states.STATES if "," not in state
)  # as records keep it; the deep run walks the others too
LATER = {  # two steps on from every state here: walked by the tests of disputes, appraisals, corrections, attachments and grades
    "appraisal.export",
    "challenge.appeal",
    "challenge.send",
    "challenge.settle",
    "correction.close",
    "determination.detach",
    "grading.download",
    "review.withdraw_comment",
}
AFTER_THE_END = {
    "appraisal.receive",
    "carriers.download",
    "carriers.note_remarked",
    "carriers.public_copy",
    "carriers.read",
    "consultation.ask",
    "correction.find",
    "disclosure.submit",
    "grading.read",
    "succession.assign",
}
Table = dict[str, dict[str, list[str]]]


@pytest.fixture
def kept() -> Table:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def walked(story: Story, monkeypatch: pytest.MonkeyPatch, of: tuple[str, ...]) -> Table:
    """Return the table of these states as the acts make it."""
    monkeypatch.setattr(decide, "stamp_shown", lambda *_, **__: None)  # stamping has tests of its own and takes seconds
    monkeypatch.setattr(grading, "stamp", lambda *_, **__: None)
    return states.table(story, of)


def narrowed(whole: Table, of: tuple[str, ...]) -> Table:
    some = {act: {told: [s for s in held if s in of] for told, held in row.items()} for act, row in whole.items()}
    return {act: {told: held for told, held in row.items() if held} for act, row in some.items()}


@pytest.mark.one_database  # what is lawful is the same on every database: on PostgreSQL by the deep run
def test_every_act_in_every_state_is_allowed_or_refused_as_the_table_says(
    story: Story, monkeypatch: pytest.MonkeyPatch, kept: Table
) -> None:
    found, wanted = walked(story, monkeypatch, PLAIN), narrowed(kept, PLAIN)
    for act, outcomes in found.items():
        assert outcomes == wanted[act], f"{act}: mend the act, or the table ({states.HOW})"


@pytest.mark.deep
def test_so_they_are_with_proposals_disputes_and_questions_open(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    found = walked(story, monkeypatch, tuple(states.STATES))
    if os.environ.get("DINGMI_STATES") == "write":
        TABLE.write_text(states.as_toml(found), encoding="utf-8")
    assert found == tomllib.loads(TABLE.read_text(encoding="utf-8"))


def test_the_table_covers_every_state_and_every_act_is_possible_somewhere(kept: Table) -> None:
    named = {state.partition(",")[0] for state in states.STATES}
    assert named == set(PLAIN) == {state for state, _ in (*KEPT, *GRADES)}
    assert set(kept) == set(states.acts()) == set(states.GIVEN), f"an act on matters has no line: {states.HOW}"
    assert {act for act, outcomes in kept.items() if states.ALLOWED not in outcomes} == LATER


def test_whatever_refuses_is_a_finding_with_words(kept: Table) -> None:
    for outcomes in kept.values():
        for told in outcomes.keys() - {states.ALLOWED}:
            for code in told.split(" + "):
                for language in ("zh", "en"):
                    assert messages.render(Finding(code), language).text != code


@pytest.mark.parametrize("state", ["discarded", "not_classified", "voided", "lifted", "declassified"])
def test_what_is_over_is_read_and_asked_about_and_never_decided_again(kept: Table, state: str) -> None:
    possible = {act for act, outcomes in kept.items() if state in outcomes.get(states.ALLOWED, ())}
    assert not possible & {act for act in kept if act.startswith(("determination", "change", "review", "points"))}
    assert possible <= AFTER_THE_END, possible - AFTER_THE_END
