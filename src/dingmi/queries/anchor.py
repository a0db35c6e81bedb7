"""The signed head of the log to carry away, and the proof that it continues one carried away before (CRYPTO §5)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.engines.crypto import consistency_proof, sm3
from dingmi.queries import policy
from dingmi.queries.proof import leaves_of
from dingmi.queries.registry import query
from dingmi.records.ledger.checkpoint import signing_key
from dingmi.records.ledger.models import Checkpoint, Entry
from dingmi.records.organs.models import Account

MAY_CARRY = (Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)


def is_overdue(now: datetime) -> bool:
    """Tell whether there are signed heads and nobody carried one away for longer than policy allows (SR-44); looking is recorded."""
    since = datetime.combine(now.date() - timedelta(days=policy.number("anchor_days", now.date())), time(), now.tzinfo)
    first = Checkpoint.objects.order_by("size", "pk").first()
    if first is None or first.at >= since:
        return False
    accounts = Account.objects.filter(admin_role__in=MAY_CARRY).values_list("pk", flat=True)
    looks = Entry.objects.filter(stream__in=[f"account:{pk}" for pk in accounts], act="access.looked", at__gte=since)
    return not looks.filter(body__contains='"query":"ledger.anchor"').exists()


@dataclass(frozen=True, slots=True)
class Anchor:
    """The latest signed head; all empty while the log has none.

    Attributes:
        code: Twenty hexadecimal digits of SM3 of note and signature, in groups of four: what two people can compare by voice.
        since: The size of the earlier head that ``path`` proves to be a prefix, 0 for none.
        path: Consistency proof of RFC 6962, hexadecimal.
    """

    size: int
    note: str
    signature: str
    public: str
    code: str
    since: int
    path: tuple[str, ...]


@query("ledger.anchor", roles=MAY_CARRY)
def anchor(*, actor: Actor, now: datetime, since: int = 0) -> Anchor:
    """Return the latest signed head of the log, with the proof that the first ``since`` entries are still the same.

    Args:
        since: The size of a head seen before; 0 for none.
    """
    head = Checkpoint.objects.order_by("-size", "pk").first()
    size = head.size if head is not None else 0
    if not 0 <= since <= size:
        raise Invalid("input.invalid", (), fields={"since": "number.range"})
    if head is None:
        return Anchor(0, "", "", "", "", 0, ())
    signature = base64.b64encode(bytes(head.signature)).decode()
    digits = sm3((head.note + signature).encode()).hex()[:20].upper()
    path = consistency_proof(leaves_of(size)[0], since) if 0 < since < size else ()
    return Anchor(
        size=size,
        note=head.note,
        signature=signature,
        public=base64.b64encode(signing_key().public).decode(),
        code=" ".join(digits[i : i + 4] for i in range(0, 20, 4)),
        since=since,
        path=tuple(part.hex() for part in path),
    )
