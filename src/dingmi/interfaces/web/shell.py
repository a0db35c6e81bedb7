"""What surrounds every page: the menu of the reader's roles, counts, the organ's name."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base.actor import THREE_ADMINISTRATORS, Actor, Role
from dingmi.base.errors import DingmiError, Finding
from dingmi.interfaces.web.drawing import together
from dingmi.interfaces.web.manual import about
from dingmi.interfaces.web.middleware import KEYS_COOKIE
from dingmi.queries import clock, room
from dingmi.queries.access import readable
from dingmi.queries.fields import is_away
from dingmi.queries.house import house
from dingmi.queries.lists.words import ROLE

DRAFTER, OFFICER, OFFICE = Role.DRAFTER, Role.OFFICER, Role.SECRECY_OFFICE
HEAD, INSPECTOR = Role.HEAD, Role.INSPECTOR
BUSINESS = (DRAFTER, OFFICER, OFFICE, HEAD, INSPECTOR)
OVERSEERS = (OFFICE, HEAD, INSPECTOR)
# group, url name, word, short word, icon, roles, name of the count. The order holds for every role; a page that stands twice
# is shown where the reader's roles meet it first, so that each role's landing page comes before all others.
MENU: tuple[tuple[str, str, str, str, str, tuple[Role, ...], str], ...] = (
    (n_("工作"), "overview", n_("一页总览"), n_("总览"), "layout-grid", (HEAD,), ""),
    (n_("工作"), "applications", n_("待我签批"), n_("签批"), "clipboard-check", (HEAD,), "answerable"),
    (n_("工作"), "inspections", n_("检查任务"), n_("检查"), "list-check", (INSPECTOR,), "findings"),
    (n_("工作"), "workbench", n_("工作台"), n_("工作台"), "layout-dashboard", BUSINESS, ""),
    (n_("工作"), "review", n_("待我审核"), n_("审核"), "inbox", (OFFICER,), "to_review"),
    (n_("工作"), "draft_new", n_("定密拟稿"), n_("拟稿"), "file-plus", (DRAFTER, OFFICER), ""),
    (n_("工作"), "drafts", n_("我的事项"), n_("我的"), "files", (DRAFTER, OFFICER), ""),
    (n_("国家秘密"), "overview", n_("一页总览"), n_("总览"), "layout-grid", (OFFICE,), ""),
    (n_("国家秘密"), "register", n_("秘密台账"), n_("秘密台账"), "list-details", (OFFICER, *OVERSEERS), ""),
    (n_("国家秘密"), "expiry", n_("到期与审核"), n_("到期审核"), "hourglass", (OFFICER, OFFICE), "expiring"),
    (
        n_("国家秘密"),
        "applications",
        n_("申请与审批"),
        n_("申请"),
        "clipboard-check",
        (OFFICER, *OVERSEERS),
        "answerable",
    ),
    (n_("国家秘密"), "deliveries", n_("通知送达"), n_("送达"), "inbox", (OFFICER, OFFICE, DRAFTER), ""),
    (n_("国家秘密"), "receive", n_("外来登记"), n_("外来"), "file-plus", (OFFICE, DRAFTER, OFFICER), ""),
    (n_("国家秘密"), "carriers", n_("载体台账"), n_("载体"), "books", BUSINESS, ""),
    (n_("国家秘密"), "unclear", n_("不明确与争议"), n_("争议"), "git-compare", (OFFICER, OFFICE, HEAD), ""),
    (n_("国家秘密"), "consistency", n_("一致性雷达"), n_("雷达"), "arrows-split", (OFFICER, *OVERSEERS), ""),
    (n_("国家秘密"), "marks", n_("核对标志"), n_("核对"), "shield-check", BUSINESS, ""),
    (n_("国家秘密"), "archives", n_("归档移交"), n_("归档"), "archive", (OFFICER, *OVERSEERS), ""),
    (n_("内部和商密"), "trade_secrets", n_("商业秘密"), n_("商密"), "lock", BUSINESS, ""),
    (n_("内部和商密"), "work_secrets", n_("工作秘密"), n_("工作秘密"), "shield", BUSINESS, ""),
    (n_("依据"), "guides", n_("事项范围"), n_("事项范围"), "book", BUSINESS, ""),
    (n_("依据"), "assist", n_("建议引擎"), n_("建议"), "scale", OVERSEERS, ""),
    (n_("单位"), "officers", n_("定密责任人"), n_("责任人"), "users-group", (OFFICER, *OVERSEERS), ""),
    (n_("单位"), "organs", n_("机关与授权"), n_("机关"), "certificate", (OFFICE, HEAD), ""),
    (n_("单位"), "people", n_("人员与岗位"), n_("人员"), "id-badge", (OFFICE, HEAD), ""),
    (n_("单位"), "travel", n_("出国（境）审批"), n_("出境"), "plane-departure", (OFFICE, HEAD), ""),
    (n_("单位"), "training", n_("培训与考核"), n_("考试"), "school", OVERSEERS, ""),
    (n_("单位"), "inspections", n_("检查与整改"), n_("检查"), "list-check", (OFFICER, *OVERSEERS), "findings"),
    (n_("单位"), "incidents", n_("泄密事件"), n_("泄密"), "alert-triangle", BUSINESS, "incidents"),
    (n_("单位"), "statistics", n_("统计年报"), n_("统计"), "chart-bar", OVERSEERS, ""),
    (n_("单位"), "secrecy_file", n_("保密档案"), n_("档案"), "report", OVERSEERS, ""),
    (n_("单位"), "succession", n_("承继机关"), n_("承继"), "git-fork", (OFFICE, HEAD), ""),
    (n_("个人"), "my_appraisal", n_("我的考核"), n_("考核"), "report", (OFFICER,), ""),
    (n_("个人"), "my_training", n_("保密培训"), n_("培训"), "school", (DRAFTER, OFFICER), ""),
    (n_("个人"), "travel", n_("出国（境）审批"), n_("出境"), "plane-departure", (DRAFTER, OFFICER, INSPECTOR), ""),
    (n_("保密"), "admin_security", n_("角色授权"), n_("授权"), "shield-lock", (Role.SECURITY_ADMIN,), ""),
    (n_("审计"), "admin_audit", n_("审计日志"), n_("审计"), "fingerprint", (Role.AUDIT_ADMIN,), ""),
    (n_("运行"), "admin_system", n_("运行状态"), n_("运行"), "activity", (Role.SYSTEM_ADMIN,), ""),
    (n_("运行"), "admin_accounts", n_("账号启停"), n_("账号"), "user-cog", (Role.SYSTEM_ADMIN,), ""),
    (n_("运行"), "date", n_("日期确认"), n_("日期"), "calendar-due", (Role.SECURITY_ADMIN, OFFICE, HEAD), ""),
    (n_("运行"), "roles", n_("角色同意"), n_("角色"), "shield-lock", (OFFICE, HEAD), ""),
    (n_("运行"), "clearances", n_("涉密等级同意"), n_("涉密"), "id-badge", (Role.SECURITY_ADMIN, OFFICE, HEAD), ""),
    (n_("运行"), "seconds", n_("第二因素"), n_("验证码"), "lock", (Role.SECURITY_ADMIN, OFFICE, HEAD), ""),
    (
        n_("运行"),
        "keys",
        n_("密钥"),
        n_("密钥"),
        "key",
        (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, OFFICE, HEAD),
        "",
    ),
)
URGENT = ("to_review", "findings", "incidents")
# where a role lands; everyone else on the workbench
LANDING: tuple[tuple[Role, str], ...] = (
    (Role.SYSTEM_ADMIN, "admin_system"),
    (Role.SECURITY_ADMIN, "admin_security"),
    (Role.AUDIT_ADMIN, "admin_audit"),
    (HEAD, "overview"),
    (INSPECTOR, "inspections"),
)
# pages that the command box finds beside the menu: url name, word, icon, roles
BESIDE: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("legacy_entry", n_("补录既有事项"), "upload", (OFFICE,)),
    ("people_import", n_("从表格登记"), "upload", (OFFICE, HEAD, Role.SECURITY_ADMIN)),
    ("bars", n_("回避登记"), "lock", (OFFICE, HEAD)),
    ("personal_reports", n_("重大事项报告"), "report", BUSINESS),
    ("keys", n_("同意打开绝密文件"), "key", (Role.DRAFTER, OFFICER)),
    ("sealed", n_("密封与打开"), "lock", BUSINESS),
    ("findings", n_("整改事项"), "report", BUSINESS),
    ("conduct", n_("违规和离职情况"), "report", (OFFICE, HEAD, INSPECTOR)),
    ("allowances", n_("岗位津贴"), "users-group", (OFFICE, HEAD)),
)
REGIME_OF = {"trade_secrets": "trade_secret", "work_secrets": "work_secret"}  # shown where the house works with it
LEADS = {
    "trade_secret": "内部和商密"
}  # the group that comes after one's work, by the regime that the house works with first
ROLE_WORDS = {role: word.text for role, word in ROLE.items()}
CANNOT = {
    Role.SYSTEM_ADMIN: n_("系统管理员不能查看事项、授予角色或查阅审计日志。"),
    Role.SECURITY_ADMIN: n_("安全保密管理员不能建账号、查看事项内容或改动日志。"),
    Role.AUDIT_ADMIN: n_("安全审计员只能查看和校验，不能改动任何记录。"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the menu."""

    group: str
    url: str
    word: str
    short: str
    icon: str
    current: bool = False
    count: int = 0
    urgent: bool = False  # someone waits for the reader, or a limit has run out


