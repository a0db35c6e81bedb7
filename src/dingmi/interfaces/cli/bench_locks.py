"""How long acts hold the write lock of SQLite, beside a bare transaction; no request may hold it over 200 ms (SR-60)."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

from dingmi.interfaces.cli import bench_document

if TYPE_CHECKING:
    from dingmi.procedures.bench import Held

Figure = Callable[[str, float, str, float, str, str], dict[str, Any]]

BARE = 40
LARGE = 3  # files of 20 pages that are taken through
MOST = 200  # ms (SR-60)
YEARS = 6  # since the lives began


@contextmanager
def _by_act() -> Iterator[dict[str, list[Held]]]:
    """Collect how long the write lock was held, by the act that took it; the record of a refusal counts as its act's."""
    from dingmi.procedures import Act
    from dingmi.procedures.bench import held_locks

    found: dict[str, list[Held]] = defaultdict(list)
    with held_locks() as spans:
        call = Act.__call__

        def named(self: Any, **params: Any) -> Any:
            before = len(spans)
            try:
                return call(self, **params)
            finally:  # what acts inside this one held is theirs already
                found[self.name] += spans[before:]
                del spans[before:]

        with mock.patch.object(Act, "__call__", named):
            yield found


def _lives() -> None:
    """Tell lives of matters as the demo does: derived, extended, released, lapsed, referred, public, a work secret."""
    from dingmi.interfaces.cli.demo import inside, story
    from dingmi.queries import clock

    today = clock.now().date()
    world = story.World(random.Random(5), today)
    begun = story.at(today - timedelta(days=365 * YEARS), 9)
    late = story.at(today - timedelta(days=3), 9)
    told: list[Iterator[Any]] = [
        story.original(world, begun, "3", "extended", "3年"),
        story.original(world, begun, "7", "released"),
        story.original(world, late, "7", "returned"),
        story.original(world, begun, "12", "pending"),
        story.public(world, late),
        story.referred(world, late),
        inside.work_secret(world, late, 0),
    ]
    with clock.simulated():
        for events in told:
            _until(events, today)
        derived = story.derived(world, story.at(today - timedelta(days=20), 9))
        _until(derived, today)


def _until(events: Iterator[Any], end: Any) -> None:
    """Go on with a life until it passes ``end``."""
    for moment in events:
        if moment.date() > end:
            return


def _large() -> None:
    """Take files of 20 pages from draft to a marked copy in the hands of a reader."""
    from dingmi.interfaces.cli.demo import story
    from dingmi.interfaces.cli.demo.organ import as_account
    from dingmi.procedures import ACTS
    from dingmi.procedures.terms import Answers, Upload
    from dingmi.queries import clock
    from dingmi.queries.standing import items_by_number

    file = bench_document._file()
    for number in range(LARGE):
        now = clock.now()

        def act(user: str, name: str, now: Any = now, **params: Any) -> Any:
            return ACTS[name](actor=as_account(user, now), now=now, **params)

        item, scope = items_by_number(now)["7"], story.usual_scope(now.date())
        made = act(
            "drafter", "determination.draft", upload=Upload(f"{number}.docx", file), title=f"综合方案（{number}）"
        )
        answers = Answers(
            item=item.id,
            level=item.level,
            tail=item.tail,
            scope=scope,
            reasons=story.REASON,
            bars=story.BARS,
            confirmed=("item", "reuse", "terms", "scope"),
            longer_reason=story.LONGER,
        )
        step = {"matter": made.matter, "expected_version": made.version}
        step["expected_version"] = act("drafter", "determination.fill", answers=answers, **step).version
        step["expected_version"] = act("drafter", "determination.propose", **step).version
        act("officer", "determination.approve", opinion="同意。", **step)
        act("officer", "carriers.download", matter=made.matter)


def locks(figure: Figure) -> list[dict[str, Any]]:
    """Time the write lock over the lives of some matters and over files of 20 pages; one figure an act, the longest first."""
    from dingmi.procedures import daily
    from dingmi.procedures.bench import bare_transaction, held_locks
    from dingmi.queries import clock

    with held_locks() as bare:
        for _ in range(BARE):
            bare_transaction("officer")
    floor, what = statistics.median(span.busy for span in bare), "one row written by SQL in a transaction of its own"
    with _by_act() as lives:
        _lives()
        daily.run(now=clock.now())
    with _by_act() as large:
        _large()
    made = [
        figure(f"write lock, {name}{more}", max(s.busy for s in spans), "ms", floor, what, _told(spans, told))
        for found, more, told in ((large, ", 20 pages", "a docx of 13,400 characters"), (lives, "", "demo stories"))
        for name, spans in sorted(found.items(), key=lambda pair: -max((s.busy for s in pair[1]), default=0))
        if spans
    ]
    over = [span for found in (lives, large) for spans in found.values() for span in spans if span.busy > MOST]
    return [
        figure(f"write locks over {MOST} ms", len(over), "times", 0, "none", "of all below, by the processor"),
        *made,
    ]


def _told(spans: list[Held], what: str) -> str:
    slowest = max(span.wall for span in spans)
    return f"the longest of {len(spans)} by the processor (by the wall {slowest:.0f} ms), {what}"
