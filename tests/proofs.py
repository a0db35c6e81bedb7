"""Which rows the acts of a test wrote, and which of them an entry of the same act vouches for as it left them.

A row that no entry vouches for can be edited in the database and ``verify`` finds nothing. Tables whose rows need no proof stand in
``tests/architecture/unproved.toml``, each with its reason; ``tests/procedures`` watches every act of every test.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import models

from dingmi.procedures import frame
from dingmi.records.ledger import append, guard, rows

REASONS = Path(__file__).parent / "architecture" / "unproved.toml"
Row = tuple[str, str]  # table and id; no id where one statement wrote many rows


@dataclass
class Deed:
    """One act as it runs: the rows it wrote, each with the row whose digest covers it, and those vouched for since."""

    written: dict[Row, Row | None] = field(default_factory=dict)
    proved: set[Row] = field(default_factory=set)


@cache
def _cover(model: type[models.Model]) -> models.Field[Any, Any] | None:
    """Return the field that leads to the row whose digest covers rows of ``model`` too, if there is one."""
    for one in model._meta.concrete_fields:
        if one.remote_field is not None and one.remote_field.related_name in getattr(one.related_model, "COVERED", ()):
            return one
    return None


class Watch:
    """Collects the tables of rows that nothing vouched for, by act."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons, self.running = set(reasons), list[Deed]()
        self.bare: dict[str, set[str]] = {}

    @contextmanager
    def act(self, name: str, key: str | None = None) -> Iterator[None]:
        """Watch one act; what is rolled back was not written."""
        self.running.append(Deed())
        try:
            with guard.act_open(name, key):
                yield
                deed = self.running[-1]
                missing = {row[0] for row, cover in deed.written.items() if not {row, cover} & deed.proved}
                if missing:
                    self.bare.setdefault(name, set()).update(missing)
        finally:
            self.running.pop()

    def wrote(self, model: type[models.Model], records: Iterable[models.Model] | None) -> None:
        """Note rows of ``model``; None: whichever one statement met."""
        table = model._meta.db_table
        if table in self.reasons or not self.running:
            return
        deed, cover = self.running[-1], _cover(model)
        owner = "" if cover is None else cover.related_model._meta.db_table
        for record in (None,) if records is None else records:
            row = (table, "" if record is None else str(record.pk))
            above = None if cover is None else (owner, "" if record is None else str(getattr(record, cover.attname)))
            deed.written[row] = above
            deed.proved -= {row, above}

    def vouched(self, digests: Iterable[Row]) -> None:
        """Note that an entry holds these digests."""
        if self.running:
            self.running[-1].proved |= {*digests, *((table, "") for table, _ in digests)}


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch every act that runs inside."""
    watch = Watch(tomllib.loads(REASONS.read_text(encoding="utf-8"))["tables"])
    many, update, digests = guard.GuardedQuerySet, guard.GuardedQuerySet.update, append.row_digests

    def one_saved(plain: Callable[..., Any]) -> Callable[..., Any]:
        def save(self: Any, *args: Any, **kwargs: Any) -> Any:
            touched = kwargs.get("update_fields")
            if not touched or not set(touched) <= rows._VOLATILE:
                watch.wrote(type(self), [self])
            return plain(self, *args, **kwargs)

        return save

    def many_written(plain: Callable[..., Any]) -> Callable[..., Any]:
        def write(self: Any, *args: Any, **kwargs: Any) -> Any:
            if plain is not update or not set(kwargs) <= rows._VOLATILE:
                watch.wrote(self.model, args[0] if args else None)
            return plain(self, *args, **kwargs)

        return write

    def digested(records: Any) -> Any:
        found = digests(records)
        watch.vouched(found)
        return found

    with (
        patch.object(frame, "act_open", watch.act),
        patch.object(guard.Record, "save", one_saved(guard.Record.save)),
        patch.object(many, "update", many_written(update)),
        patch.object(many, "bulk_create", many_written(many.bulk_create)),
        patch.object(many, "bulk_update", many_written(many.bulk_update)),
        patch.object(append, "row_digests", digested),
    ):
        yield watch
