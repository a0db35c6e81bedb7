"""公开与移交: reviewed item by item by a chain of three, secrets released first, files reviewed before the archive."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK

APPROVE = "disclosure.approve"


@BOOK.rule(APPROVE, "CS-122", "BMF-35")
def three_hands(facts: Any, law: Law) -> Found:
    """承办单位提出意见、保密审查机构审查、机关负责人批准。"""
    hands = (facts.opinion_by, facts.reviewed_by, facts.approved_by)
    if not all(hands):
        yield "disclosure.chain_incomplete", {"count": sum(not hand for hand in hands)}
    elif len(set(hands)) < len(hands):
        yield "disclosure.one_hand", {}


@BOOK.rule(APPROVE, "TL-42", "BMF-35", "XX-17.2", "CS-122")
def item_by_item(facts: Any, law: Law) -> Found:
    """先审查、后公开，一事一审。"""
    if facts.items != 1:
        yield "disclosure.not_item_by_item", {"items": facts.items}


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


@BOOK.rule("archives.transfer", "JM-4.2", "ZX-37.1", "DA-20")
def reviewed_before_the_archive(facts: Any, law: Law) -> Found:
    """移交国家档案馆前，应当对保密期限内的档案进行解密审核。"""
    if facts.still_secret and not facts.was_reviewed:
        yield "archive.not_reviewed", {}
