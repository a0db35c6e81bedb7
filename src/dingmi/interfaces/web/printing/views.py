"""The 审批表 as a page that prints on one sheet, and files that leave with mark and watermark."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse

from dingmi.base import messages
from dingmi.base.errors import Finding, Invalid
from dingmi.interfaces.web import door
from dingmi.interfaces.web.drafts import words

MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8",
}
CHANGE_LINES = 3


def attachment(filename: str, media: str, content: bytes) -> HttpResponse:
    """Return a file that the browser saves and never runs (SR-78; names as RFC 6266 and RFC 8187 write them)."""
    clean = "".join(c for c in filename if c.isprintable() and c not in '/\\"') or "file"
    plain = clean.encode("ascii", "ignore").decode().strip() or "file"
    response = HttpResponse(
        content, content_type=MEDIA.get(media, media if "/" in media else "application/octet-stream")
    )
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@door.page("act:carriers.download", ("POST",))
def download(request: Any, matter: UUID) -> HttpResponse:
    """Hand out the marked copy or the original; the ledger has it before the bytes leave."""
    role = request.POST.get("role", "marked")
    if role not in ("marked", "original"):
        raise Invalid("input.invalid", (), fields={"role": "enum"})
    delivered = door.act(request, "carriers.download", {"matter": matter, "role": role})
    return attachment(delivered.filename, delivered.media, delivered.content)


@door.page("query:documents.approval_form")
def approval(request: Any, matter: UUID) -> HttpResponse:
    """Show the 审批表 as it prints; showing it is a ledger event."""
    door.act(request, "carriers.print", {"matter": matter, "form": "approval"})
    form = door.ask(request, "documents.approval_form", {"matter": matter})
    lines = [
        {
            "on": c.on.strftime("%Y-%m-%d"),
            "words": messages.render(Finding(c.act), "zh").text,
            "level": c.level,
            "tail": c.tail,
            "officer": c.officer,
        }
        for c in form.changes
    ]
    lines += [{}] * (CHANGE_LINES - len(lines))
    digest = " ".join(form.digest[i : i + 4] for i in range(0, len(form.digest), 4))
    context = {"f": form, "changes": lines, "levels": words.LEVELS, "digest": digest}
    return door.show(request, "printing/approval.html", context)
