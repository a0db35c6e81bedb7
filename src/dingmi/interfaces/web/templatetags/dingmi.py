"""Components of the pages. Whatever shows classified text tells the page's level through ``shown`` or ``content``."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base import messages
from dingmi.base.errors import DingmiError, Finding
from dingmi.engines import documents
from dingmi.interfaces.web import charts, drawing
from dingmi.interfaces.web import radar as radars
from dingmi.interfaces.web.door import Told, explain, told
from dingmi.interfaces.web.forms import DATES
from dingmi.queries.rows import count_word

register = template.Library()
LEVELS: dict[str, tuple[str, int]] = {
    "绝密": ("jm", 3),
    "机密": ("jim", 2),
    "秘密": ("mm", 1),
    "内部": ("nb", 0),
    "普通商密": ("nb", 0),
    "核心商密": ("nb", 0),
    "公开": ("gk", 0),
}
RANK = {
    "": -1,
    "公开": 0,
    "内部": 1,
    "普通商密": 2,
    "核心商密": 3,
    "秘密": 4,
    "机密": 5,
    "绝密": 6,
}  # of the banner only
CSS = {"绝密": "jm", "机密": "jim", "秘密": "mm", "内部": "nb", "普通商密": "nb", "核心商密": "nb"}
EMPTY = mark_safe("")


def visible_text(text: Any) -> str:
    """Return text without characters that hide or reorder others (SR-68)."""
    if isinstance(text, str) and text.isprintable():  # then it has none
        return text
    return "".join("\ufffd" if unicodedata.category(c) in ("Cf", "Cc") and c not in "\n\t" else c for c in str(text))


class Shown:
    """The highest level that a page has shown so far."""

    def __init__(self) -> None:
        self.level, self.provisional, self.masked = "", False, 0
        self.handled = ""  # how the page is handled where it holds nothing of a level

    def add(self, level: str, provisional: bool = False) -> None:
        """Count one piece of content."""
        if RANK.get(level, -1) > RANK.get(self.level, -1):
            self.level, self.provisional = level, provisional
        elif level == self.level:
            self.provisional = self.provisional and provisional


def _page(context: Any) -> Shown:
    request = context.get("request")
    holder = request if request is not None else context.render_context
    if request is None:
        return context.render_context.setdefault("_shown", Shown())
    if not hasattr(holder, "shown_levels"):
        holder.shown_levels = Shown()
    return holder.shown_levels


@register.simple_tag(takes_context=True)
def shown(context: Any, text: Any, level: str, provisional: bool = False) -> SafeString:
    """Print text of a level, and count it for the banner."""
    _page(context).add(level, bool(provisional))
    return format_html('<span data-level="{}">{}</span>', level, visible_text(text))


@register.simple_tag(takes_context=True)
def masked_cell(context: Any) -> SafeString:
    """Print the black bar in place of what the reader may not know; nothing is behind it."""
    _page(context).masked += 1
    label = _("无知悉权限")
    return format_html(
        '{}<span class="red" aria-hidden="true"></span> <span class="muted">{}</span>', icon("lock", "s"), label
    )


class ContentNode(template.Node):
    """A stretch of the page that shows text of one level."""

    def __init__(self, nodelist: NodeList, level: FilterExpression, provisional: FilterExpression | None) -> None:
        self.nodelist, self.level, self.provisional = nodelist, level, provisional

    def render(self, context: Any) -> SafeString:
        level = str(self.level.resolve(context) or "")
        _page(context).add(level, bool(self.provisional and self.provisional.resolve(context)))
        return format_html('<div data-level="{}">{}</div>', level, self.nodelist.render(context))


@register.tag
def content(parser: Parser, token: Token) -> ContentNode:
    """``{% content level provisional %}…{% endcontent %}``."""
    bits = token.split_contents()
    nodelist = parser.parse(("endcontent",))
    parser.delete_first_token()
    provisional = parser.compile_filter(bits[2]) if len(bits) > 2 else None
    return ContentNode(nodelist, parser.compile_filter(bits[1]), provisional)


class BanneredNode(template.Node):
    """Renders the page first, then says above it what it holds."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Any) -> SafeString:
        body = self.nodelist.render(context)
        return format_html("{}{}", banner(_page(context), bool(context.get("demo"))), body)


@register.tag
def bannered(parser: Parser, token: Token) -> BanneredNode:
    """``{% bannered %}…{% endbannered %}`` around everything a page shows."""
    nodelist = parser.parse(("endbannered",))
    parser.delete_first_token()
    return BanneredNode(nodelist)


@register.simple_tag(takes_context=True)
def handled(context: Any, words: str) -> SafeString:
    """Say in the strip above how the page is handled where it holds nothing of a level: ``内部 · 人员信息…``."""
    _page(context).handled = words
    return EMPTY


