"""Figures of merit on cases worked out by hand, and the engine run on small labelled sets."""

from __future__ import annotations

import pytest

from dingmi.engines.suggest import trial
from dingmi.engines.suggest.evaluate import evaluate
from dingmi.engines.suggest.evaluate.scores import auc, average_precision, calibration_error
from dingmi.engines.suggest.review import Calibration, ReviewModel

PASSAGE = "三号泵站枯水期向城北片区供水的最大流量为每秒四点七立方米，备用线路经由青石岭隧洞接入，切换时间不超过九分钟。"


def test_area_under_the_curve_counts_pairs_and_halves_ties():
    assert auc([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1]) == pytest.approx(3 / 4)
    assert auc([1, 0], [0.5, 0.5]) == pytest.approx(0.5)
    assert auc([1, 0, 0], [0.5, 0.9, 0.1], [1, 3, 1]) == pytest.approx(1 / 4)
    assert auc([1, 1], [0.1, 0.2]) == 0.5
    assert auc([], []) == 0.5


def test_average_precision_steps_over_recall():
    assert average_precision([1, 0, 1], [0.9, 0.8, 0.7]) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert average_precision([1, 0], [0.5, 0.5]) == pytest.approx(0.5)
    assert average_precision([0, 0], [0.5, 0.4]) == 0.0


def test_calibration_error_is_the_gap_between_said_and_true():
    assert calibration_error([1, 0, 0, 0], [0.25] * 4) == pytest.approx(0)
    assert calibration_error([1, 1, 0, 0], [0.95, 0.95, 0.15, 0.15]) == pytest.approx(0.1)
    assert calibration_error([1, 0], [1.0, 0.0], [1, 3]) == 0


def test_review_counts_the_reading_that_finds_them():
    gold = [{"id": n, "nat_sec": int(n in (0, 3)), "weight": 1.0} for n in range(10)]
    figures = evaluate("review", gold, [{"id": n, "score": 1 - n / 10} for n in range(10)])
    assert figures["recall@effort0.1"] == 0.5
    assert figures["effort@recall0.95"] == 0.4
    assert figures["fpr@recall0.9"] == pytest.approx(2 / 8)
    assert figures["f2_best"] == pytest.approx(5 * 0.5 * 1 / (4 * 0.5 + 1))
    assert figures["prevalence"] == 0.2
    assert "ece10" in figures
    beyond = evaluate("review", gold, [{"id": n, "score": -n} for n in range(9)])
    assert "ece10" not in beyond and beyond["auc"] == figures["auc"]


def test_levels_are_judged_class_by_class():
    gold = [{"id": n, "level": level} for n, level in enumerate(["S", "S", "S", "C"])]
    figures = evaluate("level", gold, [{"id": n, "level": "S", "level_scores": {"S": 1.0}} for n in range(4)])
    assert (figures["accuracy"], figures["balanced_accuracy"]) == (0.75, 0.5)
    assert (figures["over"], figures["under"], figures["auc_S_vs_rest"]) == (0.25, 0.0, 0.5)
    assert figures["macro_f1"] == pytest.approx((6 / 7) / 2)


def test_people_s_rewritings_and_pairs():
    gold = [{"id": 1, "category": "cut"}, {"id": 2, "category": "heavy"}, {"id": 3, "category": "non"}]
    figures = evaluate("human", gold, [{"id": 1, "score": 0.5}, {"id": 2, "score": 0.9}, {"id": 3, "score": 0.1}])
    assert figures["auc_reuse_vs_none"] == 1
    assert figures["order_agreement"] == pytest.approx(2 / 3)
    pairs = evaluate(
        "pairs", [{"id": 1, "label": 1}, {"id": 2, "label": 0}, {"id": 3, "label": 1}], [{"id": 1, "score": 1.0}]
    )
    assert pairs["best_accuracy"] == pytest.approx(2 / 3)


def test_the_engine_runs_on_a_small_set_of_reuse():
    sources = [
        {"id": "s", "text": "前言部分另有安排。\n" + PASSAGE},
        {"id": "t", "text": "另一份材料讲的是别的事情。" * 3},
    ]
    queries = [
        {"id": "a", "text": "情况说明。\n" + PASSAGE + "\n以上。"},
        {"id": "b", "text": "本周食堂菜单已经更新。"},
    ]
    gold = [
        {"id": "a", "spans": [{"off": 6, "len": len(PASSAGE), "src": "s", "kind": "verbatim"}]},
        {"id": "b", "spans": []},
    ]
    known = trial.background([{"text": "公开的文字", "df": 8}])
    figures = evaluate("reuse", gold, trial.reuse(queries, sources, known))
    assert figures["recall[verbatim]"] > 0.95 and figures["precision"] > 0.95
    assert figures["clean_docs_flagged"] == 0


def test_the_engine_ranks_items_and_stays_silent_on_public_texts():
    pool = [
        {"id": "法|1", "law": "法", "text": "备用水源启用预案由应急机构保管"},
        {"id": "法|2", "law": "法", "text": "职工食堂每日公布菜单"},
    ]
    (ranked,) = trial.guide([{"id": 1, "query": "食堂应当公布菜单"}], pool)
    assert ranked["ranked"][0] == "法|2"
    items = [{"id": "i", "item": "城市供水应急调度方案及备用水源启用预案", "level": "机密"}]
    rows = trial.public(
        [{"id": 1, "text": "本市定于周六举办环湖自行车赛。"}, {"id": 2, "text": items[0]["item"]}], items
    )
    assert [row["flagged"] for row in rows] == [False, True]


def records(count: int) -> list[dict[str, object]]:
    """Decisions whose answer hangs on two words."""
    rows = []
    for n in range(count):
        protected = n % 4 == 0
        words = f"record {n * 7919 % 101} of {n * 31 % 17} " + (
            "ambassador cable talks" if protected else "lunch menu office"
        )
        rows.append({"id": str(n), "text": words, "nat_sec": int(protected), "level": "S" if protected else "U"})
    return rows


def test_review_model_orders_what_people_protected_first_and_is_the_same_each_time():
    rows = records(400)
    scored = trial.review(rows[300:], rows[:300])
    assert evaluate("review", rows[300:], scored)["auc"] == 1.0
    assert scored == trial.review(rows[300:], rows[:300])
    assert all(0 <= float(row["score"]) <= 1 for row in scored)


def test_review_model_is_a_probability_only_when_later_decisions_bear_it_out():
    rows = records(400)
    texts = [str(row["text"]) for row in rows]
    assert ReviewModel(texts, [bool(row["nat_sec"]) for row in rows]).calibration.holds
    assert not Calibration(1.0, 0.0, error=0.06, decisions=100).holds
    assert not Calibration(1.0, 0.0, error=0.01, decisions=39).holds
    assert Calibration(1.0, 0.0, error=0.05, decisions=40).holds
    with pytest.raises(ValueError, match="too few"):
        ReviewModel(texts[:199], [bool(n % 2) for n in range(199)])
    with pytest.raises(ValueError, match="too few"):
        ReviewModel(texts, [False] * 400)


def test_levels_of_one_part_are_judged_by_the_other_parts():
    rows = records(60)
    said = trial.level(rows, rows)
    assert sorted(row["id"] for row in said) == sorted(str(n) for n in range(60))
    assert evaluate("level", rows, said)["accuracy"] == 1.0
