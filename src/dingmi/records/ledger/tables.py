"""How migrations change tables: many made by one step, as each room of records begins; and each whole or not at all."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class Whole(migrations.Migration):
    """A migration that is made and kept as made in one transaction: the base of every one of ours.

    Django makes indexes and constraints last, and then keeps that the migration was made in a transaction of its own: killed
    between the two, the next start would make the same tables again and fail (T13). Here nothing is left for last.
    """

    def apply(self, project_state: Any, schema_editor: Any, collect_sql: bool = False) -> Any:
        """Change the tables, with their indexes and constraints."""
        state = super().apply(project_state, schema_editor, collect_sql)
        for statement in schema_editor.deferred_sql:
            schema_editor.execute(statement)
        schema_editor.deferred_sql.clear()
        return state


class CreateTables(Operation):
    """Create tables together: Django draws every related model anew after each ``CreateModel``, here once after all."""

    reversible = False

    def __init__(self, tables: list[CreateModel]) -> None:
        self.tables = tables

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Enter every table; what was drawn of the models is forgotten, and drawn again where it is asked for."""
        state.__dict__.pop("apps", None)
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create every table with its indexes and constraints."""
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Return what is done, for people."""
        return f"Create {len(self.tables)} tables"
