"""T4, SR-41: mutated proofs, before the system's verifier and before the one that shares no code with it; neither takes one.

What a proof is about is given: the signed head (size and root), and what the witness saw before. The rest is mutated:
entries, places, paths. For so many the two tools get the system's SM3; that their own agrees is shown by other tests.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from dingmi.engines import crypto
from tests import bars

TOOLS = Path(__file__).resolve().parents[2] / "tools"
BAR = 1_000_000
SIZES = (*range(2, 34), 63, 64, 65, 100, 127, 128, 129, 255, 256, 257, 300)


@pytest.fixture(scope="module")
def tools() -> tuple[ModuleType, ModuleType]:
    sys.path.insert(0, str(TOOLS))
    try:
        import verify_evidence
        import witness
    finally:
        sys.path.remove(str(TOOLS))
    return verify_evidence, witness


class Log:
    """A log with honest proofs, and everything that a forger can take a node from."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.bodies = [f"entry {number} of {size}".encode() for number in range(size)]
        self.leaves = [crypto.leaf_hash(body) for body in self.bodies]
        self.root = crypto.root(self.leaves)
        self.paths = crypto.inclusion_proofs(self.leaves, range(size))
        self.nodes = sorted({node for path in self.paths for node in path} | {self.root, *self.leaves})

    def grown(self, old: int) -> tuple[bytes, tuple[bytes, ...]]:
        return crypto.root(self.leaves[:old]), crypto.consistency_proof(self.leaves, old)


def mutated(path: tuple[bytes, ...], log: Log, chance: random.Random) -> tuple[bytes, ...]:
    """Return the path with something done to it that a forger may try."""
    made = list(path)
    kind = chance.randrange(7) if made else 6
    place = chance.randrange(len(made)) if made else 0
    if kind == 0:  # a bit
        node = bytearray(made[place])
        node[chance.randrange(32)] ^= 1 << chance.randrange(8)
        made[place] = bytes(node)
    elif kind == 1:  # another node of the same tree
        made[place] = chance.choice(log.nodes)
    elif kind == 2:  # one left out
        del made[place]
    elif kind == 3:  # one twice
        made.insert(place, made[place])
    elif kind == 4:  # two changed about
        other = chance.randrange(len(made))
        made[place], made[other] = made[other], made[place]
    elif kind == 5:  # cut short, or of another length of node
        made = (
            made[:place]
            if chance.random() < 0.5
            else [*made[:place], made[place][: chance.randrange(32)], *made[place + 1 :]]
        )
    else:  # one more
        made.insert(chance.randrange(len(made) + 1), chance.choice(log.nodes))
    return tuple(made)


def entry_mutants(log: Log, chance: random.Random) -> tuple[bytes, int, tuple[bytes, ...]]:
    """Return body, place and path of an entry, one of them another's or forged."""
    index = chance.randrange(log.size)
    body, place, path = log.bodies[index], index, log.paths[index]
    kind = chance.randrange(5)
    if kind == 0:
        text = bytearray(body)
        text[chance.randrange(len(text))] ^= 1 << chance.randrange(8)
        return bytes(text), place, path
    if kind == 1:
        return (
            body,
            chance.choice((place + 1, place - 1, place ^ 1, log.size, -1, chance.randrange(2 * log.size))),
            path,
        )
    if kind == 2:  # an inner node instead of an entry
        return b"\1" + chance.choice(log.nodes) + chance.choice(log.nodes), place, path
    if kind == 3:
        return log.bodies[chance.randrange(log.size)], place, path
    return body, place, mutated(path, log, chance)


def attack(number: int, seed: int, tools: tuple[ModuleType, ModuleType]) -> tuple[Counter[str], list[str]]:
    """Make so many mutants; return how many of each kind, and those that a verifier took."""
    evidence, witness = tools
    chance, logs = random.Random(seed), [Log(size) for size in SIZES]
    made, taken = Counter[str](), list[str]()
    while sum(made.values()) < number:
        log = chance.choice(logs)
        if chance.random() < 0.5:
            body, place, path = entry_mutants(log, chance)
            if 0 <= place < log.size and (body, path) == (log.bodies[place], log.paths[place]):
                continue  # what came out is honest
            made["inclusion"] += 1
            leaf = crypto.leaf_hash(body)
            ours = crypto.verify_inclusion(leaf, place, log.size, path, log.root)
            theirs = 0 <= place < log.size and evidence.climbed(leaf, place, log.size, list(path)) == log.root
        else:
            old = chance.randrange(1, log.size)
            root, honest = log.grown(old)
            heads = [root, log.root]
            path = mutated(honest, log, chance) if chance.random() < 0.8 else honest
            if path == honest:  # a head that was never signed stands for a rewritten past
                heads[chance.randrange(2)] = chance.choice(log.nodes)
            if (path, heads) == (honest, [root, log.root]):
                continue
            made["consistency"] += 1
            ours = crypto.verify_consistency(old, log.size, heads[0], heads[1], path)
            theirs = witness.is_consistent(old, heads[0], log.size, heads[1], path)
        if ours or theirs:
            taken.append(f"{dict(made)} of a log of {log.size}: system {ours}, tool {theirs}")
    return made, taken


def test_both_verifiers_take_every_honest_proof(tools: tuple[ModuleType, ModuleType]) -> None:
    evidence, witness = tools
    for size in (2, 3, 7, 8, 9, 33):
        log = Log(size)
        for index, path in enumerate(log.paths):
            assert crypto.verify_inclusion(log.leaves[index], index, size, path, log.root)
            assert evidence.climbed(evidence.sm3(b"\0" + log.bodies[index]), index, size, path) == log.root
        for old in range(1, size):
            root, path = log.grown(old)
            assert crypto.verify_consistency(old, size, root, log.root, path)
            assert witness.is_consistent(old, root, size, log.root, path)


def test_hundreds_of_mutated_proofs_are_taken_by_neither_with_the_tools_own_digest(
    tools: tuple[ModuleType, ModuleType],
) -> None:
    made, taken = attack(400, 1, tools)  # with the tools' own SM3
    assert taken == [] and min(made.values()) > 100


@pytest.mark.parametrize("number", [4_000, pytest.param(BAR, marks=pytest.mark.deep)])
def test_mutated_proofs_are_taken_by_neither(
    tools: tuple[ModuleType, ModuleType], bar: bars.Reached, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    for tool in tools:
        monkeypatch.setattr(tool, "sm3", crypto.sm3)
    made, taken = attack(bars.part(number) if number == BAR else number, number, tools)
    assert taken == [] and min(made.values()) > sum(made.values()) / 3
    if number == BAR:
        bar("T4 mutated proofs", sum(made.values()), BAR)
