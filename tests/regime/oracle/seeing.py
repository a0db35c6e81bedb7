"""Who may see what, as a table written from the requirements (SR-11, SR-13, C; 保密法 21, 43; 条例 73): first row that fits decides.

Nothing here comes from ``regime/access``: levels, ranks and states are named again. A case is a dictionary of plain words; a
row asks words of it, and a row without questions fits everything.
"""

from __future__ import annotations

from itertools import product
from typing import Final, TypeAlias

Case: TypeAlias = dict[str, str]
Row: TypeAlias = tuple[str, str, dict[str, frozenset[str]]]

DOMAIN: Final[dict[str, tuple[str, ...]]] = {
    # the reader
    "role": [
        "none",
        "drafter",
        "officer",
        "head",
        "secrecy_office",
        "inspector",
        "clock",
        "system_admin",
        "security_admin",
        "audit_admin",
        "head+officer",
        "secrecy_office+audit_admin",
    ],
    "clearance": ("", "内部", "秘密", "机密", "绝密", "甲级"),
    "appointed": ("", "秘密", "机密", "绝密"),
    "person": ("known", "unknown"),
    # what for
    "purpose": ("content", "existence", "anything else"),
    # the matter
    "level": ("", "内部", "秘密", "机密", "绝密", "普通商密", "核心商密", "甲级"),
    "state": [
        "draft",
        "proposed",
        "referred",
        "active",
        "declassified",
        "not_classified",
        "voided",
        "discarded",
        "pending",
        "graded",
        "lifted",
    ],
    "need": ("none", "drafter", "officer", "named", "department", "organ", "other organ"),
    "house": ("own", "held", "foreign"),
    "conflict": ("no", "yes"),
    "challenged": ("no", "yes"),
    "may_approve": ("no", "yes"),
}
READER: Final = ("role", "clearance", "appointed", "person")
MATTER: Final = ("level", "state", "need", "house", "conflict", "challenged", "may_approve")

RANKS: Final = {"秘密": 1, "机密": 2, "绝密": 3}
DISPUTABLE: Final = "proposed|referred|active|declassified|not_classified|voided|discarded|graded|lifted"
NO_STATE_SECRET: Final = frozenset({"内部", "普通商密", "核心商密"})


def reaches(limit: str, level: str) -> str:
    """Tell whether a clearance or an appointment reaches a level of state secrets; unknown words reach nothing."""
    if level == "内部":
        return "yes" if limit == "内部" or limit in RANKS else "no"
    return "yes" if limit in RANKS and level in RANKS and RANKS[limit] >= RANKS[level] else "no"


def row(answer: str, source: str, **asked: str) -> Row:
    return answer, source, {name: frozenset(words.split("|")) for name, words in asked.items()}


TABLE: Final[tuple[Row, ...]] = (
    row("no", "SR-11: what is not named is denied", purpose="anything else"),
    row("no", "SR-32, SR-33", role="system_admin|security_admin|audit_admin|secrecy_office+audit_admin"),
    row("no", "SR-01: only a known person reads", person="unknown"),
    row("yes", "a draft is its drafter's", state="draft", need="drafter"),
    row("no", "a draft is its drafter's", state="draft"),
    row("no", "SR-13: conflict", conflict="yes"),
    row("no", "SR-11: a level that no regime knows", kind="none of these"),
    row("no", "SR-13, BMF-43.3: clearance", kind="state secret", cleared="no"),
    row("yes", "SR-13, BMF-21.2: need to know", need="drafter|officer|named|department"),
    row("yes", "SR-13, BMF-21.2: the organ in scope is the reader's", need="organ"),
    row("yes", "whoever approves a work or trade secret", state="pending", house="own", may_approve="yes"),
    row("yes", "QA-6: the head sends it out", state="referred", house="own", role="head|head+officer"),
    row(
        "yes", "QA-6: the head answers", state=DISPUTABLE, challenged="yes", house="own|held", role="head|head+officer"
    ),
    row("yes", "SR-19: the officer decides it", state="proposed|referred", house="own", decides="yes"),
    row("yes", "SR-19: the officer answers", state=DISPUTABLE, challenged="yes", house="own|held", decides="yes"),
    row(
        "yes", "C: existence", purpose="existence", house="own|held", role="head|secrecy_office|inspector|head+officer"
    ),
    row("no", "SR-11: default"),
)


EVERY: Final = (1 << len(TABLE)) - 1


def fitting(**words: str) -> int:
    """Return the rows, one bit each, that the given words do not rule out."""
    rows = EVERY
    for number, (_, _, asked) in enumerate(TABLE):
        if any(words[name] not in wanted for name, wanted in asked.items() if name in words):
            rows &= ~(1 << number)
    return rows


def between(limits: Case, level: str) -> int:
    """Return the rows that the level does not rule out beside what the reader is cleared and appointed for."""
    kind = "need alone" if level in NO_STATE_SECRET else "state secret" if level in RANKS else "none of these"
    cleared, decides = reaches(limits["clearance"], level), reaches(limits["appointed"], level)
    return fitting(kind=kind, cleared=cleared, decides=decides)


def first(rows: int) -> int:
    """Return the number of the first of some rows."""
    return (rows & -rows).bit_length() - 1


def cases(names: tuple[str, ...]) -> list[Case]:
    """Return every combination of the words of some dimensions."""
    return [dict(zip(names, words, strict=True)) for words in product(*(DOMAIN[name] for name in names))]
