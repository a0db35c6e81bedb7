"""国家秘密标志: the grammar of procedures §3.1, lenient in and canonical out; and when protection starts and ends."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from dingmi.base.chinese import number
from dingmi.base.errors import Invalid
from dingmi.regime.kernel.periods import Period, Window
from dingmi.regime.prc_state.levels import Level
from dingmi.regime.prc_state.tables import PARAMETERS

STAR = "★"
INDEFINITE = "长期"
EVENT_LIMIT = 30
_NUMERAL = r"(?:\d+|[零〇一二两三四五六七八九十百千]+)"
_PERIOD = re.compile(rf"(?:(?P<y>{_NUMERAL})年)?(?:(?P<m>{_NUMERAL})(?:个月|月))?(?:(?P<d>{_NUMERAL})[日天])?")
_DATE = re.compile(
    rf"(?P<y>\d{{4}}|[零〇一二三四五六七八九]{{4}})年(?P<m>{_NUMERAL})月(?P<d>{_NUMERAL})[日号]"
    rf"(?:(?P<h>{_NUMERAL})时(?:(?P<min>{_NUMERAL})分)?)?"
)


class DurationKind(StrEnum):
    """The four tails of a mark, and a legacy mark with none."""

    PERIOD = "period"
    DATE = "date"
    EVENT = "event"
    INDEFINITE = "indefinite"
    DEFAULTED = "defaulted"


@dataclass(frozen=True, slots=True)
class Tail:
    """The part of a mark after the star; exactly one of the four (BMF-20.1).

    Attributes:
        kind: Which of the four.
        text: Its canonical text: ``10年``, ``2030年12月31日``, ``启用前``, ``长期``.
        period: For a period, its length.
        day: For a date, the day on which protection ends.
        hour: For a date with a stated time of day, that time.
    """

    kind: DurationKind
    text: str
    period: Period | None = None
    day: date | None = None
    hour: time | None = None

    @property
    def until(self) -> str:
        """The day, and the time of day where one is stated, in ISO 8601; empty when there is no day."""
        if self.day is None:
            return ""
        return self.day.isoformat() + (f"T{self.hour:%H:%M}" if self.hour else "")

    def window(self, issued_on: date | None, notice_on: date | None = None) -> Window:
        """Return when protection starts and ends.

        Args:
            issued_on: 制发日; the start where known (TL-19.2a).
            notice_on: Date of the written notice; the start otherwise (TL-19.2b).
        """
        start = issued_on or notice_on
        if self.kind is DurationKind.DATE and self.day is not None:
            return Window(start, self.day - timedelta(days=1), self.day)
        if self.period is not None and start is not None:
            try:
                last = self.period.last_day(start)
                return Window(start, last, last + timedelta(days=1))
            except (ValueError, OverflowError) as error:
                raise Invalid("mark.out_of_calendar", (), tail=self.text) from error
        return Window(start, None, None)


@dataclass(frozen=True, slots=True)
class ParsedMark:
    """A mark as understood, with what was normalised on the way."""

    level: str
    tail: Tail
    window: Window
    warnings: tuple[str, ...]

    @property
    def canonical(self) -> str:
        """The mark as the law writes it."""
        return mark_text(self.level, self.tail.text)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON shape of ``dingmi rules marks parse``."""
        value = self.tail.until if self.tail.day else self.tail.text
        return {
            "level": self.level,
            "kind": self.tail.kind.value,
            "value": value,
            "canonical": self.canonical,
            "starts_on": self.window.starts_on,
            "last_protected_day": self.window.last_protected_day,
            "declassified_from": self.window.declassified_from,
            "warnings": list(self.warnings),
        }


def mark_text(level: str, tail: str) -> str:
    """Return ``机密★10年`` for a level word and a canonical tail."""
    return f"{Level(level).word}{STAR}{tail}"


def release_hour(tail: str) -> time:
    """Return the time of day at which a tail ends protection on its day: as stated, else 00:00 (procedures §3.3)."""
    try:
        return parse_tail(tail, []).hour or time.min
    except Invalid:
        return time.min


def date_text(day: date, hour: time = time.min) -> str:
    """Return a day, and the time of day where it is not 00:00, as a mark writes them: ``2026年12月31日18时``."""
    clock = f"{hour.hour}时" + (f"{hour.minute:02d}分" if hour.minute else "") if hour != time.min else ""
    return f"{day.year}年{day.month}月{day.day}日{clock}"


def default_tail(level: str, on: date) -> Tail:
    """Return the tail that the law supplies where none was marked and no notice was given (ZX-24.4b)."""
    years = int(PARAMETERS.value("default_period", on)[level])
    return Tail(DurationKind.DEFAULTED, f"{years}年", period=Period(years=years))


def is_vague(tail: Tail, on: date) -> bool:
    """Tell whether a tail is a condition too indefinite to be one, as 必要时 or 条件成熟时 (ZX-22.1)."""
    phrases = PARAMETERS.value("vague_events", on)
    return tail.kind is DurationKind.EVENT and any(phrase in tail.text for phrase in phrases)


