"""The boilerplate model that a reader's suggestions rest on: the public texts of the unit, and passages put away as formulas.

A part that does not open, or whose counts are not those that were signed into the ledger, is refused when it is read and with
it the whole model: suggestions then run without one, more carefully, and say so. A process that has read a part rests on what it
read then; it reads again when the digest in the row becomes another.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from dingmi.base.errors import Tampered
from dingmi.engines.suggest import Boilerplate
from dingmi.queries import content
from dingmi.records.ledger.tree import sm3
from dingmi.records.matters.assist import LearntPart

KEPT = 500  # corrections kept in this process
_Part = tuple[UUID, str]  # key and digest


@dataclass(frozen=True, slots=True)
class Known:
    """The model, the number of its latest part (0 for none), and whether it was refused because a part was altered."""

    model: Boilerplate
    version: int
    altered: bool = False


@dataclass(frozen=True, slots=True)
class _Kept:
    """The public part of the model as this process holds it, and the parts it is the sum of."""

    parts: tuple[_Part, ...]
    model: Boilerplate


_public = _Kept((), Boilerplate())
_corrections: dict[_Part, Boilerplate] = {}


def packed(model: Boilerplate) -> tuple[str, str]:
    """Return a model as it is sealed, and its digest."""
    data = model.to_bytes()
    return base64.b64encode(data).decode("ascii"), sm3(data).hex()


def opened(part: LearntPart) -> Boilerplate:
    """Return the counts of one part.

    Raises:
        Tampered: They are not what was learnt.
    """
    data = base64.b64decode(content.opened(part, "counts_ct", part.level).encode("ascii"))
    if sm3(data).hex() != part.digest:
        raise Tampered("assist.model_altered", (), part=part.number)
    try:
        return Boilerplate.from_bytes(data)
    except ValueError as error:
        raise Tampered("assist.model_altered", (), part=part.number) from error


def known(may_read: Callable[[UUID], bool]) -> Known:
    """Return the model for one who may read what ``may_read`` says of matters: passages of other matters do not count.

    Only what was learnt since the last time is read; the sum does not depend on the order.
    """
    live = LearntPart.objects.filter(ended_at__isnull=True).order_by("number")
    rows = list(live.values_list("pk", "digest", "number", "kind", "source_id"))
    version = max((number for _, _, number, _, _ in rows), default=0)
    try:
        model = _summed(tuple((pk, digest) for pk, digest, _, kind, _ in rows if kind == "public"))
        corrections = [
            (pk, digest) for pk, digest, _, kind, source in rows if kind != "public" and source and may_read(source)
        ]
        mine = [_correction(part) for part in corrections]
    except Tampered:
        return Known(Boilerplate(), 0, altered=True)
    return Known(model.also_silent(mine) if mine else model, version)


def _summed(parts: tuple[_Part, ...]) -> Boilerplate:
    """Return the sum of public parts; what this process already holds is added to, never read again."""
    global _public
    held = _public
    if held.parts == parts:
        return held.model
    grown = set(held.parts) <= set(parts)
    fresh = [pk for pk, digest in parts if not grown or (pk, digest) not in set(held.parts)]
    model = Boilerplate()
    parts_read = [opened(part) for part in LearntPart.objects.filter(pk__in=fresh).order_by("number")]
    model.add(*([held.model] if grown else []), *parts_read)
    _public = _Kept(parts, model)
    return model


def _correction(part: _Part) -> Boilerplate:
    found = _corrections.get(part)
    if found is None:
        found = opened(LearntPart.objects.get(pk=part[0]))
        if len(_corrections) >= KEPT:
            _corrections.clear()
        _corrections[part] = found
    return found
