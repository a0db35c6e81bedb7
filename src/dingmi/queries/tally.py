"""Several counts over one list in one statement, each no further than the cap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from dingmi.queries.rows import COUNTED_TO


def tally(rows: Any, views: Mapping[str, Q], *, few: bool = False) -> dict[str, int]:
    """Return for each of ``views`` how many of ``rows`` meet its condition on their own columns, up to one past the cap.

    What the reader may know takes longer to put into words than to answer, so it is written once and stands in the
    statement under the name of the table, to which the conditions refer. Each count stops by itself.

    Args:
        few: There are few rows, so they are found once for all counts; of many each count finds no more than it needs.
    """
    names = [field.attname for field in rows.model._meta.concrete_fields if not field.attname.endswith("_ct")]
    table = connection.ops.quote_name(rows.model._meta.db_table)
    try:
        text, given = rows.order_by().values_list(*names).query.sql_with_params()
    except EmptyResultSet:
        return dict.fromkeys(views, 0)
    source, once = (f"seen AS {table}", [*given]) if few else (f"({text}) AS {table}", [])
    parts, params = [], list[Any](once)
    for condition in views.values():
        try:
            where, own = _where(rows.model, condition)
        except EmptyResultSet:
            parts.append("0")
            continue
        found = f"SELECT 1 FROM {source} WHERE {where} LIMIT {COUNTED_TO + 1}"
        parts.append(f"(SELECT COUNT(*) FROM ({found}) AS met)")
        params += own if few else [*given, *own]
    with connection.cursor() as cursor:
        cursor.execute((f"WITH seen AS ({text}) " if few else "") + "SELECT " + ", ".join(parts), params)
        return dict(zip(views, cursor.fetchone(), strict=True))


def _where(model: Any, condition: Q) -> tuple[str, tuple[Any, ...]]:
    """Return ``condition`` as SQL on the table of ``model``."""
    asked = model._base_manager.filter(condition).query
    if not asked.where:
        return "1 = 1", ()
    text, params = asked.get_compiler(connection=connection).compile(asked.where)
    return text, tuple(params)
