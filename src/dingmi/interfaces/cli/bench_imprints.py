"""The first answer after a start beside many matters: with imprints kept, without, and as it was done before (ADR 0053)."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

from dingmi.interfaces.cli.bench_answers import furnished

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]


def _seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how much of the processor one run took, and what came of it."""
    started = process_time()
    done = work()
    return process_time() - started, done


def imprints(figure: Figure) -> list[dict[str, Any]]:
    """Give the registered matters texts, answer without imprints, let the daily act take them, and answer again."""
    from dingmi.procedures import bench, daily, imprints
    from dingmi.queries import access, suggestions

    actor, now, papers, texts = furnished()
    draft = "\n".join([papers.paper(30), texts[len(texts) // 2]])
    count = access.visible(actor, now).filter(state="active").count()
    told = f"{count} matters that one officer may read, texts of {sum(map(len, texts)) // len(texts)} characters"
    before, _ = _seconds(lambda: bench.indexed_text_by_text(actor, now))
    without, first = _seconds(lambda: bench.first_answer(actor, now, draft))
    taking, taken = _seconds(lambda: daily.until_done(imprints.INDEX, access.clock_actor(), now, now.date()))
    kept, second = _seconds(lambda: bench.first_answer(actor, now, draft))
    again, third = _seconds(lambda: suggestions.suggest(actor, now, draft, ()).payload)
    if not first == second == third or not first["reuse"]:
        raise AssertionError("with imprints kept the answer is another")
    floor = "each text asked for, opened and hashed, as before, and the answer"
    told += ", processor time"
    return [
        figure(
            "imprints taken", taken["taken"] / taking, "1/s", taken["taken"] / before, "texts indexed as before", told
        ),
        figure("first answer after a start, imprints kept", kept, "s", before + again, floor, told),
        figure("first answer after a start, none kept", without, "s", before + again, floor, told),
        figure("answer again", again, "s", kept, "the first answer, imprints kept", told),
    ]
