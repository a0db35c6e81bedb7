"""An original determination that uses an existing secret is linked to it as a derivation is, and a change of it arrives."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from dingmi.base.errors import Refused
from dingmi.procedures.terms import ReuseAnswer, SourceIn
from dingmi.queries import content, lineage
from dingmi.queries.forms import determination as form
from dingmi.queries.matter import matter as page
from dingmi.queries.review_desk import desk
from dingmi.queries.sourcing import Linked
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.models import Proposal, ReviewTask, SourceLink
from dingmi.records.notices.models import Notice
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def using(story: Story, *sources: UUID, **changes: Any) -> Any:
    """Return complete answers by an item that confirm the use of ``sources``."""
    return story.answers(reuse=tuple(ReuseAnswer(s, True) for s in sources), **changes)


def links(matter: UUID) -> list[tuple[UUID | None, str]]:
    """Return the sources that a matter is linked to, and how it uses each."""
    return sorted(SourceLink.objects.filter(matter=matter).values_list("source_id", "trigger"), key=str)


def open_tasks() -> set[UUID]:
    return set(ReviewTask.objects.filter(kind="source", done_at__isnull=True).values_list("matter_id", flat=True))


def told(code: str) -> set[UUID]:
    return set(Notice.objects.filter(code=code).values_list("matter_id", flat=True))


@pytest.fixture
def source(story: Story) -> UUID:
    return story.approved(answers=story.answers(tail="5年"))


@pytest.mark.clause("TL-18", "GD-2.2", "GD-6.1")
def test_approval_links_exactly_the_confirmed_sources_and_the_form_names_them(story: Story, source: UUID) -> None:
    other = story.approved(answers=story.answers(tail="5年"))
    put_away = ReuseAnswer(other, False, "not_used")
    made = story.approved(answers=replace(using(story, source), reuse=(ReuseAnswer(source, True), put_away)))
    row = story.matter(made)
    assert row.origin == "original" and [s for s, _ in links(made)] == [source]
    signed = json.loads(content.opened(Proposal.objects.get(matter=made), "payload_ct", row.level))
    assert [s["matter"] for s in signed["sources"]] == [str(source)]
    entry = json.loads(Entry.objects.get(act="determination.propose", stream=f"matter:{made}").body)
    assert entry["data"]["sources"] == [str(source)]
    number = story.matter(source).register_no
    basis = form.fill(story.actor("officer"), story.now, made).filled.fields["basis"]
    assert "目录第 7 项" in basis and f"派生依据：{number}" in basis and basis.count("派生依据") == 1
    graph = lineage.graph(actor=story.actor("drafter"), now=story.now, matter=made)
    assert [(n.key, n.conflict) for n in graph.sources] == [(str(source), "")] and graph.conflicts == 0


@pytest.mark.clause("TL-18", "QA-3")
def test_the_officer_reviews_the_sources_and_the_principal_with_the_authority_of_the_organ(
    story: Story, source: UUID
) -> None:
    row, made = story.matter(source), story.proposed(answers=using(story, source))
    seen = desk(actor=story.actor("head"), now=story.now, matter=made)
    assert seen.linked == (Linked(row.register_no, "机密", row.last_protected_day),)
    assert seen.max_level == "机密"


@pytest.mark.clause("PS-13?", "TL-18")
def test_every_change_of_the_source_reaches_what_uses_it(story: Story, source: UUID) -> None:
    made = story.approved(answers=using(story, source))
    kept = {"matter": made, "opinion": "已核对，不受影响。"}
    day = story.matter(source).declassified_from
    assert [t.due_on for t in ReviewTask.objects.filter(kind="source")] == [day]  # when it ends is known already
    story.later(days=1).extend(source, "7年")
    assert made in open_tasks() and told("source.extended") == {made}
    story.review(made, "keep")
    story.act("officer", "review.decide", **kept, expected_version=story.version(made))
    assert not ReviewTask.objects.filter(matter=made, kind="source", year=story.now.year, done_at=None).exists()
    asked = {"matter": source, "ground": "damage_changed", "reason": "缩短。", "tail": "6年"}
    story.later(days=1).act("drafter", "change.propose", **asked, expected_version=story.version(source))
    story.act("officer", "change.change", matter=source, expected_version=story.version(source))
    assert told("source.changed") == {made}
    story.review(source, "release", ground="harmless", interests="公开利益更大。")
    story.act(
        "officer", "declassification.release", matter=source, reason="不再敏感。",
        confirm=story.matter(source).register_no, expected_version=story.version(source),
    )  # fmt: skip
    assert told("source.released") == {made} and made in open_tasks()
    life = page(actor=story.actor("drafter"), now=story.now, matter=made).life
    assert next(e.note for e in life.events if "来源变化" in e.title) == "待核对"


@pytest.mark.clause("JM-14?", "PS-13?")
def test_a_source_that_runs_out_opens_a_task_on_what_uses_it(story: Story, source: UUID) -> None:
    made = story.approved(answers=using(story, source))
    last = story.matter(source).last_protected_day
    story.on(date(last.year, last.month, last.day)).later(days=1).daily()
    assert story.matter(source).state == "declassified" and story.matter(made).state == "active"
    assert told("source.released") == {made} and made in open_tasks()


@pytest.mark.clause("TL-18", "PS-13?")
def test_what_would_end_before_an_extended_source_stays_only_by_a_decision_that_says_why(
    story: Story, source: UUID
) -> None:
    made = story.approved(answers=using(story, source, tail="6年"))
    story.later(days=1).extend(source, "8年")
    graph = lineage.graph(actor=story.actor("drafter"), now=story.now, matter=made)
    assert {n.key: n.conflict for n in graph.nodes} == {str(made): "shorter", str(source): ""}
    story.review(made, "keep")
    kept = {"matter": made, "expected_version": story.version(made)}
    with pytest.raises(Refused) as caught:
        story.act("officer", "review.decide", **kept)
    assert {f.code for f in caught.value.findings if f.severity == "block"} == {"derivation.departure_unexplained"}
    story.act("officer", "review.decide", **kept, opinion="所用部分只在六年内敏感。")


@pytest.mark.parametrize(("tail", "code"), [("4年", "reuse.ends_before"), ("10年", None)])
@pytest.mark.clause("TL-18", "BMF-18")
def test_a_proposal_that_contradicts_its_source_is_refused_with_clause_and_remedy(
    story: Story, source: UUID, tail: str, code: str | None
) -> None:
    draft = story.filled(answers=using(story, source, tail=tail))
    if code is None:
        story.propose(draft)
        return
    with pytest.raises(Refused) as caught:
        story.propose(draft)
    (found,) = [f for f in caught.value.findings if f.severity == "block"]
    assert (found.code, found.clauses) == (code, ("TL-18",))
    assert story.matter(draft).state == "draft" and links(draft) == []


@pytest.mark.clause("TL-18", "BMF-18")
def test_an_officer_may_not_decide_for_less_than_the_source(story: Story, source: UUID) -> None:
    made = story.proposed(answers=using(story, source))
    with pytest.raises(Refused) as caught:
        story.act(
            "officer", "determination.change_and_approve", matter=made, level="机密", tail="4年", scope=story.scope(),
            item=None, reason="四年足够。", issued_on=story.now.date(), expected_version=story.version(made),
        )  # fmt: skip
    assert "reuse.ends_before" in {f.code for f in caught.value.findings}


@pytest.mark.clause("TL-18", "BMF-21.2")
def test_a_source_that_the_drafter_may_not_know_is_refused_like_one_that_does_not_exist(
    story: Story, source: UUID
) -> None:
    hidden = story.approved("drafter2", story.answers(tail="5年", scope=story.scope("drafter2", "officer")))
    said = []
    for unknown in (hidden, uuid4()):
        draft = story.filled(answers=using(story, unknown))
        with pytest.raises(Refused) as caught:
            story.propose(draft)
        said.append([(f.code, f.clauses) for f in caught.value.findings])
    assert said[0] == said[1] == [("derivation.source_unknown", ("TL-18",))]


@pytest.mark.clause("TL-18", "PS-10?")
def test_who_is_outside_the_scope_of_the_source_is_told_and_a_department_admits_its_people(story: Story) -> None:
    wide = story.scope()
    narrow = story.approved(answers=story.answers(tail="5年", scope=story.scope("drafter", "officer")))
    draft = story.filled(answers=using(story, narrow, scope=wide))
    assert "reuse.scope_wider" in story.propose(draft).warnings
    by_department = replace(wide, persons=(), departments=(story.department,))
    whole = story.approved(answers=story.answers(tail="5年", scope=by_department))
    assert "reuse.scope_wider" not in story.propose(story.filled(answers=using(story, whole, scope=wide))).warnings


@pytest.mark.clause("TL-17.3", "TL-18.2")
def test_what_a_classified_point_rests_on_is_a_source_whatever_was_answered(story: Story, source: UUID) -> None:
    draft = story.drafted()
    story.act(
        "drafter", "points.mark", matter=draft, start=0, end=10, level="机密", tail=_until(story, source),
        source=source, expected_version=story.version(draft),
    )  # fmt: skip
    story.fill(draft, story.answers(reuse=(ReuseAnswer(source, False, "not_used"),)))
    story.propose(draft)
    story.approve(draft)
    assert links(draft) == [(source, "point")]


def _until(story: Story, source: UUID) -> str:
    day = story.matter(source).declassified_from
    return f"{day.year}年{day.month}月{day.day}日"


@pytest.mark.clause("TL-18", "TL-29.4")
def test_a_paper_from_elsewhere_is_linked_with_what_is_known_of_it(story: Story) -> None:
    paper = SourceIn(None, "省水〔2025〕3号", "某省水利厅", "机密", "6年", date(2025, 6, 1), False)
    made = story.approved(answers=story.answers(outside=(paper,)))
    (link,) = SourceLink.objects.filter(matter=made)
    assert (link.source_id, link.level, link.last_protected_day) == (None, "机密", date(2031, 6, 1))
    assert "某省水利厅省水〔2025〕3号" in form.sources_words(story.matter(made))


@pytest.mark.clause("BMF-22.3", "TL-15.1")
def test_a_new_proposal_replaces_the_links_and_what_is_no_secret_has_none(story: Story, source: UUID) -> None:
    other = story.approved(answers=story.answers(tail="5年"))
    made = story.proposed(answers=using(story, source))
    sent_back = {"reason_code": "basis", "text": "来源有误。"}
    story.act("officer", "determination.return", matter=made, **sent_back, expected_version=story.version(made))
    story.fill(made, using(story, other))
    story.later(minutes=1).propose(made)
    assert [s for s, _ in links(made)] == [other]
    story.act(
        "officer", "determination.not_secret", matter=made, reason="不构成损害。", instead="internal",
        expected_version=story.version(made),
    )  # fmt: skip
    assert links(made) == [] and made not in lineage.descendants(other)


@pytest.mark.clause("GD-11.2", "TL-25.1")
def test_a_matter_that_is_referred_is_linked_to_what_it_uses(story: Story, source: UUID) -> None:
    unlisted = story.filled(answers=replace(using(story, source), item=None))
    said = {"category": "economy", "does_damage": True}
    story.act("drafter", "unclear.refer", matter=unlisted, **said, expected_version=story.version(unlisted))
    above = story.filled(answers=replace(using(story, source), item=story.item("11").pk, level="绝密", tail="20年"))
    story.act("drafter", "referral.refer", matter=above, opinion="报请确定。", expected_version=story.version(above))
    assert [s for s, _ in links(above)] == [s for s, _ in links(unlisted)] == [source]
    story.later(days=1).extend(source, "7年")
    assert told("source.extended") == {above, unlisted}
