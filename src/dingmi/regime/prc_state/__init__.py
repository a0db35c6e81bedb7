"""国家秘密: the regime of state secrets."""

from __future__ import annotations

from dingmi.regime.prc_state import authority, bars, derivation, elements, facts, life, marks, officer, points
from dingmi.regime.prc_state.book import BOOK
from dingmi.regime.prc_state.levels import Level

TOPICS = (elements, bars, officer, authority, derivation, life, points)
FACTS: dict[str, type] = {
    "determination.propose": facts.ProposalFacts,
    "determination.approve": facts.ApprovalFacts,
    "derivation.propose": facts.DerivationFacts,
    "points.mark": facts.PointingFacts,
    "referral.refer": facts.ReferralFacts,
    "review.decide": facts.ReviewFacts,
    "change.extend": facts.ExtensionFacts,
    "change.change": facts.ChangeFacts,
    "declassification.release": facts.ReleaseFacts,
    "declassification.lapse": facts.LapseFacts,
    "declassification.confirm_event": facts.EventFacts,
    "need_to_know.expand": facts.NeedToKnowFacts,
    "carriers.read": facts.ReadFacts,
    "disclosure.publish": facts.PublicationFacts,
    "delegation.register": facts.GrantFacts,
    "officers.designate": facts.DesignationFacts,
}

__all__ = ["BOOK", "FACTS", "TOPICS", "Level", "facts", "marks"]
