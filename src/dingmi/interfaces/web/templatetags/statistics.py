"""What statistics pages draw and say: links from figures to records, heat, small lines, what looks wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as n_

from dingmi.interfaces.web.drawing import together
from dingmi.queries.statistics.words import anomaly, word

register = template.Library()

HEAT = ("hm1", "hm2", "hm3", "hm4", "hm5")  # steps of the heat map
TILES = {
    "stock": n_("在密国家秘密"),
    "determined": n_("本年确定"),
    "changed": n_("本年变更"),
    "ended": n_("本年解除"),
    "reviews": n_("按期审核"),
    "doubts": n_("争议和纠正"),
}
SIGNALS = {
    "returned": n_("退回率"),
    "longest": n_("按上限定期限"),
    "not_secret": n_("判为非密占比"),
    "days": n_("平均审定用时（天）"),
}
VERDICTS = {"less": n_("下降"), "more": n_("上升"), "same": n_("持平")}
STATES = {"open": n_("未结账"), "ready": n_("待签发"), "signed": n_("已签发，待报送"), "filed": n_("已报送")}
COLOURS = {"秘密": "mm", "机密": "jim", "绝密": "jm", "det": "primary", "end": "pale", "chg": "ink"}
KINDS = {
    "review": n_("审核"),
    "referral": n_("报请"),
    "challenge": n_("异议"),
    "correction": n_("纠正"),
    "officer": n_("定密责任人"),
    "delegation": n_("定密授权"),
}


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


@register.simple_tag
def figure(count: int, table: str, row: str, column: str, page: Any, css: str = "num") -> SafeString:
    """Print a figure as the link to exactly the records that it counts."""
    asked = urlencode(
        {"table": table, "row": row, "column": column, "year": page.year, "as_of": page.as_of.isoformat()}
    )
    return format_html('<a class="{}" href="{}?{}">{}</a>', css, reverse("statistics_records"), asked, count)


@register.filter
def tile_word(name: str) -> str:
    """Name a tile."""
    return str(TILES.get(name, name))


@register.filter
def count_word(code: str) -> str:
    """Name a row or column of a table."""
    return str(n_("应审")) if code == "asked" else word(code, _language())


def signed(value: float) -> str:
    """Return a change with its sign."""
    return f"{value:+g}".replace("-", "−")


@register.simple_tag
def tile_note(tile: Any) -> str:
    """Say what stands beside a figure: its parts, its share, or how it changed."""
    said = [f"{count_word(code)} {n}" for code, n in tile.parts]
    if tile.name == "stock" and tile.percent is not None:
        said.append(_("比上年末 %(p)s%%") % {"p": signed(tile.percent)})
    elif tile.name == "ended" and tile.percent is not None:
        said.append(_("占 %(p)s%%") % {"p": f"{tile.percent:g}"})
    elif tile.name == "doubts" and not said:
        said.append(_("检查和异议发现的差错"))
    return ("，" if _language() == "zh" else ", ").join(said)


@register.filter
def sign_word(name: str) -> str:
    """Name a sign of quality."""
    return str(SIGNALS.get(name, name))


@register.filter
def verdict_word(code: str) -> str:
    """Say which way a sign went."""
    return str(VERDICTS.get(code, "—"))


@register.filter
def report_state(code: str) -> str:
    """Say how far a report is."""
    return str(STATES.get(code, code))


@register.filter
def report_word(name: str) -> str:
    """Name a report."""
    return word(name, _language())


@register.filter
def record_word(kind: str) -> str:
    """Name a kind of record."""
    return str(KINDS.get(kind, kind))


@register.filter
def colour(code: str) -> str:
    """Return the colour of a column in a chart."""
    return COLOURS.get(code, "ink")


@register.filter
def wrong(found: Any) -> str:
    """Say what looks wrong."""
    return anomaly(found.code, found.number, _language())


@register.filter
def heat(count: int, most: int) -> str:
    """Return the step of a count in the heat map: nothing for none, else hm1 to hm5."""
    return HEAT[max(0, -(-len(HEAT) * count // most) - 1)] if count and most else ""


@register.simple_tag
def spark(values: Sequence[float | None], name: str) -> SafeString:
    """Draw a small line of the quarters; its values stand in its label."""
    known = [v for v in values if v is not None]
    top, low = max(known, default=1.0), min(known, default=0.0)
    spread = (top - low) or 1.0
    points = " ".join(
        f"{round(2 + n * 76 / max(1, len(values) - 1), 1)},{round(18 - 14 * (v - low) / spread, 1)}"
        for n, v in enumerate(values)
        if v is not None
    )
    said = together("—" if v is None else f"{v:g}" for v in values)
    return format_html(
        '<svg class="spark" viewBox="0 0 80 20" role="img" aria-label="{}：{}"><polyline points="{}"/></svg>',
        sign_word(name),
        said,
        points,
    )


@register.filter
def at(values: Sequence[Any], place: int) -> Any:
    """Return the value at a place."""
    return values[place]


@register.filter
def of(pairs: Sequence[tuple[str, str]], key: str) -> str:
    """Return the text that stands beside a key."""
    return dict(pairs).get(key, "")


@register.simple_tag
def more_records(page: Any, step: int) -> str:
    """Return the address of the next or the last page of the records behind a figure."""
    names = ("table", "row", "column", "year")
    asked = {name: getattr(page, name) for name in names} | {"as_of": page.as_of.isoformat(), "page": page.page + step}
    return f"{reverse('statistics_records')}?{urlencode(asked)}"
