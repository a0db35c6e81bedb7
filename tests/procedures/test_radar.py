"""The consistency radar: near-identical matters that differ become a case; its officer rules on an item; agreement closes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Q

from dingmi.base.errors import DingmiError, Forbidden, NotFound, Refused
from dingmi.procedures import radar
from dingmi.procedures.terms import SourceIn
from dingmi.queries import QUERIES, content, discord
from dingmi.records.ledger.guard import act_open
from dingmi.records.matters.models import Matter
from dingmi.records.notices.models import Notice
from dingmi.records.oversight.radar import Discord, SketchToken
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def pair(story: Story, **changes: Any) -> tuple[UUID, UUID]:
    """Two matters with the same words; the later one has ``changes`` in its terms."""
    one = story.approved()
    story.later(days=1)
    other = story.approved(answers=replace(story.answers(), **(changes or {"tail": "8年"})))
    return one, other


def found(story: Story) -> Discord:
    story.daily()
    return Discord.objects.get()


def rule(story: Story, case: Discord, outcome: str, user: str = "officer", **more: Any) -> Any:
    return story.act(
        user,
        "radar.rule",
        case=case.pk,
        expected_version=story.seen(Discord, case.pk),
        outcome=outcome,
        reason="设施状态不同。",
        **more,
    )


def ask(story: Story, user: str, name: str, **params: Any) -> Any:
    return QUERIES[name].run(actor=story.actor(user), now=story.now, params=params)


def test_matters_with_the_same_words_and_another_period_become_a_case_with_an_owner_and_a_day(story: Story) -> None:
    one, other = pair(story)
    case = found(story)
    assert (case.one_id, case.other_id, case.differs, case.state) == (one, other, ["period"], "open")
    assert case.owner_id == story.people["officer"] and case.per_cent == 100
    assert Notice.objects.filter(code="radar.found", person=story.people["officer"], matter_id=other).count() == 1
    assert story.daily()["radar.scan"]["found"] == 0  # told once


def test_matters_that_agree_make_no_case(story: Story) -> None:
    story.approved()
    story.approved()
    story.daily()
    assert not Discord.objects.exists()


def test_another_scope_is_a_difference(story: Story) -> None:
    pair(story, scope=story.scope("drafter", "officer"))
    assert found(story).differs == ["scope"]


@pytest.mark.clause("FW-4")
def test_one_matter_follows_another_only_on_an_item_in_force_never_by_analogy(story: Story) -> None:
    pair(story)
    case = found(story)
    with pytest.raises(Refused, match=r"radar\.no_item"):
        rule(story, case, "follow_one")
    done = rule(story, case, "follow_one", item=story.item().pk)
    assert done.state == "ruled"
    assert Notice.objects.filter(code="radar.to_change", matter_id=case.other_id).count() == 1


@pytest.mark.clause("FW-9.1", "BMF-19")
def test_the_matter_followed_has_the_level_of_the_item(story: Story) -> None:
    pair(story)
    case = found(story)
    with pytest.raises(Refused, match=r"radar\.not_the_items"):
        rule(story, case, "follow_one", item=story.item("3").pk)


def test_a_difference_that_stands_is_a_precedent_and_comes_up_again_only_when_the_terms_change(story: Story) -> None:
    one, other = pair(story)
    case = found(story)
    rule(story, case, "stands")
    with pytest.raises(Refused, match=r"radar\.not_open"):
        rule(story, case, "stands")
    page = ask(story, "officer", "radar.case", case=str(case.pk))
    assert page.row.number == str(case.pk)[:8], (
        "its place in the series would tell of cases that the reader may not know"
    )
    assert page.reason == "设施状态不同。" and page.row.outcome == "stands"
    assert {line.kind for line in page.lines} == {"same"} and not page.may_rule
    story.later(days=1)
    third = story.approved()
    story.daily()
    assert {(c.one_id, c.other_id) for c in Discord.objects.all()} == {(one, other), (other, third)}


def test_cases_that_wait_for_a_ruling_stand_before_those_that_wait_for_a_change(story: Story) -> None:
    pair(story)
    rule(story, found(story), "follow_one", item=story.item().pk)
    story.later(days=1)
    story.approved(answers=replace(story.answers(), tail="6年"))
    story.daily()
    rows = ask(story, "officer", "radar").rows
    standings = [row.standing for row in rows]
    assert standings == ["open"] * (len(rows) - 1) + ["ruled"] and len(rows) > 1


def test_only_the_officer_of_the_case_rules_and_the_office_names_one_who_may_read_both(story: Story) -> None:
    pair(story)
    case = found(story)
    with pytest.raises(Forbidden):
        rule(story, case, "stands", user="officer2")
    given = {"case": case.pk, "officer": story.people["officer2"], "expected_version": story.seen(Discord, case.pk)}
    with pytest.raises(NotFound):
        story.act("secrecy", "radar.assign", **given)  # an office that is not cleared for the two
    cleared = {"person": story.people["secrecy"], "level": "机密", "instrument": "审查表"}
    story.cleared("secadmin", **cleared)
    with pytest.raises(Refused, match=r"radar\.may_not_read"):
        story.act(
            "secrecy",
            "radar.assign",
            case=case.pk,
            expected_version=story.seen(Discord, case.pk),
            officer=story.people["drafter"],
        )
    story.act("secrecy", "radar.assign", **given)
    rule(story, case, "stands", user="officer2")
    with pytest.raises(Refused, match=r"radar\.not_open"):
        story.act(
            "secrecy",
            "radar.assign",
            case=case.pk,
            expected_version=story.seen(Discord, case.pk),
            officer=story.people["officer"],
        )


def test_who_may_not_know_of_both_matters_does_not_know_of_the_case(story: Story) -> None:
    pair(story)
    case = found(story)
    story.designate("outsider", "秘密")
    assert ask(story, "outsider", "radar").rows == ()
    with pytest.raises(DingmiError):
        ask(story, "outsider", "radar.case", case=str(case.pk))
    (row,) = ask(story, "head", "radar").rows
    assert (row.one.title, row.other.title, row.one.is_content) == ("", "", False)


def test_the_most_alike_matters_of_the_unit_are_looked_at_first(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [story.approved() for _ in range(3)]
    story.daily()
    far, row, near = (story.matter(pk) for pk in sorted(made))
    text, _ = content.body(row)
    tokens = discord.sketcher().tokens(text)
    monkeypatch.setattr(discord, "LOOKED_AT", 1)
    with act_open("test"):
        Matter.objects.filter(pk=far.pk).update(organ=story.province)
        assert discord.like(row, text, tokens) == [(near, 100)]
        Matter.objects.filter(pk=far.pk).update(organ=story.home)
    SketchToken.objects.filter(matter=far).exclude(token=tokens[0]).delete()
    assert discord.like(row, text, tokens) == [(near, 100)]


def test_nothing_is_kept_of_a_text_that_has_become_too_short(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    row = story.matter(story.approved())
    story.daily()
    assert SketchToken.objects.filter(matter=row).exists()
    monkeypatch.setattr(content, "body", lambda row: ("短。", ()))
    assert radar._compare(story.actor("officer"), story.now, row) == 0
    assert not SketchToken.objects.filter(matter=row).exists()


def test_a_case_closes_by_itself_when_a_matter_is_no_longer_in_force(story: Story) -> None:
    one, _ = pair(story)
    case = found(story)
    end = story.matter(one).last_protected_day
    assert isinstance(end, date)
    story.on(date(end.year + 1, 1, 5))
    story.daily()
    story.daily()
    case.refresh_from_db()
    assert case.state == "aligned" and case.closed_at is not None


def test_what_a_derived_matter_took_over_from_its_source_is_no_difference(story: Story) -> None:
    source = story.approved()
    story.later(days=40)
    row = story.matter(story.approve(story.derive((SourceIn(matter=source, consent=True),))).matter)
    other = story.approved(answers=replace(story.answers(), tail="8年"))
    assert row.tail != story.matter(other).tail
    story.daily()
    assert not Discord.objects.filter(Q(one=row) | Q(other=row)).exists()
    assert Discord.objects.filter(one=source, other=other).exists()
