"""汇聚与范围密级: items that a text touches together warn, and a guide above one's clearance offers nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from dingmi.base.errors import Invalid
from dingmi.procedures.terms import Answers, SourceIn
from dingmi.queries import draft, draft_verdict, suggestions
from dingmi.records.guides.models import GuideItem
from tests.story import TEXT, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
BOTH = {"items": ["1", "2"], "at_least": 2}
ROWS = (("1", "泵站参数", "秘密", {}), ("2", "供电线路走向", "秘密", {}), ("3", "整体防护资料", "机密", BOTH))


def items(story: Story, guide_level: str = "") -> dict[str, UUID]:
    """Import a guide whose items 1 and 2 together are item 3."""
    head = {"guide": "SW-AGG", "title": "泵站事项目录（示例）", "owner": "某部（虚构）", "edition": "2025"}
    head |= {"since": "2025-01-01", "guide_level": guide_level, "period": "5年", "matter_code": "SW-NET"}
    head |= {"scope": "直接承办人员", "origin_tier": "市级以上"}
    rows = tuple({**head, "no": no, "item": text, "level": level, "together": parts} for no, text, level, parts in ROWS)
    story.act("secrecy", "guides.import_edition", rows=rows)
    return dict(GuideItem.objects.filter(edition__code="SW-AGG").values_list("number", "pk"))


def resting_on(story: Story, item: UUID, **changes: Any) -> Answers:
    row = GuideItem.objects.get(pk=item)
    return replace(story.answers(), item=item, level=row.level, tail=row.tail, **changes)


def codes(found: Any) -> set[str]:
    return {f.code for f in found.findings}


def pointed(story: Story, matter: UUID, item: UUID) -> None:
    """Mark a stretch that rests on another item."""
    place = {"start": 0, "end": 12, "level": "秘密", "tail": "5年", "item": item}
    story.act("drafter", "points.mark", matter=matter, **place, expected_version=story.version(matter))


@pytest.mark.clause("BMF-36.3")
def test_items_touched_together_warn_the_drafter_and_the_officer_and_refuse_nothing(story: Story) -> None:
    known = items(story)
    answers = resting_on(story, known["1"])
    matter = story.filled(answers=answers)
    seen = {"actor": story.actor("drafter"), "now": story.now, "matter": matter, "answers": answers}
    assert "level.aggregated" not in codes(draft_verdict.of_draft(**seen))
    pointed(story, matter, known["2"])
    warned = draft_verdict.of_draft(**seen).findings
    found = next(f for f in warned if f.code == "level.aggregated")
    assert (found.severity, found.clauses) == ("warn", ("BMF-36.3",))
    assert dict(found.params) == {"parts": "1、2", "number": "3", "level": "机密", "proposed": "秘密"}
    assert "level.aggregated" in story.propose(matter).warnings
    officer = {"actor": story.actor("officer"), "now": story.now, "matter": matter}
    assert "level.aggregated" in codes(draft_verdict.of_proposal(**officer))
    story.approve(matter)
    whole = resting_on(story, known["3"])
    seen |= {"matter": story.filled(answers=whole), "answers": whole}
    assert "level.aggregated" not in codes(draft_verdict.of_draft(**seen))


@pytest.mark.clause("BMF-36.3")
def test_sources_that_are_a_higher_item_together_warn(story: Story) -> None:
    known = items(story)
    sources = tuple(SourceIn(matter=story.approved(answers=resting_on(story, known[n]))) for n in ("1", "2"))
    matter = story.derive(sources)
    officer = {"actor": story.actor("officer"), "now": story.now, "matter": matter}
    assert "level.aggregated" in codes(draft_verdict.of_proposal(**officer))


@pytest.mark.clause("GD-8.2")
def test_a_guide_above_the_clearance_is_neither_found_nor_suggested_nor_cited(story: Story) -> None:
    known = items(story, guide_level="绝密")
    matter = story.drafted()
    asked = {"actor": story.actor("drafter"), "now": story.now, "matter": matter}
    assert draft.items(**asked, words="供电线路") == ()
    found = suggestions.suggest(story.actor("drafter"), story.now, TEXT + "泵站参数、供电线路走向。\n", ())
    assert {c["item"] for c in found.payload["candidates"]}.isdisjoint(str(pk) for pk in known.values())
    with pytest.raises(Invalid, match=r"item\.unknown"):
        story.fill(matter, resting_on(story, known["1"]))
