"""The rules of appraisal of a year: as the organ set them last, else those that the product brings; with the version of each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.queries.registry import query
from dingmi.records.officers.performance import PerformanceRules
from dingmi.regime import performance as book
from dingmi.regime.performance import Rule, Scheme

READERS = (Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR, Role.OFFICER)


@dataclass(frozen=True, slots=True)
class RuleShown(Rule):
    """One rule, ``words`` in the reader's language; ``instrument`` is empty where it came with us."""

    words: str
    instrument: str


@dataclass(frozen=True, slots=True)
class RulesOfYear:
    """The rules by which a year is scored, and since which year they count."""

    year: int
    version: str
    since: int
    rows: tuple[RuleShown, ...]


def _set_for(year: int) -> PerformanceRules | None:
    found: PerformanceRules | None = (
        PerformanceRules.objects.filter(year__lte=year).order_by("-year", "-set_at", "-pk").first()
    )
    return found


def _scheme(row: PerformanceRules) -> Scheme:
    base = book.scheme_of(row.year)
    kept = ({k: v for k, v in one.items() if k != "instrument"} for one in row.rules)
    return Scheme(row.version, row.year, base.weights, {one["code"]: Rule(**one) for one in kept})


def scheme_of(year: int) -> Scheme:
    """Return the scheme by which ``year`` is scored."""
    row = _set_for(year)
    return _scheme(row) if row is not None else book.scheme_of(year)


def scheme_named(version: str) -> Scheme:
    """Return the scheme of a version, as an appraisal was frozen under it."""
    row = PerformanceRules.objects.filter(version=version).first()
    return _scheme(row) if row is not None else next(s for s in book.schemes() if s.version == version)


@query("performance.rules", roles=READERS, clauses=("SEED-11",))
def performance_rules(*, actor: Actor, now: datetime, year: int) -> RulesOfYear:
    """The rules of one year with points, most and clause, as they are taken out, changed and loaded again."""
    if not 1949 <= year <= 2999:
        raise Invalid("input.invalid", (), fields={"year": "number.range"})
    row, scheme = _set_for(year), scheme_of(year)
    papers = {one["code"]: str(one["instrument"]) for one in row.rules} if row is not None else {}
    rows = (
        RuleShown(**asdict(r), words=r.en if actor.language == "en" else r.zh, instrument=papers.get(r.code, ""))
        for r in scheme.rules.values()
    )
    return RulesOfYear(year, scheme.version, scheme.since, tuple(rows))
