"""What the mark on a paper of another organ says, and what the law supplies where it is silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dingmi.queries.facts import REGIME
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state.facts_custody import MarkFacts
from dingmi.regime.prc_state.levels import is_level


@dataclass(frozen=True, slots=True)
class Stated:
    """The period of a paper and the day from which it runs; None where neither paper nor notice says one."""

    tail: str
    starts_on: date | None
    verdict: Verdict | None


def stated(level: str, tail: str, issued_on: date | None, notice_on: date | None, on: date) -> Stated:
    """Return period and first day of a paper marked with ``level``, by the law of the day on which it came.

    Args:
        tail: As on the mark; blank where it states none.
        notice_on: When its originator told them in writing.
    """
    if not is_level(level):
        return Stated(tail, issued_on or notice_on, None)
    verdict = judge(REGIME, "marks.read", MarkFacts(on, level, bool(tail.strip()), issued_on, notice_on), on)
    return Stated(tail.strip() or str(verdict.values["supplied_tail"]), verdict.values["starts_on"], verdict)
