"""Misuse over a matter's life: each is refused with its clause and what to do instead, and changes no record.

A file of a guide with faulty rows is refused in ``test_guides``; unlawful elements in ``tests/regime/test_corpus``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from dingmi.base import messages
from dingmi.base.errors import DingmiError
from dingmi.procedures.terms import SourceIn
from dingmi.records.ledger.guard import WriteOutsideAct
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import GRADES, STATES, Decision, Matter, Proposal
from dingmi.regime import states
from dingmi.regime.kernel import register
from tests.procedures.test_bad_input import state
from tests.procedures.test_later_life import on_matter, proposed_change, received
from tests.procedures.test_unclear_and_disputes import raised, step
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def refused(act: Callable[[], object], code: str, clause: str) -> None:
    """Expect a refusal with ``code`` on the ground of ``clause``, if law gives one; it says what to do, no record changes."""
    before = state()
    with pytest.raises(DingmiError) as caught:
        act()
    assert state() == before
    told = {finding.code: finding for finding in caught.value.findings}
    assert code in told, set(told)
    assert not clause or clause in told[code].clauses, told[code].clauses
    for language in ("zh", "en"):
        shown = messages.render(told[code], language)
        assert shown.text and shown.remedy and shown.text != code, (code, language)


@pytest.mark.clause("BMF-16.2")
def test_a_step_out_of_its_turn_names_whose_turn_it_is(story: Story) -> None:
    draft, proposed = story.drafted(), story.proposed()
    refused(
        lambda: on_matter(story, "officer", "change.extend", proposed, reason="迟了。"), "matter.undecided", "BMF-16.2"
    )
    refused(lambda: proposed_change(story, draft, tail="9年"), "matter.not_proposed", "BMF-16.2")
    refused(
        lambda: on_matter(story, "drafter", "determination.discard", proposed),
        "proposal.waiting_for_officer",
        "BMF-16.2",
    )
    on_matter(story, "drafter", "determination.discard", draft)
    refused(lambda: story.propose(draft), "matter.discarded", "")


@pytest.mark.parametrize("regime", sorted(states.table()))
def test_every_state_stands_in_the_way_of_something_with_its_clause_in_either_edition(regime: str) -> None:
    kept = STATES if regime == "prc_state" else GRADES
    assert {name for name, _ in kept} == set(states.table()[regime])
    for held, row in states.table()[regime].items():
        for on in (date(2015, 6, 1), date(2026, 6, 1)):
            told = states.in_the_way(regime, held, on)
            assert set(row["clauses"]) <= set(register.clauses())
            assert bool(told.clauses) is bool(row["clauses"]) or (regime != "prc_state" and on.year < 2026), (held, on)
            for language in ("zh", "en"):
                shown = messages.render(told, language)
                assert shown.text != told.code and shown.remedy, (held, language)
                policy = {"zh": "本系统的规定", "en": "rule of this system"}[language]
                assert ("{cite}" in messages.catalogue(language)[told.code]["text"]) is (policy not in shown.text)


def attempts() -> int:
    """Return how many refused acts the log tells of."""
    return Entry.objects.filter(act="attempt").count()


@pytest.mark.clause("BMF-24.2a", "BMF-24.2c")
def test_what_has_ended_is_neither_extended_nor_reviewed_nor_proposed_again(story: Story) -> None:
    matter = story.approved(answers=story.answers(tail="2年"))
    story.review(matter, "extend", tail="5年")
    last = story.matter(matter).last_protected_day
    assert last is not None
    story.on(date(last.year, last.month, last.day + 1))
    story.train("officer")
    late = lambda: on_matter(story, "officer", "change.extend", matter, reason="仍需保护。")  # noqa: E731
    refused(late, "extension.too_late", "BMF-24.2c")
    story.daily()
    assert story.matter(matter).state == "declassified"
    tried = attempts()
    refused(late, "matter.already_released", "BMF-24.2a")
    refused(lambda: story.review(matter, "keep"), "matter.already_released", "BMF-24.2a")
    refused(lambda: story.review(matter, "extend", tail="5年"), "matter.already_released", "BMF-24.2a")
    refused(lambda: proposed_change(story, matter, tail="9年"), "matter.already_released", "BMF-24.2a")
    refused(lambda: story.propose(matter), "matter.already_released", "BMF-24.2a")
    refused(lambda: story.approve(matter), "matter.already_released", "BMF-24.2a")
    assert attempts() == tried + 6, "whoever tried stands in the log"


def voided(story: Story) -> UUID:
    """Return a matter that was found to be no secret after it had been in force."""
    matter = story.approved()
    found = story.act(
        "officer2", "correction.find", matter=matter, kind="wrong", found_on=story.now.date(), detail="不符合条目。"
    )
    given = {"correction": found.id, "reason": "公开资料，不属于国家秘密。", "remedy": "void"}
    story.act("officer", "correction.decide", **given, expected_version=story.version(matter))
    return matter


@pytest.mark.clause("BMF-22.3", "ZX-42")
def test_a_voided_matter_is_neither_proposed_nor_approved_nor_changed_nor_derived_from(story: Story) -> None:
    matter, draft = voided(story), story.drafted()
    refused(lambda: story.propose(matter), "matter.voided", "BMF-22.3")
    refused(lambda: story.approve(matter), "matter.voided", "BMF-22.3")
    refused(lambda: proposed_change(story, matter, tail="9年"), "matter.voided", "BMF-22.3")
    refused(lambda: derived(story, draft, matter), "derivation.source_released", "TL-18")


@pytest.mark.clause("BMF-22.3")
def test_what_was_found_to_be_no_secret_is_not_proposed_again(story: Story) -> None:
    matter = story.proposed()
    given = {"reason": "不符合条目。", "instead": "internal"}
    on_matter(story, "officer", "determination.not_secret", matter, **given)
    assert story.matter(matter).state == "not_classified"
    refused(lambda: story.propose(matter), "matter.found_not_secret", "BMF-22.3")
    refused(lambda: story.approve(matter), "matter.found_not_secret", "BMF-22.3")
    refused(lambda: proposed_change(story, matter, tail="9年"), "matter.found_not_secret", "BMF-22.3")


@pytest.mark.clause("BMF-23.1", "TL-22.2")
def test_another_organs_matter_is_neither_released_nor_changed_nor_extended_by_us(story: Story) -> None:
    matter = received(story)
    for outcome in ("release", "keep", "extend"):
        more = {"release": {"ground": "harmless"}, "extend": {"tail": "6年"}}.get(outcome, {})
        refused(lambda o=outcome, m=more: story.review(matter, o, **m), "matter.not_ours", "BMF-23.1")
    refused(lambda: proposed_change(story, matter, tail="4年"), "matter.not_ours", "BMF-23.1")
    assert story.matter(matter).state == "active"


@pytest.mark.clause("TL-26.3")
def test_a_challenge_at_a_lower_level_lowers_nothing_and_one_at_the_same_level_is_none(story: Story) -> None:
    matter = story.approved()
    refused(lambda: raised(story, matter, "机密"), "challenge.same_as_determined", "TL-26.1")
    made = raised(story, matter, "秘密")
    assert (story.matter(matter).level, made.state) == ("机密", "challenged")
    refused(lambda: story.review(matter, "release", ground="harmless"), "release.challenged", "TL-26.3")
    assert story.matter(matter).level == "机密"


@pytest.mark.clause("TL-26.1", "TL-26.2")
def test_neither_a_challenge_nor_a_dispute_is_closed_without_a_decision(story: Story) -> None:
    matter = story.approved()
    made = raised(story, matter)
    refused(lambda: step(story, made, "settle", reasons="双方口头同意。"), "challenge.undecided", "TL-26.3")
    disputed = step(story, made, "register_dispute", document_no="某水函〔2026〕7号")
    refused(
        lambda: step(story, disputed, "answer", outcome="keep", reasons="口头同意。"),
        "challenge.not_waiting",
        "TL-26.1",
    )
    refused(lambda: step(story, disputed, "settle", reasons="双方口头同意。"), "dispute.undecided", "TL-26.3")
    assert story.matter(matter).level == "绝密"


def derived(story: Story, draft: UUID, *sources: UUID) -> object:
    """Propose a draft as a derivative of ``sources``."""
    given = {"trigger": "rework", "reasons": "引用。", "scope": story.scope()}
    named = tuple(SourceIn(matter=source, consent=True) for source in sources)
    return on_matter(story, "drafter", "derivation.propose", draft, sources=named, **given)


@pytest.mark.clause("TL-18")
def test_nothing_is_derived_from_itself_or_from_what_is_not_yet_determined(story: Story) -> None:
    one, other = story.drafted(), story.drafted(title="引用来源内容的通知")
    refused(lambda: derived(story, one, one), "derivation.cyclic", "TL-18")
    refused(lambda: derived(story, one, other), "derivation.source_released", "TL-18")


@pytest.mark.clause("TL-18")
def test_a_derived_matter_cannot_become_a_source_of_its_own_source(story: Story) -> None:
    source = story.approved()
    found = story.derive((SourceIn(matter=source, consent=True),))
    story.approve(found)
    further = story.derive((SourceIn(matter=found, consent=True),))
    story.approve(further)
    for descendant in (found, further, source):
        refused(lambda d=descendant: derived(story, source, d), "derivation.cyclic", "TL-18")
    stranger = story.drafted(title="不知悉的来源")
    refused(lambda: derived(story, source, stranger), "matter.determined", "BMF-23.1")


@pytest.mark.clause("TL-18")
@pytest.mark.parametrize("ended", ["released early", "by its period, before the round came"])
def test_nothing_is_derived_from_a_source_that_is_released(story: Story, ended: str) -> None:
    source = story.approved(answers=story.answers(tail="2年"))
    draft = story.drafted(title="引用来源内容的通知")
    if ended == "released early":
        story.review(source, "release", ground="harmless")
        number = story.matter(source).register_no
        on_matter(story, "officer", "declassification.release", source, reason="公开无害。", confirm=number)
    else:
        story.on(date(2028, 1, 6)).train("drafter")
    refused(lambda: derived(story, draft, source), "derivation.source_released", "TL-18")


def test_history_is_edited_neither_by_an_act_twice_nor_by_the_program_outside_one(story: Story) -> None:
    matter = story.approved()
    refused(lambda: story.approve(matter), "matter.determined", "BMF-23.1")
    rows = Decision.objects.get(matter=matter), Proposal.objects.get(matter=matter), Matter.objects.get(pk=matter)
    for row in rows:  # what SQL itself does to them is in ``tests/records/test_append_only.py``
        for write in (row.save, row.delete, lambda r=row: type(r).objects.filter(pk=r.pk).update(tail="1年")):
            with pytest.raises(WriteOutsideAct):
                write()
    assert Decision.objects.get(matter=matter).tail == "10年"
