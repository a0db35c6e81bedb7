"""防止定密过宽: the least that the items support is shown, and a longer period than similar matters got is explained."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from dingmi.base.errors import Refused
from dingmi.queries import content, facts, guard, preview
from dingmi.records.matters.models import Decision
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def weighed(story: Story, matter: UUID, user: str = "drafter", **terms: str) -> guard.Guard:
    """Return what the guard shows of a draft."""
    return guard.guard(actor=story.actor(user), now=story.now, matter=matter, **terms)


@pytest.mark.clause("BMF-20.1")
def test_a_longer_period_than_similar_matters_got_needs_a_typed_reason(story: Story) -> None:
    story.approved(answers=story.answers(tail="3年"))
    silent = story.answers(tail="5年", longer_reason="  ")
    matter = story.filled(answers=silent)
    with pytest.raises(Refused) as caught:
        story.propose(matter)
    found = {f.code: dict(f.params) for f in caught.value.findings}
    assert found["period.longer_than_similar"] == {"tail": "5年", "similar": "3年"}
    story.fill(matter, replace(silent, tail="3年"))
    story.propose(matter)
    other = story.filled(answers=replace(silent, longer_reason="设施在用，五年内不改造。"))
    story.propose(other)


@pytest.mark.clause("BMF-20.1")
def test_an_officer_who_lengthens_past_similar_matters_types_a_reason_too_and_it_is_kept(story: Story) -> None:
    story.approved(answers=story.answers(tail="3年"))
    matter = story.proposed(answers=story.answers(tail="2年", longer_reason=""))
    given = {"matter": matter, "level": "机密", "tail": "5年", "scope": story.scope(), "item": None, "reason": "改长。"}

    def decided(**more: object) -> object:
        params = {**given, **more, "expected_version": story.version(matter), "issued_on": story.now.date()}
        return story.act("officer", "determination.change_and_approve", **params)

    with pytest.raises(Refused) as caught:
        decided(longer_reason=" ")
    found = {f.code: (f.clauses, dict(f.params)) for f in caught.value.findings if f.severity == "block"}
    assert found == {"period.longer_than_similar": (("BMF-20.1",), {"tail": "5年", "similar": "3年"})}
    act = "determination.change_and_approve"
    seen = preview.preview(story.actor("officer"), story.now, act, {**given, "scope": None})
    assert "period.longer_than_similar" in {f.code for f in seen.findings}
    why = "阀室在用，五年内不改造。"
    seen = preview.preview(story.actor("officer"), story.now, act, {**given, "scope": None, "longer_reason": why})
    assert "period.longer_than_similar" not in {f.code for f in seen.findings}
    decided(longer_reason=why)
    assert story.matter(matter).tail == "5年"
    signed = json.loads(content.opened(Decision.objects.get(matter=matter), "payload_ct", "机密"))
    assert signed["longer_reason"] == why


def test_an_officer_who_keeps_or_shortens_what_was_reasoned_is_not_asked_again(story: Story) -> None:
    story.approved(answers=story.answers(tail="3年"))
    for tail in ("5年", "4年"):
        matter = story.proposed(answers=story.answers(tail="5年"))
        given = {
            "level": "机密",
            "tail": tail,
            "scope": story.scope("drafter", "officer"),
            "item": None,
            "reason": "改。",
        }
        more = {"matter": matter, "expected_version": story.version(matter), "issued_on": story.now.date()}
        story.act("officer", "determination.change_and_approve", **given, **more)
        assert story.matter(matter).tail == tail


@pytest.mark.clause("FW-9.1")
def test_before_an_item_is_chosen_the_guard_tells_of_what_fits_and_of_no_terms(story: Story) -> None:
    story.approved(answers=story.answers(tail="3年"))
    shown = weighed(story, story.drafted())
    assert shown.items and not any(i.chosen for i in shown.items) and not shown.is_chosen
    assert (shown.lowest_level, shown.similar_count, shown.usual) == ("机密", 1, "机密★3年")
    assert (shown.level, shown.tail, shown.needs_reason) == ("", "", False)
    assert shown.costs == () and shown.more == () and shown.damage is None


def test_a_date_is_compared_with_the_period_that_covers_it(story: Story) -> None:
    story.approved(answers=story.answers(tail="2029年1月6日"))
    assert (
        guard.longest(guard.similar_tails(story.actor("drafter"), story.now, [story.item().pk]), story.now.date())
        == "3年"
    )
    assert not guard.is_longer("3年", "3年", date(2024, 2, 29))
    assert guard.is_longer("37个月", "3年", date(2026, 1, 5)) and not guard.is_longer("启用前", "3年", date(2026, 1, 5))


@pytest.mark.clause("FW-9.1")
def test_the_guard_shows_least_similar_and_costs(story: Story) -> None:
    for _ in range(2):
        story.approved(answers=story.answers(tail="3年"))
    matter = story.filled(answers=story.answers(longer_reason=""))
    shown = weighed(story, matter)
    assert next((i.number, i.mark, i.chosen) for i in shown.items) == ("7", "机密★10年", True)
    assert (shown.lowest_level, shown.shortest_tail) == ("机密", "10年")
    assert [(s.mark, s.count) for s in shown.similar] == [("机密★3年", 2)] and shown.usual == "机密★3年"
    assert shown.needs_reason and shown.longest_similar == "3年"
    assert {c.code: c.params["reviews"] for c in shown.costs} == {"guard.longer": 7}
    assert shown.damage is not None and shown.damage.code == "guard.damage_serious"
    higher = weighed(story, matter, level="绝密", tail="3年")
    assert not higher.needs_reason and [c.code for c in higher.costs] == ["guard.duty_top", "guard.referral"]


@pytest.mark.clause("BMF-24.1", "BMF-17.3")
def test_what_one_level_or_one_year_more_would_cost_is_shown_before_anybody_chooses_it(story: Story) -> None:
    matter = story.filled()
    shown = weighed(story, matter)
    assert shown.costs == ()
    more = {c.code: (c.clauses, dict(c.params)) for c in shown.more}
    assert more == {
        "guard.duty_top": (("BMF-26.2b",), {"level": "绝密"}),
        "guard.referral": (("BMF-17.3",), {"level": "绝密"}),
        "guard.year_more": (("BMF-24.1",), {}),
    }
    assert [c.code for c in weighed(story, matter, level="秘密", tail="启用前").more] == ["guard.duty_register"]
    assert [c.code for c in weighed(story, matter, level="绝密", tail="长期").more] == []


@pytest.mark.clause("BMF-14.2")
def test_reasons_that_state_the_damage_of_another_level_are_advised_against(story: Story) -> None:
    words = {"特别严重的损害": True, "严重的损害": False, "不利影响": False}
    for said, advised in words.items():
        answers = story.answers(level="机密", reasons=f"一旦泄露会使国家安全和利益遭受{said}。")
        verdict = facts.judge_proposal(
            story.matter(story.filled(answers=answers)), answers, (), story.actor("drafter"), story.now
        )
        assert ("damage.of_another_level" in [f.code for f in verdict.warnings]) is advised and verdict.allowed


def test_what_a_reader_may_not_know_does_not_count_as_similar(story: Story) -> None:
    story.approved(answers=story.answers(tail="3年", scope=story.scope("drafter", "officer")))
    matter = story.filled("drafter2", story.answers(longer_reason=""))
    assert weighed(story, matter, "drafter2").similar_count == 0
    story.propose(matter, "drafter2")


@pytest.mark.clause("FW-9.1", "FW-u1?")
def test_another_level_than_the_items_is_refused_whatever_the_reason(story: Story) -> None:
    for level in ("秘密", "绝密"):
        matter = story.filled(answers=story.answers(level=level))
        with pytest.raises(Refused) as caught:
            story.propose(matter)
        assert "level.not_the_items" in {f.code for f in caught.value.findings}
