"""Draw the indicators of an appraisal as a radar, with the median dashed; its table stands below on every page."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dingmi.interfaces.web.drawing import together
from dingmi.queries.lists.words import INDICATOR

WORDS = {code: word.text for code, word in INDICATOR.items()}
AROUND = ("accuracy", "supervision", "training", "period", "timeliness", "procedure")  # from the top, clockwise
CENTRE, RADIUS = (210, 130), 92
LONG = 16  # letters of a name that fit beside the drawing


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator in words."""

    word: str
    weight: str
    score: int
    median: float
    lines: int  # what was counted for or against
    points: str


def rows(page: Any) -> tuple[IndicatorRow, ...]:
    """Return the table that says what the radar draws."""
    scores, medians = dict(page.indicators), dict(page.medians)
    found: dict[str, list[int]] = {}
    for line in page.lines:
        found.setdefault(line.indicator, []).append(line.points)
    return tuple(
        IndicatorRow(
            word=_(WORDS.get(name, name)),
            weight=f"{float(weight):.0%}",
            score=scores[name],
            median=medians.get(name, 0.0),
            lines=len(found.get(name, ())),
            points=f"{sum(found.get(name, ())):+d}",
        )
        for name, weight in page.weights
    )


def _at(place: int, value: float) -> tuple[float, float]:
    angle = -pi / 2 + 2 * pi * place / len(AROUND)
    far = RADIUS * max(0.0, min(100.0, value)) / 100
    return round(CENTRE[0] + far * cos(angle), 1), round(CENTRE[1] + far * sin(angle), 1)


def _ring(values: dict[str, float]) -> str:
    return " ".join(f"{x},{y}" for x, y in (_at(n, values.get(name, 0)) for n, name in enumerate(AROUND)))


def _label(name: str, x: float) -> SafeString:
    """Return the name of an indicator, a long one in two lines so that it stays inside the drawing."""
    word = _(WORDS[name])
    lines = word.rsplit(" ", 1) if len(word) > LONG else [word]
    return format_html_join(
        "", '<tspan x="{}" dy="{}">{}</tspan>', ((x, 14 if n else 0, line) for n, line in enumerate(lines))
    )


def radar(page: Any) -> SafeString:
    """Draw the radar of one officer-year."""
    scores = {k: float(v) for k, v in page.indicators}
    grid = format_html_join(
        "", '<polygon class="ring" points="{}"/>', ((_ring(dict.fromkeys(AROUND, v)),) for v in (25, 50, 75, 100))
    )
    words = format_html_join(
        "",
        '<text class="ax" x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            (x, y + 5, "middle" if abs(x - CENTRE[0]) < 9 else "start" if x > CENTRE[0] else "end", _label(name, x))
            for name, (x, y) in ((name, _at_label(n)) for n, name in enumerate(AROUND))
        ),
    )
    dots = format_html_join(
        "",
        '<circle class="dot" cx="{}" cy="{}" r="3"/>',
        (_at(n, scores.get(name, 0)) for n, name in enumerate(AROUND)),
    )
    said = together(f"{_(WORDS[name])} {scores.get(name, 0):.0f}" for name in AROUND)
    return format_html(
        '<svg class="radar" viewBox="0 0 420 268" role="img" aria-label="{}">{}<polygon class="med" points="{}"/>'
        '<polygon class="own" points="{}"/>{}{}</svg>',
        said, grid, _ring({k: float(v) for k, v in page.medians}), _ring(scores), dots, words,
    )  # fmt: skip


def _at_label(place: int) -> tuple[float, float]:
    angle = -pi / 2 + 2 * pi * place / len(AROUND)
    return round(CENTRE[0] + (RADIUS + 16) * cos(angle), 1), round(CENTRE[1] + (RADIUS + 16) * sin(angle), 1)
