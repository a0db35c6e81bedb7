"""The RFC 6962 Merkle tree over SM3: one tree, one kind of proof, nothing linear beside it (CRYPTO 5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dingmi.engines.crypto.digests import equal, sm3

Hash = Callable[[bytes], bytes]


def leaf_hash(body: bytes, h: Hash = sm3) -> bytes:
    """Return the hash of one entry."""
    return h(b"\x00" + body)


def node_hash(left: bytes, right: bytes, h: Hash = sm3) -> bytes:
    """Return the hash of an inner node."""
    return h(b"\x01" + left + right)


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of the tree: enough to append and to tell the root; ``hashes`` run from the largest subtree."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or self.size.bit_count() != len(self.hashes):
            raise ValueError("frontier")

    def append(self, leaf: bytes, h: Hash = sm3) -> Frontier:
        """Return the frontier with one more leaf hash."""
        hashes, size, carry = list(self.hashes), self.size, leaf
        while size & 1:
            carry = node_hash(hashes.pop(), carry, h)
            size >>= 1
        hashes.append(carry)
        return Frontier(self.size + 1, tuple(hashes))

    def root(self, h: Hash = sm3) -> bytes:
        """Return the tree head; of no leaves, the hash of nothing."""
        if not self.hashes:
            return h(b"")
        value = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            value = node_hash(left, value, h)
        return value


def _split(n: int) -> int:
    return 1 << ((n - 1).bit_length() - 1)


def root(leaves: Sequence[bytes], h: Hash = sm3) -> bytes:
    """Return the tree head over leaf hashes."""
    if not leaves:
        return h(b"")
    row = list(leaves)
    while len(row) > 1:
        paired = [node_hash(row[i], row[i + 1], h) for i in range(0, len(row) - 1, 2)]
        row = paired + row[-1:] if len(row) % 2 else paired
    return row[0]


def inclusion_proof(leaves: Sequence[bytes], index: int, h: Hash = sm3) -> tuple[bytes, ...]:
    """Return the audit path of leaf ``index`` in the tree of ``leaves`` (RFC 6962 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return ()
    k = _split(len(leaves))
    if index < k:
        return (*inclusion_proof(leaves[:k], index, h), root(leaves[k:], h))
    return (*inclusion_proof(leaves[k:], index - k, h), root(leaves[:k], h))


def inclusion_proofs(leaves: Sequence[bytes], indexes: Sequence[int], h: Hash = sm3) -> list[tuple[bytes, ...]]:
    """Return the audit path of every leaf of ``indexes``; the tree is hashed once."""
    if any(not 0 <= index < len(leaves) for index in indexes):
        raise IndexError(indexes)
    paths: list[list[bytes]] = [[] for _ in indexes]
    row, places = list(leaves), list(indexes)
    while len(row) > 1:
        for path, place in zip(paths, places, strict=True):
            if place ^ 1 < len(row):
                path.append(row[place ^ 1])
        paired = [node_hash(row[i], row[i + 1], h) for i in range(0, len(row) - 1, 2)]
        row = paired + row[-1:] if len(row) % 2 else paired
        places = [place >> 1 for place in places]
    return [tuple(path) for path in paths]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], head: bytes, h: Hash = sm3) -> bool:
    """Say whether ``proof`` shows ``leaf`` at ``index`` of the tree of ``size`` with root ``head`` (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r, h)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            r = node_hash(r, p, h)
        fn >>= 1
        sn >>= 1
    return sn == 0 and equal(r, head)


def consistency_proof(leaves: Sequence[bytes], old_size: int, h: Hash = sm3) -> tuple[bytes, ...]:
    """Return the proof that the first ``old_size`` leaves are a prefix of ``leaves`` (RFC 6962 2.1.2)."""
    if not 0 < old_size <= len(leaves):
        raise IndexError(old_size)
    return _subproof(old_size, leaves, True, h)


def _subproof(m: int, leaves: Sequence[bytes], whole: bool, h: Hash) -> tuple[bytes, ...]:
    n = len(leaves)
    if m == n:
        return () if whole else (root(leaves, h),)
    k = _split(n)
    if m <= k:
        return (*_subproof(m, leaves[:k], whole, h), root(leaves[k:], h))
    return (*_subproof(m - k, leaves[k:], False, h), root(leaves[:k], h))


def verify_consistency(
    old_size: int, new_size: int, old_head: bytes, new_head: bytes, proof: Sequence[bytes], h: Hash = sm3
) -> bool:
    """Say whether ``proof`` shows that the old tree is a prefix of the new one (RFC 9162 2.1.4.2)."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and equal(old_head, new_head)
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_head)
    if not path:
        return False
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr, h), node_hash(c, sr, h)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            sr = node_hash(sr, c, h)
        fn >>= 1
        sn >>= 1
    return sn == 0 and equal(fr, old_head) and equal(sr, new_head)
