"""The one decision on reading and acting: clearance, need-to-know, conflict; default deny (SR-11, SR-13).

``queries.access`` turns it into filters; PostgreSQL row security repeats it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dingmi.regime.prc_state.levels import Level

ORDER: Final = {"": 0, "内部": 1, **{level.word: level.rank + 2 for level in Level}}
ADMINISTRATORS: Final = frozenset({"system_admin", "security_admin", "audit_admin"})
OVERSEERS: Final = frozenset({"secrecy_office", "head", "inspector"})
CLAUSES: Final = ("BMF-21.2", "BMF-43.3", "TL-73.2")
LIVE: Final = ("proposed", "referred", "active", "declassified", "voided", "not_classified")


@dataclass(frozen=True, slots=True)
class Subject:
    """Who wants to see: roles, clearance as a level word, ids."""

    person: str
    roles: frozenset[str]
    clearance: str
    departments: frozenset[str] = frozenset()
    organ: str = ""
    officer_level: str = ""  # highest level of a live designation, empty for none


@dataclass(frozen=True, slots=True)
class Object:
    """What is to be seen."""

    level: str
    state: str
    drafter: str
    officer: str = ""
    organ: str = ""
    persons: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    organs: frozenset[str] = frozenset()
    holder: str = ""  # the organ that keeps the record, where another one originated the matter
    is_challenged: bool = False
    blocked: frozenset[str] = frozenset()  # persons kept out by a conflict


@dataclass(frozen=True, slots=True)
class Access:
    """The answer, with its reason."""

    allowed: bool
    reason: str
    clauses: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.allowed


def _covers(clearance: str, level: str) -> bool:
    return bool(clearance) and ORDER.get(clearance, -1) >= ORDER.get(level, 99)


def decide(subject: Subject, action: str, target: Object) -> Access:
    """Decide whether ``subject`` may ``content`` (title, text, scope) or ``existence`` (number, mark, dates, unit).

    Args:
        action: ``content`` or ``existence``; anything else is denied.
    Source: BMF-21.2, BMF-43.3, TL-73.2; SECURITY-REQUIREMENTS C.
    """
    if action not in ("content", "existence"):
        return Access(False, "unknown action")
    if subject.roles & ADMINISTRATORS:
        return Access(False, "administrators never reach content")
    if target.state == "draft":
        return Access(target.drafter == subject.person, "own draft only")
    if subject.person in target.blocked:
        return Access(False, "conflict")
    if target.level != "内部" and not _covers(subject.clearance, target.level):
        return Access(False, "clearance", ("BMF-43.3",))
    ground = ("TL-73.2",) if target.level == "内部" else ("BMF-21.2",)
    if _knows(subject, target):
        return Access(True, "need to know", ground)
    overseer = subject.roles & OVERSEERS and subject.organ in (target.organ, target.holder)
    if action == "existence" and overseer:
        return Access(True, "existence grade by policy")
    return Access(False, "outside the scope", ground)


def _knows(subject: Subject, target: Object) -> bool:
    if subject.person in (target.drafter, target.officer) or subject.person in target.persons:
        return True
    if subject.departments & target.departments or subject.organ in target.organs:
        return True  # an organ in scope admits its own cleared staff, and nobody else's
    ours = subject.organ == target.organ
    challenged = target.is_challenged and subject.organ in (target.organ, target.holder)
    if "head" in subject.roles and (challenged or (ours and target.state == "referred")):
        return True  # the head approves what is referred or disputed (QA-6)
    waiting = ours and target.state in ("proposed", "referred")
    return (waiting or challenged) and _covers(subject.officer_level, target.level)
