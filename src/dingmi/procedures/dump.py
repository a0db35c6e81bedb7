"""A PostgreSQL database as one file and back, by the server's own programs. 数据库转储。

``pg_dump`` copies one moment while acts go on; ``pg_restore`` fills an empty database or leaves it empty. Both come as the role of
the installation and say, as every statement does, that they are for everything (``row_security``).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.db import connection

from dingmi.base.errors import Refused, Unavailable
from dingmi.records.matters.row_security import SETTING

INSTALLED = Path("/usr/lib/postgresql")  # where Debian keeps what is not on the path
_READER = json.dumps({"everything": "dump"}, separators=(",", ":"))
_OPTIONS = f"-c {SETTING}={_READER}"
_ADDRESS = re.compile(r'^database\s*=\s*".*"[ \t]*$', re.MULTILINE)


def _program(name: str) -> str:
    """Return a program of PostgreSQL: the one of the server's own version where it is here."""
    connection.ensure_connection()
    own = INSTALLED / str(connection.pg_version // 10_000) / "bin" / name  # type: ignore[attr-defined]
    found = str(own) if own.exists() else shutil.which(name)
    if found is None:
        raise Unavailable("backup.no_program", (), program=name)
    return found


def _environment() -> dict[str, str]:
    """Return how to reach the database: the password never stands among the arguments."""
    held = connection.settings_dict
    reach = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    given = {name: str(held[key]) for name, key in reach.items() if held[key]}
    return {**os.environ, **given, "PGOPTIONS": _OPTIONS}


def _require_heard() -> None:
    """Refuse a way to the database that keeps options back, as some pools do: not one matter would be in the dump.

    Raises:
        Unavailable: ``backup.options_kept_back``.
    """
    options: Any = {**connection.get_connection_params(), "options": _OPTIONS}
    with connection.Database.connect(**options) as probe:  # type: ignore[attr-defined]
        if probe.execute("SELECT current_setting(%s, true)", [SETTING]).fetchone() != (_READER,):
            raise Unavailable("backup.options_kept_back")


def dump(target: Path) -> None:
    """Write the database as it stands at one moment into ``target``, which is empty.

    Raises:
        Unavailable: ``backup.no_program``, ``backup.options_kept_back``, or ``backup.database_damaged`` when the program
            fails.
    """
    _require_heard()
    words = [_program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--enable-row-security"]
    with target.open("wb") as file:
        done = subprocess.run(words, env=_environment(), stdout=file, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise Unavailable("backup.database_damaged")


def require_empty() -> None:
    """Refuse a database that holds anything.

    Raises:
        Refused: ``backup.database_not_empty``.
    """
    if connection.introspection.table_names():
        raise Refused("backup.database_not_empty", (), database=str(connection.settings_dict["NAME"]))


def load(source: Path) -> None:
    """Fill the database of the connection, which is empty, from a dump; nothing of one that fails stays.

    Raises:
        Refused: ``backup.database_not_empty``.
        Unavailable: ``backup.no_program``, or ``backup.not_loaded`` when the program fails.
    """
    require_empty()
    words = [_program("pg_restore"), "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    words += ["--dbname", str(connection.settings_dict["NAME"]), str(source)]
    if subprocess.run(words, env=_environment(), capture_output=True, check=False).returncode != 0:
        raise Unavailable("backup.not_loaded", (), database=str(connection.settings_dict["NAME"]))


def at_its_new_place(configuration: str) -> str:
    """Return the configuration of the backup with the database that was filled instead of the one it was made of."""
    return _ADDRESS.sub(lambda _: f"database = {json.dumps(os.environ.get('DINGMI_DATABASE', ''))}", configuration)
