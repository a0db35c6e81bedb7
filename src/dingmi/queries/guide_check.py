"""The check of a 保密事项范围 before it is imported: every fault of every row at once, and nothing written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.queries import guide_sheet
from dingmi.queries.registry import query
from dingmi.queries.terms import Upload
from dingmi.records.guides.models import GuideEdition
from dingmi.regime import judge
from dingmi.regime.prc_state import marks
from dingmi.regime.prc_state.guides import GuideItemFacts
from dingmi.regime.prc_state.levels import Level

IMPORTERS = (Role.SECRECY_OFFICE, Role.HEAD)
MOST_ROWS = 5_000
HEADS: dict[str, int] = {"guide": 40, "title": 200, "owner": 120, "edition": 40}  # the same in every row; characters
NEEDED: dict[str, int] = {"no": 20, "item": 4_000, "level": 8, "matter_code": 40}
OPTIONAL: dict[str, int] = {"period": 60, "id": 80, "sector": 60, "scope": 200, "origin_tier": 120, "guide_level": 8}
LISTS = ("examples", "exceptions")
CONDITION_TEXTS = ("name", "op", "unit", "clause", "text")
CONDITION_KINDS = {"number": frozenset({"<", "<=", ">", ">=", "="}), "named": frozenset({"has", "lacks"})}
LEVEL_WORDS = frozenset(level.word for level in Level)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the row (from 1; 0 for the whole file), the key of the row, and the code of the message."""

    row: int
    field: str
    code: str


@dataclass(frozen=True, slots=True)
class EditionFound:
    """One edition that the file holds, and the edition that it would close."""

    guide: str
    title: str
    edition: str
    since: date
    items: int
    closes: str


@dataclass(frozen=True, slots=True)
class ImportCheck:
    """The report of a dry run: may it be imported, everything that is wrong, and what was read as JSON Lines."""

    ok: bool
    rows: int
    editions: tuple[EditionFound, ...]
    faults: tuple[Fault, ...]
    document: str = ""


