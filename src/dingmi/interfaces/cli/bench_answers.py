"""How long the drafter of a long text waits beside many matters and full guides: many drafts, each another one."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from time import perf_counter, process_time
from typing import Any

from dingmi.base.actor import Actor
from dingmi.interfaces.cli.bench_assist import ITEMS, SEED, Papers

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]
SENTENCES = 12  # of the text of a matter: about 1,000 characters
LONG = 110  # sentences of a draft: about 10,000 characters, twenty pages
DRAFTS = 24
_GUIDE = "BENCH-800"
_GOAL, _FIRST = 3.0, 1.0  # seconds


@lru_cache
def furnished() -> tuple[Actor, datetime, Papers, list[str]]:
    """Register matters and give each a text that one officer may read, once in a run."""
    from dingmi.interfaces.cli import bench_scale
    from dingmi.interfaces.cli.demo.organ import as_account
    from dingmi.procedures import bench
    from dingmi.queries import clock

    bench_scale.registered()
    now, papers, texts = clock.now(), Papers(SEED), list[str]()
    actor = as_account("officer", now)

    def write(_: int) -> str:
        texts.append(papers.paper(SENTENCES))
        return texts[-1]

    bench.give_texts(actor.person_id, write, now)
    return actor, now, papers, texts


def _guide_of(items: list[str], now: datetime) -> None:
    """Bring a guide of these items into force."""
    from dingmi.interfaces.cli.demo import organ
    from dingmi.procedures import guides

    model = organ.guide_rows("2021", "2021-01-01")[0]
    rows = tuple(
        model | {"id": f"{_GUIDE}#{n}", "guide": _GUIDE, "no": str(n), "item": text, "matter_code": f"B-{n}", "examples": []}
        for n, text in enumerate(items, 1)
    )  # fmt: skip
    guides.import_edition(actor=organ.as_account("secrecy", now), now=now, rows=rows)


def drafts_of(papers: Papers, texts: list[str], items: list[str]) -> list[str]:
    """Drafts of twenty pages, each with words of an item in force and two lines of a matter in it."""
    made = []
    for number in range(DRAFTS):
        taken = texts[number * len(texts) // DRAFTS].split("\n")[:2]
        made.append("\n".join([papers.paper(LONG // 2), items[number * 7], *taken, papers.paper(LONG // 2)]))
    return made


def _spans(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return how long one run took by the wall, how much of the processor, and what came of it."""
    wall, busy = perf_counter(), process_time()
    done = work()
    return perf_counter() - wall, process_time() - busy, done


def _p95(spans: list[float]) -> float:
    return statistics.quantiles(spans, n=20)[-1]


def answers(figure: Figure) -> list[dict[str, Any]]:
    """Answer drafts of twenty pages with the index at hand, and by the guides alone, as a draft gets it that comes before."""
    from dingmi.procedures import daily, imprints
    from dingmi.queries import access, suggestions

    actor, now, papers, texts = furnished()
    daily.until_done(imprints.INDEX, access.clock_actor(), now, now.date())
    items = [papers.sentence()[:40] for _ in range(ITEMS)]
    _guide_of(items, now)
    drafts = drafts_of(papers, texts, items)
    _, made, _ = _spans(lambda: suggestions.ready(actor, now))
    suggestions.without_sources(actor, now, drafts[0], ())  # the guides are indexed once, for everybody
    first = [_spans(lambda d=draft: suggestions.without_sources(actor, now, d, ()).payload) for draft in drafts]
    whole = [_spans(lambda d=draft: suggestions.suggest(actor, now, d, ()).payload) for draft in drafts]
    if not all(found["candidates"] for _, _, found in (*first, *whole)):
        raise AssertionError("a draft did not get the item that stands in it")
    known = statistics.mean(bool(found["reuse"]) for _, _, found in whole)
    count = suggestions.progress(actor)[0]
    told = f"{DRAFTS} drafts of {sum(map(len, drafts)) // DRAFTS} characters, {len(items)} items more, {count} matters"
    rows = [figure("index of one reader made", made, "s", 0, "none", f"{count} matters, processor time")]
    for name, spans, goal in (("answer", whole, _GOAL), ("first candidates", first, _FIRST)):
        for how, place in (("by the wall", 0), ("processor time", 1)):
            seconds = [span[place] for span in spans]
            said = f"{told}, {how}, p50 {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s"
            rows.append(
                figure(f"{name} for twenty pages, {how}", _p95(seconds), "s p95", goal, f"the goal, {goal:.0f} s", said)
            )
    said = f"{told}, two lines of one of these matters in each: their words come back in many others"
    return [*rows, figure("drafts whose source is named", known, "share", 1.0, "every draft", said)]
