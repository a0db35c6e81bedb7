"""密封与打开: a file goes out in a container that opens here alone, and one that was sealed here is opened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import Invalid
from dingmi.interfaces.web.asked import withdrawing
from dingmi.interfaces.web.door import ask, page
from dingmi.interfaces.web.files import MEGABYTES
from dingmi.interfaces.web.forms import Desk, Field, Form, answered
from dingmi.queries import access

OPEN = Form(
    "keep.open",
    n_("签名打开"),
    (
        Field(
            "upload",
            n_("密封文件（.dmb）"),
            "file",
            most=MEGABYTES["container"],
            hint=n_("打开前记入账本。绝密件先请第二人在“密钥”页同意，再打开一次。"),
        ),
    ),
)
FILE = Field(
    "upload",
    n_("文件"),
    "file",
    most=MEGABYTES["to_seal"],
    hint=n_("任何种类，不超过 50 MB；更大的在服务器上运行 dingmi seal。不保存内容，只保存打开它所需的一半密钥。"),
)
LEVEL = Field("level", n_("密级"), "select", hint=n_("不属于事项的文件只有密封的人能打开。"))
SEAL = Form("keep.seal", n_("密封"), (FILE, LEVEL))
SEAL_FOR_MATTER = Form("keep.seal", n_("密封"), (FILE, Field("matter", n_("事项"), "hidden")))


@page("act:keep.open", ("GET", "POST"))
def sealed(request: Any) -> HttpResponse:
    """Open a container, or seal a file under a level or, where the address names one, for the readers of a matter."""
    matter = _matter(request.GET.get("matter", ""))
    about = ask(request, "carriers.attachments", {"matter": matter}) if matter else None
    levels = [(level, level) for level in access.readable(request.actor.clearance)]
    forms = (OPEN, *withdrawing(request, "opening.waits"), SEAL_FOR_MATTER if about else SEAL)
    desk = Desk(forms, {"level": levels}, {"matter": str(matter or "")})
    return answered(request, desk, "matters/sealed.html", about, request.get_full_path())


def _matter(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid("input.invalid", (), fields={"matter": "id.unknown"}) from None
