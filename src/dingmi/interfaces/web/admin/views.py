"""三员: three front doors that never open into each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import segno
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base import messages
from dingmi.base.actor import Role
from dingmi.base.errors import DingmiError, Finding
from dingmi.interfaces.web.asked import withdrawing
from dingmi.interfaces.web.door import ask, asked_with, page, show, told
from dingmi.interfaces.web.forms import YES_NO, Desk, Field, Form, answered, labelled, versioned
from dingmi.interfaces.web.people.views import ENTER_DEPARTMENT, ENTER_PERSON, GRANT_CLEARANCE
from dingmi.procedures import ACTS

ACCOUNT = Field("account", n_("账号"), "select")
ROLES = (("drafter", n_("承办人")), ("secrecy_office", n_("保密办")), ("inspector", n_("督察员")))
AGREERS = (Role.SECRECY_OFFICE, Role.HEAD)
CREATE = Form(
    "access.create_account",
    n_("签名开立"),
    (
        Field("person", n_("人员"), "select"),
        Field("username", n_("账号"), most=60),
        Field("password", n_("初始密码"), "password", most=200),
        Field("roles", n_("角色"), "roles", needed=False, choices=ROLES[:1], hint=n_("其他角色由安全保密管理员授予。")),
    ),
)
DISABLE = Form("access.disable", n_("签名停用"), (ACCOUNT,), danger=True)
ENABLE = Form("access.enable", n_("签名启用"), (ACCOUNT,))
GRANT = Form(
    "access.grant_role",
    n_("签名申请授予"),
    (
        ACCOUNT,
        Field("role", n_("角色"), "select", choices=ROLES, hint=n_("定密责任人由主要负责人书面指定，不在此授予。")),
        Field(
            "until",
            n_("有效至（含当日）"),
            "through",
            needed=False,
            most=10,
            hint=n_("保密办公室或者主要负责人十分钟内签名同意才生效。"),
        ),
    ),
)
AGREE_ROLE = Form(
    "access.agree_role",
    n_("签名同意授予"),
    (Field("request", n_("申请授予的角色"), "row", hint=n_("请先核实本人岗位确需这一角色。")),),
)
REVOKE = Form(
    "access.revoke_role",
    n_("签名收回"),
    (ACCOUNT, Field("role", n_("角色"), "select", choices=ROLES)),
    danger=True,
)
CONFIRM = Form(
    "access.confirm_account",
    n_("签名核实"),
    (Field("account", n_("账号"), "select", hint=n_("请当面核对本人证件；登录码只显示一次，当面交给本人。")),),
)
UNLOCK = Form("access.unlock", n_("签名解锁"), (ACCOUNT,))


def _named(rows: Any) -> list[tuple[str, str]]:
    return [(str(a.id), f"{a.username}（{a.name}）") for a in rows]


@page("role:system_admin", ("GET", "POST"))
def accounts(request: Any) -> HttpResponse:
    """Show accounts; open one, stop one, let one sign in again."""
    found = ask(request, "admin.accounts")
    running = [a for a in found.rows if a.is_active and str(a.id) != request.actor.account_id]
    stopped = [a for a in found.rows if not a.is_active]
    choices = {
        "person": [(str(p.id), labelled(p.name, p.department)) for p in found.without],
        "department": [(str(d.id), d.name) for d in found.departments],
    }
    forms = [*([CREATE] if found.without else []), DISABLE, *([ENABLE] if stopped else [])]
    forms = [f if f.act != "access.enable" else f.choosing("account", _named(stopped)) for f in forms]
    desk = Desk((*forms, ENTER_PERSON, ENTER_DEPARTMENT), {**choices, "account": _named(running)})
    more = {"openings": ask(request, "access.openings")}
    return answered(request, desk, "admin/accounts.html", found, reverse("admin_accounts"), more)


@page("role:system_admin")
def system(request: Any) -> HttpResponse:
    """Show how the installation runs."""
    accounts = ask(request, "admin.accounts").rows
    locked = sum(1 for a in accounts if a.locked_at)
    state = ask(request, "status")
    lacking = [told(f, request.actor.language) for f in state.shortfalls]
    found = {"page": state, "accounts": len(accounts), "locked": locked, "lacking": lacking}
    return show(request, "admin/system.html", found)


@page("role:security_admin", ("GET", "POST"))
def security(request: Any) -> HttpResponse:
    """Show roles, clearances, locked and unconfirmed accounts; grant, take back, unlock, confirm."""
    handed = error = None
    if request.POST.get("act") == CONFIRM.act:
        try:
            handed = Desk((CONFIRM,)).perform(request)
        except DingmiError as caught:
            error = caught
    found = ask(request, "admin.accounts")
    locked = [a for a in found.rows if a.locked_at]
    people = [(str(p.id), labelled(p.name, p.department)) for p in found.people]
    business = _named(a for a in found.rows if not a.admin_role)
    opened = ask(request, "access.openings")
    more = {"openings": opened, "asked": ask(request, "access.roles_asked")}
    waiting = [(str(o.account), labelled(o.username, o.name, o.staff_no)) for o in opened]
    first = (*((CONFIRM.choosing("account", waiting),) if waiting else ()),)
    first += (UNLOCK.choosing("account", _named(locked)),) if locked else ()
    mine = withdrawing(request, "role.waits", "clearance.waits")
    desk = Desk((*first, *mine, GRANT, REVOKE, GRANT_CLEARANCE), {"account": business, "person": people})
    if request.POST.get("act") != CONFIRM.act:
        return answered(request, desk, "admin/security.html", found, reverse("admin_security"), more)
    forms = desk.shown(request, error)
    shown = {"page": found, **more, "handed": handed, "forms": forms, "error": error}
    return show(request, "admin/security.html", shown, status=error.http_status if error else 200)


@page("query:access.roles_asked", ("GET", "POST"))
def roles(request: Any) -> HttpResponse:
    """Show the roles that were asked for; agree to one."""
    found, words = ask(request, "access.roles_asked"), dict(ROLES)
    rows = [
        (versioned(row.id, row.version), f"{row.name}（{row.username}） {_(words.get(row.role, row.role))}")
        for row in found
    ]
    agree = (AGREE_ROLE,) if rows and request.actor.holds(*AGREERS) else ()
    desk = Desk((*agree, *withdrawing(request, "role.waits")), {"request": rows})
    return answered(request, desk, "admin/roles.html", found, reverse("roles"))


AGREE_CLEARANCE = Form(
    "personnel.agree_clearance",
    n_("签名同意确定"),
    (Field("clearances", n_("申请的涉密等级"), "row", hint=n_("请先核对审查文件；一并申请的一并同意。")),),
)


@page("query:personnel.clearances_asked", ("GET", "POST"))
def clearances(request: Any) -> HttpResponse:
    """Show the clearances that were asked for; agree to those of one request."""
    found = ask(request, "personnel.clearances_asked")
    together: dict[str, list[Any]] = {}
    for line in found:
        together.setdefault(versioned(line.request, line.version), []).append(line)
    rows = [(value, _asked_together(lines)) for value, lines in together.items()]
    agree = (AGREE_CLEARANCE,) if rows else ()
    desk = Desk((*agree, *withdrawing(request, "clearance.waits")), {"clearances": rows})
    return answered(request, desk, "admin/clearances.html", found, reverse("clearances"))


def _asked_together(lines: list[Any]) -> str:
    """Return what one request is called: its first person, and how many there are."""
    first = f"{lines[0].name}（{lines[0].staff_no}） {lines[0].level}"
    return first if len(lines) == 1 else _("%(first)s 等 %(count)s 人") % {"first": first, "count": len(lines)}


PROVE = Form("keep.evidence", n_("导出存证包"), (Field("matter", n_("事项编号"), most=60),))


@page("role:audit_admin", ("GET", "POST"))
def audit(request: Any) -> HttpResponse:
    """Show the log, all or what was asked for; hand out the record of one matter with its proofs."""
    given = asked_with(request, "act", "who")
    found = ask(request, "admin.log", _wanted(given))
    return answered(request, Desk((PROVE,)), "admin/audit.html", found, request.path, _filter(request, given))


def _wanted(given: Any) -> dict[str, Any]:
    """Return the parameters of the log that a reader asks for."""
    before = given.get("before", "")
    return {
        "before": int(before) if before.isascii() and before.isdigit() and len(before) < 18 else 0,
        "act": given.get("act", "")[:60],
        "who": given.get("who", "")[:60],
        "until": given.get("until") or None,
        "refused": given.get("refused") == "1",
    }


def _filter(request: Any, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what the filter of the log shows: the acts by what they are called, and what was asked for."""
    language = request.actor.language
    families = sorted({f"{name.partition('.')[0]}." for name in ACTS})
    acts = [(name, messages.render(Finding(name, "note"), language).text) for name in sorted(ACTS)]
    kept = {k: v for k, v in given.items() if k in ("act", "who", "until", "refused") and v}
    return {"acts": acts, "families": families, "kept": kept}