def _worded(place: str, text: str) -> str:
    """Return a word of the menu: as that place says it, where it has a word of its own."""
    own = pgettext(place, text)
    return own if own != text else _(text)


@lru_cache(maxsize=200)
def entries(roles: frozenset[Role], regimes: tuple[str, ...], language: str) -> tuple[tuple[Link, str], ...]:
    """Return the entries of the menu for these roles, each with the name of its count."""
    found: dict[str, tuple[Link, str]] = {}
    first = (MENU[0][0], LEADS.get(regimes[0], ""))
    ordered = sorted(MENU, key=lambda entry: first.index(entry[0]) if entry[0] in first else len(first))
    for group, name, word, short, icon, needed, count in ordered:
        if roles & frozenset(needed) and REGIME_OF.get(name, "prc_state") in regimes:
            words = (_worded("menu", word), _worded("rail", short))
            found.setdefault(name, (Link(_(group), reverse(name), *words, icon, urgent=count in URGENT), count))
    return tuple(found.values())


def landing(actor: Actor) -> str:
    """Return the address where the actor's role lands."""
    return reverse(next((name for role, name in LANDING if actor.holds(role)), "workbench"))


def _menu(request: Any, counts: Any) -> list[Link]:
    roads = entries(request.actor.roles, house().regimes, get_language() or "")
    path = landing(request.actor) if request.path == "/" else request.path
    nearest = max((link.url for link, _count in roads if path.startswith(link.url)), key=len, default="")
    return [
        replace(link, current=link.url == nearest, count=getattr(counts, count, 0) if count else 0)
        for link, count in roads
    ]


