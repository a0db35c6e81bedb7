"""三要素: level, period and scope are decided together, on a basis, within the bounds of the item and the law."""

from __future__ import annotations

from datetime import date
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.regime.kernel.periods import Period
from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.book import BOOK, DECIDE, PROPOSE, REDECIDE
from dingmi.regime.prc_state.cases import ends_by, has, is_original, item_ends_by_condition, item_is_silent
from dingmi.regime.prc_state.levels import Level, is_level
from dingmi.regime.prc_state.marks import DurationKind, Tail, is_vague
from dingmi.regime.prc_state.tables import PARAMETERS

TOGETHER = (*PROPOSE, *DECIDE, "change.change", "referral.refer")  # what an extension decides anew differs by edition
SOME_DAY = date(2000, 1, 1)  # periods are compared from one and the same day
BY_ITEM = ("determination.propose", *DECIDE, *REDECIDE, "referral.refer")


def tail_of(text: str) -> Tail | None:
    """Return the tail, or None where it is malformed or missing; ``tail_is_one_of_four`` says so."""
    try:
        return marks.parse_tail(text)
    except Invalid:
        return None


def needs_item(facts: Any) -> bool:
    """Tell whether the act rests on a guide item: an original determination does, a derivative one on its sources."""
    return getattr(facts, "origin", "original") == "original"


def approved_above(facts: Any) -> bool:
    """Tell whether the organ that issued the guide has approved just these terms of a matter in force (ZX-27.2)."""
    return bool(getattr(facts, "has_central_approval", False))


def runs_past(facts: Any, law: Law, tail: Tail, limit: Period) -> bool:
    """Tell whether a period or a date ends later than ``limit`` would, both counted from the start of protection.

    A matter in force starts where it started (ZX-27.2); a new one on the day judged. Conditions are not compared.
    """
    start = getattr(facts, "starts_on", law.on)
    last = tail.window(start).last_protected_day
    return last is not None and last > limit.last_day(start)


def provides_otherwise(level: str, tail: str) -> bool:
    """Tell whether an item states a longer period than the law's for its level, as a guide may (除另有规定外, BMF-20.2)."""
    bound = tail_of(tail)
    if bound is None or bound.period is None or not is_level(level):
        return False
    cap = Period(years=int(PARAMETERS.value("statutory_cap", date.max)[level]))
    return bound.period.last_day(SOME_DAY) > cap.last_day(SOME_DAY)


@BOOK.rule(TOGETHER, "BMF-19", "TL-17.1", "BMF10-14.1", "TL14-12", "BMF-2")
def three_elements_together(facts: Any, law: Law) -> Found:
    """All three elements are decided in one act. 按照保密事项范围确定密级，同时确定保密期限和知悉范围。"""
    if not facts.terms.level:
        yield "element.level_missing", {}
    if not facts.terms.tail:
        yield "element.tail_missing", {}
    if not facts.terms.names_scope:
        yield "element.scope_missing", {}


@BOOK.rule(
    ("determination.propose", *DECIDE, "referral.refer"),
    "GD-6.1",
    "FW-4",
    "BMF-19",
    "BMF10-14.1",
    "SEED-15",
    concerns=is_original,
)
def basis_is_one_item(facts: Any, law: Law) -> Found:
    """No basis, no decision; analogy is forbidden. 应当有定密依据，不得比照类推。 A suggestion is none until a person adopts it."""
    if needs_item(facts) and facts.item is None:
        yield "basis.missing", {}


@BOOK.rule(BY_ITEM, "FW-8", "BMF-19", "BMF10-14.1", concerns=is_original)
def item_is_in_force(facts: Any, law: Law) -> Found:
    """The item's edition is in force on the day. 依据现行有效的保密事项范围。"""
    item = facts.item
    if item is None or not needs_item(facts):
        return
    if (item.since and law.on < item.since) or (item.until and law.on >= item.until):
        yield "basis.item_not_in_force", {"item": item.id}


@BOOK.rule((*PROPOSE, *REDECIDE, "referral.refer"), "BMF-14.1", "BMF10-10.1")
def level_is_one_of_three(facts: Any, law: Law) -> Found:
    """国家秘密的密级分为绝密、机密、秘密三级。"""
    if facts.terms.level and not is_level(facts.terms.level):
        yield "level.not_one_of_three", {"level": facts.terms.level[:20]}


@BOOK.rule(
    ("determination.propose", *DECIDE, "referral.refer"),
    "FW-9.1",
    "FW-u1?",
    "BMF-19",
    "BMF10-14.1",
    concerns=is_original,
)
def level_is_the_items(facts: Any, law: Law) -> Found:
    """Neither higher nor lower than the item. 密级应当符合目录规定，不高不低。"""
    item = facts.item
    if item and needs_item(facts) and facts.terms.level and facts.terms.level != item.level:
        yield "level.not_the_items", {"level": facts.terms.level, "item_level": item.level, "item": item.id}


