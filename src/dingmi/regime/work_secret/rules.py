"""《工作秘密管理暂行办法》: what is a work secret, who proposes and approves it, its mark, and when it is lifted."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.work_secret.book import BOOK
from dingmi.regime.work_secret.levels import Level
from dingmi.regime.work_secret.marks import STARS

PROPOSE = "grading.propose"
APPROVE = ("grading.approve", "grading.change")


def _grade(facts: Any) -> Any:
    return getattr(facts, "grade", facts)


@BOOK.rule((PROPOSE, *APPROVE), "GZ-3")
def what_a_work_secret_is(facts: Any, law: Law) -> Found:
    """工作秘密不属于国家秘密，泄露会妨碍履行职能或者对国家安全、公共利益造成不利影响。"""
    grade = _grade(facts)
    if grade.is_state_item is None:
        yield "grade.state_item_unanswered", {}
    if grade.is_state_item or grade.state_marks:
        yield "grade.state_item", {}
    if grade.harm not in law.value("harms"):
        yield "grade.no_harm", {}


@BOOK.rule((PROPOSE, *APPROVE), "GZ-s1")
def proposal_names_scope_and_basis(facts: Any, law: Law) -> Found:
    """承办人拟定工作秘密及其知悉范围，书面记录承办人和依据。"""
    grade = _grade(facts)
    if not grade.names_scope:
        yield "grade.no_scope", {}
    if not grade.has_basis or not grade.drafter:
        yield "grade.no_basis", {}


@BOOK.rule((*APPROVE, "grading.lift"), "GZ-s1")
def approved_by_the_principal_or_an_appointed_person(facts: Any, law: Law) -> Found:
    """由负责人或者其指定的人员批准，书面记录审批人；承办人不批准自己拟定的事项。"""
    approver = facts.approver
    if not approver.is_principal and not approver.max_level:
        yield "grade.not_appointed", {}
    grade = getattr(facts, "grade", None)
    if grade is not None and approver.person and approver.person == grade.drafter:
        yield "grade.same_person", {}


@BOOK.rule((PROPOSE, *APPROVE), "GZ-s2", "BMF-22.3")
def no_level_and_no_period(facts: Any, law: Law) -> Found:
    """工作秘密不分密级，不标保密期限。"""
    grade = _grade(facts)
    if grade.level != Level.INTERNAL.word or grade.tail:
        yield "grade.no_level", {"word": Level.INTERNAL.word}


@BOOK.rule("grading.mark", "GZ-s2")
def marked_with_its_words(facts: Any, law: Law) -> Found:
    """标注“内部”“内部事项 注意保管”等；不能标注的，书面通知知悉范围内的人员。"""
    if not facts.is_markable:
        if not facts.is_told_in_writing:
            yield "grade.not_told", {}
        return
    if facts.expected not in law.value("mark_words"):
        yield "grade.mark_words", {"words": "、".join(f"“{w}”" for w in law.value("mark_words"))}
    if facts.visible != facts.expected:
        yield "grade.mark_not_shown", {"mark": facts.expected}


@BOOK.rule("grading.mark", "BMF-22.3", "BMF10-17")
def no_star_on_a_work_secret(facts: Any, law: Law) -> Found:
    """不属于国家秘密的，不得作出国家秘密标志。"""
    if any(star in facts.expected + facts.visible for star in STARS):
        yield "grade.star", {}


@BOOK.rule("grading.lift", "GZ-s3")
def lifted_on_two_grounds(facts: Any, law: Law) -> Found:
    """应予公开，或者情况变化、公开后不会造成不利影响的，应当及时解除。"""
    if facts.ground not in law.value("lift_grounds") and not (
        facts.ground == "converted" and facts.is_state_secret_now
    ):
        yield "grade.lift_ground", {}
    if not facts.has_reasons:
        yield "grade.no_reasons", {}


@BOOK.rule("grading.convert", "GZ-3", "BMF-22.3")
def becomes_a_state_secret_by_determination_only(facts: Any, law: Law) -> Found:
    """属于国家秘密的，依照定密程序确定，不由改换标志而来。"""
    if not facts.by_statutory_procedure:
        yield "grade.convert_by_procedure", {}
    if not facts.is_in_force:
        yield "grade.not_in_force", {}
    if not facts.has_reasons:
        yield "grade.no_reasons", {}
