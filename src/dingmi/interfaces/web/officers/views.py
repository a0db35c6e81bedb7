"""定密责任人名册与档案。"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from dingmi.interfaces.web.door import ask, page, show


@page("query:officers")
def officers(request: Any, person: UUID | None = None) -> HttpResponse:
    """Show the register, and one officer's file."""
    found = ask(request, "officers", {"person": str(person)} if person else {})
    return show(request, "officers/officers.html", {"page": found})
