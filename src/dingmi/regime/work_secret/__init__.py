"""工作秘密: what is no state secret but must not spread; one level, 「内部」, never a ★."""

from __future__ import annotations

from dingmi.regime.kernel import grading
from dingmi.regime.work_secret import marks, rules
from dingmi.regime.work_secret.book import BOOK
from dingmi.regime.work_secret.levels import Level

FACTS: dict[str, type] = {
    "grading.propose": grading.GradeFacts,
    "grading.approve": grading.ApprovalFacts,
    "grading.change": grading.ApprovalFacts,
    "grading.mark": grading.GradeMarkFacts,
    "grading.lift": grading.LiftFacts,
    "grading.convert": grading.ConversionFacts,
}

__all__ = ["BOOK", "FACTS", "Level", "marks", "rules"]
