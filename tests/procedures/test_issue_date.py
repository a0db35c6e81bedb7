"""The issue date of an approval, from which protection counts, is a day that can be (TL-19.2a)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dingmi.base import messages
from dingmi.base.errors import DingmiError
from dingmi.queries import preview
from dingmi.records.ledger.models import Entry
from tests.procedures.test_unclear_and_disputes import rule, send, unclear
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
BACK = 90  # policy


def refusal(story: Story, issued_on: date) -> str:
    """Return with what code an approval is refused that states ``issued_on``, or nothing."""
    matter = story.proposed()
    before = Entry.objects.filter(act="determination.approve").count()
    try:
        story.approve(matter, issued_on=issued_on)
    except DingmiError as error:
        assert story.matter(matter).state == "proposed"
        assert Entry.objects.filter(act="determination.approve").count() == before
        said = messages.render(error.findings[0], "zh")
        assert issued_on.isoformat() in said.text and "第十九条" in said.text and "定密" in said.remedy
        return error.findings[0].code
    row = story.matter(matter)
    assert (row.issued_on, row.starts_on) == (issued_on, issued_on)
    return ""


@pytest.mark.clause("TL-19.2a")
@pytest.mark.parametrize(
    ("days", "code"),
    [(-BACK - 1, "issued.too_early"), (-BACK, ""), (0, ""), (1, "issued.in_future"), (3650, "issued.in_future")],
)
def test_an_issue_date_lies_between_policy_and_the_day_of_the_approval(story: Story, days: int, code: str) -> None:
    assert refusal(story, story.now.date() + timedelta(days=days)) == code


def test_the_bound_is_the_day_on_which_the_draft_was_entered_and_not_that_of_the_approval(story: Story) -> None:
    matter, drafted = story.proposed(), story.now.date()
    story.later(days=2)
    with pytest.raises(DingmiError) as refused:
        story.approve(matter, issued_on=drafted - timedelta(days=BACK + 1))
    assert refused.value.findings[0].code == "issued.too_early"
    story.approve(matter, issued_on=drafted - timedelta(days=BACK))
    assert story.matter(matter).starts_on == drafted - timedelta(days=BACK)


def test_a_preview_says_the_same_before_anything_is_signed(story: Story) -> None:
    matter = story.proposed()
    day = (story.now.date() + timedelta(days=1)).isoformat()
    told = preview.preview(
        story.actor("officer"), story.now, "determination.approve", {"matter": str(matter), "issued_on": day}
    )
    assert "issued.in_future" in {finding.code for finding in told.findings}


@pytest.mark.clause("TL-19.2a")
def test_an_officer_who_changes_terms_is_bound_likewise(story: Story) -> None:
    matter = story.proposed()
    given = {"level": "机密", "tail": "5年", "item": story.item().pk, "scope": story.scope("drafter", "officer")}
    given |= {"reason": "按事项范围。", "issued_on": story.now.date() + timedelta(days=1)}
    with pytest.raises(DingmiError) as refused:
        story.act(
            "officer",
            "determination.change_and_approve",
            matter=matter,
            expected_version=story.version(matter),
            **given,
        )
    assert "issued.in_future" in {finding.code for finding in refused.value.findings}


@pytest.mark.clause("TL-19.2a")
@pytest.mark.parametrize(("days", "code"), [(-BACK - 1, "issued.too_early"), (1, "issued.in_future"), (-BACK, "")])
def test_what_an_administration_decided_is_bound_likewise(story: Story, days: int, code: str) -> None:
    matter, day = unclear(story), story.now.date() + timedelta(days=days)
    send(story, matter)
    if not code:
        rule(story, matter, issued_on=day)
        assert (story.matter(matter).issued_on, story.matter(matter).starts_on) == (day, day)
        return
    with pytest.raises(DingmiError) as refused:
        rule(story, matter, issued_on=day)
    assert refused.value.findings[0].code == code
    assert story.matter(matter).state == "referred"
    rule(story, matter, decided=False, issued_on=day)  # what is no secret has no period that counts from it
    assert story.matter(matter).state != "referred"
