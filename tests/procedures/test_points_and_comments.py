"""密点、批注、换稿：what a drafter marks, what is said about it, and what a returned draft read like before."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dingmi.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from dingmi.procedures.terms import Upload
from dingmi.queries import content, facts, points, threads
from dingmi.queries.verify import verify
from dingmi.records.matters.models import ClassifiedPoint, Comment, Decision, EarlierText, Proposal
from dingmi.regime.prc_state.points import label
from tests.story import TEXT, Story, docx_of

pytestmark = pytest.mark.db
SECRET = "节点坐标见附表"


def stretch(story: Story, matter: Any, words: str) -> tuple[int, int]:
    """Return where ``words`` stand in the text of a matter."""
    start = content.body(story.matter(matter))[0].index(words)
    return start, start + len(words)


def point(
    story: Story, matter: Any, words: str = SECRET, level: str = "机密", tail: str = "10年", **params: Any
) -> Any:
    """Mark ``words`` as a point that rests on item 7 unless told otherwise."""
    start, end = stretch(story, matter, words)
    if not params.keys() & {"item", "source"}:
        params["item"] = story.item().pk
    return story.act(
        "drafter",
        "points.mark",
        matter=matter,
        start=start,
        end=end,
        level=level,
        tail=tail,
        expected_version=story.version(matter),
        **params,
    )


def refused(error: Any) -> set[str]:
    """Return the codes of a refusal."""
    return {f.code for f in error.value.findings if f.severity == "block"}


def said(story: Story, matter: Any, user: str = "officer", **params: Any) -> Any:
    """Comment on the secret words."""
    start, end = stretch(story, matter, SECRET)
    return story.act(
        user, "review.comment", matter=matter, **{"start": start, "end": end, "text": "此处数量可否不列？", **params}
    )


@pytest.mark.clause("TL-17.3")
def test_a_point_is_kept_with_stretch_level_tail_and_basis_and_signed_with_the_proposal(story: Story) -> None:
    matter = story.filled()
    done = point(story, matter)
    assert (done.points, done.version) == (1, story.version(matter))
    story.propose(matter)
    signed = facts.payload_of(Proposal.objects.get(matter=matter))["points"]
    start, end = stretch(story, matter, SECRET)
    assert signed == [
        {
            "number": 1,
            "start": start,
            "end": end,
            "level": "机密",
            "tail": "10年",
            "item": str(story.item().pk),
            "source": None,
        }
    ]
    assert points.of(story.matter(matter), content.body(story.matter(matter))[0])[0].words == SECRET
    assert label(1, "机密") == "〔密点1 机密〕"


@pytest.mark.clause("TL-17.3")
def test_points_may_not_share_words_nor_lie_outside_the_text(story: Story) -> None:
    matter = story.filled()
    point(story, matter)
    with pytest.raises(Refused) as crossing:
        point(story, matter, "坐标见附表，阀室编号")
    with pytest.raises(Refused) as outside:
        story.act(
            "drafter",
            "points.mark",
            matter=matter,
            start=5,
            end=100_000,
            level="机密",
            tail="10年",
            item=story.item().pk,
            expected_version=story.version(matter),
        )
    assert (refused(crossing), "points.outside_text" in refused(outside)) == ({"points.crosses"}, True)
    assert ClassifiedPoint.objects.filter(matter=matter).count() == 1


@pytest.mark.clause("BMF-22.3")
def test_a_work_secret_never_becomes_a_point(story: Story) -> None:
    matter = story.filled()
    with pytest.raises(Refused) as error:
        point(story, matter, level="内部")
    assert "points.no_level" in refused(error)


@pytest.mark.clause("GD-6.1")
def test_a_point_needs_a_basis(story: Story) -> None:
    matter = story.filled()
    with pytest.raises(Refused) as error:
        point(story, matter, item=None)
    assert refused(error) == {"points.no_basis"}


@pytest.mark.clause("FW-9.1")
def test_a_point_has_the_level_of_its_item_and_no_longer_period(story: Story) -> None:
    matter = story.filled()
    with pytest.raises(Refused) as level:
        point(story, matter, level="秘密", tail="5年")
    with pytest.raises(Refused) as tail:
        point(story, matter, tail="15年")
    assert ("points.not_the_items" in refused(level), "period.over_item" in refused(tail)) == (True, True)


@pytest.mark.clause("BMF-19")
def test_the_document_may_not_be_lower_than_its_highest_point(story: Story) -> None:
    matter = story.filled()
    point(story, matter)
    story.fill(matter, story.answers("3"))
    with pytest.raises(Refused) as error:
        story.propose(matter)
    assert "points.above_document" in refused(error)


@pytest.mark.clause("TL-17.3")
def test_points_all_lower_than_the_document_are_a_warning(story: Story) -> None:
    matter = story.filled()
    point(story, matter, level="秘密", tail="5年", item=story.item("3").pk)
    assert "points.below_document" in story.propose(matter).warnings


def test_a_point_can_be_changed_and_removed_and_a_stale_version_is_told(story: Story) -> None:
    matter = story.filled()
    made = point(story, matter)
    old = story.version(matter)
    changed = story.act(
        "drafter",
        "points.change",
        matter=matter,
        point=made.point,
        level="机密",
        tail="5年",
        expected_version=old,
    )
    assert [(p.level, p.tail) for p in points.of(story.matter(matter))] == [("机密", "5年")]
    with pytest.raises(Conflict):
        story.act("drafter", "points.remove", matter=matter, point=changed.point, expected_version=old)
    with pytest.raises(NotFound):
        story.act("drafter", "points.remove", matter=matter, point=made.point, expected_version=story.version(matter))
    story.act("drafter", "points.remove", matter=matter, point=changed.point, expected_version=story.version(matter))
    assert points.of(story.matter(matter)) == ()


def test_points_are_taken_from_the_evidence_and_go_with_the_item(story: Story) -> None:
    matter = story.drafted()
    story.fill(matter, story.answers(confirmed=("item",)))
    taken = story.act("drafter", "points.take", matter=matter, expected_version=story.version(matter))
    assert taken.points > 0
    assert {p.item_id for p in ClassifiedPoint.objects.filter(matter=matter)} == {story.item().pk}
    story.fill(matter, story.answers("3", confirmed=("item",)))
    story.act("drafter", "points.take", matter=matter, expected_version=story.version(matter))
    assert not ClassifiedPoint.objects.filter(matter=matter, item=story.item()).exists()


def test_nobody_else_marks_points_and_none_while_an_officer_reads(story: Story) -> None:
    matter = story.proposed()
    with pytest.raises(Refused) as waiting:
        point(story, matter)
    assert refused(waiting) == {"proposal.waiting_for_officer"}
    with pytest.raises((Forbidden, NotFound)):
        story.act(
            "drafter2",
            "points.mark",
            matter=matter,
            start=0,
            end=4,
            level="机密",
            tail="10年",
            expected_version=story.version(matter),
        )


def test_the_marked_file_names_its_points_in_its_label(story: Story) -> None:
    from dingmi.engines import documents
    from dingmi.records.matters.models import MatterFile
    from dingmi.records.vault import store

    matter = story.filled()
    point(story, matter)
    story.propose(matter)
    story.approve(matter)
    file = MatterFile.objects.get(matter=matter, role="marked")
    found = documents.verify(store.get(file.stored), "docx").mark.label
    start, end = stretch(story, matter, SECRET)
    assert found is not None and found["points"] == [[1, start, end, "机密", "10年"]]


def test_what_is_no_state_secret_keeps_no_points(story: Story) -> None:
    matter = story.filled()
    point(story, matter)
    story.act(
        "drafter",
        "determination.not_secret",
        matter=matter,
        reason="只有公开信息。",
        instead="public",
        expected_version=story.version(matter),
    )
    assert not ClassifiedPoint.objects.filter(matter=matter).exists()


@pytest.mark.clause("TL-15.1")
def test_a_comment_kept_back_is_its_authors_alone_until_the_verdict_is_signed(story: Story) -> None:
    matter = story.proposed()
    said(story, matter, hold=True)
    row, text = story.matter(matter), content.body(story.matter(matter))[0]
    assert [len(threads.of(story.actor(u), row, text)) for u in ("officer", "officer2", "drafter")] == [1, 0, 0]
    story.act(
        "officer",
        "determination.return",
        matter=matter,
        reason_code="points",
        text="见批注。",
        expected_version=story.version(matter),
    )
    (thread,) = threads.of(story.actor("drafter"), story.matter(matter), text)
    assert (thread.quote, thread.said[0].text, thread.said[0].held) == (SECRET, "此处数量可否不列？", False)
    signed = json.loads(content.opened(Decision.objects.get(matter=matter), "payload_ct", "机密"))
    assert signed["comments"] == [str(thread.id)]
    assert verify().ok


def test_drafter_answers_and_the_thread_is_resolved(story: Story) -> None:
    matter = story.proposed()
    first = said(story, matter)
    story.act("drafter", "review.comment", matter=matter, parent=first.comment, text="处置顺序依赖数量，建议保留。")
    seen = story.seen(Comment, first.comment)
    story.act("officer", "review.resolve", matter=matter, comment=first.comment, expected_version=seen)
    with pytest.raises(Conflict, match=r"record\.stale"):
        story.act(
            "drafter", "review.resolve", matter=matter, comment=first.comment, resolved=False, expected_version=seen
        )
    (thread,) = threads.of(story.actor("drafter"), story.matter(matter), content.body(story.matter(matter))[0])
    assert ([w.who for w in thread.said], thread.resolved, thread.resolved_by) == (
        ["周启明", "林晓雯"],
        True,
        "周启明",
    )


def test_comments_are_encrypted_and_follow_the_matter_to_another_level(story: Story) -> None:
    matter = story.proposed()
    said(story, matter)
    blob = bytes(Comment.objects.get(matter=matter).words_ct)
    assert "数量".encode() not in blob
    story.act(
        "officer",
        "determination.not_secret",
        matter=matter,
        reason="不符合条目。",
        instead="internal",
        expected_version=story.version(matter),
    )
    (thread,) = threads.of(story.actor("drafter"), story.matter(matter), content.body(story.matter(matter))[0])
    assert thread.said[0].text == "此处数量可否不列？"


def test_a_comment_needs_words_a_stretch_and_a_matter_under_review(story: Story) -> None:
    matter = story.proposed()
    with pytest.raises(Invalid) as nothing:
        said(story, matter, text="  ")
    with pytest.raises(Invalid) as nowhere:
        said(story, matter, start=3, end=3)
    assert (nothing.value.code, nowhere.value.code) == ("text.missing", "comment.no_stretch")
    held = said(story, matter, hold=True)
    with pytest.raises(NotFound):
        story.act("officer2", "review.resolve", matter=matter, comment=held.comment, expected_version="")
    story.act("officer", "review.withdraw_comment", matter=matter, comment=held.comment)
    assert verify().ok, "what was taken back is missed by nobody"
    story.approve(matter)
    with pytest.raises(Refused):
        said(story, matter)


@pytest.mark.clause("TL-15.1")
def test_a_returned_draft_takes_another_file_and_keeps_what_it_read_like(story: Story) -> None:
    matter = story.filled()
    point(story, matter)
    point(story, matter, "控制参数由调度中心掌握")
    story.propose(matter)
    said(story, matter)
    story.act(
        "officer",
        "determination.return",
        matter=matter,
        reason_code="text",
        text="请删去控制参数。",
        expected_version=story.version(matter),
    )
    changed = "前言：新增一段说明。\n" + TEXT.replace("，控制参数由调度中心掌握", "")
    story.act(
        "drafter",
        "determination.revise",
        matter=matter,
        upload=Upload("切换方案（修改）.docx", docx_of(changed)),
        expected_version=story.version(matter),
    )
    row = story.matter(matter)
    text = content.body(row)[0]
    assert [p.words for p in points.of(row, text)] == [SECRET]
    (thread,) = threads.of(story.actor("drafter"), row, text)
    assert text[thread.start : thread.end] == SECRET
    earlier = EarlierText.objects.get(matter=matter)
    assert "控制参数由调度中心掌握" in content.opened(earlier, "text_ct", earlier.level)
    story.propose(matter)
    story.approve(matter)


def test_a_file_of_a_draft_that_was_never_proposed_leaves_nothing_behind(story: Story) -> None:
    matter = story.drafted()
    story.act(
        "drafter",
        "determination.revise",
        matter=matter,
        upload=Upload("改.docx", docx_of("另一份文稿\n没有坐标。")),
        expected_version=story.version(matter),
    )
    assert not EarlierText.objects.filter(matter=matter).exists()
    assert "没有坐标" in content.body(story.matter(matter))[0]


def test_replacing_a_file_that_waits_for_an_officer_is_refused(story: Story) -> None:
    matter = story.proposed()
    with pytest.raises(Refused) as error:
        story.act(
            "drafter",
            "determination.revise",
            matter=matter,
            upload=Upload("改.docx", docx_of("另一份文稿")),
            expected_version=story.version(matter),
        )
    assert refused(error) == {"proposal.waiting_for_officer"}


def test_points_of_another_item_stay_when_they_rest_on_it_by_hand(story: Story) -> None:
    matter = story.drafted()
    story.fill(matter, replace(story.answers(), confirmed=("item",)))
    point(story, matter, "遇突发情况时")
    story.act("drafter", "points.take", matter=matter, expected_version=story.version(matter))
    assert "遇突发情况时" in {p.words for p in points.of(story.matter(matter), content.body(story.matter(matter))[0])}
