"""The pure part of the log: canonical text, SM3 leaves and nodes (RFC 6962 shape), and the frontier of the tree."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Any

from dingmi.engines.crypto import node_hash, sm3

__all__ = ["canonical", "grown", "leaf_hash", "node_hash", "root_of", "sm3"]

DIGEST = 32
_LIMIT = 2**53


def _checked(value: Any) -> Any:
    """Return ``value`` if its canonical form is one and the same everywhere: no floats, NFC text, ASCII keys."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) >= _LIMIT:
            raise ValueError("integer beyond 2**53")
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        if not all(isinstance(k, str) and k.isascii() for k in value):
            raise ValueError("keys must be ASCII text")
        return {k: _checked(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_checked(v) for v in value]
    raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical(value: Any) -> str:
    """Return the canonical JSON text (RFC 8785 under the rules of ``_checked``)."""
    return json.dumps(_checked(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def leaf_hash(body: str) -> bytes:
    """Return the leaf of one entry: SM3(0x00 || body)."""
    return sm3(b"\x00" + body.encode("utf-8"))


def grown(size: int, hashes: bytes, leaves: Iterable[bytes]) -> tuple[int, bytes]:
    """Return size and frontier after ``leaves``; the frontier is the roots of the full subtrees, largest first."""
    stack = [hashes[i : i + DIGEST] for i in range(0, len(hashes), DIGEST)]
    for leaf in leaves:
        node, rest = leaf, size
        while rest & 1:
            node = node_hash(stack.pop(), node)
            rest >>= 1
        stack.append(node)
        size += 1
    return size, b"".join(stack)


def root_of(hashes: bytes) -> bytes:
    """Return the root that a frontier stands for; the empty tree has SM3 of nothing."""
    if not hashes:
        return sm3(b"")
    stack = [hashes[i : i + DIGEST] for i in range(0, len(hashes), DIGEST)]
    root = stack.pop()
    while stack:
        root = node_hash(stack.pop(), root)
    return root
