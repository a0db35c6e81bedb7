"""Official forms as pages that print, and files that leave with mark and watermark."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django.http import HttpResponse
from django.urls import reverse

from dingmi.base.errors import DingmiError, Invalid, Refused
from dingmi.interfaces.web import door
from dingmi.interfaces.web.files import MEGABYTES, attachment
from dingmi.interfaces.web.files import upload as taken


@door.page("act:carriers.download", ("POST",))
def download(request: Any, matter: UUID) -> HttpResponse:
    """Hand out the marked copy or the original; the ledger has it before the bytes leave."""
    role = request.POST.get("role", "marked")
    if role not in ("marked", "original"):
        raise Invalid("input.invalid", (), fields={"role": "enum"})
    delivered = door.act(request, "carriers.download", {"matter": matter, "role": role})
    return attachment(delivered.filename, delivered.media, delivered.content)


@door.page("query:carriers.files")
def files(request: Any, matter: UUID) -> HttpResponse:
    """List the files of a matter with what they carry beside what they show, each to be downloaded."""
    page = door.ask(request, "carriers.files", {"matter": matter})
    return door.show(request, "printing/files.html", {"page": page, "of": "matter", "send": "download"})


@door.page("query:forms.papers")
def papers(request: Any, matter: UUID) -> HttpResponse:
    """List the official documents of a matter, with what can be done to its copies."""
    return _papers(request, matter)


def _papers(
    request: Any, matter: UUID, error: DingmiError | None = None, upload: dict[str, Any] | None = None
) -> HttpResponse:
    page = door.ask(request, "forms.papers", {"matter": matter})
    context: dict[str, Any] = {"page": page, "told": door.explain(error, request.actor.language) if error else ()}
    if page.released or page.part:
        if upload is not None:
            carried = door.ask(request, "marks.hidden", {"upload": upload})
        elif page.released:
            held = door.ask(request, "carriers.files", {"matter": matter}).files
            carried = next((f for f in held if f.role == "original"), None)
        else:  # the released paragraphs are set anew: nothing unseen comes along
            carried = None
        codes = {f.code for f in (error.findings if error else ())}
        context["carried"] = carried
        context["left"] = [t for t in (carried.hidden if carried else ()) if f"hidden.{t.kind}" in codes]
    return door.show(request, "printing/papers.html", context, error.http_status if error else 200)


@door.page("act:carriers.note_remarked", ("POST",))
def note_remarked(request: Any, matter: UUID) -> HttpResponse:
    """Record that a paper copy was re-marked by hand."""
    params = {"copy_no": door.integer(request, "copy_no"), "expected_version": door.integer(request, "version")}
    try:
        door.act(request, "carriers.note_remarked", {"matter": matter, **params})
    except DingmiError as error:
        return _papers(request, matter, error)
    return door.done(reverse("papers", args=[matter]), "remarked")


@door.page("act:carriers.public_copy", ("POST",))
def public_copy(request: Any, matter: UUID) -> HttpResponse:
    """Hand out a copy for the public, of the original or of an upload with its sensitive parts removed."""
    params: dict[str, Any] = {"matter": matter, "declared": request.POST.getlist("declared")}
    file = request.FILES.get("file")
    upload = None
    try:
        upload = None if file is None else taken(file, MEGABYTES["public_copy"])
        delivered = door.act(request, "carriers.public_copy", params | ({"upload": upload} if upload else {}))
    except Refused as error:
        return _papers(request, matter, error, upload)
    except DingmiError as error:
        return _papers(request, matter, error)
    return attachment(delivered.filename, delivered.media, delivered.content)


@door.page("act:forms.show")
def form(request: Any, form: str, case: UUID) -> HttpResponse:
    """Show an official form as it prints; showing it is a ledger event."""
    shown = door.act(request, "forms.show", {"form": form, "case": case})
    return door.show(
        request, "printing/form.html", {"shown": shown, "sheet": shown.sheet, "code": _code(shown.sheet.code)}
    )


@door.page("act:forms.render", ("POST",))
def form_file(request: Any, form: str, case: UUID) -> HttpResponse:
    """Hand out an official form as PDF or Word file."""
    kind = request.POST.get("kind", "pdf")
    delivered = door.act(request, "forms.render", {"form": form, "case": case, "kind": kind})
    return attachment(delivered.filename, delivered.media, delivered.content)


def _code(text: str) -> tuple[int, str]:
    """Return the QR code as the side of a square in modules and one SVG path."""
    modules = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(modules) for x, dark in enumerate(row) if dark)
    return len(modules), path
