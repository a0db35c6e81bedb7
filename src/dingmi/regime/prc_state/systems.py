"""涉密信息系统: grade, passwords, the three administrators, changes of controls, and what ciphers may be said to protect."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.levels import covers, highest, is_level

CONFIGURE, CLAIM = "system.configure", "cipher.claim"


@BOOK.rule(CONFIGURE, "CS-78", severity="warn")
def work_secrets_want_the_lowest_grade(facts: Any, law: Law) -> Found:
    """集中处理工作秘密的网络，参照秘密级管理。"""
    if "内部" in facts.levels_stored and not is_level(facts.grade):
        yield "system.work_secrets", {}


BOOK.decision("system_grade", CONFIGURE, "TL-32", lambda f, law: highest(f.levels_stored))
assessed_every = BOOK.decision(
    "risk_assessment_years", CONFIGURE, "TL-35.1", lambda f, law: law.value("risk_assessment").get(f.grade, 0)
)


@assessed_every.unless("TL14-25", when=lambda f: True)
def _regularly(facts: Any, law: Law) -> Any:
    """2014年条例：定期进行风险评估，没有规定周期；0 stands for no number."""
    return law.value("risk_assessment").get(facts.grade, 0)


@BOOK.rule(CONFIGURE, "TL-32", "BMF-31.1.3", "BMF10-21.1")
def grade_reaches_what_is_stored(facts: Any, law: Law) -> Found:
    """涉密信息系统按照存储、处理信息的最高密级确定保护等级。"""
    need = highest(facts.levels_stored)
    if need and not covers(facts.grade, need):
        yield (
            ("system.grade", {"grade": facts.grade, "level": need})
            if facts.grade
            else ("system.no_grade", {"level": need})
        )


@BOOK.rule(CONFIGURE, "CS-68")
def passwords_fit_the_grade(facts: Any, law: Law) -> Found:
    """口令：秘密级不少于八位、每月更换；机密级不少于十位、每周更换，或者令牌加口令；绝密级生物特征或者令牌加口令。"""
    wanted = law.value("system_passwords").get(facts.grade)
    if wanted is None:
        return
    alone = wanted.get("length", 0)
    if alone and facts.password_length >= alone and 0 < facts.password_days <= wanted["days"]:
        return
    if facts.second_factor == "token" and facts.password_length >= wanted.get("with_token", 10**9):
        return
    if facts.second_factor == "biometric" and wanted.get("biometric", False):
        return
    yield "system.passwords", {"grade": facts.grade}


@BOOK.rule(CONFIGURE, "TL-34", "CS-85")
def three_administrators_are_there(facts: Any, law: Law) -> Found:
    """指定专门机构或者人员负责运行维护、安全保密管理和安全审计。"""
    there = (facts.system_admin, facts.security_admin, facts.audit_admin)
    if is_level(facts.grade) and not all(there):
        yield "system.administrators", {"count": sum(not who for who in there)}


@BOOK.rule(CONFIGURE, "CS-85x")
def auditor_is_neither_of_the_others(facts: Any, law: Law) -> Found:
    """系统管理员与安全审计员、安全保密管理员与安全审计员不得由同一人兼任。"""
    if facts.audit_admin and facts.audit_admin in (facts.system_admin, facts.security_admin):
        yield "system.auditor", {}


@BOOK.rule(CONFIGURE, "BJ-18.2")
def administrators_are_internal_and_trained(facts: Any, law: Law) -> Found:
    """三员由本机关、本单位内部人员担任，并接受培训。"""
    if not (facts.are_internal and facts.are_trained):
        yield "system.administrators_unfit", {}


@BOOK.rule(CONFIGURE, "BMF-31.1.4", "CS-85")
def controls_change_only_with_approval(facts: Any, law: Law) -> Found:
    """不得擅自卸载、修改涉密信息系统的安全技术程序、管理程序。"""
    if facts.changes_controls and not (facts.approved_by_security and facts.is_audited):
        yield "system.controls", {}


@BOOK.rule(CLAIM, "MM-7", "SEED-16")
def cipher_class_reaches_the_level(facts: Any, law: Law) -> Found:
    """核心密码保护信息的最高密级为绝密级，普通密码保护信息的最高密级为机密级。"""
    reach = law.value("cipher_reach").get(facts.cipher_class, "")
    if facts.claims_lawful_protection and is_level(facts.level) and not covers(reach, facts.level):
        yield "cipher.class", {"class": facts.cipher_class[:20], "level": facts.level}


@BOOK.rule(CLAIM, "MM-14", "SEED-16")
def software_ciphers_are_defence_in_depth(facts: Any, law: Law) -> Found:
    """存储、处理国家秘密的系统应当依法使用核心密码、普通密码；商用密码不得当作国家秘密的法定保护。"""
    if facts.claims_lawful_protection and facts.cipher_class == "commercial" and is_level(facts.level):
        yield "cipher.no_lawful_claim", {}


@BOOK.rule(CLAIM, "MM-8", severity="warn")
def commercial_cipher_adds_only(facts: Any, law: Law) -> Found:
    """商用密码用于保护不属于国家秘密的信息；here it is defence in depth."""
    if facts.cipher_class == "commercial" and is_level(facts.level):
        yield "cipher.commercial", {}
