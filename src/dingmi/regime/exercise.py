"""定密考核与练习: questions made from the items of a guide, with made-up cases, and answers judged as real work is judged.

No answer key exists. A question holds a made-up case and what each choice would mean in it; an answer is right when the
regime, asked about exactly that act on that day, does not refuse it. A question is kept only where the regime accepts
exactly one choice (or, where several may be ticked, some and not all), so its making is its own check (SEED-27, SEED-41).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from dingmi.base.errors import Finding, Invalid
from dingmi.regime import judge
from dingmi.regime.prc_state import facts as asked
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.bars import BARS
from dingmi.regime.prc_state.levels import Level, covers
from dingmi.regime.prc_state.marks import DurationKind
from dingmi.regime.prc_state.tables import PARAMETERS

REGIME = "prc_state"
KINDS = ("item", "level", "period", "secret", "mark", "decider", "scope", "authority")
SEVERAL = ("scope",)  # more than one choice may be right
NAMES = "ABCDE"
LEVELS = tuple(level.word for level in Level)
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a guide as it is examined."""

    id: str
    guide: str
    number: str
    text: str
    level: str
    tail: str
    matter_code: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its letter, the code of its words, what fills them in, and what it would mean in the case."""

    letter: str
    words: str
    params: Mapping[str, Any]
    means: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one item: ``case`` fills in the words of its kind."""

    kind: str
    item: Entry
    case: Mapping[str, Any]
    choices: tuple[Choice, ...]

    @property
    def several(self) -> bool:
        """Whether more than one choice may be ticked."""
        return self.kind in SEVERAL


@dataclass(frozen=True, slots=True)
class Marked:
    """An answer judged: what the regime says to the choices taken, and which choices it accepts."""

    right: bool
    findings: tuple[Finding, ...]
    accepted: tuple[str, ...]


# what a choice means, asked of the regime


def _at(on: date) -> datetime:
    return datetime.combine(on, time(9), ZONE)


def _item(entry: Entry) -> asked.ItemFacts:
    return asked.ItemFacts(
        id=entry.number,
        level=entry.level,
        tail=entry.tail,
        matter_code=entry.matter_code,
        since=entry.since,
        until=entry.until,
        is_silent_on_period=not entry.tail,
    )


def _tail(entry: Entry, on: date) -> str:
    """Return a tail that the item allows; where it is silent, the longest that the law does."""
    return entry.tail or f"{PARAMETERS.value('statutory_cap', on)[entry.level]}年"


def _proposal(entry: Entry, on: date, **changes: Any) -> asked.ProposalFacts:
    trained = asked.DrafterFacts("drafter", _at(on) + timedelta(days=1), entry.level)
    terms = asked.Terms(entry.level, _tail(entry, on), ("one",))
    bars = dict.fromkeys(BARS, False)
    return replace(asked.ProposalFacts(_at(on), trained, terms, _item(entry), bars=bars), **changes)


def _approval(entry: Entry, on: date, organ: asked.OrganFacts, **officer: Any) -> asked.ApprovalFacts:
    who = asked.OfficerFacts(
        person="officer",
        kind="designated",
        max_level=entry.level,
        matters=("*",),
        since=_at(on) - timedelta(days=90),
        trained_until=_at(on) + timedelta(days=90),
        clearance=entry.level,
        qualification=entry.level,
    )
    terms = asked.Terms(entry.level, _tail(entry, on), ("one",))
    return asked.ApprovalFacts(_at(on), "drafter", replace(who, **officer), organ, terms, _item(entry))


ABLE = asked.OrganFacts("central")


def _refused(act: str, facts: Any, on: date) -> tuple[Finding, ...]:
    return judge(REGIME, act, facts, on).blocking


def _by_item(q: Question, means: Mapping[str, Any], on: date) -> tuple[Finding, ...]:
    other = means.get("item")
    item = None if other is None else asked.ItemFacts(**other)
    return _refused("determination.propose", _proposal(q.item, on, item=item), on)


def _by_terms(q: Question, means: Mapping[str, Any], on: date) -> tuple[Finding, ...]:
    terms = asked.Terms(means.get("level", q.item.level), means.get("tail") or _tail(q.item, on), ("one",))
    return _refused("determination.propose", _proposal(q.item, on, terms=terms), on)


