"""The one decision on reading and acting: clearance, need-to-know, conflict; default deny (SR-11, SR-13).

``queries.access`` turns it into filters; PostgreSQL row security repeats it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dingmi.regime.prc_state.levels import Level
from dingmi.regime.trade_secret.levels import Level as TradeLevel
from dingmi.regime.work_secret.levels import Level as WorkLevel

ORDER: Final = {"内部": 1, **{level.word: level.rank + 2 for level in Level}}  # any other word covers nothing
UNCLEARED: Final = frozenset(level.word for levels in (WorkLevel, TradeLevel) for level in levels)  # need-to-know alone
ADMINISTRATORS: Final = frozenset({"system_admin", "security_admin", "audit_admin"})
OVERSEERS: Final = frozenset({"secrecy_office", "head", "inspector"})
CONFIRMERS: Final = frozenset({"drafter", "officer", "secrecy_office", "head"})  # may be a second person
CLAUSES: Final = ("BMF-21.2", "BMF-43.3", "SM-12", "TL-73.2")


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
    """What is to be seen.

    Attributes:
        may_approve: Of a work or trade secret: the reader is the principal, or appointed in writing up to its level.
    """

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
    may_approve: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """The answer, with its reason."""

    allowed: bool
    reason: str
    clauses: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.allowed


def _covers(clearance: str, level: str) -> bool:
    return level in ORDER and ORDER.get(clearance, 0) >= ORDER[level]


def _ground(level: str) -> tuple[str, ...]:
    if level not in UNCLEARED:
        return ("BMF-21.2",)
    return ("TL-73.2",) if level == WorkLevel.INTERNAL.word else ("SM-12",)


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
    if not subject.person:
        return Access(False, "nobody known")
    if target.state == "draft":
        return Access(target.drafter == subject.person, "own draft only")
    if subject.person in target.blocked:
        return Access(False, "conflict")
    if target.level not in UNCLEARED and not _covers(subject.clearance, target.level):
        return Access(False, "clearance", ("BMF-43.3",))
    ground = _ground(target.level)
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
    if target.state == "pending":  # a proposed work or trade secret
        return ours and target.may_approve
    challenged = target.is_challenged and subject.organ in (target.organ, target.holder)
    if "head" in subject.roles and (challenged or (ours and target.state == "referred")):
        return True  # the head approves what is referred or disputed (QA-6)
    waiting = ours and target.state in ("proposed", "referred")
    return (waiting or challenged) and _covers(subject.officer_level, target.level)


def may_confirm_opening(roles: frozenset[str], clearance: str, level: str, *, knows: bool | None) -> Access:
    """Decide who may be the second person for opening a 绝密 file handed out.

    Args:
        knows: Whether the person may read its matter; None for a file of no matter, which only the secrecy office and the
            head confirm, where they are cleared for its level.
    Source: BMF-43.3.
    """
    if not roles & CONFIRMERS:
        return Access(False, "administrators and inspectors confirm no opening")
    if knows is not None:
        return Access(knows, "whoever may read the matter", ("BMF-43.3",))
    if not roles & {"secrecy_office", "head"}:
        return Access(False, "of no matter: the secrecy office and the head alone")
    return Access(_covers(clearance, level), "clearance", ("BMF-43.3",))
