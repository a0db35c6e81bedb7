"""Points that the records give by themselves: scopes widened without approval, derivations below their source, defects taken up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import Invalid, Refused
from dingmi.queries import QUERIES, performance
from dingmi.queries.verify import verify
from dingmi.records.guides.models import GuideFeedback
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Decision
from dingmi.records.officers.models import Officer, Suspension
from dingmi.regime import performance as book
from tests.procedures.test_descendants import derived
from tests.procedures.test_facts_told import expanded
from tests.procedures.test_oversight import found, planned
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def evidence(story: Story, rule: str, user: str = "officer", year: int = 2026) -> list[str]:
    """Return the evidence of each event of a rule in an officer's year."""
    return [e.evidence for e in performance.events(story.people[user], year, story.now) if e.rule == rule]


def lowered(story: Story, matter: UUID, user: str = "officer") -> Decision:
    """Change a matter to 秘密 and return the decision."""
    proposed = {"ground": "damage_changed", "reason": "泄露后的损害程度明显变化。", "level": "秘密", "tail": "8年"}
    story.act("drafter", "change.propose", matter=matter, expected_version=story.version(matter), **proposed)
    story.act(
        user, "change.change", matter=matter, opinion="只用了其中一般内容。", expected_version=story.version(matter)
    )
    return Decision.objects.filter(matter=matter, act="change.change").get()


@pytest.mark.clause("PS-8", "SEED-11")
def test_a_derived_matter_left_below_its_source_counts_and_one_that_follows_its_source_does_not(story: Story) -> None:
    source = story.approved()
    child, other = derived(story, source), derived(story, source)
    assert evidence(story, "derived_low") == []
    story.later(days=1)
    early = lowered(story, child)
    assert evidence(story, "derived_low") == [f"decision:{early.pk}"]
    assert evidence(story, "lowered") == [], "no merit for a level below the source's"
    story.later(days=1)
    lowered(story, source)
    story.later(days=1)
    follows = lowered(story, other)
    assert evidence(story, "derived_low") == [f"decision:{early.pk}"]
    assert f"decision:{follows.pk}" in evidence(story, "lowered")
    assert evidence(story, "derived_low", "officer2") == []


@pytest.mark.clause("BMF-21.3", "SEED-6", "SEED-8")
def test_a_suspended_officer_widens_no_scope_and_what_was_widened_so_stands_on_his_record(story: Story) -> None:
    matter = story.approved()
    expanded(story, matter, "officer2")
    done = Entry.objects.get(act="need_to_know.expand")
    assert evidence(story, "scope_widened") == []
    officer = Officer.objects.get(person=story.people["officer"])
    with act_open("test"):  # as history from elsewhere may have it: suspended when it was approved
        Suspension(officer=officer, ground="leave", since=story.now, until=story.now + timedelta(hours=1)).save()
    assert evidence(story, "scope_widened") == [f"entry:{done.pk}"]
    with pytest.raises(Refused, match=r"scope\.approver"):
        expanded(story, matter, "lapsed")
    story.later(hours=2)
    expanded(story, matter, "lapsed")
    assert evidence(story, "scope_widened") == [f"entry:{done.pk}"], "a refused try widened nothing"
    shown = QUERIES["performance.mine"].run(actor=story.actor("officer"), now=story.now, params={"year": 2026})
    line = next(line for line in shown.lines if line.rule == "scope_widened")
    assert (line.kind, line.matter, line.points) == ("entry", matter, -6)


@pytest.mark.clause("BMF-21.3", "SEED-12")
def test_a_scope_that_an_inspection_found_widened_without_approval_counts_by_the_finding(story: Story) -> None:
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    number = story.matter(story.approved()).register_no
    one = found(story, planned(story), topic="classification", error="widened", register_no=number)
    assert evidence(story, "scope_widened") == [f"finding:{one.id}"]


@pytest.mark.clause("SEED-13", "SEED-11")
def test_a_defect_of_a_guide_counts_for_who_reported_it_once_its_owner_took_it_up(story: Story) -> None:
    def reported(user: str, adopted: bool | None) -> str:
        made = story.act(user, "guides.report_defect", item=story.item("7").pk, kind="unclear", text="没有标准。")
        if adopted is not None:
            story.act("secrecy", "guides.send_feedback", feedback=made.id, sent_on=story.now.date(), number="3号")
            story.act(
                "secrecy", "guides.answer_feedback", feedback=made.id, answered_on=story.now.date(),
                answer="已研究。", adopted=adopted, expected_version=story.seen(GuideFeedback, made.id),
            )  # fmt: skip
        return f"feedback:{made.id}"

    taken = reported("officer", True)
    for user, adopted in (("officer", False), ("officer", None), ("officer2", False)):
        reported(user, adopted)
    assert evidence(story, "guide_feedback") == [taken]
    assert evidence(story, "guide_feedback", "officer2") == []
    shown = QUERIES["guides.feedback"].run(actor=story.actor("officer"), now=story.now, params={})
    assert [str(f.id) for f in shown if f.adopted] == [taken.partition(":")[2]]
    assert verify().ok


@pytest.mark.clause("SEED-11")
def test_what_the_records_know_is_not_entered_by_hand_and_the_year_equals_the_sum_of_its_evidence(story: Story) -> None:
    rules = book.scheme_of(2026).rules
    for rule in ("scope_widened", "derived_low", "guide_feedback"):
        assert rules[rule].source == "records"
        with pytest.raises(Invalid):
            story.act(
                "secrecy", "performance.record", person=story.people["officer"], rule=rule, on=story.now.date(),
                evidence="巡查记录",
            )  # fmt: skip
    child = derived(story, story.approved())
    story.later(days=1)
    lowered(story, child)
    story.on(date(2027, 1, 4))
    score = performance.scored(story.people["officer"], 2026, story.now)
    sums: dict[str, int] = {}
    for event in performance.events(story.people["officer"], 2026, story.now):
        rule_ = rules[event.rule]
        sums[rule_.code] = sums.get(rule_.code, 0) + rule_.points
    capped: dict[str, Any] = {
        code: max(n, rules[code].most) if n < 0 else min(n, rules[code].most) for code, n in sums.items()
    }
    assert capped["derived_low"] == -6
    weights = performance.weights_of(2026)
    total = sum(
        (
            weight * min(100, max(0, 100 + sum(n for code, n in capped.items() if rules[code].indicator == name)))
            for name, weight in weights.items()
        ),
        Decimal(0),
    )
    assert score.total == total.quantize(Decimal("0.1"))
