"""Signing in and out, the account, notices, search, language and help."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web.door import act, ask, done, page, show
from dingmi.interfaces.web.forms import Desk, Field, Form
from dingmi.interfaces.web.middleware import KEYS_COOKIE, LANGUAGE_COOKIE, keep_session
from dingmi.interfaces.web.shell import roads
from dingmi.procedures import access as doors
from dingmi.queries import clock
from dingmi.queries.preferences import DENSITIES, FILTER, KEYS
from dingmi.queries.registry import jsonable

WORD = {
    "n": n_("新建定密拟稿"),
    "/": n_("筛选"),
    "?": n_("快捷键"),
    "j": n_("下一行"),
    "k": n_("上一行"),
    "x": n_("选择"),
    "b": n_("按意见办理"),
    "g": n_("前往（再按 W、S、T、D）"),
    "a": n_("确认所问的一项"),
    "m": n_("标密点"),
    "c": n_("批注所选文字"),
    "[": n_("上一项发现或批注"),
    "]": n_("下一项发现或批注"),
}
TOKEN = Form(
    "access.issue_token",
    n_("签名签发"),
    (
        Field("label", n_("用途"), needed=False, most=60),
        Field(
            "hours",
            n_("有效小时数"),
            "number",
            most=3,
            hint=n_("令牌代表您本人，只显示一次；退出登录、更改密码即失效。"),
        ),
        Field("code", n_("动态验证码"), "code", needed=False, most=8, hint=n_("绑定了动态验证码的须填。")),
    ),
)
CODE_ASKED = ("second.needed", "second.wrong", "opening.code_needed", "opening.code_wrong")
DENSITY = {"compact": n_("紧凑"), "normal": n_("标准"), "comfortable": n_("宽松")}


def _road(request: Any) -> str:
    """Return where to go after signing in: a path of this site, never another's."""
    road = request.POST.get("next") or request.GET.get("next") or "/"
    return road if url_has_allowed_host_and_scheme(road, allowed_hosts=None) and road.startswith("/") else "/"


@page("public", ("GET", "POST"))
def sign_in(request: Any) -> HttpResponse:
    """Sign in with name and password; one sentence for every failure."""
    error = None
    if request.method == "POST":
        name, secret = request.POST.get("username", ""), request.POST.get("password", "")
        terminal = request.META.get("REMOTE_ADDR", "")
        try:
            code = request.POST.get("code", "")
            shown, now = request.certificate, clock.now()
            opened = doors.sign_in(
                username=name, password=secret, terminal=terminal, now=now, code=code, presented=shown
            )
        except DingmiError as caught:
            error = caught
        else:
            response = HttpResponseRedirect(reverse("account") if opened.must_change else _road(request))
            keep_session(response, opened.session_key)
            return response
    elif request.actor.account_id:
        return HttpResponseRedirect("/")
    asked = error is not None and error.code in CODE_ASKED
    context = {"error": error, "next": _road(request), "ended": request.session_ended, "asked": asked}
    return show(request, "entry/sign_in.html", context, status=error.http_status if error else 200)


@page("signed-in", ("POST",))
def sign_out(request: Any) -> HttpResponse:
    """End the session and the tokens."""
    act(request, "access.sign_out", {})
    request.session_ended = True
    return HttpResponseRedirect(reverse("sign_in"))


@page("public", ("POST",))
def language(request: Any) -> HttpResponse:
    """Choose the language of the pages."""
    chosen = "en" if request.POST.get("language") == "en" else "zh"
    if request.actor.account_id:
        act(request, "access.set_language", {"language": chosen})
    response = HttpResponseRedirect(_road(request))
    response.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=31536000, httponly=True, samesite="Strict", secure=settings.DINGMI_TLS
    )
    return response


@page("signed-in", ("GET", "POST"))
def account(request: Any) -> HttpResponse:
    """Show the reader's own account; issue a token for scripts, which is shown this once."""
    if request.method != "POST":
        return show(request, "entry/account.html", _account(request))
    desk = Desk((TOKEN,))
    try:
        made = desk.perform(request)
    except DingmiError as error:
        shown = _account(request, error=error, forms=desk.shown(request, error))
        return show(request, "entry/account.html", shown, status=error.http_status)
    return show(request, "entry/account.html", _account(request, issued=made))


def _account(request: Any, **more: Any) -> dict[str, Any]:
    mine = ask(request, "people.me")
    keys = tuple((key, _(WORD[key]), mine.liked.keys.get(key, key)) for key in KEYS)
    more.setdefault("forms", Desk((TOKEN,)).shown(request))
    more["second"] = ask(request, "access.second")
    more["certificates"] = ask(request, "access.own_certificates")
    return {"mine": mine, "own_keys": keys, "densities": tuple((d, _(DENSITY[d])) for d in DENSITIES), **more}


@page("signed-in", ("POST",))
def password(request: Any) -> HttpResponse:
    """Change the password; every session ends."""
    try:
        act(request, "access.change_password", {"password": request.POST.get("new_password", "")}, signed=True)
    except DingmiError as error:
        return show(request, "entry/account.html", _account(request, error=error), status=error.http_status)
    request.session_ended = True
    return done(reverse("sign_in"), "password")