@BOOK.rule(
    (*PROPOSE, *DECIDE, *REDECIDE, "referral.refer", "points.mark"), "BMF-20.1", "BMF10-15.1", "ZX-22.1", "ZX-24.1"
)
def tail_is_one_of_four(facts: Any, law: Law) -> Found:
    """Exactly one of period, date, condition, or 长期. 保密期限、解密时间或者解密条件，三者择一。"""
    if facts.terms.tail and tail_of(facts.terms.tail) is None:
        yield "tail.malformed", {"tail": facts.terms.tail[:40]}


@BOOK.rule((*PROPOSE, *DECIDE, *REDECIDE, "points.mark"), "ZX-22.1", concerns=ends_by(DurationKind.EVENT))
def condition_is_definite(facts: Any, law: Law) -> Found:
    """A condition is concrete. 解密条件应当具体、明确、合法。"""
    tail = tail_of(facts.terms.tail)
    if tail and is_vague(tail, law.on):
        yield "tail.vague_event", {"tail": tail.text}


@BOOK.rule(
    (*PROPOSE, *DECIDE, *REDECIDE, "points.mark"), "ZX-22.2", "FW-9.1", concerns=ends_by(DurationKind.INDEFINITE)
)
def indefinite_only_by_the_item(facts: Any, law: Law) -> Found:
    """除保密事项范围有明确规定外，不得确定为长期。"""
    tail = tail_of(facts.terms.tail)
    if tail is None or tail.kind is not DurationKind.INDEFINITE:
        return
    item = getattr(facts, "item", None)
    by_item = getattr(facts, "origin", "") == "original"
    sources = () if by_item else getattr(facts, "sources", ())
    if not ((item and item.tail == marks.INDEFINITE) or any(s.tail == marks.INDEFINITE for s in sources)):
        yield "tail.indefinite", {}


@BOOK.rule(
    ("determination.propose", *DECIDE, "change.change", "points.mark"),
    "FW-9.1",
    "BMF-20.3",
    "BMF10-15.1",
    concerns=is_original,
)
def period_within_the_item(facts: Any, law: Law) -> Found:
    """目录规定的保密期限为最长保密期限。"""
    item, tail = facts.item, tail_of(facts.terms.tail)
    if item is None or tail is None or not needs_item(facts) or item.is_silent_on_period or approved_above(facts):
        return
    bound = tail_of(item.tail)
    if bound and bound.period and runs_past(facts, law, tail, bound.period):
        yield "period.over_item", {"tail": tail.text, "bound": bound.text, "item": item.id}


@BOOK.rule(
    (*DECIDE, "determination.propose", "change.change"),
    "FW-9.1",
    "BMF-20.3",
    "BMF10-15.1",
    concerns=item_ends_by_condition,
)
def condition_of_the_item_is_kept(facts: Any, law: Law) -> Found:
    """Where the item ends by a condition or a time, a fixed period may not replace it. 目录规定解密时间、条件的从其规定。"""
    item, tail = facts.item, tail_of(facts.terms.tail)
    if item is None or tail is None or not needs_item(facts):
        return
    bound = tail_of(item.tail)
    if bound and bound.kind is DurationKind.EVENT and tail.kind is DurationKind.PERIOD:
        yield "period.item_has_condition", {"tail": tail.text, "bound": bound.text}


@BOOK.rule(
    ("determination.propose", *DECIDE, "change.change", "points.mark", "unclear.refer"),
    "BMF-20.2",
    "BMF10-15.2",
    concerns=is_original,
)
def period_within_the_law(facts: Any, law: Law) -> Found:
    """除另有规定外，绝密级不超过三十年，机密级不超过二十年，秘密级不超过十年。"""
    tail, level = tail_of(facts.terms.tail), facts.terms.level
    item = facts.item
    if tail is None or not is_level(level) or not needs_item(facts) or (item and item.allows_over_cap):
        return
    if approved_above(facts):
        return
    cap = law.value("statutory_cap")[level]
    if runs_past(facts, law, tail, Period(years=cap)):
        yield "period.over_cap", {"level": level, "cap_years": cap, "tail": tail.text}


@BOOK.rule(("determination.propose", "determination.approve"), "BMF-20.1", "BMF10-15.1", concerns=has("similar_tail"))
def longer_than_similar_is_explained(facts: Any, law: Law) -> Found:
    """保密期限限制在必要的期限内；长于同类事项的，由延长的人说明理由：承办人拟定的，或者定密责任人改定的。"""
    tail, similar = tail_of(facts.terms.tail), tail_of(facts.similar_tail)
    if tail is None or similar is None or facts.has_longer_reason:
        return
    mine, theirs = tail.window(law.on).last_protected_day, similar.window(law.on).last_protected_day
    if mine and theirs and mine > theirs:
        yield "period.longer_than_similar", {"tail": tail.text, "similar": similar.text}


@BOOK.rule(("determination.approve", "unclear.answer"), "TL-19.2a", concerns=has("issued_on"))
def issued_on_a_day_that_can_be(facts: Any, law: Law) -> Found:
    """国家秘密的保密期限，自标明的制发日起计算: a day that has come, and one near what was entered here (policy)."""
    if facts.issued_on is None:
        return
    if facts.issued_on > law.on:
        yield "issued.in_future", {"issued_on": facts.issued_on}
    elif facts.issued_from is not None and facts.issued_on < facts.issued_from:
        yield "issued.too_early", {"issued_on": facts.issued_on, "issued_from": facts.issued_from}


