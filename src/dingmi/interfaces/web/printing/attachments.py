"""附件: files of any kind beside the paper of a matter, put there while it is a draft, handed out sealed in the mark."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from dingmi.base.errors import DingmiError, Invalid
from dingmi.interfaces.web import door
from dingmi.interfaces.web.files import MEGABYTES, attachment, upload


@door.page("query:carriers.attachments")
def listed(request: Any, matter: UUID) -> HttpResponse:
    """List the attachments of a matter: to its drafter as attached, to every reader in their containers."""
    return _listed(request, matter)


def _listed(request: Any, matter: UUID, error: DingmiError | None = None) -> HttpResponse:
    page = door.ask(request, "carriers.attachments", {"matter": matter})
    told = door.explain(error, request.actor.language) if error else ()
    context = {"page": page, "told": told}
    return door.show(request, "printing/attachments.html", context, error.http_status if error else 200)


@door.page("act:determination.attach", ("POST",))
def add(request: Any, matter: UUID) -> HttpResponse:
    """Attach the file that was sent."""
    try:
        sent = upload(request.FILES.get("file"), MEGABYTES["attachment"])
        given = {"matter": matter, "upload": sent, "expected_version": door.integer(request, "version")}
        door.act(request, "determination.attach", given)
    except Invalid as error:
        return _listed(request, matter, error)
    return door.done(reverse("attachments", args=[matter]), "attached")


@door.page("act:determination.detach", ("POST",))
def take_off(request: Any, matter: UUID) -> HttpResponse:
    """Take one attachment off."""
    given = {"matter": matter, "file": _file(request), "expected_version": door.integer(request, "version")}
    door.act(request, "determination.detach", given)
    return door.done(reverse("attachments", args=[matter]), "detached")


@door.page("act:carriers.download", ("POST",))
def download(request: Any, matter: UUID) -> HttpResponse:
    """Hand out one attachment, sealed or as attached; the ledger has it before the bytes leave."""
    role = request.POST.get("role", "sealed")
    if role not in ("sealed", "attachment"):
        raise Invalid("input.invalid", (), fields={"role": "enum"})
    delivered = door.act(request, "carriers.download", {"matter": matter, "role": role, "file": _file(request)})
    return attachment(delivered.filename, "application/octet-stream", delivered.content)


def _file(request: Any) -> UUID:
    try:
        return UUID(request.POST.get("file", ""))
    except ValueError:
        raise Invalid("input.invalid", (), fields={"file": "uuid_parsing"}) from None
