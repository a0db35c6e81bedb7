"""核对标志: the mark of a file that somebody holds, against what was given out."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as n_

from dingmi.base.errors import DingmiError
from dingmi.interfaces.web.door import ask, page, show
from dingmi.interfaces.web.files import MEDIA, MEGABYTES, upload

# verdict → colour, what it says, what to do
WORDS = {
    "valid": ("ok", n_("标志有效"), n_("可见标志、机读标志和内容相互一致。")),
    "superseded": ("wa", n_("已被新标志取代"), n_("这一份是有效的旧件。请按最新决定改注，或者从事项页下载新件。")),
    "altered-content": ("er", n_("内容已被改动"), n_("加盖标志以后正文有改动。请停止使用，报告保密办。")),
    "altered-mark": ("er", n_("标志已被改动"), n_("可见标志与机读标志或者台账不一致。请停止使用，报告保密办。")),
    "stripped-known": (
        "er",
        n_("标志被去除"),
        n_("内容与已标志的文件相同或者近似，而没有标志。请停止使用，报告保密办。"),
    ),
    "signer-untrusted": (
        "wa",
        n_("签名不可信"),
        n_("标志与内容一致，但不是由本单位信任的密钥签的。请向定密机关核实。"),
    ),
    "unknown": ("", n_("没有可核对的标志"), n_("没有机读标志，或者不是本单位给出的。标志是否真实须另行查证。")),
}
CODE_ADVICE = n_("二维码所载标志由本单位签发。请核对它与纸面上的标志是否相同；内容须用文件核对。")


@page("query:marks.verify", ("GET", "POST"))
def verify(request: Any) -> HttpResponse:
    """Take a file or the code of a printed copy, and say whether its mark is the one that it was given."""
    found, carried, error, name = None, None, None, ""
    code = request.POST.get("code", "").strip()
    if request.method == "POST":
        try:
            if code:
                found = ask(request, "marks.verify_code", {"text": code})
            else:
                sent = upload(request.FILES.get("file"), MEGABYTES["marks"])
                name, given = sent["filename"], {"upload": sent}
                found = ask(request, "marks.verify", given)
                carried = ask(request, "marks.hidden", given) if found.kind in MEDIA else None
        except DingmiError as refused:
            error = refused
    css, word, advice = WORDS[found.verdict] if found else ("", "", "")
    context = {
        "found": found,
        "carried": carried,
        "error": error,
        "name": _("打印件二维码") if code else name,
        "code": code,
        "css": css,
        "word": word and _(word),
        "advice": (_(CODE_ADVICE) if code and found and found.verdict == "valid" else advice and _(advice)),
    }
    return show(request, "matters/marks.html", context, status=error.http_status if error else 200)
