"""Numerals both ways, and articles as people cite them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dingmi.base.chinese import article_name, number, numeral


@given(st.integers(0, 9999))
def test_a_numeral_is_read_back(value: int) -> None:
    assert number(numeral(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "零"), (10, "十"), (19, "十九"), (20, "二十"), (105, "一百零五"), (110, "一百一十"), (2030, "二千零三十")],
)
def test_numerals_are_written_as_statutes_write_them(value: int, text: str) -> None:
    assert numeral(value) == text


@pytest.mark.parametrize(("text", "value"), [("二〇三〇", 2030), ("两百", 200), ("１０", 10), ("三十", 30)])
def test_numerals_are_read_as_people_write_them(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "年", "十x", "-1"])
def test_what_is_no_numeral_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no numeral"):
        number(text)


def test_an_article_is_cited_in_both_languages() -> None:
    assert (article_name("20(2)", "zh"), article_name("20(2)", "en")) == ("第二十条第二款", "art. 20(2)")
    assert (article_name("条号未见", "zh"), article_name("条号未见", "en")) == ("条号未见", "(article not seen)")
