"""导出: any list as its page shows it, as a spreadsheet or CSV."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from dingmi.interfaces.web.door import act, page
from dingmi.interfaces.web.files import attachment

FILTER = "of-"


@page("act:lists.export", ("POST",))
def export(request: Any, name: str) -> HttpResponse:
    """Hand out a list with the filters of the page it was asked from."""
    sent = request.POST.items()
    filters = {key.removeprefix(FILTER): value for key, value in sent if key.startswith(FILTER) and value}
    params = {"name": name, "filters": filters, "format": request.POST.get("format", "xlsx")}
    delivered = act(request, "lists.export", params)
    return attachment(delivered.filename, delivered.media, delivered.content)
