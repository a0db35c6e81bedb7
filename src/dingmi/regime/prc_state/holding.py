"""Whose matter it is, what its mark means, and what a holder may take it for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dingmi.regime.kernel.rulebook import Law
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.book import BOOK

ORIGINATE, READ, HOLD = "determination.originate", "marks.read", "holding.state"

originator = BOOK.decision("originator", ORIGINATE, "BMF-17.1", lambda f, law: "own")


@originator.unless("QA-5", when=lambda f: f.issued_by_superior)
def _issuer(facts: Any, law: Law) -> str:
    """下级起草、以上级名义印发的，由上级机关定密；起草单位履行承办人义务。"""
    return "issuer"


@originator.unless("ZX-25.2", when=lambda f: f.of_temporary_body and not f.issued_by_superior)
def _daily_work(facts: Any, law: Law) -> str:
    """临时性工作机构的定密工作，由承担该机构日常工作的机关、单位负责。"""
    return "organ_of_daily_work"


@originator.unless("ZX-25.1", when=lambda f: f.is_joint and not (f.of_temporary_body or f.issued_by_superior))
def _lead(facts: Any, law: Law) -> str:
    """共同产生的，由主办机关、单位征求协办机关、单位意见后确定。"""
    return "lead_organ"


starts_on = BOOK.decision("starts_on", READ, "TL-19.2a", lambda f, law: f.issued_on)


@starts_on.unless("TL-19.2b", when=lambda f: f.issued_on is None and f.notice_on is not None)
def _from_notice(facts: Any, law: Law) -> Any:
    """不能标明制发日的，自书面通知之日起计算。"""
    return facts.notice_on


supplied_tail = BOOK.decision("supplied_tail", READ, "ZX-24.1", lambda f, law: "")


@supplied_tail.unless("ZX-24.4b", when=lambda f: not f.has_tail and f.notice_on is None)
def _default(facts: Any, law: Law) -> str:
    """没有标明且没有通知的，按照绝密三十年、机密二十年、秘密十年认定。"""
    return marks.default_tail(facts.level, facts.issued_on or law.on).text


def _ended(facts: Any, law: Law) -> bool:
    """The holder was not told of an extension by the last protected day. 期满未收到延期通知的，可以认定已自行解密。"""
    last = facts.last_protected_day
    if last is None or law.on <= last:
        return False
    return facts.extension_received_on is None or facts.extension_received_on > last


treated = BOOK.decision("treated_as_released", HOLD, "QA-8", _ended)


@treated.unless("BMF-20.4", when=lambda f: isinstance(f.published_at, datetime) and f.published_at.date() <= f.on)
def _published(facts: Any, law: Law) -> bool:
    return True