@BOOK.rule(
    ("determination.propose", *DECIDE, "unclear.refer"),
    "BMF-20.1",
    "BMF10-15.1",
    "ZX-22.1",
    concerns=ends_by(DurationKind.DATE),
)
def date_is_to_come(facts: Any, law: Law) -> Found:
    """解密时间应当在将来。"""
    tail = tail_of(facts.terms.tail)
    if tail and tail.day and needs_item(facts) and tail.day <= law.on:
        yield "tail.already_past", {"tail": tail.text}


@BOOK.rule(("determination.propose",), "TL-19.1", "TL14-13", severity="warn", concerns=item_is_silent)
def silent_item_wants_a_condition(facts: Any, law: Law) -> Found:
    """不能确定具体保密期限的，应当确定解密条件；2014年条例下可以在法定上限内自定。"""
    if (
        law.value("silent_item") == "condition"
        and facts.item
        and facts.item.is_silent_on_period
        and (t := tail_of(facts.terms.tail))
        and t.period
    ):
        yield "period.item_silent", {"tail": t.text}


@BOOK.rule(PROPOSE, "BMF-21.2", severity="warn")
def scope_is_named_to_persons(facts: Any, law: Law) -> Found:
    """能够限定到具体人员的，限定到具体人员；organs and departments are resolved to persons before anyone reads."""
    if facts.terms.names_scope and not facts.terms.persons:
        yield "scope.not_to_persons", {"departments": len(facts.terms.departments), "organs": len(facts.terms.organs)}


@BOOK.rule(
    ("determination.propose", *REDECIDE, "declassification.release"),
    "ZX-21",
    "ZX-29.1",
    "ZX-34.1",
    "BMF-16.2",
    "JM-16?",
)
def reasons_are_recorded(facts: Any, law: Law) -> Found:
    """定密应当有书面记录，载明依据和理由。"""
    if not facts.has_reasons:
        yield "reasons.missing", {}


@BOOK.rule(PROPOSE, "BMF-21.1", severity="warn")
def scope_is_no_wider_than_needed(facts: Any, law: Law) -> Found:
    """知悉范围限定在最小范围（超过本单位规定人数的提示）。"""
    most = law.value("wide_scope")
    if len(facts.terms.persons) > most:
        yield "scope.wide", {"count": len(facts.terms.persons), "most": most}


@BOOK.rule("determination.propose", "QA-10", severity="warn", concerns=ends_by(DurationKind.PERIOD))
def unit_is_the_usual_one(facts: Any, law: Law) -> Found:
    """一年以上以年计，一年以内以月计，一个月以内可以以日计。"""
    tail = tail_of(facts.terms.tail)
    if tail and tail.period and tail.period.days > law.value("most_days"):
        yield "period.unusual_unit", {"tail": tail.text}


points = BOOK.decision("points_in_law", PROPOSE, "BMF-19", lambda f, law: law.value("points_in_law"))


@points.unless("BMF10-14.1", when=lambda f: True)
def _without_points(facts: Any, law: Law) -> Any:
    """2010年法没有密点。"""
    return law.value("points_in_law")


@BOOK.rule(
    ("determination.propose", "derivation.propose", *DECIDE), "BMF-36.3", severity="warn", concerns=has("aggregates")
)
def several_items_together_are_a_higher_one(facts: Any, law: Law) -> Found:
    """数据汇聚、关联后属于国家秘密的，应当依法加强管理: 几个条目的内容同时出现，按汇聚条目考虑。"""
    level = facts.terms.level
    for made in facts.aggregates:
        if is_level(level) and is_level(made.level) and Level(made.level).rank > Level(level).rank:
            parts = "、".join(made.parts)
            yield "level.aggregated", {"parts": parts, "number": made.number, "level": made.level, "proposed": level}


DAMAGE = (  # how the law words what disclosure would do, and the level that it goes with
    ("特别严重的损害", Level.JUEMI.word),
    ("特别严重损害", Level.JUEMI.word),
    ("严重的损害", Level.JIMI.word),
    ("严重损害", Level.JIMI.word),
    ("遭受损害", Level.MIMI.word),
)


def damage_stated(reasons: str) -> str:
    """Return the level whose damage a text states in the words of the law; nothing where it does not use them."""
    return next((level for words, level in DAMAGE if words in reasons), "")


@BOOK.rule("determination.propose", "BMF-14.2", severity="warn", concerns=has("stated_damage"))
def level_goes_with_the_damage(facts: Any, law: Law) -> Found:
    """绝密泄露会使国家安全和利益遭受特别严重的损害，机密遭受严重的损害，秘密遭受损害。"""
    stated, level = facts.stated_damage, facts.terms.level
    if stated and is_level(level) and stated != level:
        yield "damage.of_another_level", {"level": level, "stated": stated}
