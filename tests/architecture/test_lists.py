"""Every list of the pages can be taken out: a template with a table offers it, or stands in a list with the reason why not."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from dingmi.queries import QUERIES
from dingmi.queries.lists import LISTS, REGISTERS, SAID
from tests.architecture.source import PACKAGE

WEB = PACKAGE / "interfaces/web"
EXEMPT = {
    name
    for names in tomllib.loads((Path(__file__).parent / "lists_without_export.toml").read_text("utf-8")).values()
    for name in names
}
SOURCES = {f.relative_to(WEB).as_posix(): f.read_text("utf-8") for f in sorted(WEB.rglob("*.html"))}


def test_every_page_with_a_list_offers_it_as_a_spreadsheet() -> None:
    without = {name for name, text in SOURCES.items() if "<table" in text and "{% exports " not in text}
    assert without - EXEMPT == set(), "a list that cannot be taken out"
    assert EXEMPT - without == set(), "offered now, or gone: take it off the list"


def test_every_drawn_list_and_word_is_declared_and_every_declared_one_is_used() -> None:
    text = "".join(SOURCES.values())
    drawn = set(re.findall(r'{% (?:listing|exports) "([\w.]+)"', text))
    assert drawn - set(LISTS) == set()
    assert set(LISTS) - drawn - set(REGISTERS) == set(), "each part of the secrecy file is drawn by its name"
    assert "{% listing register rows %}" in text and "{% exports register %}" in text
    assert set(re.findall(r'{% word "(\w+)"', text)) == set(SAID)


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_asks_a_query_that_is_there_and_has_distinct_columns(name: str) -> None:
    held = LISTS[name]
    assert held.query in QUERIES
    words = [column.word for column in held.columns]
    assert len(set(words)) == len(words)
