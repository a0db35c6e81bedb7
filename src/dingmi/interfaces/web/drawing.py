"""Server-rendered drawings: SVG from plain values, colours by class, a sentence for those who do not see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

CSS = {"绝密": "jm", "机密": "jim", "秘密": "mm", "内部": "nb"}
BARS = {
    "普通商密": "ps",
    "核心商密": "nb",
    "秘密": "mm",
    "机密": "jim",
    "绝密": "jm",
}  # of a column, from the bottom up
NOTHING = mark_safe("")


def together(words: Iterable[str]) -> str:
    """Say words one after another as the language of the page does."""
    return ("、" if (get_language() or "").startswith("zh") else ", ").join(words)


def _join(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((p,) for p in parts))


def bar(share: float, css: str = "") -> SafeString:
    """Return a thin bar filled to ``share`` (0…1)."""
    return _bar(round(max(0.0, min(1.0, share)) * 100, 1), css)


@lru_cache(maxsize=4000)  # 1,001 widths in up to three colours
def _bar(width: float, css: str) -> SafeString:
    return format_html(
        '<svg class="bar {}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rest" width="100" height="6"/><rect class="full" width="{}" height="6"/></svg>',
        css,
        width,
    )


def life_line(line: Any) -> SafeString:
    """Draw the life line. ``line`` has first, last, today (dates), spans (level, since, until), events (on, title, note)."""
    start, end = date(line.first.year, 1, 1), date(max(line.last.year, line.today.year) + 1, 1, 1)
    total = max(1, (end - start).days)

    def x(day: date) -> float:
        return round(20 + (day - start).days / total * 840, 1)

    years = range(start.year, end.year + 1, max(1, (end.year - start.year) // 7))
    axis = _join(
        format_html(
            '<path class="tick" d="M{0} 118v5"/><text class="year" x="{0}" y="137">{1}</text>', x(date(y, 1, 1)), y
        )
        for y in years
    )
    spans = _join(_span(s, x(s.since), x(s.until), told) for s, told in _first_of_level(line.spans))
    rest = NOTHING
    if line.remaining and line.last > line.today:
        rest = _rest(line, x(line.today), x(line.last))
    events = _events([(e, x(e.on)) for e in line.events])
    now = x(line.today)
    return format_html(
        '<svg class="life" viewBox="0 0 880 142" role="img" aria-label="{}">'
        '<defs><pattern id="hatch" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(25)">'
        '<rect width="10" height="10" class="pale"/><rect width="5" height="10" class="stripe"/></pattern></defs>'
        '<path class="base" d="M0 73h880"/><path class="axis" d="M0 118h880"/>{}{}{}{}'
        '<path class="now" d="M{} 54v64"/><text class="now" x="{}" y="106" text-anchor="{}">{}</text></svg>',
        line.sentence,
        axis,
        spans,
        rest,
        events,
        now,
        now + 6 if now < 830 else now - 6,
        "start" if now < 830 else "end",
        _("今天"),
    )


def _wide(text: str, size: int = 12) -> int:
    """Return about how wide text is drawn."""
    return sum(size if ord(c) > 0x2000 else size * 6 // 10 for c in text)


def _first_of_level(spans: Iterable[Any]) -> Iterable[tuple[Any, bool]]:
    """Return the spans, each with whether its level is another than the one before."""
    before = None
    for span in spans:
        yield span, span.level != before
        before = span.level


def _span(span: Any, left: float, right: float, told: bool) -> SafeString:
    """Draw one stretch of protection, with its level where that changes and the word has room."""
    words = span.level if told and right - left > _wide(span.level) + 12 else ""
    return format_html(
        '<rect class="span {}" x="{}" y="62" width="{}" height="22"/><text class="on" x="{}" y="77">{}</text>',
        CSS.get(span.level, "nb"), left, max(2, round(right - left, 1)), left + 8, words,
    )  # fmt: skip


def _rest(line: Any, left: float, right: float) -> SafeString:
    """Draw what is left, with the words for it where they have room."""
    told = f"{_('剩余')} {line.remaining}"
    words = told if right - left > _wide(told) + 16 else ""
    return format_html(
        '<rect class="rest {}" x="{}" y="62" width="{}" height="22"/><text class="left" x="{}" y="77">{}</text>',
        CSS.get(line.level, "nb"), left, round(right - left, 1), left + 10, words,
    )  # fmt: skip


def _events(placed: list[tuple[Any, float]]) -> SafeString:
    """Draw the events with a stem each; the latest and the first get their words before the others, where no two meet."""
    taken: list[tuple[float, float]] = []
    parts = []
    for event, at in [*placed[-1:], *placed[:-1][:1], *reversed(placed[1:-1])]:
        wide = max(_wide(event.title), _wide(event.note))
        to_left = at + wide > 880
        left, right = (at - wide, at) if to_left else (at, at + wide)
        if any(left < end + 14 and begin - 14 < right for begin, end in taken):
            parts.append(format_html('<path class="stem" d="M{0} 54v8"/>', at))
            continue
        taken.append((left, right))
        parts.append(
            format_html(
                '<path class="stem" d="M{0} 38v24"/><text class="ev" x="{0}" y="14" text-anchor="{1}">{2}</text>'
                '<text class="note" x="{0}" y="31" text-anchor="{1}">{3}</text>',
                at,
                "end" if to_left else "start",
                event.title,
                event.note,
            )
        )
    return _join(parts)


def _node(node: Any, x: int, y: int, here: bool = False) -> SafeString:
    body = format_html(
        '<rect class="box {}{}" x="{}" y="{}" width="152" height="46" rx="4"/>'
        '<rect class="edge {}" x="{}" y="{}" width="5" height="46" rx="2"/>'
        '<text class="name{}" x="{}" y="{}">{}</text><text class="sub{}" x="{}" y="{}">{}</text>',
        CSS.get(node.level, "nb"),
        " here" if here else "",
        x,
        y,
        CSS.get(node.level, "nb"),
        x,
        y,
        " b" if here else "",
        x + 14,
        y + 19,
        _short(node.name),
        " bad" if node.conflict else "",
        x + 14,
        y + 36,
        node.sub,
    )
    if node.url and not here:
        return format_html('<a href="{}">{}</a>', node.url, body)
    return body


def _short(text: str) -> str:
    return text if len(text) <= 10 else text[:9] + "…"


COLUMN, ROW, BOX = 192, 66, (152, 46)  # of the derivation graph


def _places(graph: Any) -> tuple[dict[str, tuple[int, int]], int, int]:
    """Return the left top corner of every node by key, and width and height of the drawing: a column for each depth."""
    columns: dict[int, list[Any]] = {}
    for node in graph.nodes:
        columns.setdefault(node.depth, []).append(node)
    first, last = min(columns), max(columns)
    height = max(150, max(map(len, columns.values())) * ROW + 20)
    places: dict[str, tuple[int, int]] = {}
    for depth, nodes in columns.items():
        step = height / len(nodes)
        for number, node in enumerate(nodes):
            places[node.key] = (4 + (depth - first) * COLUMN, round(step * (number + 0.5)) - BOX[1] // 2)
    return places, (last - first) * COLUMN + BOX[0] + 8, height


def _arrow(start: tuple[int, int], end: tuple[int, int], css: str) -> SafeString:
    x, y, to, down = start[0] + BOX[0], start[1] + BOX[1] // 2, end[0] - 7, end[1] + BOX[1] // 2
    half = max(12, (to - x) // 2)
    return format_html(
        '<path class="{}" d="M{} {} C{} {} {} {} {} {}" marker-end="url(#a)"/>',
        css, x, y, x + half, y, to - half, down, to, down,
    )  # fmt: skip


def graph(graph: Any) -> SafeString:
    """Draw sources → this → derived, a column for each step. Nodes have key, depth, name, sub, level, url, conflict."""
    places, width, height = _places(graph)
    nodes = {n.key: n for n in graph.nodes}
    arrows = [
        _arrow(places[start], places[end], "arc bad" if nodes[end].conflict else "arc") for start, end in graph.arrows
    ]
    boxes = [_node(node, *places[key], here=node.depth == 0) for key, node in nodes.items()]
    words = {-1: _("上游"), 0: _("本件"), 1: _("下游")}
    tops: dict[int, tuple[int, int]] = {}
    for key, node in nodes.items():
        tops[node.depth] = min(tops.get(node.depth, places[key]), places[key], key=lambda p: p[1])
    heads = [
        format_html(
            '<text class="head" x="{}" y="{}">{}</text>', x + BOX[0] // 2, max(12, y - 10), words[(d > 0) - (d < 0)]
        )
        for d, (x, y) in tops.items()
        if abs(d) <= 1 and y > 14
    ]
    return format_html(
        '<svg class="graph" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="group" aria-label="{2}"><defs><marker id="a" viewBox="0 0 8 8" refX="1" '
        'refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>{3}{4}{5}</svg>',
        width,
        height,
        graph.sentence,
        _join(arrows),
        _join(boxes),
        _join(heads),
    )


def gantt(row: Any) -> SafeString:
    """Draw the days left of one matter over 90 days: pale while far, solid in its review window, diamond on the last day."""
    end = max(0, min(90, row.days_left)) * 2.4
    window = max(0.0, end - 72)
    css = CSS.get(row.level, "nb")
    return format_html(
        '<svg class="gantt {}" viewBox="0 0 228 20" aria-hidden="true"><path class="grid" d="M0 0v20M74 0v20M148 0v20"/>'
        '<rect class="far" x="0" y="7" width="{}" height="6"/><rect class="near" x="{}" y="7" width="{}" height="6"/>'
        '<path class="last" d="M{} 10l6 -6l6 6l-6 6z"/></svg>',
        css,
        window,
        window,
        max(0.0, end - window),
        max(0.0, end - 6),
    )


def week_bars(weeks: Any) -> SafeString:
    """Draw per week how many matters end, one block each, highest level on top. Weeks have on, counts ((level, n), …)."""
    columns = []
    tall = max([sum(n for _l, n in w.counts) for w in weeks] + [1])
    block = min(10.0, 60 / tall)
    for place, week in enumerate(weeks):
        x, y, number = place * 62, 78.0, 0
        parts: list[SafeString] = []
        for level, count in sorted(week.counts, key=lambda c: list(BARS).index(c[0])):
            for _i in range(count):
                y -= block
                parts.append(
                    format_html(
                        '<rect class="blk {}" x="{}" y="{}" width="22" height="{}"/>',
                        BARS[level],
                        x + 20,
                        y,
                        max(1.0, block - 2),
                    )
                )
                number += 1
        label = format_html('<text class="n" x="{}" y="{}">{}</text>', x + 31, 12, number) if number else NOTHING
        columns.append(
            format_html(
                '{}{}<path class="axis" d="M{} 81h58"/><text class="wk" x="{}" y="98">{}</text>',
                label,
                _join(parts),
                x + 2,
                x + 31,
                week.on.strftime("%m-%d"),
            )
        )
    total = sum(n for w in weeks for _l, n in w.counts)
    return format_html(
        '<svg class="weeks" viewBox="0 0 806 104" role="img" aria-label="{}">{}</svg>',
        _("未来 13 周到期 %(n)s 项") % {"n": total},
        _join(columns),
    )


def usage(quarters: Any) -> SafeString:
    """Draw per quarter how many matters an item gave (bars) and how many proposals were turned down (dashed line)."""
    most = max([4, *(q.adopted for q in quarters), *(q.rejected for q in quarters)])
    step = max(1, -(-most // 6))
    top = step * -(-most // step)

    def y(count: int) -> float:
        return round(176 - count / top * 156, 1)

    grid = _join(
        format_html('<path class="grid" d="M30 {0}H736"/><text class="n" x="22" y="{1}">{2}</text>', y(n), y(n) + 4, n)
        for n in range(0, top + 1, step)
    )
    bars, points = [], []
    for place, quarter in enumerate(quarters):
        x = 60 + place * 59
        bars.append(
            format_html(
                '<rect class="use" x="{}" y="{}" width="17" height="{}"/><text class="q" x="{}" y="196">{}</text>',
                x - 8,
                y(quarter.adopted),
                round(176 - y(quarter.adopted), 1),
                x,
                quarter.name,
            )
        )
        points.append((x, y(quarter.rejected)))
    line = " ".join(f"{x},{down}" for x, down in points)
    dots = _join(format_html('<circle class="no" cx="{}" cy="{}" r="3.5"/>', x, down) for x, down in points)
    taken, turned = sum(q.adopted for q in quarters), sum(q.rejected for q in quarters)
    return format_html(
        '<svg class="usage" viewBox="0 0 744 204" role="img" aria-label="{}">{}{}<polyline class="no" points="{}"/>{}</svg>',
        _("近十二个季度采用 %(a)s 次，审核时改掉 %(b)s 次") % {"a": taken, "b": turned},
        grid,
        _join(bars),
        line,
        dots,
    )