@page("query:ledger.anchor")
def anchor(request: Any) -> HttpResponse:
    """Show the signed head of the log, to print and carry away."""
    found = ask(request, "ledger.anchor")
    qr = segno.make(f"{found.note}{found.signature}\n{found.code}", error="m").png_data_uri(scale=4)
    return show(request, "admin/anchor.html", {"page": found, "qr": qr})


@page("role:audit_admin", ("POST",))
def verify(request: Any) -> HttpResponse:
    """Verify the whole ledger and show the result beside the log."""
    result = ask(request, "admin.verify")
    shown = {"page": ask(request, "admin.log"), "verified": result, **_filter(request, {})}
    return show(request, "admin/audit.html", shown)


TWICE = n_("两人办理：另一人十分钟内同样签名才生效。")
LIFT_SECOND = Form(
    "access.lift_second",
    n_("签名解除绑定"),
    (Field("username", n_("账号"), "select", hint=TWICE),),
    danger=True,
)
BIND_CERTIFICATE = Form(
    "access.bind_certificate",
    n_("签名申请绑定"),
    (
        Field("username", n_("账号"), most=60),
        Field(
            "pem",
            n_("证书（PEM）"),
            "area",
            most=16384,
            hint=n_("只粘贴证书，不要粘贴私钥。另一人十分钟内签名同意才生效。"),
        ),
    ),
)
CONFIRM_CERTIFICATE = Form(
    "access.confirm_certificate",
    n_("签名同意绑定"),
    (Field("binding", n_("申请绑定的证书"), "row", hint=n_("请与本人手中的证书核对序列号。")),),
)
REVOKE_CERTIFICATE = Form(
    "access.revoke_certificate",
    n_("签名吊销证书"),
    (
        Field("certificate", n_("证书"), "row", hint=n_("会话即时结束；绑定新证书或者两人解除之前，该账号不能登录。")),
        Field("reason", n_("吊销原因"), most=120),
    ),
    danger=True,
)
CONFIRM_DATE = Form(
    "keep.confirm_date",
    n_("签名确认日期"),
    (Field("on", n_("今天的日期"), "date", most=10, hint=n_("请从日历上读，不要照抄本系统的日期。")),),
)


