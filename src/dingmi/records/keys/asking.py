"""What the rest of the house asks of the keys of this installation."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from dingmi.base.errors import Tampered, Unavailable
from dingmi.engines.crypto.keys import WrappingKey
from dingmi.records.keys import clock, custody, places
from dingmi.records.keys.client import RemoteRing
from dingmi.records.keys.places import SLUGS
from dingmi.records.keys.ring import LocalRing, Ring
from dingmi.records.keys.routed import RoutedRing


def folder() -> Path:
    """Return the folder of the keys."""
    return Path(settings.DINGMI_KEYS)


def ring() -> Ring:
    """Return the keys in use: those of the service where there is one, and always where ``dingmi up`` serves pages."""
    return _ring(str(settings.DINGMI_KEYS), settings.DINGMI_PROFILE, bool(settings.DINGMI_KEY_SERVICE))


@lru_cache(maxsize=8)
def _ring(kept_in: str, profile: str, is_served: bool) -> Ring:
    place = Path(kept_in)
    if not is_served and not _answers(place):
        custody.settle(place)
        rings: list[Ring] = [LocalRing(part, profile, lambda: clock.now()) for part in places.parts(place)]
    else:
        rings = [RemoteRing(part.socket) for part in places.parts(place)]
    return RoutedRing(*rings) if len(rings) > 1 else rings[0]


def _answers(place: Path) -> bool:
    return any(RemoteRing(part.socket).answers() for part in places.parts(place))


def is_served() -> bool:
    """Say whether a service holds any of the keys now."""
    return _answers(folder())


def part(name: str) -> Ring:
    """Return the ring of one part of the keys: the highest level is opened, closed and shared by itself.

    Raises:
        Invalid: ``key.not_apart``.
    """
    held = ring()
    places.part(folder(), name)
    return held.part(name) if isinstance(held, RoutedRing) else held


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


def is_away(level: str) -> bool:
    """Say whether the keys of ``level`` rest apart and cannot be used now; the other levels go on without them."""
    if SLUGS[level] != places.APART or not isinstance(ring(), RoutedRing):
        return False
    try:
        key(level, "field")
    except Unavailable:
        return True
    return False


def key(level: str, purpose: str) -> bytes:
    """Return the key of ``level`` derived for ``purpose`` (``field``, ``index``)."""
    return ring().derive(SLUGS[level], purpose)
