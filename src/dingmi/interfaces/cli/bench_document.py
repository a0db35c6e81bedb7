"""How long a drafter waits for suggestions: a file of 20 pages read and matched, beside its bare text taken out."""

from __future__ import annotations

import io
import random
import statistics
from collections.abc import Callable
from time import perf_counter
from typing import Any

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
CHARACTERS = 20 * 700  # a page of an official paper: 22 lines of 28 characters, and then some
TIMES = 5


def _file() -> bytes:
    """Return a Word file of 20 pages in the words of the demo."""
    from dingmi.interfaces.cli.demo import texts

    rng, lines = random.Random(20), list[str]()
    kinds = list(texts.table()["items"].values())
    while sum(map(len, lines)) < CHARACTERS:
        lines += texts.write(rng, rng.choice(kinds)).lines
    return texts.Draft("城市供水系统综合方案", tuple(lines), ()).as_docx()


def _spans(work: Callable[[], Any]) -> list[float]:
    """Return how long each of some runs took, in milliseconds, the first one apart from the rest."""
    spans = []
    for _ in range(TIMES + 1):
        started = perf_counter()
        work()
        spans.append((perf_counter() - started) * 1000)
    return spans


def document(figure: Figure) -> list[dict[str, Any]]:
    """Read and match a file of 20 pages: the first time, with the indexes of guide and sources to make, and again."""
    import docx

    from dingmi.interfaces.cli.demo.organ import as_account
    from dingmi.procedures import paper
    from dingmi.procedures.terms import Upload
    from dingmi.queries import clock, suggestions

    file, now = _file(), clock.now()
    actor = as_account("drafter", now)
    read = paper.read(Upload("20.docx", file))
    bare = statistics.median(_spans(lambda: [p.text for p in docx.Document(io.BytesIO(file)).paragraphs]))
    parsed = _spans(lambda: paper.read(Upload("20.docx", file)))
    matched = _spans(lambda: suggestions.suggest(actor, now, read.text, read.blocks))
    parse, again = statistics.median(parsed), statistics.median(matched[1:])
    told = f"20 pages, {len(read.text)} characters; the child process that reads it included"
    floor = "python-docx, the text of its paragraphs in this process"
    return [
        figure("document read", parse, "ms", bare, floor, told),
        figure("document read and suggestions, first", parse + matched[0], "ms", bare, floor, told),
        figure("document read and suggestions, again", parse + again, "ms", bare, floor, told),
    ]
