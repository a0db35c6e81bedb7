"""Large demo sets: matters of earlier years registered by the batch act, every rule checked, one ledger entry each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from rich.progress import Progress

from dingmi.interfaces.cli.demo import organ, texts
from dingmi.interfaces.cli.demo.story import DRAFTERS, FILL_OFFSET, OFFICERS, at
from dingmi.interfaces.cli.out import console
from dingmi.procedures import daily, legacy
from dingmi.queries import clock
from dingmi.queries.legacy import MOST_ROWS
from dingmi.queries.standing import items_by_number

BASIS = "按原纸质台账补录"
OFFICERS_SINCE = date(2016, 3, 1)  # before that day no officer of the demo organ was designated
OLD_BASIS = "原保密事项范围第{number}项"
STREAM = 7_000_003  # rows of the large sets are drawn from another stream than those of the story


def _kinds() -> dict[str, list[tuple[str, str]]]:
    """Return for \"high\" and \"low\" the item numbers that there are sentences for, with their longest tail."""
    found: dict[str, list[tuple[str, str]]] = {"high": [], "low": []}
    for number, item in items_by_number(at(date(2021, 6, 1))).items():
        if number in texts.table()["items"] and item.level in ("机密", "秘密"):
            found["high" if item.level == "机密" else "low"].append((number, item.tail))
    return found


def rows(*, seed: int, count: int, end: date, years: int, high_fraction: float) -> Iterator[dict[str, Any]]:
    """Yield ``count`` rows in order of their days.

    Args:
        years: Over how many years before ``end`` the decisions lie.
        high_fraction: Share of 机密, the highest level that the demo organ may decide; the rest is 秘密.
    """
    rng = random.Random(STREAM + seed)
    span = min(years * 365, (end - date(1990, 1, 1)).days)
    days = sorted(end - timedelta(days=1 + int(span * rng.random() ** 1.3)) for _ in range(count))
    kinds, words = _kinds(), texts.table()
    people = (*DRAFTERS, *OFFICERS)
    departments = organ.plan()["departments"]
    for number, day in enumerate(days, start=1):
        item, longest = rng.choice(kinds["high" if rng.random() < high_fraction else "low"])
        level = "机密" if (item, longest) in kinds["high"] else "秘密"
        kind = words["items"][item]
        title = rng.choice(kind["titles"]).format(
            place=rng.choice(words["places"]), n=rng.randint(6, 60), m=rng.randint(1, 9), k=rng.randint(2, 40), form=""
        )
        drafter = rng.choice(DRAFTERS)
        row: dict[str, Any] = {
            "title": title,
            "mark": f"{level}★{longest}",
            "issued_on": day.isoformat(),
            "doc_number": f"清水务密〔{day.year}〕{number}号",
            "drafter": drafter,
            "persons": sorted({drafter, *rng.sample(people, 2)}),
            "departments": [rng.choice(departments)["name"]] if rng.random() < 0.3 else [],
            "form": "paper" if rng.random() < 0.3 else "electronic",
        }
        if day >= OFFICERS_SINCE and day >= date(2021, 1, 1):
            row |= {"officer": rng.choice(OFFICERS), "guide": "SW-2021", "item": item}
        else:
            row["basis"] = OLD_BASIS.format(number=item)
        yield row


def register(*, seed: int, count: int, end: date, years: int, high_fraction: float) -> int:
    """Register the rows batch by batch, at the end of the story; return how many.

    The same seed and day give the same ids and content.
    """
    moment, done, batch = at(end, 4), 0, list[dict[str, Any]]()
    with clock.simulated(FILL_OFFSET + STREAM + seed), Progress(console=console) as progress:
        bar = progress.add_task("补录 · registering", total=count)
        actor = organ.as_account("secrecy", moment)
        for row in rows(seed=seed, count=count, end=end, years=years, high_fraction=high_fraction):
            batch.append(row)
            if len(batch) == MOST_ROWS or done + len(batch) == count:
                legacy.import_legacy(actor=actor, now=moment, basis=BASIS, rows=tuple(batch))
                done += len(batch)
                progress.update(bar, completed=done)
                batch = []
    daily.refresh_statistics()
    return done
