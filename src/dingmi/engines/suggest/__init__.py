"""Find the guide item, find the reuse, show the evidence, know when to be silent. Pure: texts in, findings out."""

from dingmi.engines.suggest.boilerplate import Boilerplate
from dingmi.engines.suggest.engine import suggest
from dingmi.engines.suggest.grams import Hasher
from dingmi.engines.suggest.guides import GuideIndex
from dingmi.engines.suggest.imprint import Imprint
from dingmi.engines.suggest.marks import find_marks
from dingmi.engines.suggest.normalise import units_of
from dingmi.engines.suggest.rows import Assessor, as_json, item_from_row, source_from_row
from dingmi.engines.suggest.sources import SourceIndex
from dingmi.engines.suggest.types import (
    DEFAULT_LIMITS,
    ENGINE_VERSION,
    Block,
    Candidate,
    Condition,
    FoundMark,
    Limits,
    Reason,
    Reused,
    Span,
    Suggestion,
    SuggestItem,
    SuggestSource,
)
from dingmi.engines.suggest.work import work_secrets

__all__ = [
    "DEFAULT_LIMITS",
    "ENGINE_VERSION",
    "Assessor",
    "Block",
    "Boilerplate",
    "Candidate",
    "Condition",
    "FoundMark",
    "GuideIndex",
    "Hasher",
    "Imprint",
    "Limits",
    "Reason",
    "Reused",
    "SourceIndex",
    "Span",
    "SuggestItem",
    "SuggestSource",
    "Suggestion",
    "as_json",
    "find_marks",
    "item_from_row",
    "source_from_row",
    "suggest",
    "units_of",
    "work_secrets",
]
