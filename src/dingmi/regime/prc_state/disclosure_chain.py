"""公开与移交: reviewed item by item by a chain of three, secrets released first, files reviewed before the archive."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK

APPROVE = "disclosure.approve"
THIRD_PARTY = ("trade_secret", "privacy")
INSIDE = ("internal", "process")
GROUNDS = ("state_secret", *THIRD_PARTY, *INSIDE)


@BOOK.rule(APPROVE, "CS-122", "BMF-35")
def three_hands(facts: Any, law: Law) -> Found:
    """承办单位提出意见、保密审查机构审查、机关负责人批准。"""
    hands = (facts.opinion_by, facts.reviewed_by, facts.approved_by)
    if not all(hands):
        yield "disclosure.chain_incomplete", {"count": sum(not hand for hand in hands)}
    elif len(set(hands)) < len(hands):
        yield "disclosure.one_hand", {}


@BOOK.rule(APPROVE, "TL-5", "TL14-5")
def secrets_are_not_published(facts: Any, law: Law) -> Found:
    """不得公开涉及国家秘密的信息，也不得以保密为由不公开应当公开的信息。"""
    if facts.is_secret and not facts.is_refused:
        yield "disclosure.still_secret", {}
    if facts.must_be_public and facts.is_refused and not facts.is_secret:
        yield "disclosure.must_be_public", {}


@BOOK.rule(APPROVE, "TL-43.3", "BMF-36.3")
def aggregate_was_looked_at(facts: Any, law: Law) -> Found:
    """汇聚、关联后属于国家秘密的数据，应当加强管理。"""
    if not facts.is_refused and not facts.aggregate_checked:
        yield "disclosure.aggregate", {}


@BOOK.rule(APPROVE, "XX-14", "XX-15", "XX-16")
def withholding_has_a_ground(facts: Any, law: Law) -> Found:
    """不予公开应当有法定理由；仅盖有标志而没有合法定密记录的，不是依法确定的国家秘密。"""
    if not facts.is_refused:
        return
    if facts.ground not in GROUNDS:
        yield "disclosure.no_ground", {}
    if facts.ground == "state_secret" and not facts.has_record:
        yield "disclosure.no_record", {}
    if facts.ground in THIRD_PARTY and (facts.third_party_consents or facts.public_interest):
        yield "disclosure.not_exempt", {}


exempt = BOOK.decision("is_exempt", APPROVE, "XX-14", lambda f, law: f.ground == "state_secret" and f.has_record)


@exempt.unless("XX-15", when=lambda f: f.ground in THIRD_PARTY)
def _third_party(facts: Any, law: Law) -> bool:
    """商业秘密、个人隐私：第三方同意公开，或者不公开会对公共利益造成重大影响的，予以公开。"""
    return not (facts.third_party_consents or facts.public_interest)


@exempt.unless("XX-16", when=lambda f: f.ground in INSIDE)
def _inside(facts: Any, law: Law) -> bool:
    """内部事务信息、过程性信息可以不予公开。"""
    return True


@BOOK.rule("archives.transfer", "JM-4.2", "ZX-37.1", "DA-20")
def reviewed_before_the_archive(facts: Any, law: Law) -> Found:
    """移交国家档案馆前，应当对保密期限内的档案进行解密审核。"""
    if facts.still_secret and not facts.was_reviewed:
        yield "archive.not_reviewed", {}


@BOOK.rule("archives.transfer", "DA-20")
def secret_files_stay_closed(facts: Any, law: Law) -> Found:
    """涉密档案的管理和利用，密级的变更和解密，依照保守国家秘密的法律、行政法规办理。"""
    if facts.still_secret and facts.opens:
        yield "archive.secret_not_open", {}
