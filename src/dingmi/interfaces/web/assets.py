"""Style sheets, scripts and icons from the package itself; no request leaves the host."""

from __future__ import annotations

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.static import serve

ROOT = Path(__file__).parent / "static"


def asset(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve one static file, cached by its modification time."""
    if request.method not in ("GET", "HEAD"):
        raise Http404
    response = serve(request, path, document_root=str(ROOT))
    response.headers["Cache-Control"] = "public, max-age=600"
    return response


asset.dingmi_policy = "public"  # type: ignore[attr-defined]
asset.dingmi_methods = ["GET"]  # type: ignore[attr-defined]
