"""秘密台账：filtered, paged by key, masked where only existence may be known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import DateTimeField, Exists, OuterRef, Q, Value
from django.utils import translation
from django.utils.translation import gettext as _

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Invalid
from dingmi.queries import access, filters, preferences, search
from dingmi.queries.lists.words import ORIGIN
from dingmi.queries.registry import query
from dingmi.queries.remembered import remembered
from dingmi.queries.rows import MatterRow, beyond, count_word, end_of, keys_of, page_of, records, rows_of
from dingmi.queries.tally import tally
from dingmi.records.ledger.tree import canonical, sm3
from dingmi.records.ledger.worded import Blank, Worded
from dingmi.records.matters.models import STATES, Matter, ReviewTask

READERS = (Role.OFFICER, Role.SECRECY_OFFICE, Role.HEAD, Role.INSPECTOR)
EVERYONE = (Role.DRAFTER, *READERS)
VIEWS = ("all", "due", "annual", "derived", "event", "mine", "released")
LEVELS = ("绝密", "机密", "秘密")
REGISTERED = tuple(state for state, _ in STATES if state not in ("draft", "not_classified", "discarded"))
PAGE = 17
ORDER = ("-changed_at", "-pk")
FOUND_MOST = 50
EXPORTED_MOST = 1000  # rows of one export
HEADING = {
    "zh": ("编号", "事项名称", "国家秘密标志", "产生部门", "定密日期", "到期日", "类型", "定密责任人", "状态"),
    "en": ("Number", "Matter", "Mark", "Department", "Decided", "Ends", "Origin", "Officer", "State"),
}
FAR = timedelta(days=90)
OPEN_ANNUAL = ReviewTask.objects.filter(kind="annual", done_at__isnull=True)


@dataclass(frozen=True, slots=True)
class View:
    """One saved view as a tab."""

    name: str
    count: str


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One page of the register."""

    rows: tuple[MatterRow, ...]
    views: tuple[View, ...]
    view: str
    level: str
    state: str
    text: str
    conditions: tuple[str, ...]
    after: str
    next_after: str
    more: bool
    columns: tuple[str, ...]
    saved: tuple[preferences.SavedView, ...]


def _condition(view: str, actor: Actor, today: date) -> Q:
    """Return what a view asks of the matters themselves."""
    if view == "due":
        return Q(state="active", last_protected_day__lte=today + FAR)
    if view == "annual":
        return Q(Exists(OPEN_ANNUAL.filter(matter=OuterRef("pk"), year=today.year)), state="active")
    if view == "derived":
        return Q(origin="derivative")
    if view == "event":
        return Q(state="active", last_protected_day__isnull=True)
    if view == "mine":
        return Q(department_id__in=actor.department_ids)
    if view == "released":
        return Q(state="declassified")
    return Q()


