"""T13: migrations killed with SIGKILL at their write points, each followed by the next start.

``python -m tests.upgrades FOLDER EVERY`` makes an installation and takes it back before its last tables, and an empty folder
beside it; both are brought up to date and killed at every ``EVERY``-th write point, on a copy of their own. The next start must
finish what was broken off: the same tables as if nothing had happened, the same log, and no row lost. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.crashes import copied, in_child, standing
from tests.faults import CHANGES, Points

BEFORE = ("organs", "0005")  # what every installation of that day had
DROPPED = {
    "organs_clearanceasked",
    "organs_secondasked",
}  # later tables that the story fills: their rows go with the step back


def tables(data: Path) -> list[tuple[str, ...]]:
    """Return what the database is made of."""
    with closing(sqlite3.connect(data / "dingmi.sqlite3")) as opened:
        made = opened.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
        done = opened.execute("SELECT app, name, '' FROM django_migrations ORDER BY app, name")
        return [*made.fetchall(), *done.fetchall()]


def looked() -> dict[str, Any]:
    """Return how the log and the rows stand."""
    from dingmi.queries.verify import verify

    found = verify()
    return {"faults": [f"{f.kind} {f.object}" for f in found.findings], "root": found.root, "rows": standing()}


def brought(data: Path) -> None:
    """Bring an installation up to date, as ``dingmi up`` does."""
    from dingmi.interfaces.cli.install import install

    install(data, demo=False)


def killed_at_points(base: Path, here: Path, every: int, is_right: Callable[[], list[str]]) -> dict[str, Any]:
    """Kill bringing ``base`` up to date at every ``every``-th write point."""

    def once(fatal: int) -> int:
        points = Points(str(here), fatal, CHANGES)
        with points.watching():
            brought(here)
        return points.met

    copied(base, here)
    code, whole = in_child(lambda: once(0))
    assert code == 0 and not is_right(), "nothing is wrong where nothing is killed"
    faults: dict[int, list[str]] = {}
    fatal = range(1 + every // 2 if every > 1 else 1, whole + 1, every)
    for number in fatal:
        copied(base, here)
        code, _ = in_child(lambda number=number: once(number))
        again = in_child(lambda: brought(here))[0] if code == -signal.SIGKILL else code
        wrong = is_right() if again == 0 else [f"ended with {code}, then {again}"]
        if wrong:
            faults[number] = wrong
    return {"points": whole, "killed": len(fatal), "faults": faults}


def main() -> None:
    folder, every = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    data = folder / "data"
    os.environ |= {"DINGMI_DATA": str(data), "DJANGO_SETTINGS_MODULE": "dingmi.site.settings"}
    os.environ.pop("DINGMI_TEST_DATABASE", None)
    data.mkdir(parents=True)
    (data / "dingmi.toml").write_text('profile = "demo"\n', encoding="utf-8")
    copied(data, folder / "empty")
    import django
    from django.conf import settings

    django.setup()
    settings.PASSWORD_HASHERS = ["tests.hashing.LightArgon2"]
    options = settings.DATABASES["default"]["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    from django.core.management import call_command

    from tests.story import Story

    def made() -> dict[str, Any]:
        call_command("migrate", verbosity=0)
        Story().approved()
        (data / "founded").touch()
        return looked()

    code, whole = in_child(made)
    assert code == 0
    wanted = tables(data)
    assert in_child(lambda: call_command("migrate", *BEFORE, verbosity=0))[0] == 0
    assert tables(data) != wanted
    copied(data, folder / "before")
    assert in_child(lambda: brought(data))[0] == 0
    _, before = in_child(looked)
    assert before["root"] == whole["root"]
    lost = {
        name: whole["rows"][name] - number for name, number in before["rows"].items() if whole["rows"][name] != number
    }
    assert lost.keys() == DROPPED and len(before["faults"]) == sum(lost.values()), "the step back took these rows alone"

    def upgraded() -> list[str]:
        _, after = in_child(looked)
        return [
            *([] if tables(data) == wanted else ["other tables"]),
            *([] if after == before else [f"other rows or another log: {after}"]),
        ]

    def founded() -> list[str]:
        _, after = in_child(looked)
        return [*([] if tables(data) == wanted else ["other tables"]), *(after["faults"] if after else ["no log"])]

    told = {
        "upgrade": killed_at_points(folder / "before", data, every, upgraded),
        "empty": killed_at_points(folder / "empty", data, every * 40, founded),
    }
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
