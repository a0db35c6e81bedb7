"""The imprints of texts (ADR 0053): kept sealed at their level, and taken from the text where none is kept that opens."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from dingmi.base.errors import Tampered
from dingmi.engines.suggest import Hasher, Imprint
from dingmi.queries import access, content, fields
from dingmi.records.keys import asking as keys
from dingmi.records.matters.assist import KeptImprint
from dingmi.records.matters.models import MatterText

CHUNK = 500  # matters asked for at once
Levels = Mapping[UUID, str]  # of matters
Row = tuple[UUID, str, bytes]  # of the kept imprint of a matter: its level, what is sealed


def key() -> bytes:
    """Return the key under which this installation takes imprints: one, for all are compared, and of the lowest level, which
    stays while the highest is closed. An imprint is kept sealed under its own level.
    """
    return hmac.digest(keys.key(access.LEVELS[0], "index"), b"imprint", "sm3")


def sealed(row: KeptImprint, taken: Imprint, by: Hasher) -> bytes:
    """Return an imprint as it is kept: under the field key of the level of ``row``."""
    return fields.encrypt_data(row.level, taken.to_bytes(by), aad=_place(row.matter_id))


def _place(matter: UUID) -> str:
    return f"matters_keptimprint.seeds_ct:{matter}"


def texts_of(levels: Levels) -> Iterator[tuple[UUID, str]]:
    """Yield the text of each of these matters that has one."""
    for body in MatterText.objects.filter(matter__in=list(levels)).only("text_ct"):
        yield body.matter_id, content.opened(body, "text_ct", levels[body.matter_id])


def kept(matters: Iterable[UUID]) -> Iterator[Row]:
    """Yield what is kept of these matters, some at once."""
    wanted = list(matters)
    for first in range(0, len(wanted), CHUNK):
        rows = KeptImprint.objects.filter(matter__in=wanted[first : first + CHUNK])
        for matter, level, blob in rows.values_list("matter_id", "level", "seeds_ct"):
            yield matter, level, bytes(blob)


@dataclass(frozen=True, slots=True)
class Read:
    """Imprints by matter, and whether one that is kept was altered and so was taken from its text anew."""

    of: dict[UUID, Imprint]
    altered: bool


def read(levels: Levels, by: Hasher) -> Read:
    """Read the imprint of each of these matters, which the reader may see: nothing else is read.

    One that is missing, of another level or altered is taken from the text: the answer is the same, it comes later.
    """
    found: dict[UUID, Imprint] = {}
    is_altered, opened = False, opener(by)
    for row in kept(levels):
        if row[1] == levels[row[0]]:
            one = opened(row)
            is_altered |= one is None
            found |= {row[0]: one} if one is not None else {}
    missing = {pk: level for pk, level in levels.items() if pk not in found}
    found |= {pk: Imprint.of(by, text) for pk, text in texts_of(missing)} if missing else {}
    return Read({pk: found.get(pk) or Imprint.of(by, "") for pk in levels}, is_altered)


def altered(matters: Iterable[UUID], by: Hasher) -> list[UUID]:
    """Return those of these matters whose kept imprint does not open."""
    opened = opener(by)
    return [row[0] for row in kept(matters) if opened(row) is None]


def opener(by: Hasher) -> Callable[[Row], Imprint | None]:
    """Return what opens kept imprints; each is nothing when it was altered, moved from another matter or put under another level."""
    of_level: dict[str, Callable[[bytes, str], bytes]] = {}

    def opened(row: Row) -> Imprint | None:
        matter, level, blob = row
        try:
            if level not in of_level:
                of_level[level] = fields.opener(level)
            return Imprint.from_bytes(of_level[level](blob, _place(matter)), by)
        except (Tampered, ValueError):
            return None

    return opened
