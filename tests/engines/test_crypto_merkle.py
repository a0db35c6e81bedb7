"""The Merkle tree against RFC 6962's own examples (SHA-256), pymerkle, and mutated proofs."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from dingmi.engines import crypto
from dingmi.engines.crypto import merkle


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def leaves_of(count: int, h=crypto.sm3) -> list[bytes]:
    return [merkle.leaf_hash(f"entry {i}".encode(), h) for i in range(count)]


def naive(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1 word for word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return crypto.sm3(b"\1" + naive(leaves[:k]) + naive(leaves[k:]))


def test_roots_agree_with_pymerkle_and_the_plain_definition():
    tree, frontier = InmemoryTree(algorithm="sha256"), merkle.Frontier()
    for size in range(1, 70):
        tree.append_entry(f"entry {size - 1}".encode())
        frontier = frontier.append(merkle.leaf_hash(f"entry {size - 1}".encode(), sha256), sha256)
        assert frontier.root(sha256) == tree.get_root() == merkle.root(leaves_of(size, sha256), sha256)
        assert merkle.root(leaves_of(size)) == naive(leaves_of(size))
    assert merkle.Frontier().root() == merkle.root([]) == crypto.sm3(b"")


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.data())
def test_inclusion_is_shown_for_each_leaf_and_for_no_other(size, data):
    leaves, index = leaves_of(size), data.draw(st.integers(0, size - 1))
    proof, head = crypto.inclusion_proof(leaves, index), crypto.root(leaves)
    assert crypto.verify_inclusion(leaves[index], index, size, proof, head)
    assert not crypto.verify_inclusion(crypto.leaf_hash(b"forged"), index, size, proof, head)
    assert not crypto.verify_inclusion(leaves[index], index, size, (*proof, head), head)
    assert not crypto.verify_inclusion(leaves[index], size, size, proof, head)
    for other in range(size):
        if other != index:
            assert not crypto.verify_inclusion(leaves[index], other, size, proof, head)
    for cut in range(len(proof)):
        assert not crypto.verify_inclusion(leaves[index], index, size, proof[:cut] + proof[cut + 1 :], head)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.data())
def test_consistency_is_shown_for_a_prefix_and_for_no_rewritten_past(size, data):
    leaves, old = leaves_of(size), data.draw(st.integers(1, size))
    proof, new_head, old_head = crypto.consistency_proof(leaves, old), crypto.root(leaves), crypto.root(leaves[:old])
    assert crypto.verify_consistency(old, size, old_head, new_head, proof)
    forged = crypto.root([crypto.leaf_hash(b"forged"), *leaves[1:old]])
    assert not crypto.verify_consistency(old, size, forged, new_head, proof)
    assert not crypto.verify_consistency(old, size, old_head, forged, proof) or forged == new_head
    assert not crypto.verify_consistency(old, size, old_head, new_head, (*proof, old_head))
    for i in range(len(proof)):
        bad = (*proof[:i], crypto.sm3(proof[i]), *proof[i + 1 :])
        assert not crypto.verify_consistency(old, size, old_head, new_head, bad)


def test_frontier_that_cannot_exist_is_refused():
    with pytest.raises(ValueError):
        crypto.Frontier(3, (b"x",))
    with pytest.raises(IndexError):
        crypto.inclusion_proof([b"x"], 1)
    with pytest.raises(IndexError):
        crypto.consistency_proof([b"x"], 0)
