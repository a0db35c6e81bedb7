"""Cells of the register: one row at a time, in the columns that its reader chose."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import template
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_
from django.utils.translation import ngettext

from dingmi.interfaces.web import drawing
from dingmi.interfaces.web.templatetags.dingmi import EMPTY, STATE_WORDS

register = template.Library()
DUE_WORDS = {"er": n_("须 30 天内审核"), "wa": n_("待到期审核")}


@register.simple_tag
def time_left(row: Any) -> str:
    """Say how long a matter is still protected, in years where it is long, or for how long its end has passed."""
    if row.days_over:
        return ngettext("逾期 %(n)s 天", "逾期 %(n)s 天", row.days_over) % {"n": row.days_over}
    if row.years_left:
        return _("%(n)s 年") % {"n": localize(row.years_left)}
    return ngettext("%(n)s 天", "%(n)s 天", row.days_left) % {"n": row.days_left}


def _left(row: Any) -> SafeString:
    """Tell how much of its period a matter has left: a bar and words, or why there are none."""
    if row.released:
        return format_html('<span class="muted">{}</span>', _("已解密"))
    if row.days_left is None:
        return format_html('<span class="tag">{}</span>', _("条件未成就")) if row.state == "active" else EMPTY
    css = "hot" if row.urgency == "er" else ""
    return format_html('{} <span class="{}">{}</span>', drawing.bar(row.share_left, row.urgency), css, time_left(row))


def _state(row: Any) -> SafeString:
    """Tell the state of a matter; of one in force whose period ends soon, what is to be done."""
    due = row.urgency if row.state == "active" else ""
    words = _("逾期未办") if due and row.days_over else _(DUE_WORDS.get(due) or STATE_WORDS.get(row.state, "草稿"))
    return format_html('<span class="tag {}">{}</span>', "ok" if row.released else row.urgency, words)


def _ends(row: Any) -> str:
    return row.last_day.isoformat() if row.last_day else _("按解密条件") if row.by_event else "—"


def _origin(row: Any) -> SafeString:
    return format_html('<span class="tag">{}</span>', _("派生") if row.origin == "derivative" else _("原始"))


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


@register.simple_tag
def cells(row: Any, columns: Iterable[str]) -> SafeString:
    """Print one row of the register in ``columns``."""
    told = ((css, content(row)) for css, content in (CELLS[name] for name in columns))
    return format_html_join("", '<td class="{}">{}</td>', told)
