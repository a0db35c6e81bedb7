"""``dingmi bench assist`` on few papers: what is copied is found through every disguise, and clean papers stay silent."""

from __future__ import annotations

import pytest

from dingmi.interfaces.cli import bench_assist, bench_ranking, bench_screen
from dingmi.interfaces.cli.bench import figure


@pytest.fixture
def figures(monkeypatch):
    small = {"SOURCES": 12, "DRAFTS": 3, "ITEMS": 20, "ROUNDS": 2, "MANY": 30, "SENTENCES": 40}
    for name, value in {"FILES": 2, "ITEMS": 20, "SOURCES": 10}.items():
        monkeypatch.setattr(bench_screen, name, value)
    for name, value in {"LEARNT": (400,), "JUDGED": 200, "UNITS": 2}.items():
        monkeypatch.setattr(bench_ranking, name, value)
    for name, value in small.items():
        monkeypatch.setattr(bench_assist, name, value)
    return {row["name"]: row for row in bench_assist.assist(figure)}


def test_disguises_do_not_hide_a_copied_passage_and_clean_papers_are_silent(figures):
    for name in (
        "verbatim",
        "zero-width characters",
        "full-width figures",
        "radicals for characters",
        "lines broken every 12",
        "sentences reversed",
    ):
        assert figures[f"recall: {name}"]["value"] >= 0.95, name
    assert figures["recall: zero-width characters"]["floor"] == 0
    assert figures["recall: verbatim"]["floor"] >= 0.9
    assert figures["clean papers flagged"]["value"] == 0
    assert figures["answer for a long draft"]["value"] > 0
    assert 0 < figures["screening: share of reading"]["value"] < 1
    assert figures["index of many sources, weight"]["value"] > 1
    order = figures["first item decided, 400 learnt"]
    assert 0.35 < order["value"] <= order["floor"] + 0.1, "coarse sums order nearly as exact ones do"
