"""The version of a row as it was shown: an act that writes over it says which one its caller saw (SR-55).

A matter counts its versions. Other rows have none of their own: theirs is a keyed digest of what they hold, so that it changes
with every change and tells nothing.
"""

from __future__ import annotations

from django.db.models import Model

from dingmi.records.ledger.coded import keyed_digest
from dingmi.records.ledger.rows import row_digest

LENGTH = 20  # letters; enough that no two contents of one row share them


def version_of(row: Model, *more: Model) -> str:
    """Return the version of ``row`` as it was read, with that of ``more`` rows that an act writes over together with it."""
    return keyed_digest(" ".join(row_digest(one)["sm3"] for one in (row, *more)))[:LENGTH]
