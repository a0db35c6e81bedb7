"""The check of matters that were determined before this system kept them: every fault of every row, nothing written.

A mark is read by the mark grammar, one without a tail gets the period that the law supplies (ZX-24.4b, E6). Each row is
judged by the law of the day on which it was decided: wholly where it names the officer who decided and the guide item,
by the three elements alone where it names an older basis instead.
"""

from __future__ import annotations

import json
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.queries import facts, standing
from dingmi.queries.clock import ZONE
from dingmi.queries.guide_check import Fault
from dingmi.queries.registry import query
from dingmi.records.guides.models import GuideItem
from dingmi.records.organs.models import Department, Person
from dingmi.regime import judge
from dingmi.regime.kernel.rulebook import Verdict
from dingmi.regime.prc_state import facts as asked
from dingmi.regime.prc_state import marks

T = TypeVar("T")
MOST_ROWS = 2_000  # in one act: one transaction
TEXTS = {
    "title": 200,
    "mark": 80,
    "doc_number": 60,
    "guide": 40,
    "item": 20,
    "basis": 120,
    "drafter": 60,
    "officer": 60,
}
NEEDED = ("title", "mark", "drafter")
DATES = ("issued_on", "notified_on")
LISTS = ("persons", "departments")
FORMS = ("electronic", "paper")
ELEMENTS = ("element.", "tail.", "period.over_cap", "mark.")
DECIDED_AT = time(17)  # an old record names a day, not an hour
HIDDEN = ("Cc", "Cf", "Co", "Cs")


@dataclass(frozen=True, slots=True)
class LegacyMatter:
    """One sound row: what is registered, with its parsed mark and its verdict."""

    title: str
    doc_number: str
    mark: marks.ParsedMark
    issued_on: date | None
    decided_on: date
    item: UUID | None
    basis: str
    drafter: UUID
    department: UUID | None
    officer: UUID | None
    persons: tuple[UUID, ...]
    departments: tuple[UUID, ...]
    form: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class LegacyCheck:
    """The report of a dry run: may it be imported, how many rows are sound, marks that were normalised, faults."""

    ok: bool
    rows: int
    normalised: int
    ended: int
    faults: tuple[Fault, ...]


@dataclass
class Read:
    """What was read: sound rows in order, the faults of the others, and how many rows there were."""

    rows: int = 0
    sound: list[LegacyMatter] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class Steady(Generic[T]):
    """What stays the same between two turns of time, asked once for each stretch."""

    def __init__(self, turns: Sequence[datetime], ask: Callable[[datetime], T]) -> None:
        self._turns, self._ask = turns, ask
        self._answers: dict[int, T] = {}

    def at(self, when: datetime) -> T:
        """Return the answer at ``when``."""
        stretch = bisect_right(self._turns, when)
        if stretch not in self._answers:
            self._answers[stretch] = self._ask(when)
        return self._answers[stretch]


class Registry:
    """People, departments and guide items by the names that rows use, and standings by day; one query each."""

    def __init__(self) -> None:
        home = standing.home()
        people = list(Person.objects.filter(organ=home).select_related("account"))
        named = Counter(person.name for person in people)
        self.people: dict[str, Person] = {p.name: p for p in people if named[p.name] == 1}  # two of one name: by number
        for person in people:
            self.people[person.staff_no] = person
            if hasattr(person, "account"):
                self.people[person.account.username] = person
        self.departments = dict(Department.objects.filter(organ=home).values_list("name", "pk"))
        self.items: dict[tuple[str, str], list[GuideItem]] = {}
        for item in GuideItem.objects.select_related("edition").order_by("-edition__since", "-pk"):
            self.items.setdefault((item.edition.code, item.number), []).append(item)
        self.organ = Steady(standing.delegation_turns(home), facts.organ_facts)
        self._officers: dict[UUID, Steady[asked.OfficerFacts]] = {}
        self._cited: dict[UUID, asked.ItemFacts | None] = {}

    def item(self, guide: str, number: str, on: date) -> GuideItem | None:
        """Return the item of the edition in force on ``on``."""
        held = self.items.get((guide, number), ())
        return next(
            (i for i in held if i.edition.since <= on and (i.edition.until is None or on < i.edition.until)), None
        )

    def officer(self, person: UUID, at: datetime) -> asked.OfficerFacts:
        """Return the standing of ``person`` as an officer at ``at``."""
        if person not in self._officers:
            self._officers[person] = Steady(standing.turns(person), partial(facts.officer_facts, str(person)))
        return self._officers[person].at(at)

    def cited(self, item: UUID) -> asked.ItemFacts | None:
        """Return what the law asks of a guide item."""
        if item not in self._cited:
            self._cited[item] = facts.item_facts(item)
        return self._cited[item]


def _text(number: int, row: Mapping[str, Any], name: str, faults: list[Fault]) -> str:
    value = row.get(name, "")
    value = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    clean = " ".join(unicodedata.normalize("NFC", value).split()) if isinstance(value, str) else None
    if clean is None or len(clean) > TEXTS[name] or any(unicodedata.category(c) in HIDDEN for c in clean):
        faults.append(Fault(number, name, "text.malformed"))
        return ""
    if not clean and name in NEEDED:
        faults.append(Fault(number, name, "field.missing"))
    return clean


def _day(number: int, row: Mapping[str, Any], name: str, today: date, faults: list[Fault]) -> date | None:
    value = row.get(name)
    if value in (None, ""):
        return None
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        faults.append(Fault(number, name, "date.malformed"))
        return None
    if day > today:
        faults.append(Fault(number, name, "legacy.in_the_future"))
    return day


