"""SQL of the append-only tables: what each database needs so that no statement edits or removes a row (CRYPTO §5).

SQLite: UPDATE and DELETE abort, and a BEFORE INSERT trigger refuses a key that exists, which stops ``INSERT OR REPLACE``
even where ``recursive_triggers`` is off. PostgreSQL: row triggers for UPDATE and DELETE (also met by ``ON CONFLICT DO
UPDATE``), a statement trigger for TRUNCATE, all ENABLE ALWAYS so that ``session_replication_role`` cannot pass them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_SQLITE = (
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
    "WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
    "BEGIN SELECT RAISE(ABORT, 'append-only'); END",
)
_SQLITE_STREAM = (
    "CREATE TRIGGER {table}_stream_once BEFORE INSERT ON {table} "
    "WHEN EXISTS (SELECT 1 FROM {table} WHERE stream = NEW.stream AND stream_no = NEW.stream_no) "
    "BEGIN SELECT RAISE(ABORT, 'stream number taken'); END"
)
_POSTGRES_FUNCTION = (
    "CREATE OR REPLACE FUNCTION dingmi_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$"
)
_POSTGRES = (
    "CREATE TRIGGER {table}_no_edit BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION dingmi_append_only()",
    "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION dingmi_append_only()",
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_edit",
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
)


def statements(vendor: str, table: str, key: str = "id", *, stream: bool = False) -> list[str]:
    """Return the statements that make ``table`` append-only on ``vendor`` (``sqlite`` or ``postgresql``)."""
    if vendor == "sqlite":
        wanted = [*_SQLITE, _SQLITE_STREAM] if stream else list(_SQLITE)
        return [text.format(table=table, key=key) for text in wanted]
    made = [_POSTGRES_FUNCTION, *(text.format(table=table) for text in _POSTGRES)]
    if stream:
        made.append(f"CREATE UNIQUE INDEX {table}_stream_once ON {table} (stream, stream_no)")
    return made


def append_only(*tables: tuple[str, str, bool]) -> Callable[[Any, Any], None]:
    """Return the forward half of a RunPython migration over ``(table, key, has_stream)``."""

    def forward(apps: Any, schema_editor: Any) -> None:
        for table, key, stream in tables:
            for statement in statements(schema_editor.connection.vendor, table, key, stream=stream):
                schema_editor.execute(statement)

    return forward
