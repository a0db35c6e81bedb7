"""What came before a draft: rulings of the radar, for reference, and earlier matters that it is compared with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dingmi.procedures.terms import Upload
from dingmi.queries import ruled
from dingmi.records.matters.models import MatterText
from tests.engines.test_recognition import as_pdf, mixed, picture
from tests.interfaces.conftest import Reader
from tests.interfaces.test_pages import page
from tests.procedures.test_radar import found, pair, rule
from tests.story import TEXT, Story, docx_of

pytestmark = pytest.mark.db


def test_a_ruling_on_what_a_draft_reuses_stands_beside_it_for_reference_only(story: Story, reader: Reader) -> None:
    one, other = pair(story)
    case = found(story)
    matter = story.drafted()
    where = f"/draft/{matter}"
    assert "裁定过的同类差异" not in reader("drafter").get(where).content.decode(), "an open case is no precedent"
    rule(story, case, "stands")
    answer = reader("drafter").get(where)
    text = answer.content.decode()
    assert page(answer).banner == "机密" and "裁定过的同类差异 1 件（仅供参考）" in text
    assert "差异成立，各依其事实" in text and "设施状态不同。" in text and "涉及本稿来源" in text
    assert f"{story.now:%Y-%m-%d}" in text and f'href="/m/{one}"' in text and f'href="/m/{other}"' in text
    assert "机密★8年" in text and "机密★10年" in text
    assert f"/consistency/{case.pk}" not in text, "a drafter opens no case"
    story.fill(matter, story.answers())
    story.propose(matter)
    assert f"/consistency/{case.pk}" in reader("officer").get(f"/review/{matter}").content.decode()


def test_who_may_not_read_one_of_the_two_is_shown_no_ruling(story: Story) -> None:
    one, other = pair(story)
    rule(story, found(story), "stands")
    officer, drafter2 = story.actor("officer"), story.actor("drafter2")
    item = {story.item().pk}
    (shown,) = ruled.precedents(officer, story.now, item, set())
    assert (shown.one, shown.other, shown.reused) == (one, other, False)
    assert ruled.precedents(officer, story.now, set(), {other})[0].reused
    assert ruled.precedents(officer, story.now, {story.item("3").pk}, set()) == ()
    assert ruled.precedents(drafter2, story.now, item, {other}) == ()
    assert ruled.precedents(replace(officer, clearance="秘密"), story.now, item, {other}) == ()


def test_a_draft_is_compared_with_a_decided_matter_by_who_may_read_both(story: Story, reader: Reader) -> None:
    source = story.approved()
    changed = TEXT.replace("共三处", "共五处") + "四、每年汛前演练一次。\n"
    matter = story.drafted(upload=Upload("修订.docx", docx_of(changed)))
    link = f'href="/draft/{matter}/compare?source={source}"'
    drafter = reader("drafter")
    assert link in drafter.get(f"/draft/{matter}").content.decode()
    answer = drafter.get(f"/draft/{matter}/compare", {"source": str(source)})
    text = answer.content.decode()
    assert page(answer).banner == "机密" and "<del>三</del><ins>五</ins>" in text and "每年汛前演练一次" in text
    number = story.matter(source).register_no
    assert f">{number}</a>" in text and "新增 1 段" in text and "改动 1 段" in text
    story.fill(matter, story.answers())
    story.propose(matter)
    desk = reader("officer").get(f"/review/{matter}").content.decode()
    assert f"与 {number} 对照" in desk
    hidden = story.approved(answers=story.answers(scope=story.scope("drafter2", "officer")), user="drafter2")
    for gone in (hidden, "00000000-0000-4000-8000-000000000000"):
        assert drafter.get(f"/draft/{matter}/compare", {"source": str(gone)}).status_code == 404
    assert drafter.get(f"/draft/{matter}/compare", {"source": "x"}).status_code == 400


def test_pages_that_are_pictures_are_told_on_the_page_of_the_draft(story: Story, reader: Reader) -> None:
    scan = mixed(as_pdf(picture()))
    matter = story.drafted(upload=Upload("通知.pdf", scan))
    text = reader("drafter").get(f"/draft/{matter}").content.decode()
    assert "第 2 页是图像，没有读到文字" in text and "请上传原始电子文稿" in text
    assert MatterText.objects.get(matter=matter).warnings == ["pages_without_text:2"]
    story.act(
        "drafter",
        "determination.revise",
        matter=matter,
        upload=Upload("通知.docx", docx_of(TEXT)),
        expected_version=story.version(matter),
    )
    assert "没有读到文字" not in reader("drafter").get(f"/draft/{matter}").content.decode()
