"""撤回两人操作的提请: the form by which whoever asked a second person takes it back, on each page that shows such requests."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.interfaces.web.door import ask
from dingmi.interfaces.web.forms import Field, Form
from dingmi.queries.clock import ZONE

WITHDRAW = Form(
    "access.withdraw_asked",
    n_("撤回"),
    (
        Field("asked", n_("本人的提请"), "select", hint=n_("撤回后任何人都不能再同意；需要的，另行提请。")),
        Field("reason", n_("撤回原因"), needed=False, most=120),
    ),
)
KINDS = {
    "role.waits": n_("授予角色"),
    "clearance.waits": n_("确定涉密等级"),
    "certificate.waits": n_("绑定客户端证书"),
    "second.waits": n_("解除第二因素"),
    "key.waits": n_("密钥"),
    "clock.waits": n_("日期确认"),
    "opening.waits": n_("打开绝密文件"),
}


def withdrawing(request: Any, *kinds: str) -> tuple[Form, ...]:
    """Return the form that withdraws what the reader asked for of ``kinds``; none where nothing waits."""
    rows = [(str(row.id), _called(row)) for row in ask(request, "access.own_asked") if row.kind in kinds]
    return (WITHDRAW.choosing("asked", rows),) if rows else ()


def _called(row: Any) -> str:
    until = f"{row.until.astimezone(ZONE):%H:%M}"
    return _("%(kind)s：%(what)s（等待另一人至 %(until)s）") % {
        "kind": _(KINDS[row.kind]),
        "what": row.what,
        "until": until,
    }