def _clean(text: str, warnings: list[str]) -> str:
    """Fold widths, stars and white space; note what was folded."""
    if len(text) > 200:
        raise Invalid("mark.too_long", (), limit=200)
    folded = unicodedata.normalize("NFKC", text).strip()
    if re.search(r"[０-９]", text):
        warnings.append("mark.full_width_digits")
    starred = re.sub(r"[☆*＊✩]", STAR, folded)
    if starred != folded:
        warnings.append("mark.star_normalised")
    tight = re.sub(r"\s+", "", starred)
    if tight != starred or "\u3000" in text:
        warnings.append("mark.spaces_removed")
    return tight


def parse_tail(text: str, warnings: list[str] | None = None) -> Tail:
    """Parse the part after the star.

    Args:
        text: e.g. ``10年``, ``2030年12月31日``, ``启用前``, ``长期``; white space, full width and Chinese numerals are folded.
        warnings: Gets the codes of what was normalised.
    Raises:
        Invalid: It is none of the four, or a date that does not exist.
    """
    tail, noted = _read_tail(text)
    if warnings is not None:
        warnings.extend(noted)
    return tail


@lru_cache(maxsize=4096)
def _read_tail(text: str) -> tuple[Tail, tuple[str, ...]]:
    """Read a tail and what was normalised; every rule about periods asks again for the same few."""
    noted: list[str] = []
    text = _clean(text, noted)
    if not text:
        raise Invalid("mark.tail_missing")
    if text == INDEFINITE:
        tail = Tail(DurationKind.INDEFINITE, INDEFINITE)
    elif found := _DATE.fullmatch(text):
        tail = _date_tail(found, noted)
    elif (found := _PERIOD.fullmatch(text)) and any(found.group(g) for g in "ymd"):
        tail = _period_tail(text, found, noted)
    else:
        tail = _event_tail(text)
    return tail, tuple(noted)


def _parts(found: re.Match[str], noted: list[str]) -> dict[str, int]:
    values = {}
    for name, part in found.groupdict().items():
        if part is not None:
            if not part.isdigit():
                noted.append("mark.chinese_numerals")
            if len(part) > 4:
                raise Invalid("mark.number_too_large")
            values[name] = number(part)
    return values


def _date_tail(found: re.Match[str], noted: list[str]) -> Tail:
    part = _parts(found, noted)
    try:
        day = date(part["y"], part["m"], part["d"])
    except ValueError as error:
        raise Invalid("mark.no_such_day") from error
    clock, hour = "", None
    if "h" in part:
        if part["h"] > 23 or part.get("min", 0) > 59:
            raise Invalid("mark.no_such_day")
        clock = f"{part['h']}时" + (f"{part['min']:02d}分" if "min" in part else "")
        hour = time(part["h"], part.get("min", 0))
    return Tail(DurationKind.DATE, f"{day.year}年{day.month}月{day.day}日{clock}", day=day, hour=hour)


def _period_tail(text: str, found: re.Match[str], noted: list[str]) -> Tail:
    part = _parts(found, noted)
    if "天" in text:
        noted.append("mark.days_written_tian")
    if re.search(r"(?<!个)月", text):
        noted.append("mark.month_read_as_period")
    years, months, days = part.get("y", 0), part.get("m", 0), part.get("d", 0)
    if months >= 12:
        noted.append("mark.months_to_years")
        years, months = years + months // 12, months % 12
    if days >= 365:
        noted.append("mark.days_over_a_year")
    if not (years or months or days):
        raise Invalid("mark.period_zero")
    if days and (years or months):
        raise Invalid("mark.days_with_years")
    words = (f"{years}年" if years else "") + (f"{months}个月" if months else "") + (f"{days}日" if days else "")
    return Tail(DurationKind.PERIOD, words, period=Period(years, months, days))


def _event_tail(text: str) -> Tail:
    if STAR in text or any(word in text for word in ("绝密", "机密", "秘密")) or re.fullmatch(r"[\d\W]+", text):
        raise Invalid("mark.tail_unreadable")
    if not 2 <= len(text) <= EVENT_LIMIT or not re.search(r"[\u4e00-\u9fff]", text):
        raise Invalid("mark.tail_unreadable")
    return Tail(DurationKind.EVENT, text)


def parse(text: str, issued: date | None = None, notified: date | None = None) -> ParsedMark:
    """Parse a whole mark.

    Args:
        text: e.g. ``机密★10年``; a legacy mark without tail is accepted and gets the period that the law supplies.
        issued: 制发日.
        notified: Date of the written notice.
    Raises:
        Invalid: The text is no mark; ``mark.star_reserved`` for a star on anything but a state secret (BMF-22.3).
    Source: ZX-24.1, ZX-24.4b.
    """
    warnings: list[str] = []
    clean = _clean(text, warnings)
    level = next((x.word for x in Level if clean.startswith(x.word)), None)
    if level is None:
        raise Invalid(*(("mark.star_reserved", ("BMF-22.3",)) if STAR in clean else ("mark.no_level",)))
    rest = clean.removeprefix(level)
    if rest in ("", STAR):
        warnings.append("mark.defaulted")
        tail = default_tail(level, issued or notified or date.max)
    else:
        if not rest.startswith(STAR):
            raise Invalid("mark.star_missing")
        tail = parse_tail(rest.removeprefix(STAR), warnings)
        if is_vague(tail, issued or notified or date.max):
            warnings.append("mark.vague_event")
    return ParsedMark(level, tail, tail.window(issued, notified), tuple(dict.fromkeys(warnings)))
