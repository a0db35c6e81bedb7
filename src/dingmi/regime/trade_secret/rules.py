"""《中央企业商业秘密保护暂行规定》 and its kin: levels, periods, who proposes, approves and files, marks, provisional grades."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.regime.kernel.periods import Period
from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.trade_secret import marks
from dingmi.regime.trade_secret.book import BOOK
from dingmi.regime.trade_secret.levels import Level, covers, is_level

PROPOSE = "grading.propose"
APPROVE = ("grading.approve", "grading.change")


def _grade(facts: Any) -> Any:
    return getattr(facts, "grade", facts)


@BOOK.rule((PROPOSE, *APPROVE), "SM-13")
def two_levels(facts: Any, law: Law) -> Found:
    """商业秘密分为核心商业秘密、普通商业秘密两级。"""
    grade = _grade(facts)
    if not is_level(grade.level):
        yield "grade.level", {"levels": "、".join(level.word for level in Level)}
    if grade.harm not in law.value("harms"):
        yield "grade.no_value", {}


@BOOK.rule((PROPOSE, *APPROVE), "SM-14")
def period_is_set(facts: Any, law: Law) -> Found:
    """保密期限自行设定：年月日；不可预见的为“长期”或者“公布前”。"""
    grade = _grade(facts)
    try:
        tail = marks.parse_tail(grade.tail, law.on)
    except Invalid:
        yield "grade.tail", {"tail": grade.tail[:20]}
        return
    if tail.day is not None and tail.day <= law.on:
        yield "grade.tail_over", {"tail": tail.text}


@BOOK.rule((PROPOSE, *APPROVE), "SM-11")
def state_secrets_go_their_own_way(facts: Any, law: Law) -> Found:
    """属于国家秘密的，依照法定程序确定，不作为商业秘密定级。"""
    grade = _grade(facts)
    if grade.is_state_item is None:
        yield "grade.state_item_unanswered", {}
    if grade.is_state_item or grade.state_marks:
        yield "grade.state_item", {}


@BOOK.rule(PROPOSE, "SM-12")
def business_unit_proposes(facts: Any, law: Law) -> Found:
    """业务部门拟定商业秘密的密级、期限和范围。"""
    if not facts.names_scope:
        yield "grade.no_scope", {}
    if not facts.has_basis or not facts.drafter:
        yield "grade.no_basis", {}


@BOOK.rule((*APPROVE, "grading.lift"), "SM-12")
def leader_in_charge_approves(facts: Any, law: Law) -> Found:
    """由主管领导审批；拟定人不审批自己拟定的事项。"""
    approver, grade = facts.approver, getattr(facts, "grade", None)
    if not approver.is_principal and not approver.max_level:
        yield "grade.not_appointed", {}
    elif grade is not None and not approver.is_principal and not covers(approver.max_level, grade.level):
        yield "grade.over_appointment", {"limit": approver.max_level, "level": grade.level[:12]}
    if grade is not None and approver.person and approver.person == grade.drafter:
        yield "grade.same_person", {}


@BOOK.rule(APPROVE, "SEED-25", severity="warn")
def department_head_answers_for_the_department(facts: Any, law: Law) -> Found:
    """公司模式：部门负责人为责任人，对本部门信息资产分类定级。"""
    if not facts.approver.is_principal and not facts.approver.is_same_department:
        yield "grade.other_department", {}


@BOOK.rule("grading.file", "SM-12")
def secrecy_office_files(facts: Any, law: Law) -> Found:
    """保密办公室备案。"""
    if not facts.is_office:
        yield "grade.office_files", {}
    if not facts.is_in_force:
        yield "grade.not_in_force", {}


@BOOK.rule("grading.mark", "SM-13", "BMF-22.3")
def mark_words_and_no_star(facts: Any, law: Law) -> Found:
    """标注“核心商密”“普通商密”；不得使用国家秘密标志。"""
    if any(star in facts.expected + facts.visible for star in marks.STARS):
        yield "grade.star", {}
    elif facts.is_markable and not any(level.word in facts.expected for level in Level):
        yield "grade.level", {"levels": "、".join(level.word for level in Level)}


@BOOK.rule("grading.mark", "SM-15?")
def mark_names_its_owner(facts: Any, law: Law) -> Found:
    """标志由权属、密级、保密期限组成（凭记忆，待核）。"""
    if facts.is_markable and not facts.owner:
        yield "grade.no_owner", {}


@BOOK.rule(("grading.mark", "grading.change"), "NB-10")
def copies_are_marked_and_changes_told(facts: Any, law: Law) -> Found:
    """技术秘密作出标识，标明密级、期限，电子文档设标志；变更的，在原件上标明并通知。"""
    expected = getattr(facts, "expected", None)
    if expected is None:
        if not facts.is_marked_on_original:
            yield "grade.original_not_remarked", {}
        if not facts.is_told:
            yield "grade.not_told", {}
        return
    if not facts.is_markable:
        if not facts.is_told_in_writing:
            yield "grade.not_told", {}
    elif facts.visible != expected:
        yield "grade.mark_not_shown", {"mark": expected}
    elif not facts.is_bound:
        yield "grade.mark_not_bound", {"mark": expected}


@BOOK.rule("grading.lift", "SM-14")
def lifted_when_it_is_none_any_more(facts: Any, law: Law) -> Found:
    """期满、已经公布或者不再具有商业价值的，解除；转为国家秘密的，在国家秘密确定之后解除。"""
    if facts.ground not in law.value("lift_grounds") and not (
        facts.ground == "converted" and facts.is_state_secret_now
    ):
        yield "grade.lift_ground", {}
    if not facts.has_reasons:
        yield "grade.no_reasons", {}


@BOOK.rule("grading.convert", "SM-11")
def becomes_a_state_secret_by_determination_only(facts: Any, law: Law) -> Found:
    """商业秘密转为国家秘密，须依法定程序。"""
    if not facts.by_statutory_procedure:
        yield "grade.convert_by_procedure", {}
    if not facts.is_in_force:
        yield "grade.not_in_force", {}
    if not facts.has_reasons:
        yield "grade.no_reasons", {}


@BOOK.rule((PROPOSE, *APPROVE), "SEED-24")
def provisional_grade_has_an_end(facts: Any, law: Law) -> Found:
    """临时密级：特殊情况经综合评估后报批；不是法定密级，到期或者作出决定即止。"""
    grade = _grade(facts)
    if grade.provisional_until is None:
        return
    longest = law.on + timedelta(days=int(law.value("provisional_days")))
    if not law.on < grade.provisional_until <= longest:
        yield "grade.provisional_end", {"days": int(law.value("provisional_days"))}
    if not grade.has_reasons:
        yield "grade.no_reasons", {}


@dataclass(frozen=True, slots=True)
class NonCompeteFacts:
    """``personnel.non_compete``: an agreement by which someone who leaves does not compete for a time."""

    at: datetime
    since: date  # the day of leaving, or of signing while nobody has left
    through: date | None


@BOOK.rule("personnel.non_compete", "NB-16", severity="warn")
def non_compete_is_no_longer_than_allowed(facts: Any, law: Law) -> Found:
    """竞业限制的期限最长不超过二年。"""
    years = law.value("non_compete")
    latest = Period(years=years).last_day(facts.since)
    if facts.through is not None and facts.through > latest:
        yield "undertaking.non_compete", {"years": years, "latest": latest}
