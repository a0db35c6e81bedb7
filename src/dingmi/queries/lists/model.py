"""A list as data: what its columns are called, what they hold of a row, and how a closed word is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from dingmi.queries.clock import ZONE

Of = str | Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Word:
    """How a code is said: ``tone`` None is plain text, else a tag: plain, ``in``, ``ok``, ``wa`` or ``er``."""

    text: str
    tone: str | None = None


Words = Mapping[Any, Word]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``of`` is an attribute of the row or a function of it.

    ``kind`` is ``text``, ``name`` (leads to the row's own page), ``code``, ``day``, ``moment``, ``number`` or ``level``.
    ``none`` is said by a column of words when there is nothing to say.
    """

    word: str
    of: Of
    kind: str = "text"
    words: Words | None = None
    none: Word | None = None

    def value(self, row: Any) -> Any:
        """Return what the column holds of a row."""
        found = self.of(row) if callable(self.of) else attrgetter(self.of)(row)
        return found.astimezone(ZONE).date() if self.kind == "day" and isinstance(found, datetime) else found

    def said(self, row: Any) -> tuple[Word, ...]:
        """Return the words of a column of words: one for each code; a code that nobody knows is said as it is."""
        value = self.value(row)
        codes = value if isinstance(value, tuple) else () if value in (None, "") else (value,)
        words = tuple((self.words or {}).get(code) or Word(str(code)) for code in codes)
        return words or ((self.none,) if self.none else ())

    def text(self, row: Any) -> str:
        """Return the cell as it is taken out, in Chinese."""
        if self.words is not None:
            return "、".join(word.text for word in self.said(row))
        return plain(self.value(row))


def plain(value: Any) -> str:
    """Return a value as text: days and instants of our zone, several joined."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return "、".join(map(plain, value)) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: its title, the query that answers it and where the rows stand in the answer, and its columns.

    ``key`` is what the page of a row is opened by (empty: the row has none); ``gone`` tells whether a row is past.
    ``every`` yields all rows where the query answers a page of them.
    """

    title: str
    query: str
    rows: Of
    columns: tuple[Column, ...]
    empty: str = ""
    hint: str = ""
    key: Of = ""
    gone: Callable[[Any], bool] | None = None
    every: Callable[..., Iterable[Any]] | None = None

    def of(self, answer: Any) -> Sequence[Any]:
        """Return the rows in an answer of the query."""
        if callable(self.rows):
            return tuple(self.rows(answer))
        return tuple(attrgetter(self.rows)(answer) if self.rows else answer)

    def key_of(self, row: Any) -> Any:
        """Return what the page of a row is opened by, if it has one."""
        if not self.key:
            return ""
        return self.key(row) if callable(self.key) else getattr(row, self.key)

    def texts(self, rows: Sequence[Any]) -> list[tuple[str, ...]]:
        """Return the rows as they are taken out."""
        return [tuple(column.text(row) for column in self.columns) for row in rows]
