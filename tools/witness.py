#!/usr/bin/env python3
"""Keep watch over a log from another machine: witness.py STATE --trust KEY < proof.json

STATE is a file of the witness; the first run creates it. The proof is what `dingmi proof --since SIZE` prints. The witness refuses
a head that is not signed, is of another log, is smaller than what it has seen, or whose history is another one (a fork); it takes
the new head only then. Exit code 0: taken; 8: refused, STATE stays as it was; 2: the input cannot be read.

Standard library alone; written from docs/evidence.md. `witness.py STATE --size` prints the size to ask the next proof from.
"""

import argparse
import base64
import json
import os
import sys

from verify_evidence import is_signed, sm3, trusted_key


class Refused(Exception):
    """The head is not one to believe."""


def node(left, right):
    return sm3(b"\x01" + left + right)


def is_consistent(old_size, old_root, size, root, path):
    """Say whether the first old_size entries of the new log are the old log (RFC 9162, 2.1.4.2)."""
    if old_size == size:
        return old_root == root and not path
    if not 0 < old_size < size:
        return False
    path = list(path)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node(other, old), node(other, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node(new, other)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == root


def head_of(note):
    """Return origin, size and root of a signed head."""
    origin, size, root, at, end = note.split("\n")
    if end or not at or len(base64.b64decode(root)) != 32:
        raise ValueError("note")
    return origin, int(size), base64.b64decode(root)


def taken(seen, proof, public):
    """Return the head to remember from now on; refuse one that does not follow from what was seen."""
    note, signature = proof["note"], base64.b64decode(proof["signature"])
    origin, size, root = head_of(note)
    if origin != "dingmi-log/" + sm3(public)[:8].hex():
        raise Refused("another log than the one you trust")
    if not is_signed(public, origin.encode(), note.encode(), signature):
        raise Refused("the head is not signed by the trusted key")
    if seen is not None:
        _, old_size, old_root = head_of(seen["note"])
        path = [bytes.fromhex(part) for part in proof["path"]]
        if size < old_size:
            raise Refused(f"the log has {size} entries and had {old_size}")
        if proof["since"] != old_size or not is_consistent(old_size, old_root, size, root, path):
            raise Refused(f"another history than the one seen up to entry {old_size}")
    return {"note": note, "signature": proof["signature"]}


def kept(path):
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    parser = argparse.ArgumentParser(description="Watch over a log.")
    parser.add_argument("state")
    parser.add_argument("--trust", help="public key of the log, or a file that holds it")
    parser.add_argument("--size", action="store_true", help="print the size seen last")
    chosen = parser.parse_args()
    try:
        seen = kept(chosen.state)
        if chosen.size:
            print(head_of(seen["note"])[1] if seen else 0)
            return 0
        new = taken(seen, json.load(sys.stdin), trusted_key(chosen.trust or ""))
    except Refused as refusal:
        print(f"REFUSED: {refusal}", file=sys.stderr)
        return 8
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"cannot read: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    with open(chosen.state + ".new", "w", encoding="utf-8") as file:
        json.dump(new, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(chosen.state + ".new", chosen.state)
    print(f"taken: {head_of(new['note'])[1]} entries")
    return 0


if __name__ == "__main__":
    sys.exit(main())
