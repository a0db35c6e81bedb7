"""Ten years of the demo organ's work, in order of time: each matter is a generator that acts and says when it goes on."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from rich.progress import Progress

from dingmi.interfaces.cli.demo import copies, inside, keeping, organ, schooling, texts, turns
from dingmi.interfaces.cli.out import console
from dingmi.procedures import change, daily, declassification, derivation, determination, guides, referral, review
from dingmi.procedures.terms import Answers, Scope, SourceIn, Upload
from dingmi.queries import access, clock
from dingmi.queries.standing import items_by_number

ZONE = ZoneInfo("Asia/Shanghai")
DRAFTERS = ("drafter", "drafter2", "drafter3", "drafter4")
OFFICERS = ("officer", "officer2")
BARS = {"public_needed": False, "other_secret": False, "already_public": False, "statute_public": False}
BEGUN = date(2016, 1, 4)  # the first day of the story
FILL_OFFSET = 1_000_003  # ids of the fill come from another stream than those of the founding
LONGER = "本件涉及在用设施，敏感期长于以往同类事项。"
REASON = "属于目录所列事项，泄露会损害城市供水安全。"
TURNED = (  # item, what befalls the matter, days before the end on which its draft comes in
    ("7", "discarded", 8),
    ("12", "changed", 70),
    ("3", "voided", 45),
    ("10", "challenged", 12),
    ("3", "kept", 90),
)
Events = Iterator[datetime]
Maker = Callable[..., Events]


@dataclass
class World:
    """What the generators share: the seeded source, the end, and the matters that can be derived from."""

    rng: random.Random
    end: date
    counts: Counter[str] = field(default_factory=Counter)
    in_force: list[dict[str, Any]] = field(default_factory=list)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """Return an instant of the simulation."""
    return datetime.combine(day, time(hour, minute), ZONE)


def usual_scope(begun: date) -> Scope:
    """Return the usual scope: the drafters and officers of 机密 clearance; of early papers the office that archives them."""
    people = (*DRAFTERS, *OFFICERS, "officer3", *(("secrecy",) if begun.year <= keeping.ARCHIVED_UNTIL else ()))
    moment = at(date(2100, 1, 1))
    return Scope(persons=tuple(UUID(access.actor_for_account(u, moment).person_id) for u in people))


def _draft(
    world: World, user: str, moment: datetime, kind: dict[str, Any], copied: tuple[str, ...] = ()
) -> tuple[Any, texts.Draft]:
    draft = texts.write(world.rng, kind, copied)
    made = determination.draft(
        actor=organ.as_account(user, moment),
        now=moment,
        upload=Upload(f"{draft.title}.docx", draft.as_docx()),
        title=draft.title,
        doc_number=f"清水务密〔{moment.year}〕{world.rng.randint(1, 90):02}号",
    )
    return made, draft


def _answers(item: Any, start: datetime, tail: str) -> Answers:
    """Return what a drafter of an item answers."""
    return Answers(
        item=item.id,
        level=item.level,
        tail=tail,
        scope=usual_scope(start.date()),
        reasons=REASON,
        bars=BARS,
        confirmed=("item", "terms", "scope"),
        longer_reason=LONGER,
    )


def original(
    world: World, start: datetime, number: str, stop: str = "", tail: str = "", kind: dict[str, Any] | None = None
) -> Events:
    """An original determination and its life; ``stop`` ends it early: draft, discarded, proposed, returned, released, or a turn.

    ``kind`` gives titles and sentences other than those of the item.
    """
    user, signer = world.rng.choice(DRAFTERS), world.rng.choice(OFFICERS)
    item = items_by_number(start)[number]
    made, draft = _draft(world, user, start, kind or texts.table()["items"][number])
    moment = start + timedelta(minutes=40)
    yield moment
    answers = _answers(item, start, tail or item.tail)
    filled = determination.fill(
        actor=organ.as_account(user, moment),
        now=moment,
        matter=made.matter,
        answers=answers,
        expected_version=made.version,
    )
    if stop in ("draft", "discarded"):
        if stop == "discarded":
            who = organ.as_account(user, moment)
            determination.discard(actor=who, now=moment, matter=made.matter, expected_version=filled.version)
        world.counts[stop] += 1
        return
    proposed = determination.propose(
        actor=organ.as_account(user, moment), now=moment, matter=made.matter, expected_version=filled.version
    )
    if stop == "proposed":
        world.counts["proposed"] += 1
        return
    moment += timedelta(days=world.rng.randint(1, 2), hours=1)
    yield moment
    if stop == "returned":
        determination.return_(
            actor=organ.as_account(signer, moment),
            now=moment,
            matter=made.matter,
            reason_code="scope",
            text="知悉范围请限定到具体人员。",
            expected_version=proposed.version,
        )
        world.counts["returned"] += 1
        return
    approved = determination.approve(
        actor=organ.as_account(signer, moment),
        now=moment,
        matter=made.matter,
        opinion="同意。",
        expected_version=proposed.version,
    )
    world.counts["approved"] += 1
    about = {"lines": draft.secrets, "level": item.level, "tail": answers.tail, "begun": start.date()}
    state = _kept(made, approved, user, moment) | about
    if stop in turns.TURNS:
        moment += timedelta(days=2)
        yield moment
        yield from turns.TURNS[stop](state, signer, moment)
        world.counts[stop] += 1
        return
    world.in_force.append(state)
    yield from _life(world, state, signer, moment, item, stop)


def _kept(made: Any, approved: Any, user: str, moment: datetime) -> dict[str, Any]:
    """Return what the story remembers of a matter that has been decided."""
    last, number = approved.last_protected_day, approved.register_no
    told = {"matter": made.matter, "version": approved.version, "user": user, "last": last, "number": number}
    return told | {"start": moment.date()}


def _life(world: World, state: dict[str, Any], signer: str, moment: datetime, item: Any, stop: str) -> Events:
    """Yearly reviews, and what happens before the period ends."""
    year = moment.year + 1
    while True:
        day = date(year, world.rng.randint(6, 9), world.rng.randint(1, 28))
        last = state["last"]
        if last is not None and day >= last - timedelta(days=20):
            break
        yield at(day, 10)
        _review(world, state, signer, at(day, 10), "keep")
        if stop == "released" and year >= moment.year + 2:
            _release(world, state, signer, at(day, 15))
            return
        year += 1
    yield at(max(moment.date() + timedelta(days=3), last - timedelta(days=world.rng.randint(21, 50))), 10)
    moment = at(max(moment.date() + timedelta(days=3), last - timedelta(days=20)), 10)
    yield moment
    if stop == "pending" and last > world.end:
        return
    longest = item.tail if item.tail.endswith("年") else ""
    if stop == "extended" and longest and longest != state["tail"]:
        _extend(world, state, signer, moment, longest)
        yield from _life(world, state, signer, moment, item, "")
        return
    _review(world, state, signer, moment, "lapse")
    world.in_force.remove(state)
    world.counts["let lapse"] += 1


def _proposal(world: World, state: dict[str, Any], moment: datetime, outcome: str, **terms: Any) -> None:
    done = review.propose(
        actor=organ.as_account(state["user"], moment),
        now=moment,
        matter=state["matter"],
        outcome=outcome,
        reason="经复核，情况如上。",
        expected_version=turns.seen(state["user"], moment, state["matter"]),
        **terms,
    )
    state["version"] = done.version


def _review(world: World, state: dict[str, Any], signer: str, moment: datetime, outcome: str) -> None:
    _proposal(world, state, moment, outcome)
    later = moment + timedelta(hours=2)
    done = review.decide_(
        actor=organ.as_account(signer, later),
        now=later,
        matter=state["matter"],
        opinion="同意。",
        expected_version=state["version"],
    )
    state["version"] = done.version
    world.counts[f"review {outcome}"] += 1


def _extend(world: World, state: dict[str, Any], signer: str, moment: datetime, tail: str) -> None:
    _proposal(world, state, moment, "extend", level=state["level"], tail=tail, scope=usual_scope(state["begun"]))
    later = moment + timedelta(hours=3)
    done = change.extend(
        actor=organ.as_account(signer, later),
        now=later,
        matter=state["matter"],
        reason="设施仍在使用，泄露仍会造成损害。",
        expected_version=state["version"],
    )
    state |= {"version": done.version, "last": done.last_protected_day, "tail": tail}
    world.counts["extended"] += 1


def _release(world: World, state: dict[str, Any], signer: str, moment: datetime) -> None:
    _proposal(world, state, moment, "release", ground="no_longer_secret")
    later = moment + timedelta(hours=1)
    declassification.release(
        actor=organ.as_account(signer, later),
        now=later,
        matter=state["matter"],
        reason="有关设施已拆除，不再作为国家秘密。",
        confirm=state["number"],
        expected_version=state["version"],
    )
    world.in_force.remove(state)
    world.counts["released"] += 1


def derived(world: World, start: datetime) -> Events:
    """A matter derived from one that is in force then."""
    ready = [s for s in world.in_force if s["last"] and s["last"] > start.date() + timedelta(days=400)]
    if not ready:
        return
    source = world.rng.choice(ready)
    user, signer = world.rng.choice(DRAFTERS), world.rng.choice(OFFICERS)
    made, _ = _draft(world, user, start, texts.table()["derived"], tuple(source["lines"]))
    moment = start + timedelta(minutes=20)
    yield moment
    proposed = derivation.propose(
        actor=organ.as_account(user, moment),
        now=moment,
        matter=made.matter,
        sources=(SourceIn(matter=source["matter"]),),
        trigger="rework",
        scope=usual_scope(source["begun"]),
        reasons="引用来源文件的内容。",
        expected_version=made.version,
    )
    moment += timedelta(days=1)
    yield moment
    approved = determination.approve(
        actor=organ.as_account(signer, moment), now=moment, matter=made.matter, expected_version=proposed.version
    )
    world.counts["derived"] += 1
    about = {"lines": source["lines"], "level": source["level"], "tail": "", "begun": source["begun"]}
    state = _kept(made, approved, user, moment) | about
    world.in_force.append(state)
    yield from _life(world, state, signer, moment, items_by_number(moment)["3"], "")


def public(world: World, start: datetime) -> Events:
    """A draft that is no secret, and is closed so."""
    user = world.rng.choice(DRAFTERS)
    made, _ = _draft(world, user, start, texts.table()["public"])
    yield start + timedelta(minutes=5)
    moment = start + timedelta(minutes=5)
    determination.not_secret(
        actor=organ.as_account(user, moment),
        now=moment,
        matter=made.matter,
        reason="拟向社会公布。",
        instead="public",
        expected_version=made.version,
    )
    world.counts["not secret"] += 1


def referred(world: World, start: datetime) -> Events:
    """A 绝密 item: protected, and referred to the department above."""
    item = items_by_number(start)["11"]
    made, _ = _draft(world, "drafter", start, texts.table()["referred"])
    moment = start + timedelta(minutes=30)
    yield moment
    answers = _answers(item, start, item.tail)
    filled = determination.fill(
        actor=organ.as_account("drafter", moment),
        now=moment,
        matter=made.matter,
        answers=answers,
        expected_version=made.version,
    )
    referral.refer(
        actor=organ.as_account("drafter", moment),
        now=moment,
        matter=made.matter,
        opinion="本局无权确定绝密级事项，先行采取保密措施，现报请确定。",
        expected_version=filled.version,
    )
    world.counts["referred"] += 1


def staffing(end: date) -> list[tuple[datetime, Any]]:
    """Return what gives the organ its authority, its officers, their yearly training and its guide: each with its moment."""
    steps: list[tuple[datetime, Any]] = []
    for row in organ.plan()["delegations"]:
        moment = at(row["since"].date() - timedelta(days=3))
        steps.append((moment, lambda m, r=row: organ.delegate(m, r)))
    for row in organ.plan()["officers"]:
        if row["kind"] == "designated":
            year = int(row["instrument"].split("〔")[1][:4])
            steps.append((at(date(year, 2, 15)), lambda m, r=row: organ.designate(m, r)))
    users = ["head", *(p["user"] for p in organ.plan()["people"] if "drafter" in p.get("roles", []))]
    for year in range(2016, end.year + 1):
        present = [u for u in users if not (u == "officer4" and year > 2024)]
        steps.append((at(date(year, 2, 16)), lambda m, u=present: organ.train(m, u)))
    rows = organ.guide_rows("2021", "2021-01-01")
    steps.append(
        (
            at(date(2020, 12, 28)),
            lambda m: guides.import_edition(actor=organ.as_account("secrecy", m), now=m, rows=rows),
        )
    )
    return steps


def institution(world: World) -> Events:
    """Delegations, designations, yearly training, the second guide edition, and the daily round."""
    steps = staffing(world.end)
    steps += [(at(date(year, 1, 2), 1), lambda m: daily.run(now=m)) for year in range(2016, world.end.year + 1)]
    late = (*keeping.steps(world.end), *schooling.steps(world.end), *copies.steps(world.end))
    steps += [step for step in late if step[0].date() > date(2021, 3, 1)]
    day, last_read = date(2017, 1, 15), world.end - timedelta(days=keeping.LEFT_UNREAD)
    while day <= world.end:
        steps.append((at(day, 2), lambda m: daily.run(now=m)))
        if day < world.end - timedelta(days=keeping.LEFT_OPEN):
            steps.append((at(day + timedelta(days=2), 16), keeping.rule_on_cases))
        is_recent = day > world.end - timedelta(days=400)
        if is_recent or day.month % 3 == 0:  # long ago people read what they were told once a quarter
            steps.append((min(at(day + timedelta(days=20), 17), at(last_read, 17)), keeping.read_notices))
        day += timedelta(days=30)
    for moment, step in sorted(steps, key=lambda pair: pair[0]):
        yield moment
        step(moment)


def _plan(world: World, matters: int) -> list[tuple[datetime, Maker, tuple[Any, ...]]]:
    """Draw what starts when: mostly the recent years, some to end within weeks, a few in every state."""
    rng, end = world.rng, world.end
    numbers = [n for n in texts.item_numbers() if n not in ("5",)]
    plan: list[tuple[datetime, Maker, tuple[Any, ...]]] = []

    def start(day: date) -> datetime:
        while day.weekday() >= 5:
            day -= timedelta(days=1)
        return at(day, rng.randint(9, 15), rng.randint(0, 59))

    def add(day: date, make: Maker, *args: Any) -> None:
        moment = start(day)
        plan.append((moment, make, args))

    special = min(matters, max(6, matters // 8))
    ending = [("3", 5), ("9", 5), ("12", 5), ("16", 3), ("17", 3), ("18", 5), ("10", 5)]
    for index in range(special):
        number, years = ending[index % len(ending)]
        target = end + timedelta(days=2 + index * 3)
        add(
            date(target.year - years, target.month, min(target.day, 28)) - timedelta(days=2),
            original,
            number,
            "pending" if index % 2 else "",
        )
    for index, stop in enumerate(
        ("draft", "proposed", "returned", "proposed", "draft", "proposed")[: max(0, matters - special)]
    ):
        add(end - timedelta(days=3 + index), original, rng.choice(("7", "3", "12")), stop)
    if matters:
        add(end - timedelta(days=500), original, "7", "", "", texts.table()["anchor"])
    if matters > 20:
        add(end - timedelta(days=6), referred)
        for number, stop, days in TURNED:
            add(end - timedelta(days=days), original, number, stop)
        for number in range(len(inside.PAPERS)):
            add(end - timedelta(days=30 - number * 9), inside.work_secret, number)
    for index in range(max(0, matters - special - 8)):
        days = int(rng.triangular(5, (end - date(2016, 4, 1)).days, 300))
        day = end - timedelta(days=days)
        draw = rng.random()
        if draw < 0.45 and index > 10:
            add(day, derived)
        elif draw < 0.52:
            add(day, public)
        else:
            stop = rng.choice(("", "", "", "released", "extended"))
            number = rng.choice(numbers)
            add(day, original, number, stop, "3年" if stop == "extended" else "")
    return plan


def _untold(day: date, per_cent: int) -> None:
    """Tell nobody how far the story has come."""


def fill(*, seed: int, matters: int, end: date, tell: Callable[[date, int], None] = _untold) -> dict[str, int]:
    """Run the story up to ``end``; return what was done, by kind.

    Args:
        seed: The same seed and day give the same ids and content.
        matters: How many drafts begin, 0 to 1,000.
        end: The last civil day.
        tell: Is told the day of the story and how much is done, per cent, each time a per cent more is.
    """
    world = World(random.Random(seed), end)
    told, days = -1, max(1, (end - BEGUN).days)
    tick = itertools.count()
    queue: list[tuple[datetime, int, Events]] = []

    def push(moment: datetime, events: Events) -> None:
        if moment.date() <= end:
            heapq.heappush(queue, (moment, next(tick), events))

    with clock.simulated(FILL_OFFSET + seed), Progress(console=console) as progress:
        bar = progress.add_task("演示数据 · demo", total=days)
        steps = institution(world)
        push(next(steps), steps)
        for moment, make, args in _plan(world, matters):
            push(moment, make(world, moment, *args))
        while queue:
            moment, _, events = heapq.heappop(queue)
            done = (moment.date() - BEGUN).days
            progress.update(bar, completed=done)
            if done * 100 // days != told:
                told = done * 100 // days
                tell(moment.date(), told)
            following = next(events, None)
            if following is not None:
                push(max(following, moment), events)
        daily.run(now=at(end, 3))
    return dict(sorted(world.counts.items()))