def _counts(actor: Actor, now: datetime) -> dict[str, int]:
    """Count the views; of the reader's own department count what the reader may open."""
    asked = {view: _condition(view, actor, now.date()) for view in VIEWS}
    held = access.grounds(actor, now)
    secrets, content = _all(held, now)
    if not actor.holds(*access.EXISTENCE_ROLES):
        return tally(secrets, asked, few=held.knows_few)
    mine = asked.pop("mine")
    return tally(secrets, asked) | tally(content, {"mine": mine}, few=held.knows_few)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The rows that the conditions of a filter leave, these conditions, and the words that are to be looked for beside."""

    rows: Any
    conditions: Q
    shown: tuple[str, ...]
    words: str


def _all(held: access.Grounds, now: access.Moment) -> tuple[Any, Any]:
    """Return all that a reader on these grounds may know the existence of, and all that may be read."""
    content = access.content_of(held, now).filter(state__in=REGISTERED)
    secrets = access.existence_beside(content, held.actor, at_home=held.at_home)
    return secrets.filter(state__in=REGISTERED), content


def _wanted(actor: Actor, today: date, view: str, level: str, state: str) -> Q:
    """Return what one view asks, and one level and state where these are given.

    Raises:
        Invalid: An unknown view or level.
    """
    if view not in VIEWS or (level and level not in LEVELS):
        raise Invalid("input.invalid", (), fields={"view": "choice.unknown"})
    asked = {name: value for name, value in (("level", level), ("state", state)) if value}
    return _condition(view, actor, today) & Q(**asked)


def _chosen(held: access.Grounds, now: access.Moment, view: str, wanted: Q) -> Any:
    """Return the rows of one view that meet what is wanted of them."""
    secrets, content = _all(held, now)
    rows = content.annotate(is_content=Value(True)) if view == "mine" else secrets
    return rows.filter(wanted)


@lru_cache(maxsize=500)
def _first_page(held: access.Grounds, today: date, view: str, level: str, state: str) -> Worded:
    """Return the words of what is on the first page, which rest on nothing else; the time is left blank."""
    rows = _chosen(held, Blank("now", DateTimeField()), view, _wanted(held.actor, today, view, level, state))
    return Worded(keys_of(rows, PAGE + 1, *ORDER))


def narrowed(actor: Actor, now: datetime, view: str, level: str, state: str, text: str) -> Narrowed:
    """Return the rows whose existence the actor may know, as the conditions of a filter narrow them.

    Raises:
        Invalid: An unknown view or level, or a malformed condition.
    """
    asked = filters.parse(text)
    wanted = _wanted(actor, now.date(), view, level, state) & asked.conditions
    rows = _chosen(access.grounds(actor, now), now, view, wanted)
    return Narrowed(rows, wanted, asked.shown, asked.words)


def _hits(actor: Actor, now: datetime, found: Narrowed, after: str) -> list[Any]:
    """Return the keys of one page of what contains the words, and of one more; none further on is ever lost."""
    readable = access.visible(actor, now).annotate(is_content=Value(True)).filter(found.conditions)
    return [matter.pk for matter in search.matching(beyond(readable, after), found.words)[: PAGE + 1]]


@dataclass(frozen=True, slots=True)
class Extract:
    """Rows of the register as they leave it: cells as text, the highest level among them, the matters shown.

    ``digest`` is that of the cells as they were handed over, in the language of their reader.
    """

    level: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    matters: tuple[Matter, ...]
    digest: str


def extract(actor: Actor, now: datetime, view: str, level: str, state: str, text: str) -> Extract:
    """Return what a filter finds as the actor may see it now; of masked rows number, mark and dates only."""
    rows = narrowed(actor, now, view, level, state, text).rows
    found = page_of(rows, EXPORTED_MOST + 1, *ORDER)
    lines = rows_of(found, now.date())
    known = tuple(matter for matter, line in zip(found, lines, strict=True) if line.is_content)
    held = {matter.level for matter in known}
    with translation.override(actor.locale):
        cells = tuple(_cells(line) for line in lines)
    return Extract(
        level=next((name for name in LEVELS if name in held), ""),
        heading=HEADING[actor.language],
        rows=cells,
        matters=known,
        digest=sm3(canonical([list(c) for c in cells]).encode("utf-8")).hex(),
    )


def _cells(line: MatterRow) -> tuple[str, ...]:
    """Return the cells of one line; closed words are said in the language that is on."""

    def day(value: date | None) -> str:
        return value.isoformat() if value else ""

    name = line.title if line.is_content else "■■■■"
    ends = day(line.last_day) or (_("按解密条件") if line.by_event else "")
    return (
        line.number,
        name,
        line.mark,
        line.department,
        day(line.decided_on),
        ends,
        _(ORIGIN["derivative" if line.origin == "derivative" else "original"].text),
        line.officer,
        _(line.state_word),
    )


def _page(
    actor: Actor, now: datetime, chosen: tuple[str, str, str], text: str, after: str
) -> tuple[list[Any], tuple[str, ...]]:
    """Return the rows of one page and one more, and the conditions of ``text`` as they were read."""
    if not text and not after:
        words = _first_page(access.grounds(actor, now), now.date(), *chosen)
        return records(remembered(actor, now, ("register", *chosen), lambda: words.rows(now=now))), ()
    found = narrowed(actor, now, *chosen, text)
    rows = found.rows.filter(pk__in=_hits(actor, now, found, after)) if found.words else beyond(found.rows, after)
    return page_of(rows, PAGE + 1, *ORDER), found.shown


@query("register", roles=READERS)
def register(
    *,
    actor: Actor,
    now: datetime,
    text: str = "",
    view: str = "all",
    level: str = "",
    state: str = "",
    after: str = "",
) -> RegisterPage:
    """One page of the register, newest change first.

    Args:
        text: Words of title or number, two characters at least, and conditions such as ``密级=机密 到期<2027``.
        view: One of ``VIEWS``.
        after: Where the page before ended.
    Raises:
        Invalid: An unknown view, level or cursor, or a search of one character.
    """
    today = now.date()
    page, conditions = _page(actor, now, (view, level, state), text, after)
    counts = remembered(actor, now, "register", lambda: _counts(actor, now))
    views = tuple(View(v, count_word(counts[v])) for v in VIEWS)
    more = len(page) > PAGE
    shown = page[:PAGE]
    end = end_of(shown) if more else ""
    liked = preferences.of(actor.account_id)
    return RegisterPage(
        rows_of(shown, today),
        views,
        view,
        level,
        state,
        text,
        conditions,
        after,
        end,
        more,
        liked.columns,
        liked.views,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Matters that a search found."""

    rows: tuple[MatterRow, ...]
    more: bool


@query("find", roles=EVERYONE)
def find(*, actor: Actor, now: datetime, text: str) -> Found:
    """Matters that the reader may open and whose title or number contains every word.

    Raises:
        Invalid: A word of one character.
    """
    hits = search.find(actor, now, text)
    for hit in hits[:FOUND_MOST]:
        hit.is_content = True  # type: ignore[attr-defined]
    return Found(rows_of(hits[:FOUND_MOST], now.date()), len(hits) > FOUND_MOST)
