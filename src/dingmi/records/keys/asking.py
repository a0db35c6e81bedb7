"""What the rest of the house asks of the keys of this installation."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from dingmi.base.errors import Tampered
from dingmi.engines.crypto.keys import WrappingKey
from dingmi.records.keys import clock, custody, wire
from dingmi.records.keys.client import RemoteRing
from dingmi.records.keys.places import SLUGS
from dingmi.records.keys.ring import LocalRing, Ring


def folder() -> Path:
    """Return the folder of the keys."""
    return Path(settings.DINGMI_KEYS)


def ring() -> Ring:
    """Return the keys in use: those of the service where there is one, and always where ``dingmi up`` serves pages."""
    return _ring(str(settings.DINGMI_KEYS), settings.DINGMI_PROFILE, bool(settings.DINGMI_KEY_SERVICE))


@lru_cache(maxsize=8)
def _ring(kept_in: str, profile: str, is_served: bool) -> Ring:
    place = Path(kept_in)
    service = RemoteRing(place.parent / wire.SOCKET)
    if is_served or service.answers():
        return service
    return LocalRing(place, profile, lambda: clock.now())


def forget() -> None:
    """Look anew where the keys are: after they were moved."""
    _ring.cache_clear()


def prepare() -> None:
    """Create the key folder and every key that is missing; existing keys are never touched."""
    custody.prepare(folder())


def add(level: str) -> None:
    """Make the first key of one level where there is none yet."""
    ring().ensure(SLUGS[level])


def sealing_key(level: str) -> WrappingKey:
    """Return the latest key of ``level``: that of new containers."""
    return ring().key(ring().ids(SLUGS[level])[-1])


def named_key(level: str, key_id: str, *, person: str = "") -> WrappingKey:
    """Return the key of ``level`` that a container names.

    Args:
        person: Who wants to open it; a container of 绝密 that was handed out takes two people.
    Raises:
        Tampered: ``cipher.not_authentic``: it names a key of another level.
        Unavailable: The key is missing.
    """
    if key_id not in ring().ids(SLUGS[level]):
        raise Tampered("cipher.not_authentic")
    return ring().key(key_id, person)


def key(level: str, purpose: str) -> bytes:
    """Return the key of ``level`` derived for ``purpose`` (``field``, ``index``)."""
    return ring().derive(SLUGS[level], purpose)
