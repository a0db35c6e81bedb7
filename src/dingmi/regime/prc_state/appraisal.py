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