@page("query:keep.date_seats", ("GET", "POST"))
def confirm_date(request: Any) -> HttpResponse:
    """Show both seats of confirming the date, and sit down on one."""
    found = ask(request, "keep.date_seats")
    forms = ((CONFIRM_DATE,) if found.may_sit else ()) + withdrawing(request, "clock.waits")
    return answered(request, Desk(forms), "admin/date.html", found, reverse("date"))


@page("query:access.seconds", ("GET", "POST"))
def seconds(request: Any) -> HttpResponse:
    """Show who signs in with a second factor; bind and revoke certificates; lift what somebody lost, or agree to it."""
    found, held = ask(request, "access.seconds"), ask(request, "access.certificates")
    choices = {
        "username": [(row.username, f"{row.name}（{row.username}）") for row in found],
        "binding": [_certificate(row) for row in held if row.state == "asked"],
        "certificate": [_certificate(row) for row in held if row.state in ("in_use", "expired")],
    }
    forms = {"binding": CONFIRM_CERTIFICATE, "certificate": REVOKE_CERTIFICATE, "username": LIFT_SECOND}
    mine = withdrawing(request, "certificate.waits", "second.waits")
    desk = Desk((*mine, BIND_CERTIFICATE, *(form for name, form in forms.items() if choices[name])), choices)
    return answered(request, desk, "admin/seconds.html", found, reverse("seconds"), {"certificates": held})