def _by_bar(q: Question, means: Mapping[str, Any], on: date) -> tuple[Finding, ...]:
    bars = dict.fromkeys(BARS, False) | ({q.case["bar"]: True} if q.case["bar"] else {})
    against = _refused("determination.propose", _proposal(q.item, on, bars=bars), on)
    if means["classify"]:
        return against
    return () if against else (Finding("exam.is_secret", "block", ("BMF-13.1",), {"item": q.item.number}),)


def _by_mark(q: Question, means: Mapping[str, Any], on: date) -> tuple[Finding, ...]:
    text = means["mark"]
    try:
        read = marks.parse(text)
    except Invalid as error:
        return tuple(replace(f, severity="block") for f in error.findings)
    if read.warnings or read.canonical != text:
        codes = read.warnings or ("exam.mark_form",)
        return tuple(Finding(code, "block", ("ZX-24.1",), {"canonical": read.canonical}) for code in codes)
    terms = asked.Terms(read.level, read.tail.text, ("one",))
    return _refused("determination.propose", _proposal(q.item, on, terms=terms), on)


def _by_officer(q: Question, means: Mapping[str, Any], on: date) -> tuple[Finding, ...]:
    given = dict(means)
    if "trained_days" in given:
        given["trained_until"] = _at(on) + timedelta(days=given.pop("trained_days"))
    return _refused("determination.approve", _approval(q.item, on, ABLE, **given), on)


def _by_clearance(q: Question, means: Mapping[str, Any], on: date) -> tuple[Finding, ...]:
    admitted = (asked.AdmissionFacts("one", means["clearance"], is_foreign=means["is_foreign"]),)
    facts = asked.NeedToKnowFacts(_at(on), q.item.level, "active", True, admitted)
    return _refused("need_to_know.expand", facts, on)


def _by_organ(q: Question, means: Mapping[str, Any], on: date) -> tuple[Finding, ...]:
    held = q.case["delegated"]
    until = _at(on) + timedelta(days=365)
    grants = (asked.DelegationFacts("授权", held, ("*",), _at(on) - timedelta(days=9), until),) if held else ()
    organ = asked.OrganFacts(q.case["tier"], grants, "own")
    if means["act"] == "approve":
        return _refused("determination.approve", _approval(q.item, on, organ), on)
    terms = asked.Terms(q.item.level, _tail(q.item, on), ("one",))
    return _refused("referral.refer", asked.ReferralFacts(_at(on), organ, terms, _item(q.item)), on)


JUDGES: Mapping[str, Callable[[Question, Mapping[str, Any], date], tuple[Finding, ...]]] = {
    "item": _by_item,
    "level": _by_terms,
    "period": _by_terms,
    "secret": _by_bar,
    "mark": _by_mark,
    "decider": _by_officer,
    "scope": _by_clearance,
    "authority": _by_organ,
}


def findings(question: Question, choice: Choice, on: date) -> tuple[Finding, ...]:
    """Return what the regime has against a choice; nothing when it accepts it."""
    return JUDGES[question.kind](question, choice.means, on)


def _length(tail: str, on: date) -> tuple[int, int]:
    """Return how long a tail protects, for comparing: 长期, then a condition, then by the last day."""
    read = marks.parse_tail(tail)
    last = read.window(on).last_protected_day
    rank = {DurationKind.INDEFINITE: 2, DurationKind.EVENT: 1}.get(read.kind, 0)
    return rank, last.toordinal() if last else 0


def accepted(question: Question, on: date) -> tuple[str, ...]:
    """Return the letters of the choices that the regime accepts; of periods, the longest that it does."""
    lawful = [c for c in question.choices if not findings(question, c, on)]
    if question.kind == "period" and lawful:
        longest = max(_length(c.means["tail"], on) for c in lawful)
        lawful = [c for c in lawful if _length(c.means["tail"], on) == longest]
    return tuple(c.letter for c in lawful)


