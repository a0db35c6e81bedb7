"""密级鉴定: who may apply, where, by when, and what may not be found secret; the administration's side as pure decisions."""

from __future__ import annotations

from datetime import date
from typing import Any

from dingmi.regime import deadlines
from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.bars import BARS
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.unclear import NATIONAL, PROVINCIAL

ASKED = ("appraisal.apply", "appraisal.receive")
NOTE = "appraisal.note"
STEPS = (
    "returned", "completed", "accepted", "consulted", "heard", "experts", "experts_back", "extended", "concluded",
    "reviewed",
)  # fmt: skip
AFTER_ACCEPTANCE = ("consulted", "heard", "experts", "experts_back", "extended", "concluded")
MATERIALS = ("letter", "material", "explanation", "translation")
APPLICANTS = ("discipline", "investigation", "prosecution", "trial")
RANKS = ("central", "local")
SINCE_JD, SINCE_TL = date(2021, 9, 1), date(2024, 9, 1)  # first days of JD and TL: which of them grounds a route


@BOOK.rule(ASKED, "JD-5.1")
def case_organs_may_apply(facts: Any, law: Law) -> Found:
    """纪检监察、侦查、公诉、审判机关可以申请国家秘密鉴定。"""
    if facts.applicant_kind not in APPLICANTS:
        yield "appraisal.not_an_applicant", {}
    if facts.applicant_rank not in RANKS:
        yield "appraisal.no_rank", {}
    if not facts.has_document:
        yield "appraisal.no_document", {}


def _route(facts: Any, law: Law) -> str:
    return NATIONAL if facts.applicant_rank == "central" else PROVINCIAL


appraisal_route = BOOK.decision("appraisal_route", ASKED, "TL-63.1", _route)
appraisal_route.unless("JD-8", when=lambda facts: SINCE_JD <= facts.at.date() < SINCE_TL)(_route)
appraisal_route.unless("BMF10-46", when=lambda facts: facts.at.date() < SINCE_JD)(_route)


@BOOK.rule(ASKED, "JD-s1", severity="warn")
def what_has_to_come_along(facts: Any, law: Law) -> Found:
    """申请鉴定应当提交公文及材料，外文的附中文译本；材料不全的，补正齐全后起算。"""
    if facts.lacking:
        yield "appraisal.lacking", {"count": len(facts.lacking)}


@BOOK.rule(NOTE, "JD-s1")
def accepted_once_complete(facts: Any, law: Law) -> Found:
    """材料不全的退回补正，补正后起算受理期。"""
    if facts.step == "accepted" and facts.lacks:
        yield "appraisal.incomplete", {}
    if facts.step == "completed" and not facts.lacks:
        yield "appraisal.not_returned", {}
    if facts.step in ("accepted", "returned") and "accepted" in facts.before:
        yield "appraisal.accepted_already", {}


@BOOK.rule(NOTE, "JD-s3")
def concluded_within_the_limit(facts: Any, law: Law) -> Found:
    """受理后三十日内出具鉴定书；疑难的，经负责人批准可以延长，不超过三十日。"""
    if facts.step in AFTER_ACCEPTANCE and "accepted" not in facts.before:
        yield "appraisal.not_accepted", {}
    if facts.step in AFTER_ACCEPTANCE and "concluded" in facts.before:
        yield "appraisal.concluded_already", {}
    if facts.step == "extended":
        if not facts.head_agrees or "extended" in facts.before:
            yield "appraisal.extended_once_by_the_head", {}
        if facts.due_on is not None and facts.on > facts.due_on:
            yield "appraisal.extended_late", {"due_on": facts.due_on}
    if facts.step == "experts_back" and not is_paused(facts.before):
        yield "appraisal.no_experts", {}
    if facts.step == "experts" and is_paused(facts.before):
        yield "appraisal.experts_out", {}


@BOOK.rule(NOTE, "JD-s3", severity="warn")
def conclusion_after_its_limit(facts: Any, law: Law) -> Found:
    """鉴定书应当在期限内出具；逾期的如实登记。"""
    if facts.step == "concluded" and facts.due_on is not None and facts.on > facts.due_on:
        yield "appraisal.concluded_late", {"due_on": facts.due_on}


@BOOK.rule(NOTE, "JD-16")
def administrations_consult_each_other(facts: Any, law: Law) -> Found:
    """国家保密行政管理部门与省级保密行政管理部门之间相互征求意见。"""
    if facts.step == "consulted" and facts.organ == facts.route:
        yield "appraisal.consults_itself", {}


@BOOK.rule(NOTE, "JD-s4")
def national_administration_reviews(facts: Any, law: Law) -> Found:
    """复核由国家保密行政管理部门出具复核决定书。"""
    if facts.step == "reviewed" and facts.organ != NATIONAL:
        yield "appraisal.reviewer", {}
    if facts.step == "reviewed" and "concluded" not in facts.before:
        yield "appraisal.not_concluded", {}


@BOOK.rule(NOTE, "JD-s4", severity="warn")
def review_is_copied_to_the_first_appraiser(facts: Any, law: Law) -> Found:
    """复核决定书抄送原鉴定的省级保密行政管理部门。"""
    if facts.step == "reviewed" and facts.route == PROVINCIAL and not facts.copied:
        yield "appraisal.not_copied", {}


def is_paused(before: tuple[str, ...]) -> bool:
    """Tell whether the file is out with experts."""
    return before.count("experts") > before.count("experts_back")


def _excluded(facts: Any, law: Law) -> list[str]:
    return [name for name in BARS if facts.bars.get(name)] + (["no_damage"] if facts.does_no_damage else [])


BOOK.decision("not_appraisable", "appraisal.conclude", "JD-7", _excluded)


def _due(name: str, facts: Any) -> date:
    pauses = tuple((pause.sent_on, pause.back_on) for pause in facts.pauses)
    found = deadlines.compute(name, facts.started_on, extended=facts.is_extended, pauses=pauses)
    due: date = found["due"]
    return due


due_on = BOOK.decision("due_on", "appraisal.conclude", "TL-63.2", lambda facts, law: _due("appraisal", facts))


@due_on.unless("TL14-37", when=lambda facts: facts.started_on < SINCE_TL)
def _due_of_2014(facts: Any, law: Law) -> date:
    """2014 条例：三十日，可延长三十日，没有扣除时间的规定。"""
    return _due("appraisal", facts)


def _reply(facts: Any, law: Law) -> date:
    return _due("disclosure_reply", facts)


BOOK.decision("due_on", "disclosure.reply", "XX-33.3", _reply)
