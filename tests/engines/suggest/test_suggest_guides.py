"""Guide items: evidence, conditions, abstention; marks; messages; inputs that are not drafts at all."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dingmi.base
from dingmi.engines.suggest import (
    Block,
    Condition,
    GuideIndex,
    Limits,
    SourceIndex,
    Suggestion,
    SuggestItem,
    SuggestSource,
    find_marks,
    suggest,
)
from dingmi.engines.suggest.evaluate import evaluate

SCALE = Condition("number", "比例尺", (), "<", 10000, "1:", "CH-18")
AREA = Condition("number", "面积", ("覆盖", "面积"), ">", 25, "平方公里", "CH-18")
MAP = SuggestItem(
    "map",
    "水务",
    "3",
    "城市供水管网比例尺大于1:10000的管网图及关键节点数据",
    "秘密",
    "5年",
    conditions=(SCALE,),
    exceptions=("已经公开发布的示意图",),
)
PLAN = SuggestItem("plan", "水务", "4", "城市供水应急调度方案及备用水源启用预案", "机密", "10年", "应急处")
BARE = SuggestItem("bare", "水务", "9", "城市供水应急调度方案的演练总结", "")
GUIDE = GuideIndex([MAP, PLAN, BARE])
EMPTY = SourceIndex(b"k" * 32)
DRAFT = "关于报送材料的函\n现报送城市供水应急调度方案及备用水源启用预案，请审阅。\n联系人：张某。"


def run(text: str, guide: GuideIndex = GUIDE, blocks: tuple[Block, ...] = (), **limits: float) -> Suggestion:
    return suggest(text, blocks, guide, EMPTY, {}.get, Limits(**limits))  # type: ignore[arg-type]


def test_the_item_is_found_with_evidence_in_the_words_of_the_draft() -> None:
    result = run(DRAFT)
    first = result.candidates[0]
    assert (first.item_id, first.level, first.tail, first.scope_rule) == ("plan", "机密", "10年", "应急处")
    assert result.abstained == ""
    assert any("应急调度方案" in DRAFT[s.start : s.end] for s in first.evidence)
    assert "城市供水应急调度方案及备用水源启用预案" in first.matched
    assert first.why[0].code == "suggest.matched_item"
    assert first.why[0].params == {"guide": "水务", "number": "4"}


def test_an_item_without_a_level_is_never_suggested() -> None:
    assert "bare" not in {c.item_id for c in run("城市供水应急调度方案的演练总结报送如下。").candidates}


@pytest.mark.parametrize(
    ("draft", "code", "value"),
    [
        ("附城市供水管网比例尺1：5000的管网图及关键节点数据。", "suggest.condition_met", 5000.0),
        ("附城市供水管网比例尺１:5万的管网图及关键节点数据。", "suggest.condition_failed", 50000.0),
        ("附城市供水管网的管网图及关键节点数据。", "suggest.condition_unstated", None),
    ],
)
def test_conditions_say_why_and_why_not(draft: str, code: str, value: float | None) -> None:
    (found,) = (c for c in run(draft, guide_threshold=0.1).candidates if c.item_id == "map")
    reasons = found.why if code.endswith("_met") else found.why_not
    (reason,) = (r for r in reasons if r.code == code)
    assert reason.clauses == ("CH-18",)
    assert reason.params.get("value") == value
    assert (reason.span is None) == (value is None)
    if reason.span and value:
        assert str(int(value))[0] in draft[reason.span.start : reason.span.end]


def test_of_two_items_that_share_a_pair_the_one_that_shares_more_characters_stands_first() -> None:
    wanted = SuggestItem("wanted", "供水", "2", "坐标及水量口径", "秘密")
    guide = GuideIndex([SuggestItem("other", "供水", "1", "坐标及电量半径", "秘密"), wanted])
    assert [name for name, _ in guide.rank("取水口坐标")] == ["wanted", "other"]


def test_a_failed_condition_lowers_the_score_but_is_shown() -> None:
    good = run("城市供水管网比例尺1:5000的管网图及关键节点数据").candidates[0]
    bad = run("城市供水管网比例尺1:50000的管网图及关键节点数据").candidates[0]
    assert good.item_id == bad.item_id == "map"
    assert bad.score < good.score
    assert bad.why_not


def test_area_in_other_units_of_count_and_an_exception() -> None:
    guide = GuideIndex([SuggestItem("a", "测绘", "18", "连续覆盖面积较大的地形图数据成果", "秘密", conditions=(AREA,))])
    met = run("提交连续覆盖面积1.2万平方公里的地形图数据成果。", guide, guide_threshold=0.1).candidates[0]
    assert met.why[1].params["value"] == 12000
    excepted = run("城市供水管网管网图及关键节点数据，属已经公开发布的示意图。", guide_threshold=0.05).candidates
    assert "suggest.exception" in {r.code for c in excepted for r in c.why_not}


def test_named_conditions() -> None:
    lacks = Condition("named", "公开", ("已公开",), "lacks", clause="X")
    item = SuggestItem("n", "水务", "1", "备用水源启用预案的内部研判意见", "秘密", conditions=(lacks,))
    text = "备用水源启用预案的内部研判意见"
    assert run(text, GuideIndex([item])).candidates[0].why_not == ()
    (reason,) = run(text + "，已公开。", GuideIndex([item]), guide_threshold=0.1).candidates[0].why_not
    assert reason.code == "suggest.condition_failed"


def test_examples_count_and_say_so() -> None:
    item = SuggestItem("e", "水务", "7", "调度类事项", "秘密", examples=("青石岭隧洞备用线路切换操作步骤",))
    found = run("以下为青石岭隧洞备用线路切换操作步骤，请熟悉。", GuideIndex([item])).candidates[0]
    assert found.why[0].code == "suggest.matched_example"


@pytest.mark.parametrize(
    ("text", "guide", "reason"),
    [
        ("", GUIDE, "suggest.abstain_no_text"),
        ("甲", GUIDE, "suggest.abstain_no_text"),
        ("。，！\u200b\n", GUIDE, "suggest.abstain_no_text"),
        (DRAFT, GuideIndex([]), "suggest.abstain_no_items"),
        ("本市定于周六举办环湖自行车赛，欢迎市民报名参加。", GUIDE, "suggest.abstain_nothing_fits"),
    ],
)
def test_nothing_fits_is_an_answer(text: str, guide: GuideIndex, reason: str) -> None:
    result = run(text, guide)
    assert result.candidates == ()
    assert result.abstained == reason


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_survived_with_valid_offsets(text: str) -> None:
    result = run(text + DRAFT + text, guide_threshold=0.1)
    whole = text + DRAFT + text
    for candidate in result.candidates:
        assert candidate.evidence
        assert candidate.level
        for span in candidate.evidence:
            assert 0 <= span.start < span.end <= len(whole)
    for mark in result.marks:
        assert whole[mark.span.start : mark.span.end] == mark.text


def test_lone_surrogates_are_survived() -> None:
    assert run("\ud800" + DRAFT + "\udfff").candidates[0].item_id == "plan"


def test_one_long_table_and_five_million_characters_are_bounded() -> None:
    index = SourceIndex(b"k" * 32)
    index.add(SuggestSource("s", "", "青石岭隧洞备用线路切换操作步骤及三号泵站最大流量数据一览表全文"))
    table = "\t".join(f"{n}\t管网\t节点" for n in range(4000))
    assert run(table, GuideIndex([PLAN])).abstained == "suggest.abstain_nothing_fits"
    started = time.process_time()
    text = "供水管网巡查记录完好。" * 460_000
    result = suggest(text, (), GUIDE, index, {}.get, Limits(max_chars=300_000))
    assert time.process_time() - started < 60
    (finding,) = (f for f in result.findings if f.code == "suggest.text_cut")
    assert finding.params == {"read": 300_000, "length": len(text)}


@pytest.mark.parametrize(
    ("text", "place", "problems"),
    [
        ("机密★10年\n关于调度的通知", "head", ()),
        ("关于调度的通知\n正文，列为机密★10年，请注意。", "body", ("mark_misplaced",)),
        ("机密☆10年\n通知", "head", ("mark_wrong_star",)),
        ("机\u200b密★10年\n通知", "head", ("mark_disguised",)),
        ("秘密★若干\n通知", "head", ("mark_bad_tail",)),
        ("内部★1年\n通知", "head", ("mark_work_secret_star",)),
        ("绝　密\n通知", "head", ("mark_without_star",)),
        ("一、供水方案（秘密★5年）如下。", "portion", ()),
    ],
)
def test_marks_are_found_tolerantly(text: str, place: str, problems: tuple[str, ...]) -> None:
    (mark,) = find_marks(text)
    assert (mark.place, mark.problems) == (place, problems)
    assert text[mark.span.start : mark.span.end] == mark.text
    codes = [f.code for f in run(text).findings]
    assert codes == [f"suggest.{problem}" for problem in problems]


def test_a_mark_in_a_header_block_stands_at_its_place_and_two_marks_differ() -> None:
    text = "第一段。" * 100 + "机密★10年"
    assert find_marks(text)[0].place == "body"
    assert find_marks(text, (Block(400, len(text), "header"),))[0].place == "head"
    assert "suggest.marks_differ" in [f.code for f in run("机密★10年\n秘密★5年\n通知").findings]


def test_words_about_secrecy_are_not_marks() -> None:
    assert find_marks("根据保守国家秘密法，涉及机密级国家秘密的，期限不超过20年；绝密级事项另行规定。") == ()


def test_every_code_has_its_message_in_both_languages() -> None:
    folder = Path(dingmi.base.__file__).parent / "messages"
    catalogues = [tomllib.loads((folder / lang / "suggest.toml").read_text("utf-8")) for lang in ("zh", "en")]
    assert set(catalogues[0]) == set(catalogues[1])
    used = {"suggest.text_cut", "suggest.reuse_found", "suggest.matched_item", "suggest.marks_differ"}
    assert used <= set(catalogues[0])
    assert all(entry["text"] and entry["remedy"] for table in catalogues for entry in table.values())


def test_ranking_and_figures() -> None:
    ranked = [name for name, _ in GUIDE.rank("备用水源启用预案", 3)]
    assert ranked[0] == "plan"
    figures = evaluate("guide", [{"id": 1, "gold": ["g|2"]}], [{"id": 1, "ranked": ["h|1", "g|1", "g|2"]}])
    assert figures["item_recall@1"] == 0
    assert figures["item_recall@5"] == figures["law_recall@5"] == 1
    assert figures["item_mrr20"] == pytest.approx(1 / 3)
    assert figures["law_mrr20"] == pytest.approx(1 / 2)


def test_figures_of_reuse() -> None:
    gold = [
        {"id": "a", "spans": [{"off": 0, "len": 100, "src": "s", "kind": "light"}]},
        {"id": "b", "spans": []},
        {"id": "c", "spans": [{"off": 10, "len": 10, "src": "t", "kind": "heavy"}]},
    ]
    predicted = [
        {"id": "a", "spans": [{"off": 0, "len": 50, "src": "s"}, {"off": 50, "len": 100, "src": "s"}]},
        {"id": "b", "spans": [{"off": 0, "len": 5, "src": "s"}]},
    ]
    figures = evaluate("reuse", gold, predicted)
    assert figures["recall"] == 0.5
    assert figures["precision"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert figures["granularity"] == 2
    assert figures["plagdet"] == pytest.approx(0.5 / 1.5849625)
    assert figures["clean_docs_flagged"] == 1
    assert figures["recall[light]"] == 1
    assert evaluate("public", [{"id": 1}, {"id": 2}], [{"id": 1, "flagged": True}])["flagged"] == 0.5
    with pytest.raises(ValueError, match="unknown task"):
        evaluate("other", [], [])
