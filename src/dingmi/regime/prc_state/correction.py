"""定密不当纠正: each kind of error has remedies that fit it; withdrawing a matter takes two people and reasons."""

from __future__ import annotations

from typing import Any

from dingmi.regime.kernel.rulebook import Found, Law
from dingmi.regime.prc_state.book import BOOK

ACT = "correction.decide"
CLOSE = "correction.close"
REMEDIES: dict[str, tuple[str, ...]] = {
    "not_determined": ("classify", "none"),
    "wrong": ("void", "none"),
    "over": ("change", "void", "none"),
    "under": ("change", "none"),
    "over_authority": ("void", "change", "none"),
    "procedure": ("void", "change", "none"),
    "unmarked": ("remark", "none"),
    "unchanged": ("change", "none"),
    "unreviewed": ("review", "none"),
    "wrongly_released": ("classify", "none"),
    "unreleased": ("release", "none"),
}
LIVE = ("void", "change", "remark", "review", "release")


@BOOK.rule(ACT, "ZX-42", "TL-24", "TL14-18", "GD-s8?")
def remedy_fits_the_error(facts: Any, law: Law) -> Found:
    """发现定密不当的，应当及时纠正。"""
    if facts.kind not in REMEDIES:
        yield "correction.kind", {}
    elif facts.remedy not in REMEDIES[facts.kind]:
        yield "correction.remedy", {}
    if not facts.has_reasons:
        yield "reasons.missing", {}


@BOOK.rule(ACT, "TL-24", "TL14-18", "BMF-23.1")
def correction_is_ours_to_make(facts: Any, law: Law) -> Found:
    """由原定密机关纠正，上级机关可以通知纠正或者直接纠正；他机关的事项只能建议。"""
    if facts.remedy in LIVE and facts.state != "active":
        yield "matter.not_in_force", {"state": facts.state}
    if not facts.is_ours and facts.remedy != "none":
        yield "matter.not_ours", {}


@BOOK.rule(CLOSE, "TL-24", "TL14-18", "ZX-42")
def closed_when_put_right(facts: Any, law: Law) -> Found:
    """发现定密不当的，应当及时纠正: what was decided is done, or can be done no longer and it is said why."""
    is_overtaken = facts.remedy in LIVE and facts.state != "active"
    if not facts.remedy:
        yield "correction.undecided", {}
    elif not facts.is_done and not (is_overtaken and facts.has_reason):
        yield "correction.overtaken" if is_overtaken else "correction.not_done", {"state": facts.state}


@BOOK.rule(CLOSE, "TL-24", "TL14-18", "ZX-40.2")
def who_gave_notice_gets_a_reply(facts: Any, law: Law) -> Found:
    """上级机关通知纠正的，应当答复。"""
    if facts.is_notified and not facts.has_reply:
        yield "correction.reply_missing", {}
