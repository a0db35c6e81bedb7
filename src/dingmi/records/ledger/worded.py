"""Statements that the ORM words once and that are asked again with other values.

To word a filter of need-to-know takes Django several times as long as the database takes to answer it. A ``Worded`` keeps the
words; what differs from one time to the next is a ``Blank`` in them. Whoever keeps one keeps it under everything else that
its words rest on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Expression, Field
from django.db.models.query import QuerySet, get_related_populators


class Blank(Expression):
    """A place in a statement for a value that is given when it is asked."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name, self.kind = name, field

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return a parameter that is this blank itself."""
        return "%s", (self,)

    def filled(self, given: dict[str, Any]) -> Any:
        """Return the value as the database takes it."""
        return self.kind.get_db_prep_value(given[self.name], connection)


class Worded:
    """The words of one query, with blanks."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        compiler = rows.query.get_compiler(connection=connection)
        try:
            self.sql, self.params = compiler.as_sql()
        except EmptyResultSet:
            self.sql, self.params = "", ()
            return
        self.select, self.klass, self.annotations = compiler.select, compiler.klass_info, compiler.annotation_col_map
        columns = [column for column, _words, _alias in compiler.select[: compiler.col_count]]
        self.converters = compiler.get_converters(columns)

    def rows(self, **given: Any) -> Sequence[tuple[Any, ...]]:
        """Ask, with a value for each blank; return the columns of each row as they were selected."""
        if not self.sql:
            return ()
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [p.filled(given) if isinstance(p, Blank) else p for p in self.params])
            found = cursor.fetchall()
        return [self._converted(row) for row in found] if self.converters else found

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, (converters, column) in self.converters.items():
            for convert in converters:
                values[place] = convert(values[place], column, connection)
        return tuple(values)

    def records(self, **given: Any) -> list[Any]:
        """Ask, with a value for each blank; return the records with what was selected with them."""
        found = self.rows(**given)
        if not found:
            return []
        first, last = self.klass["select_fields"][0], self.klass["select_fields"][-1] + 1
        names = [column.target.attname for column, _words, _alias in self.select[first:last]]
        populators_of: Any = get_related_populators
        related = populators_of(self.klass, self.select, connection.alias)
        made = []
        for row in found:
            record = self.klass["model"].from_db(connection.alias, names, row[first:last])
            for populator in related:
                populator.populate(row, record)
            for name, place in self.annotations.items():
                setattr(record, name, row[place])
            made.append(record)
        return made
