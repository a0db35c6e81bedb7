"""归档移交: what waits by level, year and unit; a batch from review to hand-over; a package read back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError, Finding
from dingmi.interfaces.web.door import act, ask, done, page, show, told
from dingmi.interfaces.web.files import MEGABYTES
from dingmi.interfaces.web.forms import VERSION, Desk, Field, Form, answered, read
from dingmi.procedures import ACTS

BATCH = Field("batch", n_("批次"), "hidden")
FILES = Field("files", n_("文件"), "ticks")
PACKAGE = Field("package", n_("归档包（.zip）"), "file", most=MEGABYTES["archive_package"])
OPENINGS = (("closed", n_("延期开放")), ("part", n_("部分开放")), ("open", n_("可以开放")))
CHANNELS = tuple((word, word) for word in (n_("机要交通"), n_("机要通信"), n_("专人传递"), n_("涉密网络")))
OPEN = Form(
    "archives.open",
    n_("组卷"),
    (
        Field("regime", n_("类别"), "hidden"),
        Field("level", n_("密级"), "hidden"),
        Field("year", n_("年度"), "hidden"),
        Field("department", n_("部门"), "hidden", needed=False),
    ),
)
CHECK = Form("archives.check", n_("读回核验"), (PACKAGE,))
REVIEW = Form(
    "archives.review",
    n_("签名审核"),
    (
        BATCH,
        VERSION,
        Field("files", n_("文件"), "rows", hint=n_("请在左表勾选要签署的文件。")),
        Field("opening", n_("到期开放意见"), "select", choices=OPENINGS),
        Field("reason", n_("理由"), "area", needed=False, most=400),
    ),
)
PACK = Form(
    "archives.pack",
    n_("签名打包"),
    (BATCH, Field("medium", n_("载体编号"), hint=n_("写入归档包的载体，须已登记。"))),
)
TRANSFER = Form(
    "archives.transfer",
    n_("签名移交"),
    (
        BATCH,
        Field(
            "package",
            n_("从载体读回的归档包"),
            "file",
            most=MEGABYTES["archive_package"],
            hint=n_("逐个文件核验后才登记移交。"),
        ),
        Field("archive", n_("接收的档案馆"), most=120),
        Field("receipt_no", n_("接收凭证编号")),
        Field("channel", n_("传递方式"), "select", choices=CHANNELS),
        Field("couriers", n_("传递人数"), "number", most=2, hint=n_("绝密级须两人以上。")),
        Field("transferred_on", n_("移交日期"), "date", most=10),
    ),
)
DEFER = Form(
    "archives.defer",
    n_("登记延长"),
    (
        BATCH,
        FILES,
        Field("until", n_("延长至（含当日）"), "date", most=10),
        Field("document_no", n_("档案馆同意的文号")),
    ),
)
WITHDRAW = Form("archives.withdraw", n_("撤销批次"), (BATCH, Field("reason", n_("理由"), most=400)), danger=True)


def _listed(request: Any, error: DingmiError | None = None, checked: Any = None) -> HttpResponse:
    faults = tuple(told(f, request.actor.language) for f in checked.faults) if checked else ()
    context = {
        "page": ask(request, "archives"),
        "forms": Desk((CHECK,)).shown(request),
        "may_open": request.actor.holds(*ACTS[OPEN.act].requires),
        "error": error,
        "checked": checked,
        "faults": faults,
    }
    return show(request, "archives/archives.html", context, status=error.http_status if error else 200)


@page("query:archives", ("GET", "POST"))
def archives(request: Any) -> HttpResponse:
    """Show what waits and the batches; put a group into a batch, or read a package back."""
    if request.method != "POST":
        return _listed(request)
    if request.POST.get("act") == CHECK.act:
        return _check(request)
    try:
        made = act(request, OPEN.act, read(OPEN, request.POST, {}))
    except DingmiError as error:
        return _listed(request, error)
    return done(reverse("archive_batch", args=[made.batch]), "kept")


def _check(request: Any) -> HttpResponse:
    """Read a package back and show everything that differs."""
    try:
        return _listed(request, checked=act(request, CHECK.act, read(CHECK, request.POST, request.FILES)))
    except DingmiError as error:
        return _listed(request, error)


@page("query:archives.batch", ("GET", "POST"))
def batch(request: Any, batch: UUID) -> HttpResponse:
    """Show one batch with what comes next; perform it, or hand the package out."""
    found = ask(request, "archives.batch", {"batch": str(batch)})
    staying = [f for f in found.files if not f.deferred_until]
    forms = _next(found, [(str(f.file), f"{f.order} · {f.number}") for f in staying])
    desk = Desk(forms, {}, {"batch": str(batch), VERSION.name: found.version})
    handling = told(Finding(found.handling, "note"), request.actor.language)
    return answered(request, desk, "archives/batch.html", found, request.path, {"handling": handling})


def _next(found: Any, files: list[tuple[str, str]]) -> tuple[Form, ...]:
    """Return the forms of a batch in its state; the first is the next step."""
    forms: list[Form] = []
    if found.may_review and files:
        forms.append(REVIEW)
    if found.may_run and found.row.state == "packed":
        forms.append(TRANSFER)
    if found.may_run and found.all_reviewed and found.may_read_all:
        forms.append(PACK)
    if found.may_run and found.row.state == "open" and files:
        forms.append(DEFER.choosing("files", files))
    return (*forms, WITHDRAW) if found.may_run else tuple(forms)
