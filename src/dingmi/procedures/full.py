"""What goes on while the store of the ledger is all but full: reading, proof, and what keeps the installation (SR-46, ADR 0070).

Everything else waits: an act that is done must be recorded, and the room that is left is for who reads what, who comes in,
backups, evidence, and what the law brings with the day.
"""

from __future__ import annotations

from datetime import datetime

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Unavailable
from dingmi.queries import room

FAMILIES = frozenset({"access", "keep"})  # accounts, roles, keys, backups, evidence
NEW = frozenset({"keep.seal_file", "keep.seal"})  # of them, what is a new secret at rest
READING = frozenset(
    {
        "carriers.read",
        "carriers.show",
        "carriers.download",
        "grading.read",
        "grading.download",
        "forms.show",
        "forms.render",
        "lists.export",
        "lists.export_duties",
        "notices.acknowledge",
        "notices.acknowledge_all",
    }
)


def goes_on(act: str) -> bool:
    """Tell whether an act is performed however full the store is."""
    return act in READING or (act.partition(".")[0] in FAMILIES and act not in NEW)


def require_room(act: str, actor: Actor, now: datetime) -> None:
    """Refuse an act that is new while the store of the ledger is all but full; what the clock does is due by law.

    Raises:
        Unavailable: ``store.no_room``.
    """
    if goes_on(act) or actor.holds(Role.CLOCK):
        return
    found = room.room(now)
    if found is not None and found.step(now.date()) == room.STOPPED:
        raise Unavailable(room.STOPPED, (), **found.told(now.date()))
