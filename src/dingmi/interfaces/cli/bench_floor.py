"""The floor of the pages: bare Django pages over the same database, served the same way, with no reader and no frame."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

ROWS = 18
TABLE = (
    "<!doctype html><title>floor</title><table>{% for m in rows %}<tr><td>{{ m.register_no }}</td><td>{{ m.level }}</td>"
    "<td>{{ m.department.name }}</td><td>{{ m.officer.name }}</td><td>{{ m.last_protected_day|date:'Y-m-d' }}</td>"
    "<td>{{ m.state }}</td></tr>{% endfor %}</table>"
)


def _application() -> Callable[..., Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dingmi.site.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse
    from django.template import Context, Template
    from django.urls import path

    from dingmi.procedures.bench import bare_page

    table = Template(TABLE)

    def rows(request: Any, count: int) -> HttpResponse:
        return HttpResponse(table.render(Context({"rows": bare_page(count)})))

    settings.ROOT_URLCONF = (path("list", rows, {"count": ROWS}), path("one", rows, {"count": 1}))
    settings.MIDDLEWARE = []
    return WSGIHandler()


application = _application()
