"""The rulebook of the regime; the topics add their rules to it."""

from __future__ import annotations

from dingmi.regime.kernel.rulebook import RuleBook
from dingmi.regime.prc_state.tables import PARAMETERS

BOOK = RuleBook(PARAMETERS)
PROPOSE = ("determination.propose", "derivation.propose", "unclear.refer")
DECIDE = ("determination.approve",)
REDECIDE = ("change.extend", "change.change")
