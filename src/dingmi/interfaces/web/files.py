"""Files that come in and go out: what each place takes (SR-71), and how the browser gets one (SR-78)."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any, Final
from urllib.parse import quote

from django.http import HttpResponse

from dingmi.base.errors import Invalid
from dingmi.engines import documents

_POINTS: Final[dict[str, dict[str, Any]]] = tomllib.loads(
    resources.files(__package__).joinpath("uploads.toml").read_text("utf-8")
)
MEGABYTES: Final[dict[str, int]] = {point: told["megabytes"] for point, told in _POINTS.items()}
OF_PAGE: Final[dict[str, int]] = {page: told["megabytes"] for told in _POINTS.values() for page in told["pages"]}
MEDIA = {**documents.MEDIA, "txt": "text/plain; charset=utf-8", "csv": "text/csv; charset=utf-8"}


def upload(file: Any, most: int) -> dict[str, Any]:
    """Return an uploaded file as acts take it.

    Args:
        most: Megabytes, from :data:`MEGABYTES`.
    Raises:
        Invalid: ``upload.missing``, ``upload.too_large``.
    """
    if file is None:
        raise Invalid("upload.missing", (), fields={"file": "upload.missing"})
    if (file.size or 0) > most * 1024 * 1024:
        raise Invalid("upload.too_large", (), limit_mb=most)
    return {"filename": (file.name or "")[:200], "content": file.read()}


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
