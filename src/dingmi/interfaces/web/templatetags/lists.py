"""Lists as tables, their words as tags, and the buttons that take them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import asked_with
from dingmi.interfaces.web.drawing import together
from dingmi.interfaces.web.templatetags.dingmi import KINDS, empty, icon, level_badge, once, visible_text
from dingmi.queries.lists import LISTS, SAID, Column, Listing, Word
from dingmi.queries.lists.model import plain
from dingmi.queries.registry import QUERIES

register = template.Library()
NONE = "—"
SPOKEN = (*KINDS, n_("所有人员"), n_("没有期限"), n_("全部事项"), n_("全单位"))  # words that answers give
CSS = {"name": "b nw", "code": "num", "day": "num nw", "moment": "num nw", "number": "num r", "level": "nw"}


def _tag(word: Word) -> SafeString:
    said = _(word.text)
    return (
        format_html("{}", said) if word.tone is None else format_html('<span class="tag {}">{}</span>', word.tone, said)
    )


def _tags(words: Sequence[Word]) -> SafeString:
    """Say words: side by side as tags, or one after another where they are plain."""
    if len(words) > 1 and all(w.tone is None for w in words):
        return format_html('<span class="text-wrap">{}</span>', together(_(w.text) for w in words))
    return format_html_join(" ", "{}", ((_tag(w),) for w in words))


@register.simple_tag
def word(topic: str, *codes: Any) -> SafeString:
    """Say codes of a closed list, each with its tone: ``{% word "session" s.state %}``."""
    known = SAID[topic]
    many = [c for code in codes for c in (code if isinstance(code, tuple) else (code,))]
    return _tags([known.get(code, Word(str(code))) for code in many])


def _cell(column: Column, row: Any, link: str, key: Any) -> SafeString:
    if column.words is not None:
        return _tags(column.said(row)) or format_html("{}", NONE)
    value = column.value(row)
    if value in (None, "", ()):
        return format_html(NONE)
    if column.kind == "level":
        return level_badge(str(value))
    text = visible_text(_(value) if isinstance(value, str) and value in SPOKEN else plain(value))
    if column.kind == "name" and link and key:
        return format_html('<a href="{}">{}</a>', reverse(link, args=[key]), text)
    if column.kind == "code":
        return format_html('<span class="code d-inline-block text-wrap text-break">{}</span>', text)
    return format_html("{}", text)


@register.simple_tag
def listing(name: str, rows: Any, link: str = "") -> SafeString:
    """Draw the rows of a list as a table, or say what it means that there are none."""
    held: Listing = LISTS[name]
    if not rows:
        title = _(held.empty) if held.empty else _("没有记录")
        return format_html(
            "{}", render_to_string("components/empty.html", empty(title, _(held.hint) if held.hint else ""))
        )
    css = [CSS.get(c.kind, "nw" if c.words is not None else "") for c in held.columns]
    heads = format_html_join(
        "",
        '<th scope="col" class="{}">{}</th>',
        (("r" if c.kind == "number" else "", _(c.word)) for c in held.columns),
    )
    body = format_html_join(
        "",
        '<tr data-row class="{}">{}</tr>',
        (
            (
                "gone" if held.gone and held.gone(row) else "",
                format_html_join(
                    "",
                    '<td class="{}">{}</td>',
                    (
                        (c, _cell(column, row, link, held.key_of(row)))
                        for c, column in zip(css, held.columns, strict=True)
                    ),
                ),
            )
            for row in rows
        ),
    )
    caption = format_html('<caption class="visually-hidden">{}</caption>', _(held.title))
    return format_html('<table class="t">{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table>', caption, heads, body)


@register.simple_tag(takes_context=True)
def exports(context: Any, name: str, **given: Any) -> SafeString:
    """Draw the buttons that take a list out, with the filters of the page: ``{% exports "training.hours" %}``.

    Args:
        given: Parameters of the list's query that the page is not asked with: ``session=page.line.id``.
    """
    request = context["request"]
    wanted = QUERIES[LISTS[name].query].model.model_fields
    filters = {k: v for k, v in asked_with(request).items() if k in wanted and v} | {
        k: str(v) for k, v in given.items()
    }
    hidden = format_html_join("", '<input type="hidden" name="of-{}" value="{}">', filters.items())
    label = _("导出：%(list)s") % {"list": _(LISTS[name].title)}
    return format_html(
        '<form class="row-f" method="post" action="{}">{}{}'
        '<button class="bt s" name="format" value="xlsx" title="{}">{} XLSX</button>'
        '<button class="bt s" name="format" value="csv" title="{}">CSV</button></form>',
        reverse("list_export", args=[name]),
        once(context),
        hidden,
        label,
        icon("download"),
        label,
    )