@page("act:access.enrol_second", ("POST",))
def second(request: Any) -> HttpResponse:
    """Make the secret of one-time codes and show it this once, as a picture and as letters."""
    try:
        made = act(request, "access.enrol_second", {}, signed=True)
    except DingmiError as error:
        return show(request, "entry/account.html", _account(request, error=error), status=error.http_status)
    picture = segno.make(made.address, error="m", micro=False).png_data_uri(scale=4)
    return show(request, "entry/second.html", {"made": made, "picture": picture})


@page("act:access.confirm_second", ("POST",))
def second_confirm(request: Any) -> HttpResponse:
    """Start one-time codes with the first one."""
    try:
        act(request, "access.confirm_second", {"code": request.POST.get("code", "")})
    except DingmiError as error:
        return show(request, "entry/second.html", {"error": error}, status=error.http_status)
    return done(reverse("account"), "kept")


@page("signed-in")
def stay(request: Any) -> HttpResponse:
    """Extend the session of a reader who is still there; the session cookie carries the new time."""
    return HttpResponse(status=204)


@page("signed-in", ("POST",))
def keys(request: Any) -> HttpResponse:
    """Turn the single-key shortcuts on or off in this browser."""
    response = done(reverse("account"), "kept")
    chosen = "off" if request.POST.get("keys") == "off" else "on"
    response.set_cookie(
        KEYS_COOKIE, chosen, max_age=31536000, httponly=True, samesite="Strict", secure=settings.DINGMI_TLS
    )
    return response


def _keys(request: Any) -> dict[str, Any]:
    return {"keys": {key: request.POST[f"key-{key}"].strip() for key in KEYS if f"key-{key}" in request.POST}}


def _toggled(request: Any) -> dict[str, Any]:
    column, held = request.POST.get("column", ""), ask(request, "people.me").liked.columns
    return {"columns": [c for c in held if c != column] if column in held else [*held, column]}


def _views(request: Any) -> dict[str, Any]:
    """Keep the filter sent under its name, or forget the one named in ``forget``."""
    dropped, sent = request.POST.get("forget", ""), {n: request.POST.get(n, "") for n in ("name", *FILTER)}
    held = [jsonable(v) for v in ask(request, "people.me").liked.views if v.name not in (dropped, sent["name"])]
    return {"views": held if dropped else [*held, sent]}


PREFERENCES: dict[str, Any] = {
    "columns": _toggled,
    "density": lambda request: {"density": request.POST.get("density", "")},
    "keys": _keys,
    "views": _views,
}


@page("act:access.prefer", ("POST",))
def prefer(request: Any) -> HttpResponse:
    """Change one preference and go back to the page where it was changed."""
    change = PREFERENCES.get(request.POST.get("what", ""))
    if change is None:
        raise Invalid("input.invalid", (), fields={"what": "choice.unknown"})
    act(request, "access.prefer", {"changes": change(request)})
    return done(_road(request) if request.POST.get("next") else reverse("account"), "kept")


@page("query:inbox")
def inbox(request: Any) -> HttpResponse:
    """Show notices to the reader, all or those not acknowledged yet."""
    params = {name: request.GET[name] for name in ("only", "page") if request.GET.get(name)}
    return show(request, "entry/inbox.html", {"inbox": ask(request, "inbox", params)})


@page("act:notices.acknowledge", ("POST",))
def acknowledge(request: Any, notice: Any) -> HttpResponse:
    """Confirm that a notice was received."""
    act(request, "notices.acknowledge", {"notice": str(notice)})
    return done(reverse("inbox"), "acknowledged")


@page("act:notices.acknowledge_all", ("POST",))
def acknowledge_all(request: Any) -> HttpResponse:
    """Take note of every notice that was shown, or of one kind and day, but for those that are signed for."""
    sent = {name: request.POST.get(name, "") for name in ("until", "code", "on")}
    act(request, "notices.acknowledge_all", {name: value for name, value in sent.items() if value or name == "until"})
    return done(reverse("inbox"), "acknowledged")


@page("query:command", ("GET", "POST"))
def search(request: Any) -> HttpResponse:
    """Find matters, people, clauses and pages by words; the words travel in the body only (SR-69)."""
    text = request.POST.get("text", "").strip()
    context: dict[str, Any] = {"text": text}
    if text:
        context["page"] = ask(request, "command", {"text": text})
        context["roads"] = roads(request, text)
    return show(request, "entry/_command.html" if request.htmx else "entry/search.html", context)


@page("public")
def help_page(request: Any, topic: str = "start") -> HttpResponse:
    """Show one page of the help in the reader's language."""
    from dingmi.interfaces.web.manual import article, topics

    language = request.actor.language
    return show(
        request, "entry/help.html", {"article": article(topic, language), "topics": topics(language), "topic": topic}
    )


@page("public")
def clause(request: Any, clause: str) -> HttpResponse:
    """Show one clause as it stands in the register of the law."""
    from dingmi.interfaces.web.manual import law

    return show(request, "entry/clause.html", {"clause": law(clause, request.actor.language, clock.now().date())})
