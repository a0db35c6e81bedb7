"""What is written over has to be what its writer saw (SR-55)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Model

from dingmi.base.errors import Conflict
from dingmi.queries.row_version import version_of
from dingmi.records.ledger.models import Entry


def require_current(row: Model, kind: str, expected_version: str, *more: Model, of: UUID | None = None) -> None:
    """Let an act go on only over the version of ``row`` that its caller saw; ``row`` is locked.

    Args:
        kind: What entries call it, or what they are about where that is another thing, which ``of`` then names.
        more: Rows that are written over together with it.

    Raises:
        Conflict: ``record.stale``: it was changed meanwhile, with the last act on it and when that was.
    """
    if version_of(row, *more) == expected_version:
        return
    last = (
        Entry.objects.filter(stream=f"{kind}:{of or row.pk}", body__contains=str(row.pk)).order_by("-stream_no").first()
    )
    told = {} if last is None else {"act": last.act, "at": last.at}
    raise Conflict("record.stale", (), **told)
