"""Proof to carry away: the signed head of the log, and the checkable record of one matter."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any
from uuid import UUID

from django.db.models import Q

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import NotFound, Unavailable
from dingmi.procedures.frame import procedure
from dingmi.queries import access, clock, proof
from dingmi.records.ledger.append import append, lead, sequence_committed
from dingmi.records.ledger.checkpoint import take_checkpoint
from dingmi.records.ledger.models import Checkpoint
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.models import Matter

MAY_PROVE = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR, Role.AUDIT_ADMIN)


@dataclass(frozen=True)
class Package:
    """A file to hand over, with its SM3."""

    filename: str
    content: bytes
    sm3: str
    size: int  # of the signed log


def _named(actor: Actor, now: datetime, matter: str) -> Matter:
    """Return the matter of an id or register number, where the actor may know that it exists.

    Raises:
        NotFound: It does not exist, or the actor may not know of it.
    """
    known = access.existing(actor, now)
    if actor.holds(Role.AUDIT_ADMIN):  # the auditor reads the log, which names every matter by id, and no content
        known = Matter.objects.exclude(state__in=("draft", "discarded"))
    wanted = Q(register_no=matter)
    with contextlib.suppress(ValueError):
        wanted |= Q(pk=UUID(matter))
    found: Matter | None = known.filter(wanted).first()
    if found is None:
        raise NotFound("object.not_found")
    return found


def sign_log(now: datetime) -> Checkpoint | None:
    """Give every committed entry its place and sign the head; part of the log itself, so no act of its own.

    Raises:
        Unavailable: ``clock.behind_ledger``: no head is dated before what it signs (SR-62).
    """
    at = clock.admitted(now)
    sequence_committed(wait=True)
    return take_checkpoint(at)


def number_log(stop: Event) -> None:
    """Give entries their places in the background as they commit, until asked to stop (PostgreSQL; ADR 0058)."""
    lead(stop)


@procedure("keep.evidence", requires=MAY_PROVE, replay=False)
def evidence(*, actor: Actor, now: datetime, matter: str, prepared: dict[str, Any]) -> Package:
    """Export the record of one matter with proofs of inclusion in the signed log; no text of the matter. 导出存证。

    Args:
        matter: Its id or register number.
    """
    row, content, size = prepared["row"], prepared["content"], prepared["size"]
    digest = sm3(content).hex()
    append(
        actor, "keep.evidence", subject=("matter", row.pk), at=now, data={"sm3": digest, "log_size": size}
    )  # what follows is in the next package
    return Package(f"evidence-{row.register_no or row.pk}.zip", content, digest, size)


@evidence.prepare
def _packed(*, actor: Actor, now: datetime, matter: str) -> dict[str, Any]:
    """Sign the log as it stands and pack what it proves.

    Raises:
        Unavailable: ``ledger.empty``.
    """
    row = _named(actor, now, matter)
    head = sign_log(now)
    if head is None:
        raise Unavailable("ledger.empty")
    return {"row": row, "content": proof.package(row, head), "size": head.size}
