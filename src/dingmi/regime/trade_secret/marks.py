"""商业秘密标志: owner, level and period, as 「启明装备 核心商密▲5年」 (SM-13, SM-14, SM-15?); a ★ is refused."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from dingmi.base.errors import Invalid
from dingmi.regime.kernel.grading import GradeMark
from dingmi.regime.kernel.periods import Period, Window
from dingmi.regime.trade_secret.book import PARAMETERS
from dingmi.regime.trade_secret.levels import Level

STARS = "★☆＊*✩"
_PERIOD = re.compile(r"(?:(?P<y>\d{1,2})年)?(?:(?P<m>\d{1,2})个月)?")
_DATE = re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日")


@dataclass(frozen=True, slots=True)
class Tail:
    """The period of a trade secret: a length, a last day named by its date, 长期 or 公布前 (SM-14)."""

    text: str
    kind: str  # period / date / indefinite / event
    period: Period | None = None
    day: date | None = None

    def window(self, start: date) -> Window:
        """Return when protection starts and ends.

        Raises:
            Invalid: The end lies outside the calendar.
        """
        if self.day is not None:
            return Window(start, self.day - timedelta(days=1), self.day)
        if self.period is not None:
            try:
                last = self.period.last_day(start)
            except (ValueError, OverflowError) as error:
                raise Invalid("grade.tail", ("SM-14",), tail=self.text) from error
            return Window(start, last, last + timedelta(days=1))
        return Window(start, None, None)


def parse_tail(text: str, on: date = date.max) -> Tail:
    """Read a period as people write it.

    Raises:
        Invalid: ``grade.tail``: it is none of the four kinds.
    """
    tight = "".join(unicodedata.normalize("NFKC", text[:60]).split())
    if tight in PARAMETERS.value("open_ends", on):
        return Tail(tight, "indefinite" if tight == "长期" else "event")
    if found := _DATE.fullmatch(tight):
        try:
            day = date(int(found["y"]), int(found["m"]), int(found["d"]))
        except ValueError as error:
            raise Invalid("grade.tail", ("SM-14",), tail=tight) from error
        return Tail(f"{day.year}年{day.month}月{day.day}日", "date", day=day)
    found = _PERIOD.fullmatch(tight)
    years, months = (int(found[g] or 0) for g in "ym") if found else (0, 0)
    if not years and not months:
        raise Invalid("grade.tail", ("SM-14",), tail=tight)
    years, months = years + months // 12, months % 12
    words = (f"{years}年" if years else "") + (f"{months}个月" if months else "")
    return Tail(words, "period", period=Period(years, months))


def separator(chosen: str = "", on: date = date.max) -> str:
    """Return the sign between level and period.

    Raises:
        Invalid: ``grade.star``: a ★ belongs to state secrets (BMF-22.3); ``grade.separator``: it is none of the signs.
    """
    signs: list[str] = PARAMETERS.value("separators", on)
    if chosen and chosen in STARS:
        raise Invalid("grade.star", ("BMF-22.3", "SM-13"))
    if chosen and chosen not in signs:
        raise Invalid("grade.separator", ("SM-15?",), signs=" ".join(signs))
    return chosen or signs[0]


def mark_text(level: str, tail: str, owner: str = "", *, sign: str = "") -> str:
    """Return the mark of a trade secret.

    Args:
        sign: The separator that the company chose; the default when empty.
    """
    return f"{owner} {Level(level).word}{separator(sign)}{parse_tail(tail).text}".strip()


def parse(text: str) -> GradeMark:
    """Read a mark of a trade secret.

    Raises:
        Invalid: ``grade.star`` for the ★ of state secrets, ``grade.mark_unreadable``, ``grade.tail``.
    """
    clean = " ".join(unicodedata.normalize("NFKC", text[:200]).split())
    if any(star in text for star in STARS):
        raise Invalid("grade.star", ("BMF-22.3", "SM-13"))
    for level in Level:
        owner, word, rest = clean.partition(level.word)
        if word and rest[:1] in PARAMETERS.value("separators", date.max):
            tail = parse_tail(rest[1:])
            canonical = mark_text(level.word, tail.text, owner.strip(), sign=rest[0])
            return GradeMark(level.word, tail.text, canonical, owner.strip())
    raise Invalid("grade.mark_unreadable", ("SM-13",))
