"""资格等级 (the organ's own scheme, SEED-1): a certificate comes after training and an examination passed, from another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.levels import is_level

CERTIFY = "exams.certify"
PREPARE = "opinion.prepare"
SPECIAL = "特殊"


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """``exams.certify``: a certificate of qualification for someone who sat an examination."""

    at: datetime
    grade: str
    passed: bool
    trained_until: datetime | None
    holder: str
    certifier: str


@BOOK.rule(CERTIFY, "SEED-3")
def certificate_follows_a_pass(facts: Any, law: Law) -> Found:
    """须培训合格取得资格。"""
    if not facts.passed:
        yield "certificate.not_passed", {}


@BOOK.rule(CERTIFY, "TL-14.2", "SEED-3")
def certificate_follows_training(facts: Any, law: Law) -> Found:
    """应当接受定密培训。"""
    if facts.trained_until is None or facts.trained_until <= facts.at:
        yield "certificate.untrained", {}


@BOOK.rule(CERTIFY, "SEED-1")
def grade_is_one_of_four(facts: Any, law: Law) -> Found:
    """一般资格分秘密、机密、绝密三级，另有特殊资格。"""
    if not is_level(facts.grade) and facts.grade != SPECIAL:
        yield "certificate.grade", {"grade": facts.grade or "无"}


@BOOK.rule(CERTIFY, "SEED-3")
def nobody_certifies_himself(facts: Any, law: Law) -> Found:
    """自己不能给自己发证。"""
    if facts.holder == facts.certifier:
        yield "certificate.own", {}


@dataclass(frozen=True, slots=True)
class PreparationFacts:
    """``opinion.prepare``: an opinion for the report of an unclear matter, or for the reply of an appraisal."""

    at: datetime
    is_special: bool  # who writes it holds the special qualification
    is_over: bool = False  # the report went out, or the reply was given


@BOOK.rule(PREPARE, "SEED-2")
def special_qualification_prepares(facts: Any, law: Law) -> Found:
    """特殊资格可以办理密级鉴定、不明确事项；只限拟写，不代替报请。"""
    if not facts.is_special:
        yield "opinion.unqualified", {}
    if facts.is_over:
        yield "opinion.over", {}


may_decide = BOOK.decision("certificate_decides", CERTIFY, "SEED-1", lambda f, law: is_level(f.grade))


@may_decide.unless("SEED-2", when=lambda f: f.grade == SPECIAL)
def _prepares_only(facts: Any, law: Law) -> bool:
    """Special qualification prepares unclear matters and appraisals; it does not replace the statutory referral (TL-25)."""
    return False