@dataclass(frozen=True, slots=True)
class GuideRow:
    """One sound row, canonical."""

    guide: str
    title: str
    owner: str
    edition: str
    since: date
    sector: str
    guide_level: str
    number: str
    text: str
    level: str
    tail: str
    scope: str
    origin_tier: str
    matter_code: str
    conditions: tuple[Mapping[str, Any], ...]
    examples: tuple[str, ...]
    exceptions: tuple[str, ...]
    together: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: sound rows by guide, and the faults of the others."""

    rows: int
    guides: Mapping[str, tuple[GuideRow, ...]]
    faults: tuple[Fault, ...]
    plain: tuple[Mapping[str, Any], ...]


def _lines(text: str, faults: list[Fault]) -> list[tuple[int, Mapping[str, Any]]]:
    found: list[tuple[int, Mapping[str, Any]]] = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            found.append((number, row))
        else:
            faults.append(Fault(number, "", "row.not_object"))
    return found


def _given(
    rows: Sequence[Mapping[str, Any]], text: str, upload: Upload | None, faults: list[Fault]
) -> list[tuple[int, Mapping[str, Any]]]:
    found = [*enumerate(rows, start=1), *_lines(text, faults)]
    if upload is not None and upload.content[:2] == b"PK":
        try:
            found += guide_sheet.read(upload.content)
        except Invalid as error:
            faults.append(Fault(0, "", error.code))
    elif upload is not None:
        found += _lines(upload.content.decode("utf-8", "replace"), faults)
    if not found and not faults:
        faults.append(Fault(0, "", "guide.empty"))
    if len(found) > MOST_ROWS:
        faults.append(Fault(0, "", "guide.too_many_rows"))
    return found[:MOST_ROWS]


def _texts(number: int, row: Mapping[str, Any], faults: list[Fault]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, most in (HEADS | NEEDED | OPTIONAL).items():
        value = row.get(name, "")
        if isinstance(value, int) and not isinstance(value, bool) and name in ("no", "edition"):
            value = str(value)
        value = value.strip() if isinstance(value, str) else None
        if value is None or len(value) > most or not value.isprintable():
            faults.append(Fault(number, name, "text.malformed"))
        elif not value and name not in OPTIONAL:
            faults.append(Fault(number, name, "field.missing"))
        values[name] = value or ""
    return values


def _lists(number: int, row: Mapping[str, Any], faults: list[Fault]) -> dict[str, tuple[str, ...]]:
    made: dict[str, tuple[str, ...]] = {}
    for name in LISTS:
        value = row.get(name, [])
        good = isinstance(value, list) and len(value) <= 100
        if not good or not all(isinstance(v, str) and v.strip() and len(v) <= 400 and v.isprintable() for v in value):
            faults.append(Fault(number, name, "list.malformed"))
            value = []
        made[name] = tuple(v.strip() for v in value)
    return made


def _is_condition(value: Any) -> bool:
    """Tell whether ``value`` is a condition as the suggestions read it: a number compared, or a term looked for."""
    if not isinstance(value, dict) or set(value) - {"kind", "value", "words", *CONDITION_TEXTS}:
        return False
    texts = [value.get(name, "") for name in CONDITION_TEXTS]
    words = value.get("words", [])
    if not isinstance(words, list) or not all(isinstance(t, str) and len(t) <= 400 for t in (*texts, *words)):
        return False
    kind, bound = value.get("kind"), value.get("value", 0)
    if isinstance(bound, bool) or not isinstance(bound, int | float) or not abs(bound) < 1e15:
        return False
    return kind in CONDITION_KINDS and value.get("op", "has") in CONDITION_KINDS[kind] and bool(texts[0].strip())


def _conditions(number: int, row: Mapping[str, Any], faults: list[Fault]) -> tuple[Mapping[str, Any], ...]:
    value = row.get("conditions", [])
    if not isinstance(value, list) or len(value) > 20 or not all(map(_is_condition, value)):
        faults.append(Fault(number, "conditions", "condition.malformed"))
        return ()
    return tuple(value)


def _together(number: int, row: Mapping[str, Any], faults: list[Fault]) -> Mapping[str, Any]:
    """Return which items of the guide together make this one (BMF-36.3), or nothing."""
    value = row.get("together") or {}
    if not isinstance(value, dict) or (value and set(value) != {"items", "at_least"}):
        faults.append(Fault(number, "together", "together.malformed"))
        return {}
    items, least = value.get("items", []), value.get("at_least", 2)
    texts = isinstance(items, list) and all(isinstance(i, str) and 0 < len(i) <= 20 for i in items)
    if not texts or not isinstance(least, int) or isinstance(least, bool) or (value and not 2 <= least <= len(items)):
        faults.append(Fault(number, "together", "together.malformed"))
        return {}
    return value


def _five(number: int, row: GuideRow, faults: list[Fault]) -> None:
    """Ask the law of the day on which the edition starts whether the item says enough (TL-12.1)."""
    facts = GuideItemFacts(True, True, bool(row.tail), bool(row.scope), bool(row.origin_tier))
    names = {"period": "period", "scope": "scope", "tier": "origin_tier"}
    for finding in judge("prc_state", "guides.import_edition", facts, row.since).blocking:
        faults.append(Fault(number, names[str(finding.params["element"])], finding.code))


def _row(number: int, row: Mapping[str, Any], faults: list[Fault]) -> GuideRow | None:
    before = len(faults)
    known = {*HEADS, *NEEDED, *OPTIONAL, *LISTS, "conditions", "together", "since"}
    faults.extend(Fault(number, str(name)[:40], "field.unknown") for name in row if name not in known)
    text, lists = _texts(number, row, faults), _lists(number, row, faults)
    conditions, together = _conditions(number, row, faults), _together(number, row, faults)
    since = date.min
    try:
        since = date.fromisoformat(str(row.get("since", "")))
    except ValueError:
        faults.append(Fault(number, "since", "date.malformed"))
    for name in ("level", "guide_level"):
        if text[name] and text[name] not in LEVEL_WORDS:
            faults.append(Fault(number, name, "level.unknown"))
    tail = ""
    if text["period"]:
        try:
            tail = marks.parse_tail(text["period"]).text
        except Invalid as error:
            faults.append(Fault(number, "period", error.code))
    if len(faults) > before:
        return None
    made = GuideRow(
        guide=text["guide"],
        title=text["title"],
        owner=text["owner"],
        edition=text["edition"],
        since=since,
        sector=text["sector"],
        guide_level=text["guide_level"],
        number=text["no"],
        text=text["item"],
        level=text["level"],
        tail=tail,
        scope=text["scope"],
        origin_tier=text["origin_tier"],
        matter_code=text["matter_code"],
        conditions=conditions,
        together=together,
        **lists,
    )
    _five(number, made, faults)
    return made


def newest(guide: str) -> GuideEdition | None:
    """Return the latest edition of a guide that is here."""
    found = GuideEdition.objects.filter(code=guide).order_by("-since", "-pk").first()
    return found if isinstance(found, GuideEdition) else None


@dataclass
class _Earlier:
    """The rows of one guide read so far: the first, which numbers are taken, and by what each item is said."""

    first: GuideRow
    numbers: set[str] = field(default_factory=set)
    said: dict[tuple[str, str], GuideRow] = field(default_factory=dict)


def _against_others(number: int, row: GuideRow, earlier: _Earlier, faults: list[Fault]) -> None:
    """Compare a row with the ones before it of its guide: one head, each number once, no item said twice or otherwise."""
    for name in ("title", "owner", "edition", "since", "sector", "guide_level"):
        if getattr(row, name) != getattr(earlier.first, name):
            faults.append(Fault(number, name, "guide.head_differs"))
    if row.number in earlier.numbers:
        faults.append(Fault(number, "no", "guide.number_twice"))
    earlier.numbers.add(row.number)
    same = earlier.said.setdefault((row.text, repr(row.conditions)), row)
    if same is row:
        return
    differs = [n for n, name in (("level", "level"), ("period", "tail")) if getattr(same, name) != getattr(row, name)]
    faults.extend(Fault(number, name, "guide.contradictory") for name in differs)
    if not differs and row.number != same.number:
        faults.append(Fault(number, "item", "guide.item_twice"))


def _against_kept(number: int, row: GuideRow, faults: list[Fault]) -> None:
    """Compare the first row of a guide with the editions that are here."""
    if GuideEdition.objects.filter(code=row.guide, edition=row.edition).exists():
        faults.append(Fault(number, "edition", "guide.edition_exists"))
    elif (last := newest(row.guide)) and row.since <= last.since:
        faults.append(Fault(number, "since", "guide.not_later"))


def _parts_exist(rows: Sequence[tuple[int, GuideRow]], faults: list[Fault]) -> None:
    """Every item that an aggregation names stands in the same guide."""
    numbers = {row.number for _, row in rows}
    for number, row in rows:
        if not set(row.together.get("items", ())) <= numbers - {row.number}:
            faults.append(Fault(number, "together", "together.unknown_item"))


def read(rows: Sequence[Mapping[str, Any]], text: str, upload: Upload | None = None) -> Read:
    """Read the rows of a guide and find every fault.

    Args:
        rows: Rows as objects.
        text: JSON Lines; read as well as ``rows``.
        upload: A file of JSON Lines, or a spreadsheet.
    """
    faults: list[Fault] = []
    given = _given(rows, text, upload, faults)
    guides: dict[str, list[tuple[int, GuideRow]]] = {}
    earlier: dict[str, _Earlier] = {}
    for number, plain in given:
        row = _row(number, plain, faults)
        if row is None:
            continue
        kept = guides.setdefault(row.guide, [])
        _against_others(number, row, earlier.setdefault(row.guide, _Earlier(row)), faults)
        if not kept:
            _against_kept(number, row, faults)
        kept.append((number, row))
    for kept in guides.values():
        _parts_exist(kept, faults)
    faults.sort(key=lambda fault: (fault.row, fault.field))
    sound = {guide: tuple(r for _, r in kept) for guide, kept in guides.items()}
    return Read(len(given), sound, tuple(faults), tuple(plain for _, plain in given))


@query("guides.check_import", roles=IMPORTERS, recorded=False)
def check_import(
    *,
    actor: Actor,
    now: datetime,
    rows: tuple[dict[str, Any], ...] = (),
    text: str = "",
    upload: Upload | None = None,
) -> ImportCheck:
    """Check a guide as rows, as JSON Lines or as a spreadsheet, and say everything that would stop its import."""
    found = read(rows, text, upload)
    editions = []
    for guide, kept in found.guides.items():
        last = newest(guide)
        closes = last.edition if last and last.until is None else ""
        editions.append(EditionFound(guide, kept[0].title, kept[0].edition, kept[0].since, len(kept), closes))
    lines = "" if found.faults else "\n".join(json.dumps(plain, ensure_ascii=False) for plain in found.plain)
    return ImportCheck(not found.faults, found.rows, tuple(editions), found.faults, lines)