def banner(page: Shown, demo: bool = False) -> SafeString:
    """Return the strip that names the highest level displayed."""
    note = format_html("<em>{}</em>", _("演示数据，机关、人员、事项均为虚构")) if demo else EMPTY
    if page.level not in CSS:
        words = page.handled or _("本页不含国家秘密内容")
        return format_html('<div class="bann none" role="note" data-banner="">{}{}</div>', words, note)
    if page.level == "内部":
        words = _("内部 · 本页含工作秘密 · 操作已留痕")
    elif "商密" in page.level:
        words = page.level + " · " + _("本页含商业秘密 · 操作已留痕")
    else:
        state = _("预定密") + " · " if page.provisional else ""
        words = f"{page.level} · {state}" + _("本页显示内容最高密级 · 仅限知悉范围内人员 · 操作已留痕")
    return format_html(
        '<div class="bann {}" role="note" data-banner="{}">{}{}</div>', CSS[page.level], page.level, words, note
    )


@register.simple_tag
def accepted_files() -> str:
    """Print the extensions that an upload of a document takes, for the file field."""
    return ",".join(f".{name}" for name in documents.EXTENSIONS)


@register.simple_tag
def accepted_words() -> str:
    """Print the kinds of document that are taken, as people call them."""
    return drawing.together(k.upper() if k in ("pdf", "ofd") else k for k in documents.MEDIA)


