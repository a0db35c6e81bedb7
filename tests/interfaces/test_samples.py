"""The sample drafts do with the demo what the README says of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dingmi.engines import documents, suggest
from dingmi.interfaces.cli.demo import texts

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
ANCHOR = "anchor"


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


@pytest.mark.parametrize(("name", "sources"), [("3-引用已定密内容.docx", {ANCHOR}), ("4-节水宣传周通知.docx", set())])
def test_the_sample_that_quotes_a_secret_is_found_and_the_public_one_is_left_alone(name: str, sources: set[str]):
    assert reused(name) == sources
