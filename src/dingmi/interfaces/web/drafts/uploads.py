"""An upload while its file is being read: how far it has come, and the drafter's stop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, JsonResponse

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.interfaces.web import door


@dataclass
class Reading:
    """One file on its way: pages or paragraphs read of all, whether its text is out, whether the drafter wants it no more."""

    done: int = 0
    total: int = 0
    unit: str = "page"
    read: bool = False
    stopped: bool = False

    def come(self, come: documents.Come) -> None:
        """Note how far the child is.

        Raises:
            Invalid: ``upload.stopped``: the drafter stopped it.
        """
        if come.total:
            self.done, self.total, self.unit = come.done, come.total, come.unit
        self.read = come == documents.READ
        self.require_wanted()

    def require_wanted(self) -> None:
        """Go no further with a file that its drafter has stopped."""
        if self.stopped:
            raise Invalid("upload.stopped", (), fields={"file": "upload.stopped"})


_under_way: dict[tuple[str, str], Reading] = {}


@contextmanager
def followed(request: Any) -> Iterator[Reading]:
    """Keep what is known of the request's file where the same person's page can ask for it."""
    mark, reading = (request.actor.account_id, request.POST.get("_key", "")), Reading()
    _under_way[mark] = reading
    try:
        with documents.watched(reading.come):
            yield reading
    finally:
        _under_way.pop(mark, None)


@door.page("act:determination.draft")
def progress(request: Any) -> HttpResponse:
    """Tell the page how far its own file is."""
    at = _under_way.get((request.actor.account_id, request.GET.get("key", "")), Reading())
    return JsonResponse({"done": at.done, "total": at.total, "unit": at.unit, "read": at.read})


@door.page("act:determination.draft", ("POST",))
def stop(request: Any) -> HttpResponse:
    """Stop reading the person's own file; what is read already is put away."""
    at = _under_way.get((request.actor.account_id, request.POST.get("key", "")))
    if at is not None:
        at.stopped = True
    return HttpResponse(status=204)