@register.simple_tag
def accepted_sizes() -> str:
    """Print how large a document may be: the usual limit, and which kinds have a smaller one."""
    sizes = {kind: documents.DEFAULT.bytes_for(kind) // 1024**2 for kind in documents.MEDIA}
    usual = max(sizes.values())
    less = " · ".join(f"{kind} {size} MB" for kind, size in sizes.items() if size < usual)
    before, after = "（）" if (get_language() or "").startswith("zh") else (" (", ")")
    return f"{usual} MB{before}{less}{after}" if less else f"{usual} MB"


@register.simple_tag
@lru_cache(maxsize=200)
def icon(name: str, size: str = "") -> SafeString:
    """Print one icon of the sprite; the word stands beside it."""
    return format_html(
        '<svg class="ic {}" aria-hidden="true"><use href="/static/vendor/icons.svg#{}"></use></svg>', size, name
    )


def _bars(count: int) -> SafeString:
    return format_html_join("", '<b class="{}"></b>', ((("f" if n < count else ""),) for n in range(3)))


@register.simple_tag
def level_badge(level: str) -> SafeString:
    """Print the interface badge of a level: bars and word, never a ★."""
    css, count = LEVELS.get(level, ("gk", 0))
    bars = format_html("<i>{}</i>", _bars(count)) if count else EMPTY
    return format_html(
        '<span class="lv {}" role="img" aria-label="{} {}">{}{}</span>', css, _("密级"), level, bars, level
    )


@register.simple_tag
@lru_cache(maxsize=20)
def pips(level: str) -> SafeString:
    """Print the three small bars that go before a mark in a list."""
    css, count = LEVELS.get(level, ("gk", 0))
    return format_html('<span class="pip {}" aria-hidden="true">{}</span>', css, _bars(count)) if count else EMPTY


@register.simple_tag
@lru_cache(maxsize=500)
def mark(text: str, provisional: bool = False, released: bool = False, size: str = "") -> SafeString:
    """Print the statutory mark, black on nothing; struck with 解密 beside it after release."""
    if released:
        return format_html('<span class="mk {}"><del>{}</del> <span>解密</span></span>', size, text)
    return format_html('<span class="mk {}">{}{}</span>', size, text, "（拟定）" if provisional else "")


@register.simple_tag(takes_context=True)
def clause_link(context: Any, *clauses: str) -> SafeString:
    """Print citations, each of which opens its clause."""
    language = _language(context)
    link = '<a class="cite" href="/help/clauses/{}">{}</a>'
    cited = ((clause, messages.cited((clause,), language)) for clause in clauses)
    return format_html_join("、" if language == "zh" else ", ", link, cited)


def _language(context: Any) -> str:
    request = context.get("request")
    return request.actor.language if request is not None and hasattr(request, "actor") else "zh"


@register.simple_tag
def item_cite(item: Any) -> str:
    """Name a guide item: the guide, the number in it, and the number in the organ's own catalogue."""
    said = f"《{item.guide}》" + _("目录第 %(n)s 项") % {"n": item.item_number}
    if item.catalogue_number:
        said += "，" + _("本单位一览表 %(n)s") % {"n": item.catalogue_number}
    return said


@register.inclusion_tag("components/hidden.html", takes_context=True)
def hidden(context: Any, traces: Any, level: str = "", style: str = "table") -> dict[str, Any]:
    """List what a file carries and does not show, as ``table``, as ``list``, or as ``choice`` of what is declared to stay."""
    rows = [(t, told(Finding(f"hidden.{t.kind}", "note", (), {"count": t.count}), _language(context))) for t in traces]
    shell, request = context.get("shell"), context.get("request")
    return {"rows": rows, "level": level, "style": style, "request": request, "shell": shell}


@register.filter
def typed(posted: Any, name: str) -> str:
    """Return what was sent in a field, so that a refusal keeps it."""
    return str(posted.get(name, "")) if posted else ""


@register.simple_tag(takes_context=True)
def fault(context: Any, name: str) -> SafeString:
    """Say beside a field what the act found wrong with it."""
    code = getattr(context.get("error"), "params", {}).get("fields", {}).get(name, "")
    if not code:
        return EMPTY
    return format_html('<p class="t-er sm">{}</p>', told(Finding(code), _language(context)).text)


@register.inclusion_tag("components/finding.html", takes_context=True)
def finding(context: Any, item: Finding | Told) -> dict[str, Any]:
    """Show one finding: tag, sentence with its citations as links, remedy."""
    language = _language(context)
    said = told(item, language) if isinstance(item, Finding) else item
    before, cited, after = said.text, "", ""
    if said.clauses:
        before, cited, after = said.text.partition(messages.cited(said.clauses, language))
    links = clause_link(context, *said.clauses)
    return {
        "item": said,
        "before": before,
        "inside": links if cited else "",
        "after": after,
        "behind": "" if cited else links,
        "request": context.get("request"),
    }


@register.simple_tag(takes_context=True)
def said(context: Any, item: Any) -> SafeString:
    """Print a sentence with its citation as a link where it stands in the sentence, else behind it: never twice."""
    item = told(item, _language(context)) if isinstance(item, Finding) else item
    text, clauses = (item["text"], item["clauses"]) if isinstance(item, dict) else (item.text, item.clauses)
    links = clause_link(context, *clauses)
    before, cited, after = (
        text.partition(messages.cited(tuple(clauses), _language(context))) if clauses else (text, "", "")
    )
    return format_html("{}{}{}", before, links, after) if cited else format_html("{} {}", text, links)


@register.inclusion_tag("components/errors.html", takes_context=True)
def errors(context: Any, error: DingmiError | None) -> dict[str, Any]:
    """Show everything an error says above a form; nothing when there is none."""
    told = explain(error, _language(context)) if error else ()
    return {"told": told, "typed": context.get("typed", ()), "request": context.get("request")}


@register.simple_tag
def deadline_tag(due: date | None, days: int | None = None, done: bool = False) -> SafeString:
    """Print a limit in words. ``days``: working days left, None when the calendar of a year is not loaded."""
    if done:
        return format_html('<span class="tag ok">{}{}</span>', icon("check", "s"), _("已办结"))
    if due is None:
        return format_html('<span class="tag">{}</span>', _("日历未载入"))
    short = due.strftime("%m-%d")
    if days is None:
        return format_html('<span class="tag num">{}</span>', due.isoformat())
    if days < 0:
        words = ngettext("逾期 %(n)s 个工作日", "逾期 %(n)s 个工作日", -days) % {"n": -days}
        return format_html('<span class="tag er">{}</span>', words)
    if days == 0:
        return format_html('<span class="tag er">{}{}</span>', icon("alert-triangle", "s"), _("今天到期"))
    words = ngettext("剩 %(n)s 个工作日（%(d)s 前）", "剩 %(n)s 个工作日（%(d)s 前）", days) % {"n": days, "d": short}
    return format_html('<span class="tag {}">{}</span>', "wa" if days <= 3 else "", words)


@register.inclusion_tag("components/empty.html")
def empty(title: str, hint: str = "", url: str = "", label: str = "") -> dict[str, str]:
    """Say what an empty list means and the next useful thing."""
    return {"title": title, "hint": hint, "url": url, "label": label}


@register.simple_tag(takes_context=True)
def once(context: Any) -> SafeString:
    """Print the hidden fields of a form: the CSRF token, and a key so that sending twice does it once."""
    request = context.get("request")
    token = get_token(request) if request is not None else ""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="_key" value="{}">',
        token,
        secrets.token_urlsafe(12),
    )


def _next_sign(context: Any) -> str:
    """Return the id of the next password field: several acts may be signed on one page."""
    request = context.get("request")
    count = getattr(request, "signs", 0) + 1
    if request is not None:
        request.signs = count
    return "password" if count == 1 else f"password-{count}"