def marked(question: Question, answer: Sequence[str], on: date) -> Marked:
    """Judge an answer by the law of ``on``; nothing answered is wrong."""
    good = accepted(question, on)
    taken = [c for c in question.choices if c.letter in answer]
    against = [f for c in taken for f in findings(question, c, on)]
    left = [c for c in question.choices if c.letter in good and c.letter not in answer]
    right = bool(taken) and {c.letter for c in taken} == set(good)
    if not taken:
        against = [Finding("exam.unanswered", "block", (), {})]
    elif not right and question.several and left:
        against.append(Finding("exam.left_out", "block", ("BMF-21.1",), {"names": "、".join(c.letter for c in left)}))
    elif not right and not against:
        against.append(Finding("exam.not_the_longest", "block", ("FW-9.1",), {"item": question.item.number}))
    return Marked(right, tuple(dict.fromkeys(against)) if right else _distinct(against), good)


def _distinct(rows: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings once each: several people of one question may be refused for the same reason."""
    return tuple({(f.code, str(f.params)): f for f in rows}.values())


# how questions are made


def _choices(random: Random, rows: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]]) -> tuple[Choice, ...]:
    mixed = list(rows)
    random.shuffle(mixed)
    return tuple(Choice(NAMES[n], words, dict(p), dict(m)) for n, (words, p, m) in enumerate(mixed))


Rows = list[tuple[str, Mapping[str, Any], Mapping[str, Any]]]


def _plain(item: asked.ItemFacts) -> dict[str, Any]:
    return {"id": item.id, "level": item.level, "tail": item.tail, "is_silent_on_period": item.is_silent_on_period}


def _ask_item(entry: Entry, entries: Sequence[Entry], random: Random, on: date) -> tuple[dict[str, Any], Rows]:
    others = [e for e in entries if e.number != entry.number and e.level != entry.level]
    random.shuffle(others)
    rows: Rows = [
        ("exam.choice.by_item", {"number": e.number}, {"item": _plain(_item(e))}) for e in (entry, *others[:3])
    ]
    rows.append(("exam.choice.by_analogy", {"number": (others or [entry])[0].number}, {"item": None}))
    return {}, rows


def _ask_level(entry: Entry, entries: Sequence[Entry], random: Random, on: date) -> tuple[dict[str, Any], Rows]:
    return {}, [("exam.choice.level", {"level": level}, {"level": level}) for level in LEVELS]


def _ask_period(entry: Entry, entries: Sequence[Entry], random: Random, on: date) -> tuple[dict[str, Any], Rows]:
    own = _tail(entry, on)
    period = marks.parse_tail(own).period
    years = period.years if period and period.years else 0
    if years:
        tails = (f"{max(1, years // 2)}年", own, f"{years + random.choice((3, 5, 8))}年", marks.INDEFINITE)
    else:
        tails = (own, "条件成熟时", f"{random.choice((5, 8, 10))}年", marks.INDEFINITE)
    return {}, [("exam.choice.tail", {"tail": t}, {"tail": t}) for t in dict.fromkeys(tails)]


def _ask_secret(entry: Entry, entries: Sequence[Entry], random: Random, on: date) -> tuple[dict[str, Any], Rows]:
    bar = random.choice((*BARS, ""))
    rows: Rows = [
        ("exam.choice.classify", {"number": entry.number}, {"classify": True}),
        ("exam.choice.not_secret", {}, {"classify": False}),
    ]
    return {"bar": bar}, rows


def _ask_mark(entry: Entry, entries: Sequence[Entry], random: Random, on: date) -> tuple[dict[str, Any], Rows]:
    tail = _tail(entry, on)
    wrong = [f"{entry.level}☆{tail}", f"{entry.level} ★ {tail}", f"{tail}★{entry.level}", f"{entry.level}★必要时"]
    texts = [f"{entry.level}★{tail}", *random.sample(wrong, 3)]
    return {}, [("exam.choice.mark", {"mark": t}, {"mark": t}) for t in texts]


def _ask_decider(entry: Entry, entries: Sequence[Entry], random: Random, on: date) -> tuple[dict[str, Any], Rows]:
    level = entry.level
    rows: Rows = [
        ("exam.choice.officer_fit", {"level": level}, {}),
        ("exam.choice.officer_drafter", {"level": level}, {"person": "drafter"}),
        ("exam.choice.officer_lapsed", {"level": level, "days": 2}, {"trained_days": -2}),
    ]
    more: Rows = [
        ("exam.choice.officer_assistant", {"level": level}, {"tier": "assistant"}),
        ("exam.choice.officer_suspended", {"level": level}, {"is_suspended": True}),
    ]
    lower = [word for word in LEVELS if word != level and covers(level, word)]
    if lower:
        more.append(("exam.choice.officer_low", {"level": lower[-1]}, {"max_level": lower[-1]}))
        more.append(("exam.choice.officer_uncleared", {"level": level, "cleared": lower[-1]}, {"clearance": lower[-1]}))
    return {}, rows + random.sample(more, 2)


def _ask_scope(entry: Entry, entries: Sequence[Entry], random: Random, on: date) -> tuple[dict[str, Any], Rows]:
    rows: Rows = [
        ("exam.choice.cleared", {"level": level}, {"clearance": level, "is_foreign": False}) for level in LEVELS
    ]
    rows.append(("exam.choice.uncleared", {}, {"clearance": "", "is_foreign": False}))
    rows.append(("exam.choice.foreign", {"level": entry.level}, {"clearance": entry.level, "is_foreign": True}))
    return {}, rows


def _ask_authority(entry: Entry, entries: Sequence[Entry], random: Random, on: date) -> tuple[dict[str, Any], Rows]:
    tier, held = random.choice(
        (("other", ""), ("other", "秘密"), ("other", "机密"), ("prefecture", ""), ("provincial", ""))
    )
    rows: Rows = [
        ("exam.choice.approve", {}, {"act": "approve"}),
        ("exam.choice.refer", {"level": entry.level}, {"act": "refer"}),
    ]
    return {"tier": tier, "delegated": held}, rows


MAKERS: Mapping[str, Callable[[Entry, Sequence[Entry], Random, date], tuple[dict[str, Any], Rows]]] = {
    "item": _ask_item,
    "level": _ask_level,
    "period": _ask_period,
    "secret": _ask_secret,
    "mark": _ask_mark,
    "decider": _ask_decider,
    "scope": _ask_scope,
    "authority": _ask_authority,
}


def made(kind: str, entry: Entry, entries: Sequence[Entry], seed: str, on: date) -> Question | None:
    """Return the question of a kind about an item, the same for the same seed; nothing where none is sound."""
    random = Random(f"{seed}:{entry.id}:{kind}")
    case, rows = MAKERS[kind](entry, entries, random, on)
    question = Question(kind, entry, case, _choices(random, rows))
    good = accepted(question, on)
    sound = 0 < len(good) < len(question.choices) if question.several else len(good) == 1
    return question if sound and len(question.choices) > 1 else None


def bank(entries: Sequence[Entry], seed: str, on: date) -> Iterator[Question]:
    """Yield every sound question about every item."""
    for entry in entries:
        for kind in KINDS:
            question = made(kind, entry, entries, seed, on)
            if question is not None:
                yield question


def paper(entries: Sequence[Entry], seed: str, count: int, on: date) -> tuple[Question, ...]:
    """Return ``count`` questions: every item is asked about before one is asked again, and the kinds take turns.

    Args:
        seed: The same seed gives the same paper.
    """
    entries = sorted(entries, key=lambda e: e.id)
    order = list(entries)
    Random(f"{seed}:order").shuffle(order)
    found: list[Question] = []
    for turn in range(len(KINDS)):
        for place, entry in enumerate(order):
            if len(found) == count:
                return tuple(found)
            kind = KINDS[(place + turn) % len(KINDS)]
            question = made(kind, entry, entries, seed, on) or _another(entry, entries, seed, on, kind)
            if question is not None and question not in found:
                found.append(question)
    return tuple(found)


def _another(entry: Entry, entries: Sequence[Entry], seed: str, on: date, kind: str) -> Question | None:
    """Return a question of the first other kind that is sound for the item."""
    tries = (made(other, entry, entries, seed, on) for other in KINDS if other != kind)
    return next((q for q in tries if q is not None), None)
