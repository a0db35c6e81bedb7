"""The imprints of texts (ADR 0053): kept sealed at their level, and taken from the text where none is kept that opens."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from dingmi.base.errors import Tampered
from dingmi.engines.suggest import Hasher, Imprint
from dingmi.queries import access, content
from dingmi.records.keys import asking as keys
from dingmi.records.matters.assist import KeptImprint
from dingmi.records.matters.models import Matter, MatterText

CHUNK = 500  # matters asked for at once


def key() -> bytes:
    """Return the key under which this installation takes imprints: of the highest level, for all are compared."""
    return hmac.digest(keys.key(access.LEVELS[-1], "index"), b"imprint", "sm3")


def sealed(row: KeptImprint, taken: Imprint, by: Hasher) -> bytes:
    """Return an imprint as it is kept: under the field key of the level of ``row``."""
    return content.sealed(row, "seeds_ct", row.level, base64.b64encode(taken.to_bytes(by)).decode("ascii"))


def texts_of(rows: Mapping[UUID, Matter]) -> Iterator[tuple[UUID, str]]:
    """Yield the text of each of ``rows`` that has one."""
    for body in MatterText.objects.filter(matter__in=list(rows)).only("text_ct"):
        yield body.matter_id, content.opened(body, "text_ct", rows[body.matter_id].level)


@dataclass(frozen=True, slots=True)
class Read:
    """Imprints by matter, and whether one that is kept was altered and so was taken from its text anew."""

    of: dict[UUID, Imprint]
    altered: bool


def read(rows: Iterable[Matter], by: Hasher) -> Read:
    """Read the imprint of each of ``rows``, which the reader may see: nothing else is read.

    One that is missing, of another level or altered is taken from the text: the answer is the same, it comes later.
    """
    wanted = {row.pk: row for row in rows}
    found: dict[UUID, Imprint] = {}
    is_altered = False
    for kept in KeptImprint.objects.filter(matter__in=list(wanted)):
        if kept.level == wanted[kept.matter_id].level:
            one = opened(kept, by)
            is_altered |= one is None
            found |= {kept.matter_id: one} if one is not None else {}
    missing = {pk: row for pk, row in wanted.items() if pk not in found}
    found |= {pk: Imprint.of(by, text) for pk, text in texts_of(missing)}
    return Read({pk: found.get(pk) or Imprint.of(by, "") for pk in wanted}, is_altered)


def altered(by: Hasher) -> list[UUID]:
    """Return the matters whose kept imprint does not open."""
    rows = KeptImprint.objects.order_by("pk").iterator(chunk_size=CHUNK)
    return [row.matter_id for row in rows if opened(row, by) is None]


def opened(kept: KeptImprint, by: Hasher) -> Imprint | None:
    """Return what is kept; nothing when it was altered, moved from another matter or put under another level."""
    try:
        data = content.opened(kept, "seeds_ct", kept.level)
        return Imprint.from_bytes(base64.b64decode(data.encode("ascii"), validate=True), by)
    except (Tampered, ValueError):
        return None
