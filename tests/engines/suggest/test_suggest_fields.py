"""What speaks for an item beside its own words: sector, conditions, what was decided under it; on generated drafts."""

from __future__ import annotations

import random

import pytest

from dingmi.engines.suggest import Condition, GuideIndex, SourceIndex, Suggestion, SuggestItem, SuggestSource, suggest
from dingmi.engines.suggest.evaluate import evaluate
from dingmi.engines.suggest.trial import guide

SYLLABLES = "青岭湖桥塘林沙台港渡河江渠泉洲坪岗寨浦湾峡滩原川谷峰崖坞堰溪"
KINDS = 30


def drafts(rng: random.Random) -> list[list[str]]:
    """For each kind of business eight papers that speak of a few of its things; no item names these."""
    made = []
    for _ in range(KINDS):
        things = ["".join(rng.choices(SYLLABLES, k=5)) for _ in range(12)]
        made.append(["，".join(rng.sample(things, 5)) + "，内部掌握的方案和数据。" for _ in range(8)])
    return made


def items() -> list[SuggestItem]:
    """Items that say hardly more than that there are plans and figures."""
    return [SuggestItem(f"i{n}", "范围", str(n), f"第{n}类内部掌握的方案和数据", "秘密") for n in range(KINDS)]


def test_what_was_decided_before_leads_drafts_to_items_whose_words_do_not_tell_them_apart() -> None:
    papers = drafts(random.Random(7))
    pool = [{"id": i.id, "law": i.guide, "article": i.number, "text": i.text} for i in items()]
    queries = [
        {"id": f"{n}-{k}", "query": p, "gold": [f"i{n}"]} for n, own in enumerate(papers) for k, p in enumerate(own[4:])
    ]
    earlier = [
        {"id": f"s{n}-{k}", "text": p, "item": f"i{n}"} for n, own in enumerate(papers) for k, p in enumerate(own[:4])
    ]
    alone, beside = (evaluate("guide", queries, guide(queries, pool, told)) for told in ((), earlier))
    assert alone["item_recall@1"] < 0.2
    assert beside["item_recall@1"] > 0.9


def asked(draft: str, known: list[SuggestItem], texts: dict[str, str], decided: dict[str, str]) -> Suggestion:
    index = SourceIndex(b"k" * 32)
    for name, text in texts.items():
        index.add(SuggestSource(name, "", text))
    return suggest(draft, (), GuideIndex(known), index, texts.get, decided=decided)


def test_a_precedent_puts_its_item_first_and_says_so() -> None:
    first, second, *_ = drafts(random.Random(3))
    texts = {"a": first[0], "b": second[0]}
    for draft, item in ((first[1], "i0"), (second[1], "i1")):
        found = asked(draft, items()[:2], texts, {"a": "i0", "b": "i1"}).candidates
        assert found[0].item_id == item
        told = [r for r in found[0].why if r.code == "suggest.near_precedent"]
        assert [r.clauses for r in told] == [("FW-4",)]
        without = asked(draft, items()[:2], texts, {}).candidates
        assert without[0].score == without[1].score
        assert not any(r.code == "suggest.near_precedent" for c in without for r in c.why)


def test_nothing_fits_by_precedent_alone() -> None:
    """FW-4: a draft like one decided before, of whose item it says nothing, gets no item."""
    text = "青湖台渠泉由岗寨浦湾峡接替，滩原川谷峰改由崖坞堰溪桥承担。"
    item = SuggestItem("i", "范围", "1", "城市供水管网应急调度方案", "秘密")
    found = asked(text, [item], {"a": text}, {"a": "i"})
    assert found.reused and found.candidates == () and found.abstained == "suggest.abstain_nothing_fits"


def test_a_precedent_makes_up_for_a_part_of_the_words_of_its_item() -> None:
    text = "青湖台渠泉由岗寨浦湾峡接替，滩原川谷峰改由崖坞堰溪桥承担，见应急调度方案。"
    item = SuggestItem("i", "范围", "1", "城市供水管网应急调度方案及测算数据", "秘密")
    assert asked(text, [item], {"a": text}, {}).candidates == ()
    (one,) = asked(text, [item], {"a": text}, {"a": "i"}).candidates
    assert [text[s.start : s.end] for s in one.evidence] == ["应急调度方案"], "the evidence is the words of the item"


def test_of_two_items_in_the_same_words_the_sector_of_the_draft_is_first() -> None:
    known = [
        SuggestItem("power", "甲", "1", "应急处置预案及测算数据", "秘密", sector="电力"),
        SuggestItem("power2", "甲", "2", "变电站主接线图", "秘密", sector="电力"),
        SuggestItem("water", "乙", "1", "应急处置预案及测算数据", "秘密", sector="水务"),
        SuggestItem("water2", "乙", "2", "水厂取水口坐标", "秘密", sector="水务"),
    ]
    for about, item in (("变电站检修期间的安排", "power"), ("水厂取水口检修期间的安排", "water")):
        found = asked(f"{about}。现报送应急处置预案及测算数据，请审阅。", known, {}, {}).candidates
        assert next(c.item_id for c in found if c.item_id in ("power", "water")) == item
    only = asked("现报送应急处置预案及测算数据。", known[:2], {}, {}).candidates[0]
    assert only.score == 1.0


@pytest.mark.parametrize(("about", "item"), [("覆盖面积三十平方公里", "area"), ("比例尺为一比五千", "scale")])
def test_of_two_items_in_the_same_words_the_one_whose_condition_is_spoken_of_is_first(about: str, item: str) -> None:
    scale = Condition("number", "比例尺", (), "<", 10000, "1:", "CH-18")
    area = Condition("number", "覆盖面积", (), ">", 25, "平方公里", "CH-18")
    known = [
        SuggestItem("scale", "测绘", "1", "未公开的地形图数据成果", "秘密", conditions=(scale,)),
        SuggestItem("area", "测绘", "2", "未公开的地形图数据成果", "秘密", conditions=(area,)),
    ]
    assert asked(f"提交未公开的地形图数据，{about}。", known, {}, {}).candidates[0].item_id == item
