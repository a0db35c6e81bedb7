"""Chinese numerals, article names and dates."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_DIGITS = "零一二三四五六七八九"
_VALUES = {**{d: i for i, d in enumerate(_DIGITS)}, "〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def numeral(number: int) -> str:
    """Return ``number`` (0 to 9999) in Chinese: 20 → 二十, 105 → 一百零五."""
    if not 0 <= number <= 9999:
        raise ValueError("0 to 9999")
    if number < 10:
        return _DIGITS[number]
    text, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if gap else "") + _DIGITS[digit] + name
        gap = bool(text) and not digit
    return text.removeprefix("一") if text.startswith("一十") else text


def number(text: str) -> int:
    """Return the value of a Chinese numeral (二十 → 20, 二〇三〇 → 2030) or of digits.

    Raises:
        ValueError: The text is no numeral.
    """
    text = unicodedata.normalize("NFKC", text)
    if text.isascii() and text.isdigit():
        return int(text)
    if text and all(c in _VALUES for c in text):
        return int("".join(str(_VALUES[c]) for c in text))
    total, digit = 0, None
    for character in text:
        if character in _VALUES:
            digit = _VALUES[character]
        elif character in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[character]
            digit = None
        else:
            raise ValueError(f"no numeral: {text!r}")
    if not text:
        raise ValueError("no numeral")
    return total + (digit or 0)


def long_date(day: date) -> str:
    """Return a date as prose has it: 2026 年 11 月 23 日."""
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


UNNUMBERED = {"条号未见": "(article not seen)", "修订说明": "(explanatory note)"}


def article_name(article: str, language: str) -> str:
    """Return an article of the register, ``20(2)``, as 第二十条第二款, or ``art. 20(2)``; other text stays as it is."""
    item = re.fullmatch(r"(\d+)\(([一二三四五六七八九十]+)\)", article)
    if item is not None:
        return (
            f"第{numeral(int(item[1]))}条第（{item[2]}）项"
            if language == "zh"
            else f"art. {item[1]} item {number(item[2])}"
        )
    found = re.fullmatch(r"(\d+)(?:\((\d+)\))?", article)
    if found is None:
        return article if language == "zh" else UNNUMBERED.get(article, article)
    if language != "zh":
        return f"art. {article}"
    paragraph = f"第{numeral(int(found[2]))}款" if found[2] else ""
    return f"第{numeral(int(found[1]))}条{paragraph}"
