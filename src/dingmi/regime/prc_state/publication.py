"""解密与公开: release is not publication; publication during protection is release."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK

PUBLISH = "disclosure.publish"


def _may_publish_in_force(facts: Any) -> bool:
    """Tell whether a matter in force may be published: its release was reviewed, and it is ours or a subordinate's."""
    return bool(facts.declassification_reviewed and (facts.is_ours or facts.is_subordinates))


@BOOK.rule(PUBLISH, "ZX-36.1", "TL-42", "CS-124", "BMF-35", "XX-17.2", "GD-s7?")
def publication_is_reviewed(facts: Any, law: Law) -> Found:
    """解密后需要公开的，应当依照信息公开程序进行保密审查；期限内公开的，先经解密审核；先审查、后公开，逐项审查。"""
    is_released = facts.state in ("declassified", "not_classified")
    if not is_released and not (facts.state == "active" and _may_publish_in_force(facts)):
        yield "publication.still_secret", {}
    if not facts.disclosure_reviewed:
        yield "publication.not_reviewed", {}


@BOOK.rule(PUBLISH, "ZX-36.2")
def anothers_matter_needs_its_consent(facts: Any, law: Law) -> Found:
    """公开其他机关、单位已解密的事项，须经原定密机关同意；沉默不是同意。"""
    if not (facts.is_ours or facts.is_subordinates or facts.has_originator_consent):
        yield "publication.originator_consent", {}


@BOOK.rule(PUBLISH, "BMF-36.3")
def aggregation_is_not_published(facts: Any, law: Law) -> Found:
    """汇聚、关联后属于国家秘密的，不得公开，应当定密。"""
    if facts.aggregates_to:
        yield "publication.aggregated", {"level": facts.aggregates_to}


BOOK.decision("aggregated_level", PUBLISH, "BMF-36.3", lambda f, law: f.aggregates_to)
released_at = BOOK.decision("released_at", PUBLISH, "BMF-20.4", lambda f, law: _instant(f))


def _instant(facts: Any) -> Any:
    return facts.published_at if facts.state == "active" else None


@released_at.unless("ZX-31.2", when=lambda f: f.is_subordinates)
def _of_a_subordinate(facts: Any, law: Law) -> Any:
    """经解密审核决定公开下级机关期限内事项的，正式公布即解密。"""
    return _instant(facts)


BOOK.decision("notice_needed", PUBLISH, "ZX-35", lambda f, law: False)
