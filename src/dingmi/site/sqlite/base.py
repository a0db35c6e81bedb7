"""Django's SQLite, whose instants are kept in UTC as ever and come back in ``TIME_ZONE``.

The law counts in civil days of Beijing, so the day of an instant that was read must be the civil day (procedures §2).
PostgreSQL does the same when its connection is given the zone; on SQLite that setting would change what is stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.operations import DatabaseOperations
from django.utils.timezone import get_default_timezone


class Operations(DatabaseOperations):
    """What Django asks of SQLite, with instants read in the zone of the installation."""

    def convert_datetimefield_value(self, value: Any, expression: Any, connection: Any) -> datetime | None:
        """Return the instant that a column holds, in our zone."""
        read = super().convert_datetimefield_value(value, expression, connection)
        return None if read is None else read.astimezone(get_default_timezone())


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to SQLite."""

    ops_class = Operations
