"""Lines of the register: the columns that were chosen, in words, and nothing that could be read as markup."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.template import Context
from django.urls import reverse
from django.utils import translation

from dingmi.base.actor import Actor, Role
from dingmi.interfaces.web.templatetags.matters import CELLS, line
from dingmi.queries.preferences import COLUMNS


def row(**changes: Any) -> SimpleNamespace:
    usual = {
        "matter": UUID(int=7),
        "number": "规划处-J-2026-1",
        "title": "水源地应急方案",
        "level": "机密",
        "mark": "机密★10年",
        "provisional": False,
        "department": "管网处",
        "decided_on": date(2026, 1, 5),
        "last_day": date(2036, 1, 4),
        "by_event": False,
        "released": False,
        "days_left": 3652,
        "days_over": 0,
        "years_left": 10.0,
        "share_left": 1.0,
        "urgency": "",
        "state": "active",
        "origin": "original",
        "officer": "周启明",
        "copies": 2,
        "is_content": True,
    }
    return SimpleNamespace(**usual | changes)


def page(*roles: Role) -> Context:
    """The page of a reader who holds ``roles``."""
    actor = Actor("acc", "per", "org", (), frozenset(roles), "机密", "ses", "ter")
    return Context({"request": SimpleNamespace(actor=actor)})


def told(language: str = "zh-hans", columns: tuple[str, ...] = COLUMNS, **changes: Any) -> str:
    with translation.override(language):
        return str(line(page(Role.DRAFTER), row(**changes), columns))


def test_every_column_that_can_be_chosen_has_a_cell():
    assert tuple(CELLS) == COLUMNS
    assert told().count("<td ") == told(columns=()).count("<td ") + len(COLUMNS)
    assert told(columns=("officer",)).endswith('<td class="nw">周启明</td></tr>')


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        ({}, ("2036-01-04", "10.0 年", "在密", "原始"), ("2036-01-04", "In force", "Original")),
        ({"released": True, "state": "declassified"}, ("已解密",), ("Declassified",)),
        ({"days_left": None, "last_day": None, "by_event": True}, ("按解密条件", "条件未成就"), ()),
        ({"days_left": -3, "days_over": 3, "urgency": "er"}, ("逾期 3 天", "逾期未办", "hot"), ("3 days past",)),
        ({"days_left": 20, "years_left": None, "urgency": "er"}, ("20 天", "须 30 天内审核"), ("20 days",)),
        ({"days_left": 60, "years_left": None, "urgency": "wa"}, ("60 天", "待到期审核"), ()),
        ({"origin": "derivative"}, ("派生",), ("Derived",)),
    ],
)
def test_what_a_row_has_left_and_its_state_are_told_in_words(changes: dict[str, Any], zh: tuple[str, ...], en):
    assert all(words in told(**changes) for words in zh)
    assert all(words in told("en", **changes) for words in en)


def test_names_are_text_and_copies_of_what_may_not_be_known_are_not_counted():
    assert "<b>" not in told(department="<b>处</b>", officer="<b>") and "&lt;b&gt;" in told(officer="<b>")
    assert told(columns=("copies",), is_content=False).endswith('<td class="num r"></td></tr>')
    assert "&lt;i&gt;" in told(title="<i>", number="<i>") and "<i>" not in told(title="<i>", number="<i>")


def test_a_line_leads_to_its_matter_or_to_an_application_and_then_shows_no_title():
    known, masked = told(columns=()), told(columns=(), is_content=False, title="")
    assert f'href="/m/{UUID(int=7)}"' in known and "水源地应急方案" in known and "机密★10年" in known
    assert (
        f'href="{reverse("apply_know", args=(UUID(int=7),))}"' in masked
        and "申请知悉" in masked
        and "无知悉权限" in masked
    )
    assert ' class="gone"' in told(released=True) and " class=" not in known.split(">", 1)[0]


def test_a_line_counts_for_the_banner_what_it_shows_and_what_it_masks():
    shown = page(Role.DRAFTER)
    for level, readable in (("秘密", True), ("机密", True), ("绝密", False)):
        line(shown, row(level=level, is_content=readable), ())
    counted = shown["request"].shown_levels
    assert (counted.level, counted.masked) == ("机密", 1)


def test_the_way_to_the_bars_on_a_matter_that_one_may_not_read_is_shown_to_whoever_may_lift_them():
    masked = row(is_content=False, title="")
    road = reverse("matter_bars", args=(UUID(int=7),))
    assert road in str(line(page(Role.SECRECY_OFFICE), masked, ())) and road in str(line(page(Role.HEAD), masked, ()))
    assert road not in str(line(page(Role.DRAFTER, Role.OFFICER, Role.INSPECTOR), masked, ()))