def _names(number: int, row: Mapping[str, Any], name: str, known: Mapping[str, Any], faults: list[Fault]) -> list[Any]:
    value = row.get(name, ())
    value = [v.strip() for v in value.split("、") if v.strip()] if isinstance(value, str) else value
    if not isinstance(value, list | tuple) or len(value) > 500:
        faults.append(Fault(number, name, "list.malformed"))
        return []
    unknown = [v for v in value if v not in known]
    if unknown:
        faults.append(Fault(number, name, "legacy.unknown_name"))
    return [known[v] for v in value if v in known]


def _person(number: int, name: str, key: str, registry: Registry, faults: list[Fault]) -> Person | None:
    if name and name not in registry.people:
        faults.append(Fault(number, key, "legacy.unknown_name"))
    return registry.people.get(name)


def _mark(
    number: int, text: str, issued: date | None, notified: date | None, faults: list[Fault]
) -> marks.ParsedMark | None:
    try:
        return marks.parse(text, issued, notified) if text else None
    except Invalid as error:
        faults.append(Fault(number, "mark", error.code))
        return None


def _row(number: int, row: Mapping[str, Any], today: date, registry: Registry, made: Read) -> None:
    faults: list[Fault] = []
    known = {*TEXTS, *DATES, *LISTS, "form"}
    faults += [Fault(number, str(name)[:40], "field.unknown") for name in row if name not in known]
    text = {name: _text(number, row, name, faults) for name in TEXTS}
    issued, notified = (_day(number, row, name, today, faults) for name in DATES)
    decided = issued or notified
    if decided is None:
        faults.append(Fault(number, "issued_on", "field.missing"))
    mark = _mark(number, text["mark"], issued, notified, faults)
    drafter = _person(number, text["drafter"], "drafter", registry, faults)
    officer = _person(number, text["officer"], "officer", registry, faults)
    persons = _names(number, row, "persons", registry.people, faults)
    departments = _names(number, row, "departments", registry.departments, faults)
    form = row.get("form") or FORMS[0]
    if form not in FORMS:
        faults.append(Fault(number, "form", "choice.unknown"))
    item = registry.item(text["guide"], text["item"], decided) if text["item"] and decided else None
    if text["item"] and item is None and decided:
        faults.append(Fault(number, "item", "legacy.item_unknown"))
    if not text["item"] and not text["basis"]:
        faults.append(Fault(number, "basis", "field.missing"))
    if faults or mark is None or decided is None or drafter is None:
        made.faults += faults
        return
    scope = (tuple(p.pk for p in persons), tuple(departments))
    verdict = _judged(mark, decided, item, drafter, officer, scope, registry)
    blocking = [Fault(number, "", f.code) for f in verdict.blocking]
    made.faults += blocking
    if not blocking:
        made.sound.append(
            LegacyMatter(
                title=text["title"],
                doc_number=text["doc_number"],
                mark=mark,
                issued_on=issued,
                decided_on=decided,
                item=item.pk if item else None,
                basis=text["basis"],
                drafter=drafter.pk,
                department=drafter.department_id,
                officer=officer.pk if officer else None,
                persons=scope[0],
                departments=scope[1],
                form=form,
                verdict=verdict,
            )
        )


def _judged(
    mark: marks.ParsedMark,
    decided: date,
    item: GuideItem | None,
    drafter: Person,
    officer: Person | None,
    scope: tuple[tuple[UUID, ...], tuple[UUID, ...]],
    registry: Registry,
) -> Verdict:
    """Judge one determination by the law of its own day."""
    at = datetime.combine(decided, DECIDED_AT, ZONE)
    terms = asked.Terms(mark.level, mark.tail.text, tuple(map(str, scope[0])), tuple(map(str, scope[1])))
    held = registry.officer(officer.pk, at) if officer else asked.OfficerFacts("")
    cited = registry.cited(item.pk) if item else None
    asking = asked.ApprovalFacts(at, str(drafter.pk), held, registry.organ.at(at), terms, cited)
    verdict = judge(facts.REGIME, "determination.approve", asking, decided)
    if officer is not None and item is not None:
        return verdict
    kept = tuple(f for f in verdict.findings if f.code.startswith(ELEMENTS))
    return replace(verdict, findings=kept)


def read(rows: Sequence[Mapping[str, Any]], text: str, today: date, most: int = MOST_ROWS) -> Read:
    """Read rows, as objects or as JSON Lines, and check them all."""
    made = Read()
    given: list[Any] = list(rows)
    for line in text.lstrip("\ufeff").splitlines():
        if line.strip():
            try:
                given.append(json.loads(line))
            except (ValueError, RecursionError):
                given.append(None)
    made.rows = len(given)
    if not given or len(given) > most:
        made.faults.append(Fault(0, "", "legacy.too_many_rows" if given else "legacy.empty"))
        return made
    registry = Registry()
    for number, row in enumerate(given, start=1):
        if isinstance(row, Mapping):
            _row(number, row, today, registry, made)
        else:
            made.faults.append(Fault(number, "", "row.not_object"))
    return made


@query("legacy_check", roles=(Role.SECRECY_OFFICE,))
def legacy_check(*, actor: Actor, now: datetime, rows: tuple[dict[str, Any], ...] = (), text: str = "") -> LegacyCheck:
    """Check earlier matters before they are registered; nothing is written. 补录前检查。

    Args:
        rows: Rows as objects; see ``keep.import_legacy``.
        text: JSON Lines, one row a line.
    """
    found = read(rows, text, now.date())
    ended = sum(standing.is_over(m.mark.window.declassified_from, m.mark.tail.text, now) for m in found.sound)
    normalised = sum(bool(m.mark.warnings) for m in found.sound)
    return LegacyCheck(not found.faults, found.rows, normalised, ended, tuple(found.faults))
