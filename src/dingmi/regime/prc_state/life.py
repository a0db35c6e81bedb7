"""审核、变更、延期、解密、知悉: what may happen to a matter in force."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from dingmi.regime.kernel.periods import Period
from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK, DECIDE, PROPOSE, REDECIDE
from dingmi.regime.prc_state.elements import tail_of
from dingmi.regime.prc_state.levels import Level, covers, is_level
from dingmi.regime.prc_state.marks import DurationKind, Tail

IN_FORCE = (*REDECIDE, "declassification.release", "declassification.confirm_event", "review.decide")
MISSING = {"level": "element.level_missing", "tail": "element.tail_missing", "scope": "element.scope_missing"}


@BOOK.rule(IN_FORCE, "BMF-24.2a", "BMF10-19.1")
def matter_is_in_force(facts: Any, law: Law) -> Found:
    """Only a matter in force can be reviewed, changed or released; a released one needs a fresh determination."""
    if facts.state != "active":
        yield "matter.not_in_force", {"state": facts.state}


@BOOK.rule(IN_FORCE, "BMF-23.1", "BMF10-18.1", "JM-7.1")
def matter_is_ours(facts: Any, law: Law) -> Found:
    """由原定密机关、单位决定，也可以由其上级机关决定。"""
    if not facts.is_ours:
        yield "matter.not_ours", {}


@BOOK.rule("change.extend", "BMF-24.2c", "BMF10-19.2", "ZX-27.1")
def decided_before_lapse(facts: Any, law: Law) -> Found:
    """需要延长保密期限的，应当在原保密期限届满前重新确定密级、保密期限和知悉范围。"""
    if facts.last_protected_day is None or (facts.ends_at is not None and facts.at < facts.ends_at):
        return
    if law.on > facts.last_protected_day:
        yield "extension.too_late", {"last_protected_day": facts.last_protected_day}


@BOOK.rule("change.extend", "BMF-24.2c", "BMF10-19.2")
def extension_redecides_what_it_must(facts: Any, law: Law) -> Found:
    """重新确定密级、保密期限和知悉范围；2010年法只重新确定保密期限。"""
    given = {"level": facts.terms.level, "tail": facts.terms.tail, "scope": facts.terms.names_scope}
    for name in law.value("extension_redecides"):
        if not given[name]:
            yield MISSING[name], {}


@BOOK.rule("change.extend", "BMF-24.2c", "BMF10-19.2")
def extension_is_longer(facts: Any, law: Law) -> Found:
    """延长后的期限应当晚于原期限。"""
    tail = tail_of(facts.terms.tail)
    if tail is None or facts.last_protected_day is None:
        return
    last = tail.window(facts.starts_on).last_protected_day
    if last is not None and last <= facts.last_protected_day:
        yield "extension.not_longer", {"last_protected_day": facts.last_protected_day}


def _latest_day(facts: Any, law: Law) -> date:
    """Return the last day that the item and the law allow without approval, counted from the original start."""
    cap = law.value("statutory_cap")[facts.terms.level]
    by_law = Period(years=cap).last_day(facts.starts_on)
    bound = tail_of(facts.item.tail) if facts.item else None
    by_item = bound.window(facts.starts_on).last_protected_day if bound else None
    if by_item is None:
        return by_law
    return by_item if facts.item.allows_over_cap else min(by_item, by_law)


def _is_the_items_own(facts: Any, tail: Tail) -> bool:
    """Tell whether a tail that ends on no known day is just what the item provides."""
    return bool(facts.item) and tail_of(facts.item.tail) == tail


@BOOK.rule("change.extend", "ZX-27.2", "GD-s5?")
def cumulative_period_needs_approval(facts: Any, law: Law) -> Found:
    """累计超过保密事项范围规定期限的，报规定该范围的中央机关批准，三十日内决定。"""
    tail = tail_of(facts.terms.tail)
    if tail is None or not is_level(facts.terms.level) or facts.has_central_approval or facts.origin == "derivative":
        return
    last = tail.window(facts.starts_on).last_protected_day
    latest = _latest_day(facts, law)
    if (last is None and not _is_the_items_own(facts, tail)) or (last is not None and last > latest):
        yield "extension.needs_central_approval", {"latest_day": latest, "tail": tail.text}


def _cumulative(facts: Any, law: Law) -> Any:
    tail = tail_of(facts.terms.tail)
    return tail.window(facts.starts_on).last_protected_day if tail else None


BOOK.decision("last_protected_day", REDECIDE, "CC-202", _cumulative)
BOOK.decision("notice_due_by", "change.extend", "ZX-30.2", lambda f, law: f.last_protected_day)


review_every = BOOK.decision("review_every", "review.decide", "BMF-24.1", lambda f, law: law.value("review_frequency"))


@review_every.unless("BMF10-19.2", when=lambda f: True)
def _by_the_rule_of_2014(facts: Any, law: Law) -> Any:
    """2010年法：定期审核；2014年规定：每年。"""
    return law.value("review_frequency")


@BOOK.rule("review.decide", "ZX-32", "ZX-22.1")
def review_answers_the_event(facts: Any, law: Law) -> Found:
    """以解密条件为期限的，审核时应当判明条件是否成就。"""
    if facts.tail_kind == DurationKind.EVENT.value and not facts.event_answered:
        yield "review.event_unanswered", {}


@BOOK.rule("declassification.release", "BMF-24.2b", "ZX-31.1")
def release_has_a_ground(facts: Any, law: Law) -> Found:
    """不再作为国家秘密事项，或者公开后不会损害国家安全和利益。"""
    if facts.ground not in ("no_longer_secret", "harmless"):
        yield "release.no_ground", {}


@BOOK.rule("declassification.release", "SEED-20", severity="warn")
def interests_are_weighed(facts: Any, law: Law) -> Found:
    """提前解密应当评估保密与公开的利益，书面记录。"""
    if not facts.weighs_interests:
        yield "release.interests_unweighed", {}


@BOOK.rule("declassification.release", "ZX-33")
def indefinite_needs_central_approval(facts: Any, law: Law) -> Found:
    """规定为长期的，不得擅自解密。"""
    if facts.tail_kind == DurationKind.INDEFINITE.value and not facts.has_central_approval:
        yield "release.indefinite", {}


@BOOK.rule("declassification.release", "ZX-25.1", "JM-8?", "BJ-14.1")
def co_organs_were_consulted(facts: Any, law: Law) -> Found:
    """共同产生的，应当征求协办机关意见。"""
    if facts.co_organs_consulted < facts.co_organs:
        yield "release.not_consulted", {"missing": facts.co_organs - facts.co_organs_consulted}


@BOOK.rule("declassification.release", "TL-26.3")
def no_open_challenge(facts: Any, law: Law) -> Found:
    """异议处理期间，按主张的最高密级保护。"""
    if facts.is_challenged:
        yield "release.challenged", {}


@BOOK.rule("declassification.confirm_event", "ZX-32", "ZX-22.1")
def event_is_confirmed_with_evidence(facts: Any, law: Law) -> Found:
    """解密条件成就的，由定密责任人依据证据确认。"""
    if facts.tail_kind != DurationKind.EVENT.value:
        yield "event.no_condition", {}
    if not facts.has_evidence:
        yield "event.no_evidence", {}
    if facts.happened_at > facts.at:
        yield "event.in_the_future", {}


def _is_over(facts: Any, law: Law) -> bool:
    """解密时间已到：标明时刻的到该时刻，未标明的到当日零时。"""
    day = facts.declassified_from
    return day is not None and (law.on, facts.time_of_day) >= (day, facts.hour)


def _lapsed(facts: Any, law: Law) -> bool:
    return facts.state == "active" and _is_over(facts, law)


lapses = BOOK.decision("lapses", "declassification.lapse", ("BMF-24.2a", "BMF10-19.1"), _lapsed)


def _was_published(facts: Any) -> bool:
    return facts.published_at is not None and facts.published_at.date() <= facts.on


@lapses.unless("BMF10-15.4", when=_was_published)
@lapses.unless("BMF-20.4", when=_was_published)
def _published(facts: Any, law: Law) -> bool:
    """正式公布时即视为解密。"""
    return bool(facts.state == "active")


def _released_at(facts: Any, law: Law) -> Any:
    if facts.published_at is not None and facts.published_at.date() <= law.on:
        return facts.published_at
    return datetime.combine(facts.declassified_from, facts.hour) if _is_over(facts, law) else None


BOOK.decision("released_at", "declassification.lapse", "ZX-32", _released_at)
BOOK.decision("released_by", "declassification.lapse", "GD-s6?", lambda f, law: f.tail_kind if _lapsed(f, law) else "")
BOOK.decision("released_on", "declassification.lapse", "JM-12?", lambda f, law: f.declassified_from)
BOOK.decision("notice_needed", "declassification.lapse", "ZX-35", lambda f, law: False)


@BOOK.rule("need_to_know.expand", "BMF-21.3", "BMF10-16.3", "ZX-28.1")
def expansion_is_approved(facts: Any, law: Law) -> Found:
    """知悉范围以外的人员确需知悉的，应当经机关、单位主要负责人或者其指定的人员批准。"""
    offices = {"principal_or_designee": facts.approver_is_principal_or_designee, "head": facts.approver_is_a_head}
    if not any(offices[name] for name in law.value("scope_approvers")):
        yield "scope.approver", {}


@BOOK.rule("need_to_know.expand", "BMF-21.3", "BMF10-16.3")
def originators_rule_comes_first(facts: Any, law: Law) -> Found:
    """原定密机关、单位对扩大知悉范围有明确规定的，应当遵守其规定。"""
    if not facts.keeps_originators_rule:
        yield "scope.originators_rule", {}


@BOOK.rule("need_to_know.expand", "ZX-28.2")
def outsiders_need_the_originator(facts: Any, law: Law) -> Found:
    """知悉范围以外的机关、单位及其人员，应当征得原定密机关同意。"""
    outside = facts.organs_outside + sum(not a.organ_in_scope for a in facts.admitted)
    if outside and not (facts.is_ours or facts.has_originator_consent):
        yield "scope.originator_consent", {"count": outside}


@BOOK.rule("need_to_know.expand", "BMF-43.3", "ZX-28.1")
def admitted_are_cleared(facts: Any, law: Law) -> Found:
    """涉密等级应当覆盖该密级（默认：一般至秘密，重要至机密，核心至绝密）。"""
    for person in facts.admitted:
        if not covers(person.clearance, facts.level):
            yield "scope.clearance", {"person": person.person, "level": facts.level}


@BOOK.rule("need_to_know.expand", "BMF-43.3", severity="warn")
def admitted_have_undertaken(facts: Any, law: Law) -> Found:
    """涉密人员应当签订保密承诺书。"""
    for person in facts.admitted:
        if not person.has_undertaking:
            yield "scope.undertaking", {"person": person.person}


@BOOK.rule(("need_to_know.expand", *PROPOSE, *DECIDE, *REDECIDE), "TL-44", "BMF-37", "ZX-28.1")
def nobody_abroad_is_admitted_by_the_unit_alone(facts: Any, law: Law) -> Found:
    """向境外提供国家秘密或者境外人员知悉国家秘密的，经审查评估、签订协议，报有关主管部门，本单位不能自行决定。"""
    terms = getattr(facts, "terms", None)
    named = terms.foreign if terms else [p.person for p in facts.admitted if p.is_foreign]
    for person in named:
        yield "scope.foreign", {"person": person}


@BOOK.rule("need_to_know.expand", "ZX-28.4")
def expansion_is_recorded(facts: Any, law: Law) -> Found:
    """扩大知悉范围应当作出详细记录。"""
    if not facts.has_purpose:
        yield "scope.no_purpose", {}
    if facts.state not in ("active", "proposed", "referred"):
        yield "matter.not_in_force", {"state": facts.state}


BOOK.decision(
    "knowledge_row",
    "carriers.read",
    "TL-20",
    lambda f, law: (is_level(f.level) and Level(f.level) >= Level.JIMI) or f.by_admission_outside_scope,
)
row_form = BOOK.decision("knowledge_record", "carriers.read", "TL-20", lambda f, law: law.value("knowledge_record"))


@row_form.unless("TL14-14", when=lambda f: True)
def _in_writing(facts: Any, law: Law) -> Any:
    """2014年条例：知悉机密级以上的，作出书面记录。"""
    return law.value("knowledge_record")


@BOOK.rule(DECIDE, "BMF-22.3", "BMF10-17")
def star_only_on_state_secrets(facts: Any, law: Law) -> Found:
    """不属于国家秘密的，不得作出国家秘密标志。"""
    if facts.terms.level and not is_level(facts.terms.level):
        yield "mark.not_a_state_secret", {"level": facts.terms.level}


def review_due(year: int) -> date:
    """Return the last day of the yearly review of ``year`` (BMF-24.1: once in each calendar year)."""
    return date(year, 12, 31)


def reviewed_from(year: int) -> date:
    """Return the day from which a determination counts as the review of its year: that of the fourth quarter (policy, E40)."""
    return date(year, 10, 1)


def counts_as_reviewed(determined_on: date, year: int) -> bool:
    """Tell whether a determination is so late in ``year`` that it counts as its review (policy, E40)."""
    return reviewed_from(year) <= determined_on <= review_due(year)


def pre_review_opens(last_protected_day: date, lead_days: int) -> date:
    """Return when the review before expiry opens."""
    return last_protected_day - timedelta(days=lead_days)