def roads(request: Any, text: str) -> list[Link]:
    """Return the pages of the reader's own menu, and those beside it, whose name holds ``text``."""
    wanted = text.lower()
    beside = [
        Link("", reverse(name), _(word), _(word), icon)
        for name, word, icon, roles in BESIDE
        if request.actor.holds(*roles)
    ]
    return [link for link in (*_menu(request, None), *beside) if wanted in link.word.lower()]


class Surroundings:
    """The menu and the reader, worked out only when a whole page is rendered."""

    def __init__(self, request: Any) -> None:
        from dingmi.interfaces.web.door import ask

        actor = request.actor
        try:
            self.counts = ask(request, "shell") if actor.account_id else None
        except DingmiError:
            self.counts = None
        self.menu = _menu(request, self.counts)
        self.name = getattr(self.counts, "name", actor.name)
        self.organ = getattr(self.counts, "organ", "")
        self.department = getattr(self.counts, "department", "")
        self.unread = getattr(self.counts, "unread", 0)
        self.roles = together(_(ROLE_WORDS[r]) for r in ROLE_WORDS if r in actor.roles)
        self.cannot = "".join(_(CANNOT[r]) for r in CANNOT if r in actor.roles)
        self.is_admin = bool(actor.roles & THREE_ADMINISTRATORS)
        self.ledger_time = clock.behind(clock.now()) if self.is_admin else None
        self.store = _store(actor.language) if self.is_admin else None
        self.is_closed = "绝密" in readable(actor.clearance) and is_away("绝密")
        self.may_enter = actor.holds(OFFICE)
        self.may_draft = actor.holds(DRAFTER, OFFICER)
        self.density = getattr(self.counts, "density", "normal")
        self.keys = json.dumps(dict(getattr(self.counts, "keys", {})))
        self.rulebook = getattr(self.counts, "rulebook", "")


def _store(language: str) -> Any:
    """Return what the store of the ledger says where it fills; only the administrators are told on every page."""
    from dingmi.interfaces.web.door import told

    at = clock.now()
    full = room.room(at)
    step = "" if full is None else full.step(at.date())
    return told(Finding(step, "warn", (), full.told(at.date())), language) if full and step else None


UNDO = {"applied": "application_withdraw"}  # what was done, and the address of the act that takes it back


def _undo(request: Any) -> str:
    """Return where the act just done can be taken back, if the law has an act for that."""
    name = UNDO.get(request.GET.get("done", ""))
    try:
        return reverse(name, args=[UUID(request.GET.get("undo", ""))]) if name else ""
    except ValueError:
        return ""


def _help(request: Any) -> str:
    """Return the page of the help about the page that is shown."""
    found = getattr(request, "resolver_match", None)
    return about("/" + found.route if found else "") or "start"


def _filling() -> tuple[str, str] | None:
    """Return how much of the demonstration is made, per cent, and the day its story has reached; None when it is done."""
    if settings.DINGMI_PROFILE != "demo":
        return None
    try:
        told = (settings.DATA / "demo.unfinished").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    per_cent, _gap, day = told.partition(" ")
    return per_cent or "0", day


def shell(request: Any) -> dict[str, Any]:
    """Give every template the reader, the menu and whether this is a demonstration."""
    return {
        "actor": getattr(request, "actor", None),
        "shell": SimpleLazyObject(lambda: Surroundings(request)),
        "demo": settings.DINGMI_PROFILE == "demo",
        "help_topic": _help(request),
        "filling": _filling(),
        "idle_minutes": settings.DINGMI_IDLE_MINUTES,
        "keys_on": request.COOKIES.get(KEYS_COOKIE) != "off",
        "done": request.GET.get("done", ""),
        "undo": _undo(request),
        "request": request,
    }