def _certificate(row: Any) -> tuple[str, str]:
    return f"{row.id} {row.version}", f"{row.name}（{row.username}） {row.serial}"


NEW_KEY = Form(
    "keep.new_key",
    n_("签名更换密钥"),
    (Field("level", n_("密级"), "select", hint=TWICE),),
    danger=True,
)
SHARE_KEYS = Form(
    "keep.share_keys",
    n_("签名同意分片"),
    (
        Field("need", n_("几片即可启封"), "number", most=2),
        Field(
            "of", n_("共几片"), "number", most=2, hint=n_("两人同意后十五分钟内，在服务器上运行 dingmi keys share。")
        ),
        Field("only", n_("此后只用分片启封"), "truth", needed=False, choices=YES_NO),
    ),
    danger=True,
)
CLOSE_KEYS = Form("keep.close_keys", n_("签名立即封存"), (), danger=True)
OF_APART = Field("apart", n_("只限绝密的密钥"), "truth", needed=False, choices=YES_NO)
WAIVE = Form(
    "keep.waive_approved_keys",
    n_("签名声明只有测试数据"),
    (Field("until", n_("至（含当日）"), "date", most=10, hint=TWICE),),
    danger=True,
)
AGREE_OPEN = Form(
    "keep.agree_open", n_("签名同意打开"), (Field("file", n_("文件"), "select", hint=n_("只能打开一次。")),)
)


DESTROY = Form(
    "carriers.destroy",
    n_("签名销毁"),
    (
        Field("file", n_("文件"), "select", hint=n_("销毁后任何副本都打不开，不能恢复；此前的备份须一并销毁。")),
        Field("approval", n_("销毁审批文号"), most=80),
        Field("witness", n_("监销人"), "select"),
        Field("other_witness", n_("另一监销人"), "select"),
    ),
    danger=True,
)


def _of_keystores(found: Any) -> list[Form]:
    """Return what is asked of an open keystore; where 绝密 has its own, which of them is asked too."""
    if not any(one and one.kind == "keystore" and one.is_open for one in (found, found.apart)):
        return []
    if found.apart is None:
        return [SHARE_KEYS, CLOSE_KEYS]
    return [replace(form, fields=(*form.fields, OF_APART)) for form in (SHARE_KEYS, CLOSE_KEYS)]


@page("query:keep.keys", ("GET", "POST"))
def keys(request: Any) -> HttpResponse:
    """Show how the keys stand and what waits for a second person; ask for it, or agree to it."""
    found = ask(request, "keep.keys")
    files = [(str(w.file), f"{w.what} · {w.person}") for w in found.waiting if w.file and not w.own and not w.granted]
    sealed = [(str(f.id), f"{f.level} · {f.by} · {f.sealed_at:%Y-%m-%d} · {f.size}") for f in found.handed_out]
    forms = [
        *([AGREE_OPEN] if files else []),
        *withdrawing(request, "key.waits", "opening.waits"),
        *([NEW_KEY] if found.is_open else []),
        *(_of_keystores(found)),
        *([WAIVE] if found.profile == "state-secret" and found.is_software else []),
        *([DESTROY.choosing("file", sealed)] if sealed else []),
    ]
    people = [(str(pk), name) for pk, name in found.people]
    choices = {
        "level": [(row.level, row.level) for row in found.levels],
        "file": files,
        "witness": people,
        "other_witness": people,
    }
    return answered(request, Desk(tuple(forms), choices), "admin/keys.html", found, reverse("keys"))
