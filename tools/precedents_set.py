"""Make a labelled set on which precedents can be judged: precedents_set.py GUIDE_MATCH OUT

GUIDE_MATCH holds pool.jsonl.gz, articles of published laws (guide-match-zh of the labelled sets). An item is the first article of a
law, which says what the law is for; a query is another article of it, and the precedents are three more. So a query speaks of
its item in other words, as drafts do, and like what was decided under it. Laws are drawn by a hash of their names; ``dev`` and
``test`` hold other laws each, and the items and precedents of all of them. The same pool always gives the same set.
"""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

LEAST, PRECEDENTS, SHORT = 8, 3, 40  # articles of a law that is taken, precedents of an item, characters of a text


def made(pool: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each file of the set."""
    laws: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in pool:
        laws[row["law"]].append(row)
    files: dict[str, list[dict[str, Any]]] = {"pool": [], "precedents": [], "dev": [], "test": []}
    for law, articles in sorted(laws.items()):
        first, *rest = articles
        drawn = sorted((a for a in rest if len(a["text"]) >= SHORT), key=lambda a: zlib.crc32(a["id"].encode()))
        if len(drawn) < LEAST:
            continue
        files["pool"].append(first)
        query, *precedents = drawn[: 1 + PRECEDENTS]
        files["precedents"] += [{"id": p["id"], "text": p["text"], "item": first["id"]} for p in precedents]
        part = "dev" if zlib.crc32(law.encode()) % 2 else "test"
        files[part].append({"id": query["id"], "query": query["text"], "gold": [first["id"]]})
    return files


def main() -> None:
    """Read the pool and write the set."""
    source, out = map(Path, sys.argv[1:3])
    with gzip.open(source / "pool.jsonl.gz", "rt", encoding="utf-8") as file:
        pool = [json.loads(line) for line in file]
    files = made(pool)
    for part in ("dev", "test"):
        for kept in (("pool", "precedents"), ("pool",)):
            folder = out / f"{part}-{'with' if len(kept) == 2 else 'without'}"
            folder.mkdir(parents=True, exist_ok=True)
            for name, rows in (*((name, files[name]) for name in kept), ("test", files[part])):
                text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
                (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    print(", ".join(f"{name}: {len(rows)}" for name, rows in files.items()))


if __name__ == "__main__":
    main()
