"""The sample drafts do with the demo what the README says of them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from dingmi.engines import documents, suggest
from dingmi.interfaces.cli.demo import texts

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
ANCHOR = "anchor"


GUIDE = [json.loads(row) for row in (Path(texts.__file__).with_name("guide.jsonl")).read_text("utf-8").splitlines()]


def fitting(name: str) -> list[tuple[str, str]]:
    """Return the guide items in force that the engine finds in a sample, best first, with their level."""
    rows = {row["id"]: row for row in GUIDE if row["guide"] == "SW-2021"}
    matcher = suggest.Assessor([suggest.item_from_row(row) for row in rows.values()], [])
    found = matcher.assess(documents.extract((SAMPLES / name).read_bytes(), name).text)
    return [(rows[one.item_id]["no"], one.level) for one in found.candidates]


def reused(name: str) -> set[str]:
    """Return the matters of which the engine finds passages in a sample, among the anchor and 160 other drafts."""
    chance, table = random.Random(7), texts.table()
    drafts = {ANCHOR: texts.write(chance, table["anchor"])}
    for round_ in range(160 // len(texts.item_numbers())):
        drafts |= {f"{n}/{round_}": texts.write(chance, table["items"][n]) for n in texts.item_numbers()}
    bodies = {key: "\n".join(draft.lines) for key, draft in drafts.items()}
    index = suggest.SourceIndex(b"k" * 32)
    for key, body in bodies.items():
        index.add(suggest.SuggestSource(key, drafts[key].title, body))
    text = documents.extract((SAMPLES / name).read_bytes(), name).text
    found = suggest.suggest(text, (), suggest.GuideIndex(()), index, bodies.get)
    return {passage.source_id for passage in found.reused}


def marked(name: str) -> list[tuple[str, set[str]]]:
    """Return the marks that the engine finds in a sample, each with what is wrong with it."""
    text = documents.extract((SAMPLES / name).read_bytes(), name)
    found = suggest.Assessor([], []).assess(text.text, text.blocks).marks
    return [(mark.text, set(mark.problems)) for mark in found]


FIRST, SECOND = "1-管网切换方案.docx", "2-风险评估结论.pdf"


@pytest.mark.parametrize(("name", "item", "level"), [(FIRST, "7", "机密"), (SECOND, "3", "秘密")])
def test_the_samples_that_match_an_item_match_that_item_first(name: str, item: str, level: str):
    assert fitting(name)[0] == (item, level)


@pytest.mark.parametrize("name", ["4-节水宣传周通知.docx", "5-值守安排（内部事项）.docx"])
def test_the_samples_that_are_no_state_secret_match_nothing(name: str):
    assert fitting(name) == []


@pytest.mark.parametrize(
    ("name", "sources"),
    [(FIRST, set()), (SECOND, set()), ("3-引用已定密内容.docx", {ANCHOR}), ("4-节水宣传周通知.docx", set())],
)
def test_the_sample_that_quotes_a_secret_is_found_and_the_others_are_left_alone(name: str, sources: set[str]):
    assert reused(name) == sources


def test_the_sample_with_faulty_marks_is_told_what_is_wrong_with_each_and_fits_nothing():
    name = "6-标志有误.docx"
    assert marked(name) == [
        ("机密★10年", {"mark_misplaced"}),
        ("内部★5年", {"mark_misplaced", "mark_work_secret_star"}),
    ]
    found = documents.verify_file((SAMPLES / name).read_bytes(), name)
    assert (found["verdict"], found["label"]) == ("unknown", None), "nobody of ours gave these marks"
    assert fitting(name) == []


def test_the_other_samples_carry_no_mark():
    others = [path.name for path in sorted(SAMPLES.iterdir()) if not path.name.startswith("6-")]
    assert len(others) == 5 and [name for name in others if marked(name)] == []
