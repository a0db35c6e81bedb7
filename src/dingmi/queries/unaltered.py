"""What is about to be served, held against the last entry that vouches for it: an altered row is not served (SR-43).

Checked where content is opened or decided on (``access.matter_for``), not on the rows of a list. Whoever writes in the
database can neither make the code of an entry nor of its digests; what only a whole reading of the log tells, such as an
older row put back together with the end of the log cut off, is for ``dingmi verify``.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Model, Q

from dingmi.base.actor import Actor
from dingmi.base.errors import Conflict, Tampered
from dingmi.records.ledger.coded import code_of
from dingmi.records.ledger.guard import first_time
from dingmi.records.ledger.models import Entry
from dingmi.records.ledger.rows import row_digest, rows_named
from dingmi.records.ledger.tree import leaf_hash
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Clearance

NONE_NAMED = '"rows":[],"stream":'


def _vouched(stream: str) -> dict[tuple[str, str], str]:
    """Return the latest digest by table and id that the entries of a stream vouch for.

    Raises:
        Tampered: An entry was edited, or made by someone without the key.
    """
    latest: dict[tuple[str, str], str] = {}
    found = Entry.objects.filter(stream=stream).exclude(body__contains=NONE_NAMED).order_by("stream_no")
    for body, mac in found.values_list("body", "mac"):
        if not hmac.compare_digest(code_of(leaf_hash(body)), bytes(mac)):
            raise Tampered("row.altered", (), object=stream)
        latest |= {
            (table, row): digest for row, digest, table in rows_named(body, body.rfind(f',"stream":"{stream}",'))
        }
    return latest


def _require(stream: str, *rows: Model, **parts: Sequence[Model]) -> None:
    latest = _vouched(stream)
    for row in rows:
        digest = row_digest(row, **parts)
        if latest.get((digest["table"], digest["id"])) != digest["sm3"]:
            raise Tampered("row.altered", (), object=stream)


def require_matter(matter: Matter, **read: Sequence[Model]) -> None:
    """Refuse a matter whose row, scope, bars, files, proposals or decisions are not what the ledger last vouched for.

    Inside an act it is checked the first time, before the act writes.

    Args:
        read: Relations of it whose every row was read a moment ago.
    Raises:
        Tampered: ``row.altered``.
        Conflict: ``version.stale``: it was changed lawfully between the reading of it and of the ledger.
    """
    if not first_time(f"matter:{matter.pk}"):
        return
    try:
        _require(f"matter:{matter.pk}", matter, **read)
    except Tampered:
        version = matter.version
        matter.refresh_from_db(fields=["version"])
        if matter.version != version:
            raise Conflict("version.stale") from None
        raise


def require_reader(actor: Actor, now: datetime) -> None:
    """Refuse a reader whose clearance does not stand in the ledger.

    Raises:
        Tampered: ``row.altered``.
    """
    if actor.clearance and first_time(f"reader:{actor.person_id}"):
        live = Q(since__lte=now) & (Q(until__isnull=True) | Q(until__gt=now))
        held = Clearance.objects.filter(live, person_id=UUID(actor.person_id), level=actor.clearance)
        _require(f"person:{actor.person_id}", *held)
