"""商业秘密: the two levels of central enterprises, marked with owner, level and period, never with a ★."""

from __future__ import annotations

from dingmi.regime.kernel import grading
from dingmi.regime.trade_secret import marks, rules
from dingmi.regime.trade_secret.book import BOOK
from dingmi.regime.trade_secret.levels import Level

FACTS: dict[str, type] = {
    "grading.propose": grading.GradeFacts,
    "grading.approve": grading.ApprovalFacts,
    "grading.change": grading.ApprovalFacts,
    "grading.file": grading.FilingFacts,
    "grading.mark": grading.GradeMarkFacts,
    "grading.lift": grading.LiftFacts,
    "grading.convert": grading.ConversionFacts,
    "personnel.non_compete": rules.NonCompeteFacts,
}

__all__ = ["BOOK", "FACTS", "Level", "marks", "rules"]