@register.inclusion_tag("components/act_form.html", takes_context=True)
def act_form(context: Any, form: Any, open: bool = False) -> dict[str, Any]:
    """Show the form of an act, folded until it is wanted or was refused."""
    return {
        "form": form,
        "open": open,
        "dates": DATES,
        "shell": context.get("shell"),
        "request": context.get("request"),
    }


@register.inclusion_tag("components/sign.html", takes_context=True)
def sign_form(
    context: Any, label: str, declaration: str = "", danger: bool = False, back: str = "", back_label: str = ""
) -> dict[str, Any]:
    """Show the signing prompt inside a form: declaration, password, button that names the act; the safe way beside it."""
    name = context["shell"].name
    return {
        "field": _next_sign(context),
        "label": label,
        "declaration": declaration,
        "danger": danger,
        "name": name,
        "back": back,
        "back_label": back_label,
    }


@register.simple_tag
def life_line(line: Any) -> SafeString:
    """Draw the life of a matter: decided, changed, reviewed, today, what remains."""
    return drawing.life_line(line)


@register.simple_tag
def derivation_graph(graph: Any) -> SafeString:
    """Draw sources, this matter and what derives from it."""
    return drawing.graph(graph)


@register.simple_tag
def radar(page: Any) -> SafeString:
    """Draw the indicators of an appraisal."""
    return radars.radar(page)


@register.simple_tag
def indicator_rows(page: Any) -> Any:
    """Return the table twin of the radar."""
    return radars.rows(page)


@register.simple_tag
def usage(quarters: Any) -> SafeString:
    """Draw the use of one guide item by quarter."""
    return drawing.usage(quarters)


@register.simple_tag
def gantt(row: Any) -> SafeString:
    """Draw one row of the next 90 days."""
    return drawing.gantt(row)


@register.simple_tag
def week_bars(weeks: Any) -> SafeString:
    """Draw how many matters end per week."""
    return drawing.week_bars(weeks)


@register.simple_tag
def cohort_bars(cohorts: Any, title: str, form: str) -> SafeString:
    """Draw how many matters end in each stretch of time."""
    return charts.cohort_bars(cohorts, title, form)


@register.inclusion_tag("components/confirm.html", takes_context=True)
def confirm_irreversible(context: Any, title: str, label: str, token: str, back: str, **effects: int) -> dict[str, Any]:
    """Show what an act that cannot be undone does, with true counts; asks for ``token`` typed; the safe way comes first.

    Args:
        effects: ``told``, ``copies``, ``derived``: how many of each it reaches.
    """
    return {
        "title": title,
        "label": label,
        "token": token,
        "back": back,
        "effects": effects,
        "posted": context.get("posted"),
        "shell": context.get("shell"),
        "request": context.get("request"),
    }


@register.simple_tag
def bar(share: float, css: str = "") -> SafeString:
    """Draw a share between 0 and 1."""
    return drawing.bar(share, css)


@register.filter
def zh_date(value: date | None) -> str:
    """Print a date as prose does: 2026 年 11 月 23 日, and 2026-11-23 in English."""
    if value is None:
        return "—"
    if (get_language() or "").startswith("en"):
        return value.isoformat()
    return f"{value.year} 年 {value.month} 月 {value.day} 日"


STATE_WORDS = {
    "draft": n_("草稿"),
    "proposed": n_("预定密"),
    "active": n_("在密"),
    "declassified": n_("已解密"),
    "not_classified": n_("不属于国家秘密"),
    "referred": n_("报请中"),
    "voided": n_("撤销错误定密"),
    "discarded": n_("已放弃"),
    "pending": n_("待审批"),
    "returned": n_("已退回"),
    "graded": n_("保护中"),
    "lifted": n_("已解除"),
}


@register.filter
def state_word(state: str) -> str:
    """Name the state of a matter."""
    return _(STATE_WORDS.get(state, "草稿"))


KINDS = (  # words that the registers of officers and organs give
    n_("法定"),
    n_("指定"),
    n_("派生"),
    n_("全部"),
    n_("特殊"),
    n_("中央国家机关"),
    n_("省级机关"),
    n_("设区的市级机关"),
    n_("公安、国家安全机关"),
    n_("其他"),
)


@register.filter
def spoken(word: str) -> str:
    """Say a word of a closed list in the language of the page."""
    return _(word) if word in KINDS else word


@register.filter
def upto(number: int) -> str:
    """Print a count that stops at the cap: 1000+ past it (SR-28)."""
    return count_word(number)


@register.filter
def plain(value: Any) -> str:
    """Print text without characters that hide or reorder others."""
    return visible_text(value)
