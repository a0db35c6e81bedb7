"""Canonical JSON: the strict part of RFC 8785 that ledger entries and labels use (CRYPTO 5.7)."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from dingmi.base.errors import Invalid

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 64


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Invalid("canonical.too_deep", limit=MAX_DEPTH)
    if value is None or value is True or value is False:
        return
    kind = type(value)
    if kind is str:
        if not unicodedata.is_normalized("NFC", value):
            raise Invalid("canonical.not_nfc")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Invalid("canonical.surrogate") from None
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise Invalid("canonical.integer_range")
    elif kind is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                raise Invalid("canonical.key")
            _check(item, depth + 1)
    elif kind is list or kind is tuple:
        for item in value:
            _check(item, depth + 1)
    else:
        raise Invalid("canonical.type", type=kind.__name__)


def canonical(obj: Any) -> str:
    """Return the one JSON text of ``obj``.

    Args:
        obj: dict, list, tuple, str (NFC), int (absolute value below 2^53), bool or None; keys ASCII; no floats.
    Raises:
        Invalid: ``canonical.*`` for anything else.
    """
    _check(obj, 0)
    return json.dumps(obj, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
