"""防止定密过宽: what the cited items support at the least, what similar matters got, and what more would cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Finding, NotFound
from dingmi.queries import access, content, standing, suggested
from dingmi.queries.registry import query
from dingmi.queries.terms import Answers, answers_from
from dingmi.records.guides.models import GuideItem
from dingmi.records.matters.models import Matter
from dingmi.regime.kernel.periods import Period
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.elements import tail_of

SHOWN = 6
RANKS = {word: rank for rank, word in enumerate(access.LEVELS)}
DAMAGE = {"秘密": "guard.damage", "机密": "guard.damage_serious", "绝密": "guard.damage_grave"}
DUTIES = {"机密": ("guard.duty_register", "TL-20"), "绝密": ("guard.duty_top", "BMF-26.2b")}


@dataclass(frozen=True, slots=True)
class Cited:
    """One item that the draft rests on or that fits it, with its level and longest period."""

    item: UUID
    number: str
    guide: str
    level: str
    tail: str
    mark: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Similar:
    """How many matters on the same item got one mark."""

    mark: str
    count: int


@dataclass(frozen=True, slots=True)
class Guard:
    """The least that the cited items support beside what is proposed; costs are notes in words.

    Before an item is chosen it is told of every item that fits the text, and of no terms unless they were filled in.

    ``costs`` are those of the terms chosen beyond the least; ``more`` those of going one level or one year further.
    """

    items: tuple[Cited, ...]
    lowest_level: str
    shortest_tail: str
    similar: tuple[Similar, ...]
    similar_count: int
    longest_similar: str
    usual: str
    level: str
    tail: str
    needs_reason: bool
    longer_reason: str
    costs: tuple[Finding, ...]
    more: tuple[Finding, ...]
    damage: Finding | None  # what disclosure at the chosen level would do
    is_chosen: bool  # an item was chosen; before that all of it is of the items that fit the text


def _end(tail: str, day: date) -> date | None:
    """Return the last protected day of a tail that starts on ``day``; none for conditions and 长期."""
    read = tail_of(tail)
    return read.window(day).last_protected_day if read else None


def siblings(item: GuideItem) -> Q:
    """Return the filter of matters that rest on the same item in any edition of its guide."""
    return Q(item__edition__code=item.edition.code, item__matter_code=item.matter_code, item__number=item.number)


def similar_tails(
    actor: Actor, now: datetime, items: Iterable[UUID | None], but: UUID | None = None
) -> Counter[tuple[str, str]]:
    """Count level and tail of the decided matters on the same items that the reader may know of."""
    same = [siblings(row) for row in GuideItem.objects.select_related("edition").filter(pk__in=[i for i in items if i])]
    if not same:
        return Counter()
    decided = {"state__in": ("active", "declassified"), "origin": "original"}
    rows = access.existing(actor, now).filter(reduce(or_, same), **decided)
    found: Counter[tuple[str, str]] = Counter()
    for level, tail, kind, starts, ends in rows.exclude(pk=but).values_list(
        "level", "tail", "tail_kind", "starts_on", "last_protected_day"
    ):
        if kind == "date" and starts and ends:
            tail = _as_period(starts, ends)
        found[(level, tail)] += 1
    return found


def _as_period(starts: date, ends: date) -> str:
    """Return a span as the shortest whole number of months that covers it, to compare a date with a period."""
    months = max(1, (ends.year - starts.year) * 12 + ends.month - starts.month)
    months += Period(months=months).last_day(starts) < ends
    return f"{months // 12}年" if months % 12 == 0 else f"{months}个月"


def longest(found: Counter[tuple[str, str]], day: date) -> str:
    """Return the tail of the similar matter that would end last; nothing when none of them has an end."""
    ends = {tail: end for _, tail in found if (end := _end(tail, day)) is not None}
    return max(ends, key=lambda tail: ends[tail], default="")


def is_longer(tail: str, similar: str, day: date) -> bool:
    """Tell whether ``tail`` ends later than ``similar`` would, both counted from ``day``."""
    mine, theirs = _end(tail, day), _end(similar, day)
    return mine is not None and theirs is not None and mine > theirs


def _cited(matter: Matter, answers: Answers) -> tuple[Cited, ...]:
    """Return the chosen item, then what fits the text without anything against it."""
    fits = suggested.fits(content.suggestion(matter.pk))
    ids = [str(answers.item)] if answers.item else []
    ids += [c.item for c in fits if not c.why_not and c.item not in ids]
    rows = {str(i.pk): i for i in GuideItem.objects.filter(pk__in=ids[:SHOWN]).select_related("edition")}
    return tuple(
        Cited(
            i.pk, i.number, i.edition.title, i.level, i.tail,
            str(marks.mark_text(i.level, i.tail)) if i.tail else i.level, i.pk == answers.item,
        )
        for i in (rows[x] for x in ids if x in rows)
    )  # fmt: skip


def _shortest(items: tuple[Cited, ...], day: date) -> str:
    ends = {i.tail: end for i in items if (end := _end(i.tail, day)) is not None}
    return min(ends, key=lambda tail: ends[tail], default=items[0].tail if items else "")


def _costs(level: str, tail: str, low: str, short: str, day: date, reach: int) -> tuple[Finding, ...]:
    """Return what a higher level or a longer period than the least asks of people, each with its clause."""
    found = []
    for word, (code, clause) in DUTIES.items():
        if RANKS.get(level, 0) >= RANKS[word] > RANKS.get(low, 0):
            found.append(Finding(code, "note", (clause,), {"level": word}))
    mine, least = _end(tail, day), _end(short, day)
    if mine and least and mine > least:
        reviews = mine.year - least.year
        params = {
            "reviews": reviews,
            "days": (mine - least).days,
            "until": mine.isoformat(),
            "least": least.isoformat(),
        }
        found.append(Finding("guard.longer", "note", ("BMF-24.1",), params))
    return (*found, *_referred(level, reach))


def _more(level: str, tail: str, day: date, reach: int) -> tuple[Finding, ...]:
    """Return what the next level, and what each further year, would ask of people."""
    rank = RANKS.get(level, 0)
    above = access.LEVELS[rank + 1] if 0 < rank < len(access.LEVELS) - 1 else ""
    found = [
        Finding(code, "note", (clause,), {"level": word}) for word, (code, clause) in DUTIES.items() if word == above
    ]
    found += _referred(above, reach)
    if _end(tail, day) is not None:
        found.append(Finding("guard.year_more", "note", ("BMF-24.1",)))
    return tuple(found)


def _reach(now: datetime) -> int:
    """Return the rank of the highest level on which this organ may decide."""
    home = standing.home()
    if home.tier != "other":
        return len(RANKS)
    return max((RANKS.get(g.max_level, 0) for g in standing.delegations(home, now)), default=0)


def _referred(level: str, reach: int) -> tuple[Finding, ...]:
    """Return that a level has to be referred, where this organ may not decide on it."""
    refers = RANKS.get(level, 0) > reach
    return (Finding("guard.referral", "note", ("BMF-17.3",), {"level": level}),) if refers else ()


def of(matter: Matter, answers: Answers, actor: Actor, now: datetime) -> Guard:
    """Put together what speaks against deciding higher or longer than need be; nothing of it decides."""
    day, items, reach = now.date(), _cited(matter, answers), _reach(now)
    chosen = [i for i in items if i.chosen]
    found = similar_tails(actor, now, [i.item for i in chosen or items], matter.pk)
    low = min((i.level for i in items), key=lambda word: RANKS.get(word, 9), default="")
    short, top = _shortest(items, day), longest(found, day)
    counts = [
        Similar(str(marks.mark_text(level, tail)) if tail else level, n) for (level, tail), n in found.most_common()
    ]
    level, tail = answers.level, answers.tail
    if not level and chosen:
        level, tail = chosen[0].level, chosen[0].tail
    usual_end = min((e for e in (_end(short, day), _end(top, day)) if e is not None), default=None)
    least = top if top and usual_end == _end(top, day) else short
    return Guard(
        items=items,
        lowest_level=low,
        shortest_tail=short,
        similar=tuple(counts[:SHOWN]),
        similar_count=sum(found.values()),
        longest_similar=top,
        usual=counts[0].mark if counts else "",
        level=level,
        tail=tail,
        needs_reason=bool(chosen) and is_longer(tail, top, day),
        longer_reason=answers.longer_reason,
        costs=_costs(level, tail, low, least, day, reach),
        more=_more(level, tail, day, reach),
        damage=Finding(DAMAGE[level], "note", ("BMF-14.2",), {"level": level}) if level in DAMAGE else None,
        is_chosen=bool(chosen),
    )


@query("draft.guard", roles=(Role.DRAFTER, Role.OFFICER))
def guard(*, actor: Actor, now: datetime, matter: UUID, level: str = "", tail: str = "") -> Guard:
    """Show the lowest level and shortest period that the cited items support, what similar matters got, and what more costs.

    Args:
        level, tail: Terms to weigh instead of those that were filled in, proposed or determined.
    Raises:
        NotFound: There is no such matter, or the reader may not read it.
    """
    row = access.matter_for(actor, now, matter)
    if row.state not in ("draft", "proposed", "referred", "active"):
        raise NotFound("object.not_found")
    if row.state == "active":
        answers = Answers(item=row.item_id, level=standing.determined_level(row), tail=row.tail)
    else:
        answers = answers_from(content.fill(row))
    return of(row, replace(answers, level=level or answers.level, tail=tail or answers.tail), actor, now)
