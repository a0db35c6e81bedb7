"""Server-rendered charts: stacked columns by level, with a sentence for those who do not see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.template.defaultfilters import date as written
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

CSS = {"秘密": "mm", "机密": "jim", "绝密": "jm"}
WIDTH, TOP, BASE, FOOT = 1320, 18, 150, 172
DECAL = mark_safe(
    '<defs><pattern id="decal" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="decal" width="2" height="6"/></pattern></defs>'
)


def cohort_bars(cohorts: Sequence[Any], title: str, form: str) -> SafeString:
    """Draw cohorts (first, count, word, shares) as stacked columns, 秘密 at the foot; 机密 carries a diagonal decal."""
    tall = max([c.count for c in cohorts] + [1])
    step = WIDTH / max(1, len(cohorts))
    columns = [_column(c, round(n * step + 4, 1), round(step - 8, 1), tall, form) for n, c in enumerate(cohorts)]
    words = "；".join(f"{written(c.first, form)} {c.word}" for c in cohorts if c.count)
    return format_html(
        '<svg class="weeks" viewBox="0 0 {} {}" role="img" aria-label="{}">{}<path class="axis" d="M0 {}h{}"/>{}</svg>',
        WIDTH,
        FOOT + 6,
        f"{title}：{words or _('没有到期的事项')}",
        DECAL,
        BASE,
        WIDTH,
        format_html_join("", "{}", ((c,) for c in columns)),
    )


def _column(cohort: Any, x: float, width: float, tall: int, form: str) -> SafeString:
    """Draw one column with its number above and its period below."""
    held = {s.level: s.count for s in cohort.shares}
    y, parts = float(BASE), []
    for level in ("秘密", "机密", "绝密"):
        height = round(held.get(level, 0) / tall * (BASE - TOP), 1)
        if not height:
            continue
        y = round(y - height, 1)
        place = format_html('x="{}" y="{}" width="{}" height="{}"', x, y, width, height)
        parts.append(format_html('<rect class="{}" {}/>', CSS[level], place))
        if level == "机密":
            parts.append(format_html('<rect class="over" {}/>', place))
    middle = round(x + width / 2, 1)
    number = format_html('<text class="n" x="{}" y="{}">{}</text>', middle, y - 4, cohort.word) if cohort.count else ""
    return format_html(
        '{}{}<text x="{}" y="{}">{}</text>',
        format_html_join("", "{}", ((p,) for p in parts)),
        number,
        middle,
        FOOT,
        written(cohort.first, form)[-5:],
    )
