"""Lists of accounts, of the log of who did what when, and of what was told to oneself."""

from __future__ import annotations

from django.utils.translation import gettext_noop as n_

from dingmi.queries import admin, inbox
from dingmi.queries.lists import words
from dingmi.queries.lists.model import Column, Listing

SYSTEM = {
    "admin.accounts": Listing(
        n_("账号"),
        "admin.accounts",
        "rows",
        (
            Column(n_("账号"), "username", "code"),
            Column(n_("姓名"), "name"),
            Column(n_("部门"), "department"),
            Column(n_("角色"), lambda r: (*((r.admin_role,) if r.admin_role else ()), *r.roles), words=words.ROLE),
            Column(n_("启用"), "is_active", words=words.YES_NO),
            Column(n_("锁定时间"), "locked_at", "moment"),
            Column(n_("涉密等级"), "clearance", "level"),
        ),
    ),
    "inbox": Listing(
        n_("通知"),
        "inbox",
        "notices",
        (
            Column(n_("时间"), "at", "moment"),
            Column(n_("内容"), "text"),
            Column(n_("事项"), "label", "code"),
            Column(n_("已确认"), "acknowledged", words=words.YES_NO),
        ),
        every=inbox.every,
    ),
    "access.seconds": Listing(
        n_("第二因素"),
        "access.seconds",
        "",
        (
            Column(n_("账号"), "username", "code"),
            Column(n_("姓名"), "name"),
            Column(n_("部门"), "department"),
            Column(n_("第二因素"), "kinds", words=words.SECOND),
            Column(n_("启用时间"), "since", "moment"),
            Column(n_("申请解除"), "asked_by"),
            Column(n_("等待另一人至"), "until", "moment"),
        ),
        empty=n_("没有账号绑定第二因素"),
        hint=n_("动态验证码由本人在“我的账号”绑定，客户端证书由两人在此绑定；遗失的由两人在此解除。"),
    ),
    "access.certificates": Listing(
        n_("客户端证书"),
        "access.certificates",
        "",
        (
            Column(n_("账号"), "username", "code"),
            Column(n_("姓名"), "name"),
            Column(n_("证书主体"), "subject"),
            Column(n_("签发者"), "issuer"),
            Column(n_("序列号"), "serial", "code"),
            Column(n_("证书摘要（SM3）"), "fingerprint", "code"),
            Column(n_("有效至"), "until", "moment"),
            Column(n_("状态"), "state", words=words.CERTIFICATE),
            Column(n_("申请人"), "asked_by"),
            Column(n_("等待另一人至"), "agree_by", "moment"),
        ),
        empty=n_("没有绑定客户端证书"),
        hint=n_("证书由可信网关核验后转告；本系统只认 dingmi.toml 的 [gateway] 所列的网关。"),
    ),
    "access.roles_asked": Listing(
        n_("待同意授予的角色"),
        "access.roles_asked",
        "",
        (
            Column(n_("账号"), "username", "code"),
            Column(n_("姓名"), "name"),
            Column(n_("部门"), "department"),
            Column(n_("角色"), "role", words=words.ROLE),
            Column(n_("有效至"), "until", "moment"),
            Column(n_("申请人"), "asked_by"),
            Column(n_("等待另一人至"), "agree_by", "moment"),
        ),
        empty=n_("没有待同意授予的角色"),
        hint=n_("安全保密管理员申请后，由保密办公室或者主要负责人十分钟内同意；逾时的重新申请。"),
    ),
    "personnel.clearances_asked": Listing(
        n_("待同意的涉密等级"),
        "personnel.clearances_asked",
        "",
        (
            Column(n_("姓名"), "name"),
            Column(n_("工号"), "staff_no", "code"),
            Column(n_("部门"), "department"),
            Column(n_("密级"), "level", "level"),
            Column(n_("依据文号"), "instrument"),
            Column(n_("有效至"), "until", "moment"),
            Column(n_("申请人"), "asked_by"),
            Column(n_("等待另一人至"), "agree_by", "moment"),
        ),
        empty=n_("没有待同意的涉密等级"),
        hint=n_("一人申请后，由安全保密管理员、保密办公室、主要负责人中的另一人十分钟内同意；逾时的重新申请。"),
    ),
    "access.openings": Listing(
        n_("待核实的账号"),
        "access.openings",
        "",
        (
            Column(n_("账号"), "username", "code"),
            Column(n_("姓名"), "name"),
            Column(n_("工号"), "staff_no", "code"),
            Column(n_("部门"), "department"),
            Column(n_("开立人"), "opened_by"),
            Column(n_("开立时间"), "opened_at", "moment"),
            Column(n_("核实人"), "confirmed_by"),
            Column(n_("等待"), "waits_for", words=words.OPENING),
        ),
        empty=n_("没有待核实的账号"),
        hint=n_("系统管理员开立的账号，由安全保密管理员当面核实本人后才能使用。"),
    ),
    "admin.log": Listing(
        n_("审计日志"),
        "admin.log",
        "rows",
        (
            Column(n_("序号"), "id", "number"),
            Column(n_("时间"), "at", "moment"),
            Column(n_("行为"), "act", "code"),
            Column(n_("名称"), "title"),
            Column(n_("账号"), "who"),
            Column(n_("对象"), "subject"),
            Column(n_("已拒绝"), "refused", words=words.YES_NO),
        ),
        every=admin.newest,
    ),
}
