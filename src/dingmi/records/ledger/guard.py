"""The base class of every record: it can be written only while an act is open.

``Record.save``, ``Record.delete`` and the queryset's bulk writes raise outside an act; there is no switch that skips it.
"""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from django.db import models

_open_act: ContextVar[str | None] = ContextVar("dingmi_open_act", default=None)
_entries_made: ContextVar[list[int] | None] = ContextVar("dingmi_entries_made", default=None)
_owed: ContextVar[list[models.Model] | None] = ContextVar("dingmi_owed", default=None)
_met: ContextVar[set[str] | None] = ContextVar("dingmi_met", default=None)
_request_key: ContextVar[str | None] = ContextVar("dingmi_request_key", default=None)
simulation: ContextVar[bool] = ContextVar("dingmi_simulation", default=False)  # set by queries.clock.simulated only
_id_source: ContextVar[random.Random | None] = ContextVar("dingmi_id_source", default=None)


class WriteOutsideAct(RuntimeError):
    """A record was written with no act open: a bug in the program."""


@contextmanager
def act_open(name: str, key: str | None = None) -> Iterator[None]:
    """Allow writes of records while the act ``name`` runs; its entries name the request ``key``."""
    token, entries, keyed = _open_act.set(name), _entries_made.set([]), _request_key.set(key)
    owed = _owed.set([])
    met = _met.set(set() if _met.get() is None else _met.get())
    try:
        yield
    finally:
        _met.reset(met)
        _owed.reset(owed)
        _request_key.reset(keyed)
        _entries_made.reset(entries)
        _open_act.reset(token)


def request_key() -> str | None:
    """Return the idempotency key of the open act, as its caller gave it."""
    return _request_key.get()


def note_entry(entry_id: int) -> None:
    """Remember that the open act made a ledger entry."""
    require_act()
    made = _entries_made.get()
    if made is not None:
        made.append(entry_id)


def owe(*records: models.Model) -> None:
    """Have the next entry of the open act vouch for ``records`` too: for what acts share, each of which writes its own entry."""
    require_act()
    owed = _owed.get()
    if owed is not None:
        owed.extend(records)


def take_owed() -> list[models.Model]:
    """Return what no entry of the open act vouches for yet, for the entry that is being written."""
    owed = _owed.get() or []
    taken = list(owed)
    owed.clear()
    return taken


def is_owing() -> bool:
    """Tell whether the open act changed a row after its last entry that was to vouch for it."""
    return bool(_owed.get())


def first_time(what: str) -> bool:
    """Tell whether the open act, with the acts around it, meets ``what`` for the first time; always when none is open."""
    met = _met.get()
    if met is None:
        return True
    is_new = what not in met
    met.add(what)
    return is_new


def entries_made() -> int:
    """Return how many ledger entries the open act has made."""
    return len(_entries_made.get() or ())


@contextmanager
def seeded_ids(seed: int) -> Iterator[None]:
    """Draw ids and salts from a seeded source, so that a demonstration is the same every time."""
    token = _id_source.set(random.Random(seed))
    try:
        yield
    finally:
        _id_source.reset(token)


def random_bytes(count: int) -> bytes:
    """Return ``count`` random bytes; from the seeded source only inside ``seeded_ids``."""
    source = _id_source.get()
    return secrets.token_bytes(count) if source is None else source.randbytes(count)


def new_id() -> uuid.UUID:
    """Return a random public id (122 bits, SR-25)."""
    return uuid.UUID(bytes=random_bytes(16), version=4)


def is_act_open() -> bool:
    """Tell whether an act is running, which may have written what its entry does not prove yet."""
    return _open_act.get() is not None


def require_act() -> str:
    """Return the name of the open act, or raise."""
    name = _open_act.get()
    if name is None:
        raise WriteOutsideAct("a record may be written only by an act")
    return name


class GuardedQuerySet(models.QuerySet[Any]):
    """A queryset whose bulk writes need an open act too."""

    def update(self, **kwargs: Any) -> int:
        require_act()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        require_act()
        return super().delete()

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Any]:
        require_act()
        return super().bulk_create(*args, **kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        require_act()
        return super().bulk_update(*args, **kwargs)


class Record(models.Model):
    """Base of every record: a random public id, guarded writes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    objects: ClassVar[models.Manager[Any]] = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        require_act()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        require_act()
        return super().delete(*args, **kwargs)


class ImmutableRecord(Record):
    """A record that is written once: proposals, suggestions, decisions (SR-58)."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise WriteOutsideAct("this record is written once and never edited")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise WriteOutsideAct("this record is never deleted")
