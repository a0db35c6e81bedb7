"""Pages of drafting, deriving and reviewing without scripts: points, sources, comments, another file, comparison."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from dingmi.base.errors import Invalid
from dingmi.engines import documents, suggest
from dingmi.interfaces.web.drafts import uploads
from dingmi.procedures.terms import Upload
from dingmi.queries import content, limits, suggestions
from dingmi.records.ledger.guard import act_open
from dingmi.records.matters.assist import RankingModel
from dingmi.records.matters.models import ClassifiedPoint, Comment, Matter, SourceLink
from tests.interfaces.conftest import Reader
from tests.interfaces.test_pages import page
from tests.procedures.test_facts_told import pointed
from tests.story import PASSWORD, TEXT, Story, docx_of

pytestmark = pytest.mark.db
SECRET = "节点坐标见附表"


def span(story: Story, matter: UUID, words: str = SECRET) -> str:
    """Return the stretch of ``words`` as a form names it."""
    start = content.body(story.matter(matter))[0].index(words)
    return f"{start}-{start + len(words)}"


def press(client: Any, story: Story, matter: UUID, do: str, home: str = "draft", **fields: str) -> Any:
    """Press a button of a draft page; return the page that follows."""
    data = {"do": do, "version": str(story.version(matter)), "home": home, **fields}
    return client.post(f"/draft/{matter}/fill", data, follow=True)


def test_a_selection_becomes_a_point_is_listed_changed_and_removed(story: Story, reader: Reader) -> None:
    matter, client = story.filled(), reader("drafter")
    shown = press(client, story, matter, "mark", span=span(story, matter)).content.decode()
    assert 'class="pt" data-l="机密"' in shown and "密点 1 处" in shown
    point = ClassifiedPoint.objects.get(matter=matter)
    press(client, story, matter, f"point-change:{point.pk}", **{f"tail:{point.pk}": "5年"})
    changed = ClassifiedPoint.objects.get(matter=matter)
    assert changed.tail == "5年"
    assert "密点 0 处" in press(client, story, matter, f"point-remove:{changed.pk}").content.decode()


def test_unmarked_paragraphs_are_counted_listed_and_marked_by_one_press(story: Story, reader: Reader) -> None:
    matter, client = story.filled(), reader("drafter")
    before = client.get(f"/draft/{matter}").content.decode()
    counted = int(re.search(r"未标密点 (\d+) 段", before).group(1))  # type: ignore[union-attr]
    lines = re.findall(r'value="(line:\d+)"', before)
    assert len(lines) == counted > 0
    after = press(client, story, matter, lines[0]).content.decode()
    assert f"未标密点 {counted - 1} 段" in after


def test_adopting_an_item_marks_its_evidence_and_the_banner_tells_the_level(story: Story, reader: Reader) -> None:
    matter, client = story.drafted(), reader("drafter")
    answer = press(client, story, matter, f"item:{story.item().pk}")
    assert page(answer).banner == "机密"
    assert ClassifiedPoint.objects.filter(matter=matter, item=story.item()).exists()


def test_before_an_item_is_chosen_the_page_tells_what_those_that_fit_support_and_presumes_none(
    story: Story, reader: Reader
) -> None:
    matter, client = story.drafted(), reader("drafter")
    before = client.get(f"/draft/{matter}").content.decode()
    assert "尚未选定条目" in before and "相符条目支持的最低密级、最短期限" in before
    assert "预计 <span" not in before, "no terms are reckoned with"
    after = press(client, story, matter, f"item:{story.item().pk}").content.decode()
    assert "尚未选定条目" not in after and "所引条目支持的最低密级、最短期限" in after


@pytest.mark.clause("FW-4")
def test_a_card_says_that_precedents_are_alike_for_reference_only_to_whoever_may_know_of_them(
    story: Story, reader: Reader
) -> None:
    words = "已确定的事项用语相近，仅供参考，不得比照类推"
    before = story.approved()
    matter, client = story.drafted(), reader("drafter")
    assert words in client.get(f"/draft/{matter}").content.decode()
    story.act("drafter", "access.set_language", language="en")
    assert "for reference only, nothing is classified by analogy" in client.get(f"/draft/{matter}").content.decode()
    story.act("drafter", "access.set_language", language="zh")
    story.review(before, "release", ground="harmless", interests="公开有利于公众知情，公开后无损害。")
    done = {"confirm": story.matter(before).register_no, "expected_version": story.version(before)}
    story.act("officer", "declassification.release", matter=before, reason="同意。", **done)
    assert words not in client.get(f"/draft/{matter}").content.decode()


def test_the_drafter_is_told_what_a_suggestion_did_without_and_what_to_do(
    story: Story, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = story.act("secrecy", "assist.learn", upload=Upload("公开.docx", docx_of("安全生产责任制逐级落实。" * 12)))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE matters_learntpart SET digest = %s WHERE number = %s", ["0" * 64, part.number])
    with act_open("test"):
        RankingModel.objects.create(number=1, state="serving", cases=200, fitted="{}", digest="0" * 64, at=story.now)
    short = partial(suggest.suggest, limits=suggest.Limits(max_chars=len(TEXT) - 10))
    monkeypatch.setattr(suggest, "suggest", short)
    matter, client = story.drafted(), reader("drafter")
    shown = client.get(f"/draft/{matter}").content.decode()
    length = len(content.body(story.matter(matter))[0])
    assert f"只比对了前 {len(TEXT) - 10} 个字（全文 {length} 个字）" in shown and "对其余部分另行比对" in shown
    assert "套话模型与账本中的摘要不符" in shown and "改用引擎原有次序" in shown
    assert shown.count("请告知保密办公室") == 2
    client.post("/language", {"language": "en"})
    shown = client.get(f"/draft/{matter}").content.decode()
    assert f"only the first {len(TEXT) - 10} of {length} characters" in shown
    assert shown.count("tell the secrecy office") == 2


def test_the_upload_page_tells_the_sizes_that_are_taken(story: Story, reader: Reader) -> None:
    limits = documents.DEFAULT
    assert limits.bytes_for("docx") == limits.bytes_for("pdf") == limits.largest
    said = f"不超过 {limits.largest // 1024**2} MB（txt {limits.bytes_for('txt') // 1024**2} MB）"
    assert said in reader("drafter").get("/draft/new").content.decode()


def test_what_a_level_costs_is_told_as_a_hint_and_not_as_a_rule_that_passed(story: Story, reader: Reader) -> None:
    told = reader("drafter").get(f"/draft/{story.filled()}/check").content.decode()
    tags = re.findall(r'class="tag (\w+)">\s*(\S+)\s*</span>\s*<div>\s*<div>\s*机密：泄露会使', told)
    assert tags == [("in", "提示")]


def ruled(html: str) -> dict[str, str]:
    """Return the parts of the panel of rules: what waits for the signature, what passed, what is about other cases."""
    panel = re.search(r"规则校验(.*)", html, re.DOTALL).group(1)  # type: ignore[union-attr]
    panel, _, apart = panel.partition("不适用于本件的")
    waiting = "".join(re.findall(r"签名时确认</span></span>(.*?)</li>", panel, re.DOTALL))
    return {
        "waiting": waiting,
        "passed": "".join(re.findall(r"通过</span></span>(.*?)</li>", panel, re.DOTALL)),
        "apart": apart,
    }


def test_bars_wait_for_the_signature_and_rules_about_other_cases_stand_apart(story: Story, reader: Reader) -> None:
    matter, client = story.drafted(), reader("drafter")
    story.fill(matter, replace(story.answers(), bars={}))
    shown = ruled(client.get(f"/draft/{matter}/check").content.decode())
    bars, of_sources, of_all = (
        ("ZX-19.1", "ZX-19.2", "ZX-19.3", "BMF-4.2"),
        ("TL-18", "TL-29.4"),
        ("GD-6.1", "BMF-20.2"),
    )
    for clauses, place in ((bars, "waiting"), (of_sources, "apart"), (of_all, "passed")):
        for clause in clauses:
            assert [name for name, part in shown.items() if f'/{clause}"' in part] == [place], clause


def test_what_was_declared_has_passed_and_the_desk_tells_what_does_not_apply(story: Story, reader: Reader) -> None:
    matter = story.filled()
    shown = ruled(reader("drafter").get(f"/draft/{matter}/check").content.decode())
    assert shown["waiting"] == "" and '/ZX-19.3"' in shown["passed"]
    story.propose(matter)
    desk = reader("officer").get(f"/review/{matter}").content.decode()
    passed, _, apart = desk.partition("不适用于本件的")
    assert '/ZX-19.3"' in passed and '/PS-6"' in apart and '/PS-6"' not in passed


def test_an_answer_that_says_item_and_names_none_is_asked_again(story: Story, reader: Reader) -> None:
    matter = story.filled(answers=replace(story.answers(), item=None))
    shown = reader("drafter").get(f"/draft/{matter}")
    assert shown.status_code == 200 and shown.context["page"].remaining == 1
    assert not shown.context["item_card"].done


def test_a_comparison_leads_each_reader_back_to_a_page_that_opens(story: Story, reader: Reader) -> None:
    matter = story.proposed()
    story.act(
        "officer",
        "determination.return",
        matter=matter,
        expected_version=story.version(matter),
        reason_code="text",
        text="请改。",
    )
    revised = {"upload": Upload("改稿.docx", docx_of(TEXT + "改。")), "expected_version": story.version(matter)}
    story.act("drafter", "determination.revise", matter=matter, **revised)
    story.propose(matter)
    for user in ("drafter", "officer"):
        client = reader(user)
        back = client.get(f"/draft/{matter}/compare").context["back"]
        assert client.get(back).status_code == 200, (user, back)


def test_a_file_with_marks_that_it_must_not_carry_is_told_so_with_the_clause(story: Story, reader: Reader) -> None:
    text = "水厂改造说明\n一、进展\n设备已经到货。\n二、管理\n有关内容按机密★10年管理，附件按内部★5年管理。\n"
    matter = story.drafted(upload=Upload("说明.docx", docx_of(text)))
    told = reader("drafter").get(f"/draft/{matter}").content.decode()
    for words, clause in (
        ("密级标志不在首页左上角", "BMF-22.2"),
        ("工作秘密（内部）使用了国家秘密的 ★ 标志", "BMF-22.3"),
    ):
        assert told.count(words) == 1 and f"/help/clauses/{clause}" in told.partition(words)[2][:600]


def test_words_that_are_not_chosen_are_refused_with_a_remedy(story: Story, reader: Reader) -> None:
    matter, client = story.filled(), reader("drafter")
    answer = press(client, story, matter, "mark", span="")
    assert answer.status_code == 400
    assert "没有选定正文中的文字" in answer.content.decode()


def test_the_check_page_counts_points_and_signs_them(story: Story, reader: Reader) -> None:
    matter, client = story.filled(), reader("drafter")
    press(client, story, matter, "mark", span=span(story, matter))
    told = client.get(f"/draft/{matter}/check").content.decode()
    assert (
        "1 处" in told and f"{limits.count(limits.PROPOSAL, story.now.date())} 个工作日办结" in told
    )  # what figures and appraisals judge by
    data = {"version": str(story.version(matter)), "password": PASSWORD}
    assert client.post(f"/draft/{matter}/check", data).status_code == 302
    desk = reader("officer").get(f"/review/{matter}").content.decode()
    assert SECRET in desk and "密点 1 处" in desk


def test_a_received_paper_becomes_a_source_and_its_removal_recomputes(story: Story, reader: Reader) -> None:
    matter, client = story.drafted(), reader("drafter")
    paper = {
        "out_number": "某水密〔2025〕8号",
        "out_originator": "某省水利厅",
        "out_level": "秘密",
        "out_tail": "5年",
        "out_issued_on": "2025-05-20",
    }
    home = "draft_derive"
    shown = press(client, story, matter, "outside", home, **paper).content.decode()
    assert "某水密〔2025〕8号" in shown and "秘密★2030年5月21日" in shown
    paper |= {"out_number": "某水密〔2024〕2号", "out_level": "机密", "out_tail": "10年", "out_issued_on": "2024-03-01"}
    assert "机密★2034年3月2日" in press(client, story, matter, "outside", home, **paper).content.decode()
    again = press(client, story, matter, "outside-drop:1", home).content.decode()
    assert "秘密★2030年5月21日" in again and "机密★2034年3月2日" not in again


def test_a_received_paper_with_gaps_is_refused_and_nothing_is_kept(story: Story, reader: Reader) -> None:
    matter, client = story.drafted(), reader("drafter")
    answer = press(client, story, matter, "outside", "draft_derive", out_number="某水密〔2025〕8号")
    assert answer.status_code == 400
    assert "都须填写" in answer.content.decode()
    assert "某水密〔2025〕8号" not in client.get(f"/draft/{matter}/derive").content.decode().split("来文文号")[0]


def test_a_derivative_of_a_received_paper_and_a_matter_of_ours_can_be_signed(story: Story, reader: Reader) -> None:
    known = story.approved()
    matter, client = story.drafted(), reader("drafter")
    home = "draft_derive"
    press(client, story, matter, "own", home, own_number=story.matter(known).register_no)
    paper = {
        "out_number": "某水密〔2025〕8号",
        "out_originator": "某省水利厅",
        "out_level": "秘密",
        "out_tail": "5年",
        "out_issued_on": "2025-05-20",
    }
    press(client, story, matter, "outside", home, **paper)
    press(client, story, matter, "reuse", home)
    data = {"version": str(story.version(matter)), "password": PASSWORD}
    answer = client.post(f"/draft/{matter}/derive", data)
    assert answer.status_code == 302, answer.content.decode()
    assert SourceLink.objects.filter(matter=matter).count() == 2
    assert story.matter(matter).level == "机密"


def test_the_drafter_presses_which_points_of_a_source_are_used_and_the_level_follows(
    story: Story, reader: Reader
) -> None:
    source, points = pointed(story)
    matter, client, home = story.drafted(), reader("drafter"), "draft_derive"
    whole = press(client, story, matter, "own", home, own_number=story.matter(source).register_no)
    assert whole.context["terms"].level == "机密"
    part = press(client, story, matter, f"part:{points['秘密']}", home)
    assert part.context["terms"].level == "秘密" and 'aria-pressed="true"' in part.content.decode()
    both = press(client, story, matter, f"part:{points['机密']}", home)
    assert both.context["terms"].level == "机密"
    press(client, story, matter, f"part:{points['机密']}", home)
    assert press(client, story, matter, f"part:{matter}", home).status_code == 400
    press(client, story, matter, "reuse", home)
    data = {"version": str(story.version(matter)), "password": PASSWORD}
    assert client.post(f"/draft/{matter}/derive", data).status_code == 302
    assert story.matter(matter).level == "秘密"
    desk = reader("officer").get(f"/review/{matter}").content.decode()
    assert "只用到其中秘密的密点" in desk


def test_a_signature_on_an_old_reading_is_refused_and_the_next_one_counts(story: Story, reader: Reader) -> None:
    known = story.approved()
    matter, client = story.drafted(), reader("drafter")
    press(client, story, matter, "own", "draft_derive", own_number=story.matter(known).register_no)
    old = str(story.version(matter))
    press(client, story, matter, "reuse", "draft_derive")
    road = f"/draft/{matter}/derive"
    refused = client.post(road, {"version": old, "password": PASSWORD})
    assert refused.status_code == 409
    fresh = str(story.version(matter))
    assert f'name="version" value="{fresh}"' in refused.content.decode()
    assert client.post(road, {"version": fresh, "password": PASSWORD}).status_code == 302


def test_a_register_number_that_the_drafter_may_not_know_is_told_as_none(story: Story, reader: Reader) -> None:
    matter, client = story.drafted(), reader("drafter")
    answer = press(client, story, matter, "own", "draft_derive", own_number="QJSW-J-2026-99")
    assert answer.status_code == 400 and "没有您有权知悉" in answer.content.decode()


def test_officer_and_drafter_talk_and_a_held_comment_goes_out_with_the_verdict(story: Story, reader: Reader) -> None:
    matter = story.proposed()
    officer, drafter = reader("officer"), reader("drafter")
    where = {"home": "review", "span": span(story, matter)}
    officer.post(f"/draft/{matter}/comment", {"do": "say", "text": "数量可否不列？", **where})
    officer.post(f"/draft/{matter}/comment", {"do": "hold", "text": "请核对附表。", **where})
    seen = drafter.get(f"/draft/{matter}/talk").content.decode()
    assert "数量可否不列？" in seen and "请核对附表。" not in seen
    first = Comment.objects.get(matter=matter, published_at__isnull=False)
    drafter.post(
        f"/draft/{matter}/comment", {"do": f"answer:{first.pk}", "home": "talk", f"text:{first.pk}": "建议保留。"}
    )
    desk = officer.get(f"/review/{matter}").content.decode()
    assert "建议保留。" in desk and "有 1 条批注未发出" in desk and "未处理 2 条" in desk
    data = {
        "verdict": "return",
        "reason_code": "points",
        "opinion": "见批注。",
        "version": str(story.version(matter)),
        "password": PASSWORD,
    }
    assert officer.post(f"/review/{matter}", data).status_code == 302
    assert "请核对附表。" in drafter.get(f"/draft/{matter}/talk").content.decode()


def test_a_returned_draft_takes_another_file_and_is_compared(story: Story, reader: Reader) -> None:
    matter = story.proposed()
    story.act(
        "officer",
        "determination.return",
        matter=matter,
        reason_code="text",
        text="请补充。",
        expected_version=story.version(matter),
    )
    client = reader("drafter")
    assert "换稿" in client.get(f"/draft/{matter}").content.decode()
    changed = docx_of(TEXT.replace("共三处", "共若干处") + "四、本方案自印发之日起执行。\n")
    data = {"file": SimpleUploadedFile("改.docx", changed), "version": str(story.version(matter))}
    assert client.post(f"/draft/{matter}/revise", data).status_code == 302
    answer = client.get(f"/draft/{matter}/compare")
    shown = answer.content.decode()
    assert page(answer).banner == "机密"
    assert (
        "<del>三</del>" in shown and "<ins>若干</ins>" in shown and "<ins>四、本方案自印发之日起执行。</ins>" in shown
    )
    assert reader("outsider").get(f"/draft/{matter}/compare").status_code == 404


def test_a_draft_takes_its_title_from_its_first_line(story: Story, reader: Reader) -> None:
    client = reader("drafter")
    client.post("/draft/new", {"file": SimpleUploadedFile("1.docx", docx_of(TEXT))})
    assert TEXT.splitlines()[0] in client.get("/draft").content.decode()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_of_talk_and_another_file_keep_the_rules_of_pages(story: Story, reader: Reader, language: str) -> None:
    matter = story.proposed()
    client = reader("drafter")
    client.post("/language", {"language": language})
    draft = story.drafted()
    for address in (f"/draft/{matter}/talk", f"/draft/{draft}", f"/draft/{draft}/derive", f"/draft/{draft}/revise"):
        assert page(client.get(address)).banner is not None


def test_a_page_asks_how_far_its_own_file_is_and_stops_it(story: Story, reader: Reader) -> None:
    client, other = reader("drafter"), reader("drafter2")
    request = SimpleNamespace(actor=story.actor("drafter"), POST={"_key": "once"})
    road = "/draft/reading?key=once"
    with uploads.followed(request) as reading:
        reading.come(documents.Come(3, 20))
        assert client.get(road).json() == {"done": 3, "total": 20, "unit": "page", "read": False}
        assert other.get(road).json()["total"] == 0, "another person's file is not told of"
        other.post("/draft/reading/stop", {"key": "once"})
        reading.come(documents.READ)
        assert client.get(road).json() == {"done": 3, "total": 20, "unit": "page", "read": True}
        assert client.post("/draft/reading/stop", {"key": "once"}).status_code == 204
        with pytest.raises(Invalid, match=r"upload\.stopped"):
            reading.come(documents.READ)
    assert client.get(road).json()["total"] == 0


def test_a_file_stopped_too_late_to_stop_its_reading_is_put_away(
    story: Story, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, before = reader("drafter"), Matter.objects.count()
    whole = suggestions.suggest

    def stop_first(*given: Any, **more: Any) -> Any:
        client.post("/draft/reading/stop", {"key": "late"})
        return whole(*given, **more)

    monkeypatch.setattr(suggestions, "suggest", stop_first)
    file = SimpleUploadedFile("节点.docx", docx_of("一、节点\n节点坐标见附表。"))
    answer = client.post("/draft/new", {"file": file, "_key": "late"})
    assert answer.status_code == 400 and "已按您的要求停止" in answer.content.decode()
    assert Matter.objects.count() == before + 1
    assert Matter.objects.exclude(state="discarded").count() == before, "it is put away at once"
