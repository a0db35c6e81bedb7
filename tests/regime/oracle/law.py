"""The law as a lawyer would tabulate it: dates, levels, authority, and the clause that holds on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

RANK = {"秘密": 1, "机密": 2, "绝密": 3}
LEVELS = tuple(RANK)
CAP_YEARS = {"绝密": 30, "机密": 20, "秘密": 10}
INHERENT = {"central": "绝密", "provincial": "绝密", "prefecture": "机密", "other": ""}

LAW_2024 = date(2024, 5, 1)
REGULATION_2024 = date(2024, 9, 1)
RULE_2025 = date(2025, 5, 1)
GUIDE_RULE_2017 = date(2017, 4, 1)
DERIVATION_RULE_2023 = date(2023, 4, 1)


def reaches(limit: str, level: str) -> bool:
    """Tell whether a limit reaches a level; an empty limit reaches none."""
    return RANK.get(limit, 0) >= RANK[level]


def month_end(year: int, month: int) -> int:
    """Return the last day of a month."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


@dataclass(frozen=True)
class Span:
    """A length: years and months, or days."""

    months: int = 0
    days: int = 0

    @property
    def text(self) -> str:
        """As a mark writes it."""
        if self.days:
            return f"{self.days}日"
        years, months = divmod(self.months, 12)
        return (f"{years}年" if years else "") + (f"{months}个月" if months else "")

    def last_day(self, start: date) -> date:
        """Return the last protected day: the start is not counted, a missing day is the month's end (CC-201, CC-202)."""
        if self.days:
            return start + timedelta(days=self.days)
        year, month = start.year + (start.month - 1 + self.months) // 12, (start.month - 1 + self.months) % 12 + 1
        return date(year, month, min(start.day, month_end(year, month)))


def day_text(day: date) -> str:
    """Write a day as a mark does."""
    return f"{day.year}年{day.month}月{day.day}日"


def newest(on: date, *since: tuple[date | None, str]) -> str:
    """Return the last clause of a list that had begun by ``on``; the list runs from the oldest."""
    return [clause for day, clause in since if day is None or day <= on][-1]


def elements(on: date) -> set[str]:
    """Level, period and scope together."""
    return {newest(on, (None, "BMF10-14.1"), (LAW_2024, "BMF-19"))}


def three_levels(on: date) -> set[str]:
    """There are three levels."""
    return {newest(on, (None, "BMF10-10.1"), (LAW_2024, "BMF-14.1"))}


def basis(on: date) -> set[str]:
    """No basis, no decision."""
    return {newest(on, (None, "BMF10-14.1"), (GUIDE_RULE_2017, "FW-4"), (RULE_2025, "GD-6.1"))}


def item_in_force(on: date) -> set[str]:
    """The item stands in an edition that is in force."""
    return {newest(on, (None, "BMF10-14.1"), (GUIDE_RULE_2017, "FW-8"))}


def item_level(on: date) -> set[str]:
    """Neither higher nor lower than the item."""
    return {newest(on, (None, "BMF10-14.1"), (GUIDE_RULE_2017, "FW-9.1"))}


def item_period(on: date) -> set[str]:
    """The item's period is a maximum."""
    return {newest(on, (None, "BMF10-15.1"), (GUIDE_RULE_2017, "FW-9.1"))}


def one_tail(on: date) -> set[str]:
    """Exactly one of period, date, condition."""
    return {newest(on, (None, "BMF10-15.1"), (LAW_2024, "BMF-20.1"))}


def cap(on: date) -> set[str]:
    """Thirty, twenty, ten years."""
    return {newest(on, (None, "BMF10-15.2"), (LAW_2024, "BMF-20.2"))}


def two_people(on: date) -> set[str]:
    """A drafter proposes, an officer approves."""
    return {newest(on, (None, "BMF10-12.2"), (LAW_2024, "BMF-16.2"))}


def organ_authority(on: date) -> set[str]:
    """The level lies within the organ's authority."""
    return {newest(on, (None, "BMF10-13.1"), (LAW_2024, "BMF-17.1"))}


def clearance(on: date) -> set[str]:
    """Fit for a secret post."""
    return {newest(on, (None, "ZX-14.2"), (LAW_2024, "BMF-43.3"))}


def statute_public(on: date) -> set[str]:
    """What statute requires to be public."""
    return {newest(on, (None, "ZX-19.4"), (LAW_2024, "BMF-4.2"))}


def record(on: date) -> set[str]:
    """A written record with basis and reasons."""
    return {"ZX-21"}


def triggers(on: date) -> set[str]:
    """The four triggers of derivation."""
    return {newest(on, (None, "BMF10-13.3"), (DERIVATION_RULE_2023, "PS-7"), (REGULATION_2024, "TL-18"))}


def inherited(on: date) -> set[str]:
    """Derived matters take over the elements of their source."""
    return {newest(on, (None, "BMF10-13.3"), (LAW_2024, "BMF-18"), (REGULATION_2024, "TL-18"))}


def inherited_level(on: date) -> set[str]:
    """The level is the source's."""
    return {newest(on, (None, "BMF10-13.3"), (DERIVATION_RULE_2023, "PS-8"))}


def consent(on: date) -> set[str]:
    """绝密 is not copied or excerpted without consent."""
    return {newest(on, (LAW_2024, "BMF-26.2b"), (REGULATION_2024, "TL-29.4"))}


def before_expiry(on: date) -> set[str]:
    """An extension comes before the end."""
    return {newest(on, (None, "BMF10-19.2"), (LAW_2024, "BMF-24.2c"))}


def released_by_law(on: date) -> set[str]:
    """What has ended is released."""
    return {newest(on, (None, "BMF10-19.1"), (LAW_2024, "BMF-24.2a"))}


def originator(on: date) -> set[str]:
    """Only the originator or its superior decides."""
    return {newest(on, (None, "BMF10-18.1"), (LAW_2024, "BMF-23.1"))}


def early_release(on: date) -> set[str]:
    """Two grounds of early release."""
    return {newest(on, (None, "ZX-31.1"), (LAW_2024, "BMF-24.2b"))}


def owes_training(on: date) -> bool:
    """Officers and drafters must be trained since the regulation of 2024."""
    return on >= REGULATION_2024


def may_follow_others(on: date) -> bool:
    """Other organs' matters may be followed since the law of 2024; before, a superior's only."""
    return on >= LAW_2024


@dataclass(frozen=True)
class Grant:
    """A delegation as a lawyer reads it, [since, until)."""

    level: str
    matters: tuple[str, ...]
    since: datetime
    until: datetime
    revoked: datetime | None = None


def authority(tier: str, grants: tuple[Grant, ...], at: datetime, matter: str) -> str:
    """Return the highest level that the organ may determine at an instant; empty for none (procedures §1.1)."""
    best = INHERENT[tier]
    for grant in grants:
        runs = grant.since <= at < (min(grant.until, grant.revoked) if grant.revoked else grant.until)
        named = matter == "" or matter in grant.matters or "*" in grant.matters
        if runs and named and RANK[grant.level] > RANK.get(best, 0):
            best = grant.level
    return best
