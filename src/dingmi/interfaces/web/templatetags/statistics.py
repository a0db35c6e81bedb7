"""What statistics pages draw and say: links from figures to records, heat, small lines, what looks wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as n_

from dingmi.interfaces.web.drawing import together
from dingmi.queries.statistics.cells import BEFORE
from dingmi.queries.statistics.words import anomaly, word

register = template.Library()

HEAT = ("hm1", "hm2", "hm3", "hm4", "hm5")  # steps of the heat map
TILES = {
    "stock": n_("在密国家秘密"),
    "determined": n_("本年确定"),
    "changed": n_("本年变更"),
    "ended": n_("本年解除"),
    "reviews": n_("按期审核率"),
    "sampled": n_("抽查准确率"),
}
PARTS = {  # short words for the parts of a tile
    "original": n_("原始"),
    "derivative": n_("派生"),
    "extended": n_("延长"),
    "lowered": n_("降级"),
    "other": n_("范围等"),
    "early": n_("其中提前"),
    "drawn": n_("抽"),
    "found_high": n_("高定"),
    "points_missed": n_("漏标密点"),
    "other_error": n_("其他差错"),
}
VERDICTS = {
    "better": (n_("好转"), "ok"),
    "worse": (n_("变差"), "wa"),
    "same": (n_("持平"), ""),
    "less": (n_("偏降"), ""),
    "more": (n_("偏升"), ""),
}
RATES = ("reviews", "sampled")  # tiles whose figure is a share
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


def measured(value: float | None, unit: str) -> str:
    """Write a share or a mean, or that there is none."""
    if value is None:
        return "—"
    return f"{value:g}%" if unit == "percent" else _("%(n)s 天") % {"n": f"{value:g}"}


@register.simple_tag
def sign_figure(value: float | None, unit: str, row: str, column: str, page: Any, table: str = "quality") -> SafeString:
    """Print a share or a mean as the link to the records that it counts: of a mean all, of a share those asked about."""
    said = measured(value, unit)
    opens = column.replace("hit", "base") if unit == "days" else column
    return figure(said, table, row, opens, page) if value is not None else format_html("{}", said)


@register.simple_tag
def figure(count: int | str, table: str, row: str, column: str, page: Any, css: str = "num") -> SafeString:
    """Print a figure as the link to exactly the records that it counts."""
    asked = urlencode({"table": table, "row": row, "column": column, **_told(page)})
    return format_html('<a class="{}" href="{}?{}">{}</a>', css, reverse("statistics_records"), asked, count)


def _told(page: Any) -> dict[str, Any]:
    """Return what a page is told of, for an address: its year, its day, and its department if it is of one."""
    department = getattr(page, "department", "")  # the overview is of the whole organ
    return {"year": page.year, "as_of": page.as_of.isoformat()} | ({"department": department} if department else {})


@register.simple_tag
def told(page: Any) -> str:
    """Write what a page is told of as the end of an address."""
    return f"?{urlencode(_told(page))}"


@register.simple_tag
def then_figure(count: int, then: Any, row: str, column: str, page: Any) -> SafeString:
    """Print beside a figure that of the year before, as the link to its records, and the change."""
    line = next(line for line in then.lines if line.code == row)
    before = line.figures[then.columns.index(column)]
    link = figure(before, then.name, row, column + BEFORE, page)
    return format_html('<div class="was xs muted">{} {}</div>', link, signed(count - before))


@register.simple_tag
def tile_then(tile: Any, page: Any) -> SafeString:
    """Print the figure of a tile on the same days of the year before, as the link to its records, and the change."""
    then = next(t for t in page.before.tiles if t.name == tile.name)
    opens = (tile.table, tile.row, tile.column + BEFORE, page)
    if tile.name not in RATES:
        link, change = figure(then.count, *opens), signed(tile.count - then.count)
    elif then.percent is None or tile.percent is None:
        link, change = "—" if then.percent is None else figure(f"{then.percent:g}%", *opens), ""
    else:
        points = signed(round(tile.percent - then.percent, 1))
        link, change = figure(f"{then.percent:g}%", *opens), _("%(n)s 个百分点") % {"n": points}
    return format_html("{} {} {}", _("上年同期"), link, change)


@register.filter
def tile_word(name: str) -> str:
    """Name a tile."""
    return str(TILES.get(name, name))


@register.filter
def count_word(code: str) -> str:
    """Name a row or column of a table."""
    return word(code, _language())


def signed(value: float) -> str:
    """Return a change with its sign."""
    return f"{value:+g}".replace("-", "−") if value else "±0"


@register.simple_tag
def tile_note(tile: Any) -> str:
    """Say what stands beside a figure: its parts, its share, or how it changed."""
    if tile.name == "reviews":
        return " / ".join(str(n) for n in (tile.count, dict(tile.parts)["asked"]))
    said = [f"{PARTS[code]} {n}" for code, n in tile.parts]
    if tile.name == "stock" and tile.percent is not None:
        said.append(_("比上年末 %(p)s%%") % {"p": signed(tile.percent)})
    elif tile.name == "ended" and tile.percent is not None:
        said.append(_("占 %(p)s%%") % {"p": f"{tile.percent:g}"})
    elif tile.name == "sampled" and tile.percent is None:
        return _("本年没有抽查")
    return ("，" if _language() == "zh" else ", ").join(said)


@register.simple_tag
def tile_figure(tile: Any, page: Any) -> SafeString:
    """Print the figure of a tile: a share where the tile is one, else a count; none where there is nothing to share."""
    if tile.name in RATES:
        if tile.percent is None:
            return format_html('<span class="fig num">{}</span>', "—")
        return figure(f"{tile.percent:g}%", tile.table, tile.row, tile.column, page, "fig num")
    link = figure(f"{tile.count:,}", tile.table, tile.row, tile.column, page, "fig num")
    return format_html('{} <span class="sm muted fw-normal">{}</span>', link, ngettext("项", "项", tile.count))


@register.simple_tag
def verdict(signal: Any) -> SafeString:
    """Say which way a sign went, or in which department it gathers."""
    if signal.uneven:
        return format_html('<span class="tag wa">{}</span>', _("%(unit)s偏多") % {"unit": signal.uneven})
    if signal.verdict not in VERDICTS:
        return format_html('<span class="muted">{}</span>', "—")
    said, css = VERDICTS[signal.verdict]
    return format_html('<span class="tag {}">{}</span>', css, said)


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
        word(name, _language()),
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
    names = ("table", "row", "column")
    asked = {name: getattr(page, name) for name in names} | _told(page) | {"page": page.page + step}
    return f"{reverse('statistics_records')}?{urlencode(asked)}"
