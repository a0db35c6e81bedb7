"""派生关系: a change of a source reaches every descendant, and the graph tells who departs from its sources."""

from __future__ import annotations

import random
from uuid import UUID

import pytest

from dingmi.base.errors import Refused
from dingmi.procedures.terms import SourceIn
from dingmi.queries import lineage
from dingmi.records.matters.models import Decision, ReviewTask
from dingmi.records.notices.models import Notice
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def derived(story: Story, *sources: UUID) -> UUID:
    """Derive from ``sources`` and approve."""
    made = story.derive(tuple(SourceIn(matter=s, consent=True) for s in sources))
    story.approve(made)
    return made


def open_tasks() -> set[UUID]:
    """Return the matters with an open task because of a source."""
    found = ReviewTask.objects.filter(kind="source", done_at__isnull=True)
    return set(found.values_list("matter_id", flat=True))


@pytest.fixture
def graph(story: Story) -> tuple[Story, dict[UUID, tuple[UUID, ...]]]:
    """Fourteen matters by real acts: each but two derives from one to three earlier ones."""
    chance, parents = random.Random(24), {}
    for number in range(14):
        earlier = list(parents)
        chosen = tuple(chance.sample(earlier[-5:], min(len(earlier), chance.randint(1, 3)))) if number > 1 else ()
        parents[derived(story, *chosen) if chosen else story.approved(answers=story.answers(tail="5年"))] = chosen
    return story, parents


def reach(parents: dict[UUID, tuple[UUID, ...]], start: UUID) -> set[UUID]:
    """Return what derives from ``start``, walking the plain table from the other end."""
    return {m for m in parents if m != start and start in _above(parents, m)}


def _above(parents: dict[UUID, tuple[UUID, ...]], matter: UUID) -> set[UUID]:
    return {p for parent in parents[matter] for p in (parent, *_above(parents, parent))}


@pytest.mark.clause("PS-13?")
def test_every_change_opens_a_task_for_exactly_the_closure(graph: tuple[Story, dict[UUID, tuple[UUID, ...]]]) -> None:
    story, parents = graph
    first, second = list(parents)[:2]
    for matter in parents:
        assert set(lineage.descendants(matter)) == reach(parents, matter)
    assert max(lineage.descendants(first).values()) >= 3
    assert open_tasks() == set()
    story.later(days=1).extend(first, "7年")
    wanted = reach(parents, first)
    assert open_tasks() == wanted
    told = set(Notice.objects.filter(code="source.extended").values_list("matter_id", flat=True))
    assert told == wanted
    some = next(iter(sorted(wanted, key=str)))
    story.review(some, "keep")
    story.act("officer", "review.decide", matter=some, opinion="已核。", expected_version=story.version(some))
    assert open_tasks() == wanted - {some}
    story.later(days=1).extend(second, "6年")
    assert open_tasks() == (wanted - {some}) | reach(parents, second)


def test_a_second_change_of_the_year_opens_a_done_task_again(story: Story) -> None:
    source = story.approved(answers=story.answers(tail="5年"))
    child = derived(story, source)
    grandchild = derived(story, child)
    for day, tail in enumerate(("6年", "7年"), start=1):
        story.later(days=day).extend(source, tail)
        assert open_tasks() == {child, grandchild}
        for matter in (child, grandchild):
            story.review(matter, "keep")
            story.act(
                "officer", "review.decide", matter=matter, opinion="已核。", expected_version=story.version(matter)
            )
        assert open_tasks() == set()


def test_the_graph_shows_all_generations_and_who_departs(story: Story) -> None:
    source = story.approved(answers=story.answers(tail="5年"))
    child = derived(story, source)
    grandchild = derived(story, child)
    seen = lineage.graph(actor=story.actor("drafter"), now=story.now, matter=child)
    assert [(n.key, n.depth) for n in seen.others] == [(str(source), -1), (str(grandchild), 1)]
    assert (seen.upstream, seen.downstream, seen.conflicts) == (1, 1, 0)
    assert set(seen.arrows) == {(str(source), str(child)), (str(child), str(grandchild))}
    story.later(days=1).extend(source, "8年")
    seen = lineage.graph(actor=story.actor("drafter"), now=story.now, matter=source)
    departs = {n.key: n.conflict for n in seen.nodes}
    assert departs == {str(source): "", str(child): "shorter", str(grandchild): ""}


@pytest.mark.clause("TL-18", "PS-13?")
def test_a_descendant_departs_from_its_source_only_by_a_decision_that_says_why(story: Story) -> None:
    source = story.approved(answers=story.answers(tail="5年"))
    child = derived(story, source)
    story.later(days=1).extend(source, "8年")
    story.review(child, "keep")
    kept = {"matter": child, "expected_version": story.version(child)}
    with pytest.raises(Refused) as caught:
        story.act("officer", "review.decide", **kept)
    blocked = {f.code for f in caught.value.findings if f.severity == "block"}
    assert blocked == {"derivation.departure_unexplained"}
    story.act("officer", "review.decide", **kept, opinion="所用部分只在五年内敏感。")
    said = Decision.objects.filter(matter=child).latest("number").verdict["findings"]
    assert [f["code"] for f in said] == ["derivation.ends_before"]
    asked = {"matter": child, "ground": "damage_changed", "reason": "仍需保护。", "tail": "9年"}
    done = story.act("drafter", "change.propose", **asked, expected_version=story.version(child))
    assert done.warnings == ("derivation.outlives",)


def test_who_may_not_know_a_matter_does_not_find_it_in_the_graph(story: Story) -> None:
    source = story.approved()
    child = derived(story, source)
    story.act(
        "officer", "need_to_know.expand", matter=source, persons=(story.people["drafter2"],), purpose="工作需要",
        expected_version=story.version(source),
    )  # fmt: skip
    seen = lineage.graph(actor=story.actor("drafter2"), now=story.now, matter=source)
    assert [n.key for n in seen.nodes] == [str(source)] and seen.downstream == 0 and seen.arrows == ()
    assert child in lineage.descendants(source)


@pytest.mark.clause("TL-18", "PS-7")
def test_a_matter_is_no_source_of_itself(story: Story) -> None:
    matter = story.proposed()
    story.act(
        "officer", "determination.return", matter=matter, reason_code="basis", text="请改为派生。",
        expected_version=story.version(matter),
    )  # fmt: skip
    with pytest.raises(Refused) as caught:
        story.act(
            "drafter", "derivation.propose", matter=matter, sources=(SourceIn(matter=matter, consent=True),),
            trigger="rework", scope=story.scope(), reasons="引用。", expected_version=story.version(matter),
        )  # fmt: skip
    assert "derivation.cyclic" in {f.code for f in caught.value.findings}
