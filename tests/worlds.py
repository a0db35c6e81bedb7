"""A world that was built by acts is put back for the next test: its rows as the database gave them, its keys, and its names.

Building it takes several hundred statements, putting it back a few dozen. It is the same world for whatever test asks first:
its chances are drawn from its own name.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction

from dingmi.queries import access, register, remembered
from dingmi.records.keys.places import apart
from dingmi.records.ledger.guard import seeded_ids
from tests.chance import IS_FREE

T = TypeVar("T")
SEED = 2026
_built: dict[Callable[[], Any], _World] = {}


@dataclass(frozen=True, slots=True)
class _World:
    names: dict[str, Any]
    rows: dict[str, list[tuple[Any, ...]]]
    keys: dict[str, bytes]


def _rows() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row, table by table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = [tuple(row) for row in cursor.fetchall()]
    return found


def _take(build: Callable[[], T]) -> T:
    before = _rows()
    chance = random.getstate()
    random.seed(SEED)
    with nullcontext() if IS_FREE else seeded_ids(SEED):
        made = build()
    random.setstate(chance)
    after = _rows()
    assert all(rows == after[table][: len(rows)] for table, rows in before.items()), "what stood before stays"
    new = {table: rows[len(before[table]) :] for table, rows in after.items()}
    folder = Path(settings.DINGMI_KEYS)
    keys = {
        f"{place.name}/{path.name}": path.read_bytes() for place in (folder, apart(folder)) for path in place.iterdir()
    }
    _built[build] = _World(deepcopy(vars(made)), {table: rows for table, rows in new.items() if rows}, keys)
    return made


def _put_back(world: _World) -> None:
    folder = Path(settings.DINGMI_KEYS)
    for place in (folder, apart(folder)):
        place.mkdir(mode=0o700)
    for name, content in world.keys.items():
        (folder.parent / name).write_bytes(content)
        (folder.parent / name).chmod(0o600)
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in world.rows.items():
            places = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {connection.ops.quote_name(table)} VALUES ({places})", rows)
        models = [model for model in apps.get_models() if model._meta.db_table in world.rows]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def again(build: type[T]) -> T:
    """Return what ``build()`` makes: built the first time, put back every other time in an empty database."""
    if build not in _built:
        return _take(build)
    world = _built[build]
    for words in (access._one, register._first_page):
        words.cache_clear()
    remembered._latest.clear()  # of another test's days in the same world, and of what it put in place of our own parts
    _put_back(world)
    made = object.__new__(build)
    vars(made).update(deepcopy(world.names))
    return made
