"""One line of the register at a time, in the columns that its reader chose.

A page of lines is most of what a list costs, so a line is put together here and what many lines share is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base.actor import Role
from dingmi.interfaces.web import drawing
from dingmi.interfaces.web.templatetags.dingmi import EMPTY, STATE_WORDS, mark, masked_cell, pips, shown

register = template.Library()
GONE = mark_safe(' class="gone"')
DUE_WORDS = {"er": n_("须 30 天内审核"), "wa": n_("待到期审核")}


@lru_cache(maxsize=500)
def _tag(css: str, word: str, language: str) -> SafeString:
    return format_html('<span class="{}">{}</span>', css, _(word))


def _said(css: str, word: str) -> SafeString:
    """Return a word of ours in the language of the page, as a tag or muted."""
    return _tag(css, word, get_language() or "")


@register.simple_tag
def time_left(row: Any) -> str:
    """Say how long a matter is still protected, in years where it is long, or for how long its end has passed."""
    return _time_left(row.days_over, row.years_left, row.days_left, get_language() or "")


@lru_cache(maxsize=4000)
def _time_left(over: int, years: float | None, days: int, language: str) -> str:
    if over:
        return ngettext("逾期 %(n)s 天", "逾期 %(n)s 天", over) % {"n": over}
    if years:
        return _("%(n)s 年") % {"n": localize(years)}
    return ngettext("%(n)s 天", "%(n)s 天", days) % {"n": days}


def _left(row: Any) -> SafeString:
    """Tell how much of its period a matter has left: a bar and words, or why there are none."""
    if row.released:
        return _said("muted", n_("已解密"))
    if row.days_left is None:
        return _said("tag", n_("条件未成就")) if row.state == "active" else EMPTY
    css = "hot" if row.urgency == "er" else ""
    return format_html('{} <span class="{}">{}</span>', drawing.bar(row.share_left, row.urgency), css, time_left(row))


def _state(row: Any) -> SafeString:
    """Tell the state of a matter; of one in force whose period ends soon, what is to be done."""
    due = row.urgency if row.state == "active" else ""
    word = n_("逾期未办") if due and row.days_over else DUE_WORDS.get(due) or STATE_WORDS.get(row.state, "草稿")
    return _said(f"tag {'ok' if row.released else row.urgency}", word)


def _ends(row: Any) -> str:
    return row.last_day.isoformat() if row.last_day else _("按解密条件") if row.by_event else "—"


def _origin(row: Any) -> SafeString:
    return _said("tag", n_("派生") if row.origin == "derivative" else n_("原始"))


CELLS: dict[str, tuple[str, Callable[[Any], Any]]] = {  # column → classes, content
    "department": ("nw", lambda row: row.department),
    "decided": ("num nw", lambda row: row.decided_on.isoformat() if row.decided_on else ""),
    "ends": ("num nw", _ends),
    "left": ("nw num", _left),
    "origin": ("", _origin),
    "officer": ("nw", lambda row: row.officer),
    "copies": ("num r", lambda row: row.copies if row.is_content else ""),
    "state": ("", _state),
}


@cache
def _cell(css: str) -> SafeString:
    return format_html('<td class="{}">', css)


def _named(context: Any, row: Any) -> SafeString:
    """Print number and title with the way to the matter; of one whose content is not to be read, how to apply for it."""
    if row.is_content:
        return format_html(
            '<td class="num nw"><a href="{0}">{1}</a></td><td><div class="el"><a href="{0}">{2}</a></div></td>',
            reverse("matter", args=(row.matter,)),
            row.number,
            shown(context, row.title, row.level, row.provisional),
        )
    return format_html(
        '<td class="num nw">{}</td><td><div class="el">{} <a class="u" href="{}">{}</a>{}</div></td>',
        row.number,
        masked_cell(context),
        reverse("apply_know", args=(row.matter,)),
        _("申请知悉"),
        _bars(context, row),
    )


def _bars(context: Any, row: Any) -> SafeString:
    """Print the way to the bars on a matter, for those who may lift them."""
    if not context["request"].actor.holds(Role.SECRECY_OFFICE, Role.HEAD):
        return EMPTY
    return format_html(' <a class="u" href="{}">{}</a>', reverse("matter_bars", args=(row.matter,)), _("回避"))


@register.simple_tag(takes_context=True)
def line(context: Any, row: Any, columns: Iterable[str]) -> SafeString:
    """Print one row of the register: what names it, its mark, and the ``columns`` chosen."""
    cells = (CELLS[name] for name in columns)
    return format_html(
        '<tr data-row{}>{}<td class="nw">{}{}</td>{}</tr>',
        GONE if row.released else EMPTY,
        _named(context, row),
        pips(row.level),
        mark(row.mark, row.provisional, row.released),
        mark_safe("".join(f"{_cell(css)}{conditional_escape(content(row))}</td>" for css, content in cells)),
    )
