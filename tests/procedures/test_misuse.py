"""Misuse over a matter's life: what is over is over, history stands, and nothing is derived from itself."""

from __future__ import annotations

from datetime import date

import pytest

from dingmi.base.errors import DingmiError, Refused
from dingmi.procedures.terms import SourceIn
from dingmi.records.ledger.guard import WriteOutsideAct
from dingmi.records.matters.models import Decision, Matter, Proposal
from tests.procedures.test_bad_input import state
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def refusal(act: object, *args: object, **params: object) -> set[str]:
    """Return the codes of a refusal that changes no record."""
    before = state()
    with pytest.raises(DingmiError) as caught:
        act(*args, **params)  # type: ignore[operator]
    assert state() == before
    return {finding.code for finding in caught.value.findings}


@pytest.mark.clause("BMF-24.2a", "BMF-24.2c")
def test_what_has_ended_is_neither_extended_nor_reviewed_nor_proposed_again(story: Story) -> None:
    matter = story.approved(answers=story.answers(tail="2年"))
    story.review(matter, "extend", tail="5年")
    last = story.matter(matter).last_protected_day
    assert last is not None
    story.on(date(last.year, last.month, last.day + 1))
    story.train("officer")
    decide = dict(matter=matter, reason="仍需保护。")
    late = refusal(story.act, "officer", "change.extend", **decide, expected_version=story.version(matter))
    assert late & {"extension.too_late", "matter.not_in_force", "proposal.none_waiting"}
    story.daily()
    assert story.matter(matter).state == "declassified"
    assert refusal(story.review, matter, "keep")
    assert refusal(story.propose, matter)
    assert refusal(story.approve, matter)


def test_what_was_found_to_be_no_secret_is_not_proposed_again(story: Story) -> None:
    matter = story.proposed()
    story.act(
        "officer", "determination.not_secret", matter=matter, reason="不符合条目。", instead="internal",
        expected_version=story.version(matter),
    )  # fmt: skip
    assert story.matter(matter).state == "not_classified"
    assert refusal(story.propose, matter)
    assert refusal(story.approve, matter)


@pytest.mark.clause("TL-18")
def test_nothing_is_derived_from_itself_or_from_what_is_not_yet_determined(story: Story) -> None:
    one, other = story.drafted(), story.drafted(title="引用来源内容的通知")
    for source in (one, other):
        before = state()
        with pytest.raises(DingmiError):
            story.act(
                "drafter", "derivation.propose", matter=one, sources=(SourceIn(matter=source, consent=True),),
                trigger="rework", reasons="引用。", scope=story.scope(), expected_version=story.version(one),
            )  # fmt: skip
        assert state() == before


@pytest.mark.clause("TL-18")
def test_a_derived_matter_cannot_become_a_source_of_its_own_source(story: Story) -> None:
    source = story.approved()
    derived = story.derive((SourceIn(matter=source, consent=True),))
    story.approve(derived)
    before = state()
    with pytest.raises(DingmiError):
        story.act(
            "drafter", "derivation.propose", matter=source, sources=(SourceIn(matter=derived, consent=True),),
            trigger="rework", reasons="引用。", scope=story.scope(), expected_version=story.version(source),
        )  # fmt: skip
    assert state() == before


def test_history_is_not_edited_outside_an_act(story: Story) -> None:
    matter = story.approved()
    for row in (
        Decision.objects.get(matter=matter),
        Proposal.objects.get(matter=matter),
        Matter.objects.get(pk=matter),
    ):
        with pytest.raises(WriteOutsideAct):
            row.save()
    with pytest.raises(Refused):
        story.approve(matter)


@pytest.mark.clause("TL-18")
@pytest.mark.parametrize("ended", ["released early", "by its period, before the round came"])
def test_nothing_is_derived_from_a_source_that_is_released(story: Story, ended: str) -> None:
    source = story.approved(answers=story.answers(tail="2年"))
    draft = story.drafted(title="引用来源内容的通知")
    if ended == "released early":
        story.review(source, "release", ground="harmless")
        number = story.matter(source).register_no
        given = dict(matter=source, reason="公开无害。", confirm=number, expected_version=story.version(source))
        story.act("officer", "declassification.release", **given)
    else:
        story.on(date(2028, 1, 6)).train("drafter")
    told = refusal(
        story.act, "drafter", "derivation.propose", matter=draft, sources=(SourceIn(matter=source, consent=True),),
        trigger="rework", reasons="引用。", scope=story.scope(), expected_version=story.version(draft),
    )  # fmt: skip
    assert "derivation.source_released" in told
