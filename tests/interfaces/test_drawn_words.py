"""Small words of the drawings: signs of changes, places of officers, long names beside a radar, who says how a page is handled."""

from __future__ import annotations

from types import SimpleNamespace

from django.utils import translation

from dingmi.interfaces.web import radar
from dingmi.interfaces.web.templatetags.dingmi import Shown, banner
from dingmi.interfaces.web.templatetags.statistics import signed
from dingmi.queries.rows import place_of


def test_a_change_carries_its_sign() -> None:
    assert [signed(value) for value in (4.6, -3.1, 0.0)] == ["+4.6", "−3.1", "±0"]


def test_a_post_that_names_its_department_stands_alone() -> None:
    assert place_of("管网处", "管网处处长") == "管网处处长"
    assert place_of("管网处", "主任科员") == "管网处 主任科员"
    assert place_of("", "局长") == "局长" and place_of("管网处", "") == "管网处"


def test_each_indicator_says_how_many_records_stand_behind_its_score() -> None:
    names = list(radar.WORDS)
    page = SimpleNamespace(
        indicators=[(name, 100) for name in names],
        medians=[(name, 90.0) for name in names],
        weights=[(name, "0.1") for name in names],
        lines=[SimpleNamespace(indicator="accuracy", points=p) for p in (-3, 1)],
    )
    rows = radar.rows(page)
    assert [(r.lines, r.points) for r in rows[:2]] == [(2, "-2"), (0, "+0")]
    with translation.override("en"):
        drawn = radar.radar(page)
    assert "<tspan" in drawn and ">Training and</tspan>" in drawn and ">qualification</tspan>" in drawn


def test_a_page_of_people_says_how_it_is_handled_and_a_level_shown_says_more() -> None:
    page = Shown()
    assert "本页不含国家秘密内容" in banner(page)
    page.handled = "内部 · 人员与考核信息按工作秘密管理"
    assert page.handled in banner(page)
    page.add("秘密")
    assert "人员与考核信息" not in banner(page) and 'data-banner="秘密"' in banner(page)
