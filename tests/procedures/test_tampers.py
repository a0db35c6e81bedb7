"""T4: tampers of twelve classes, drawn by chance, with the triggers of the database taken away: each is found."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from dingmi.queries import verify as verification
from dingmi.queries.verify import verify
from dingmi.records.ledger.rows import _VOLATILE
from dingmi.records.ledger.tree import leaf_hash
from tests import bars
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.deep]


class Writer:
    """Whoever writes in the database and on the disk, with the log's codes out of reach."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.rows = sorted(verification._log([], 1)[2])
        self.models = {model._meta.db_table: model for model in apps.get_models()}
        self.about: set[str] = set()  # what has to be named; empty where the log as a whole is what was changed
        self.files = sorted(p for p in Path(settings.DINGMI_VAULT).rglob("*") if p.is_file())

    def run(self, sql: str, *values: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return int(cursor.rowcount)

    def read(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def entries(self) -> list[int]:
        return [pk for (pk,) in self.read("SELECT id FROM ledger_entry ORDER BY id")]

    def entry(self) -> int:
        """Return an entry that has to be named."""
        pk = self.chance.choice(self.entries())
        self.about = {f"entry:{pk}"}
        return pk

    def row(self) -> tuple[str, str, Any]:
        """Return table, key column and key of a row that an entry vouches for, as the database writes it."""
        while True:
            table, pk = self.chance.choice(self.rows)
            model = self.models.get(table)
            if model is None or not model._default_manager.filter(pk=pk).exists():
                continue
            key, self.about = model._meta.pk, {f"{table}:{pk}"}
            return table, key.column, key.get_db_prep_value(key.to_python(pk), connection)

    # the classes

    def edit(self) -> bool:
        """One column of a vouched row."""
        table, key, pk = self.row()
        fields = [f for f in self.models[table]._meta.concrete_fields if f.name not in _VOLATILE and not f.primary_key]
        column = self.chance.choice(fields).column
        ((was,),) = self.read(f'SELECT "{column}" FROM {table} WHERE "{key}"=%s', pk)
        other = {
            bool: lambda: not was,
            int: lambda: was + 1,
            bytes: lambda: was[:-1] + bytes([was[-1] ^ 1]) if was else b"\1",
        }
        new = other.get(type(was), lambda: f"{was or ''}x")()
        if isinstance(was, str) and len(was) > 9 and was[:4].isdigit() and was[4] == "-":
            new = f"{int(was[:4]) + 1}{was[4:]}" if not was.startswith("2028-02-29") else "2027" + was[4:8] + "28"
        if column.endswith("_id") and isinstance(was, str) and len(was) == 32:
            new = f"{int(was, 16) ^ 1:032x}"
        if was is None:
            return False  # what would be lawful there depends on its kind; other columns are edited
        try:
            with transaction.atomic():
                return self.run(f'UPDATE {table} SET "{column}"=%s WHERE "{key}"=%s', new, pk) == 1
        except Exception:  # the database itself refused: a check, a unique name
            return False

    def edit_entry(self) -> bool:
        """The body of an entry, one character."""
        pk = self.entry()
        ((body,),) = self.read("SELECT body FROM ledger_entry WHERE id=%s", pk)
        place = self.chance.randrange(len(body))
        new = body[:place] + ("x" if body[place] != "x" else "y") + body[place + 1 :]
        return self.run("UPDATE ledger_entry SET body=%s WHERE id=%s", new, pk) == 1

    def insert(self) -> bool:
        """One more entry, made from another."""
        names = [c.name for c in connection.introspection.get_table_description(connection.cursor(), "ledger_entry")]
        others = ", ".join(f'"{n}"' for n in names if n != "id")
        last, pk = self.entries()[-1], self.chance.choice(self.entries())
        made = f"INSERT INTO ledger_entry (id, {others}) SELECT %s, {others} FROM ledger_entry WHERE id=%s"
        try:
            with transaction.atomic():
                return self.run(made, last + 1, pk) == 1
        except Exception:  # the number in its stream is taken: at another place of the stream
            new = others.replace('"stream_no"', "stream_no + 100000")
            made = f"INSERT INTO ledger_entry (id, {others}) SELECT %s, {new} FROM ledger_entry WHERE id=%s"
            return self.run(made, last + 1, pk) == 1

    def delete(self) -> bool:
        """One entry."""
        return self.run("DELETE FROM ledger_entry WHERE id=%s", self.entry()) == 1

    def delete_row(self) -> bool:
        """One vouched row."""
        table, key, pk = self.row()
        return self.run(f'DELETE FROM {table} WHERE "{key}"=%s', pk) == 1

    def reorder(self) -> bool:
        """Two entries change places in the sequence."""
        places = self.read("SELECT seq, entry_id FROM ledger_seq ORDER BY seq")
        (one, a), (other, b) = self.chance.sample(places, 2)
        self.run("UPDATE ledger_seq SET entry_id=-1 WHERE seq=%s", one)
        self.run("UPDATE ledger_seq SET entry_id=%s WHERE seq=%s", a, other)
        return self.run("UPDATE ledger_seq SET entry_id=%s WHERE seq=%s", b, one) == 1

    def swap(self) -> bool:
        """Two entries change their contents."""
        one, other = self.chance.sample(self.entries(), 2)
        self.about = {f"entry:{one}", f"entry:{other}"}
        columns = ("body", "leaf", "mac")
        held = [self.read(f"SELECT {', '.join(columns)} FROM ledger_entry WHERE id=%s", pk)[0] for pk in (one, other)]
        for pk, values in ((one, held[1]), (other, held[0])):
            self.run("UPDATE ledger_entry SET body=%s, leaf=%s, mac=%s WHERE id=%s", *values, pk)
        return held[0] != held[1]

    def truncate(self) -> bool:
        """The last entries, with their places."""
        last = self.entries()[-self.chance.randrange(1, 20) :]
        for pk in last:
            self.run("DELETE FROM ledger_seq WHERE entry_id=%s", pk)
            self.run("DELETE FROM ledger_entry WHERE id=%s", pk)
        return True

    def fork(self) -> bool:
        """An entry is rewritten with its leaf; the code takes the key."""
        pk = self.entry()
        ((body,),) = self.read("SELECT body FROM ledger_entry WHERE id=%s", pk)
        new = body.replace('"', '" ', 1) if self.chance.random() < 0.5 else body.replace("2026", "2025")
        return (
            new != body
            and self.run("UPDATE ledger_entry SET body=%s, leaf=%s WHERE id=%s", new, leaf_hash(new), pk) == 1
        )

    def replay(self) -> bool:
        """An entry gets a second place."""
        pk = self.chance.choice(self.entries())
        ((last,),) = self.read("SELECT MAX(seq) FROM ledger_seq")
        try:
            with transaction.atomic():
                return self.run("INSERT INTO ledger_seq (seq, entry_id) VALUES (%s, %s)", last + 1, pk) == 1
        except Exception:  # an entry has one place: in the place of another then
            other = self.chance.choice([e for e in self.entries() if e != pk])
            self.run("DELETE FROM ledger_seq WHERE entry_id=%s", pk)
            return self.run("UPDATE ledger_seq SET entry_id=%s WHERE entry_id=%s", pk, other) == 1

    def forge(self) -> bool:
        """A signed head, one character or byte of it."""
        heads = self.read("SELECT * FROM ledger_checkpoint")
        columns = [f.column for f in self.models["ledger_checkpoint"]._meta.concrete_fields if not f.primary_key]
        key = self.models["ledger_checkpoint"]._meta.pk.column
        if not heads:
            return False
        pk = self.chance.choice(self.read(f"SELECT {key} FROM ledger_checkpoint"))[0]
        self.about = {f"checkpoint:{pk}"}
        column = self.chance.choice(columns)
        ((was,),) = self.read(f"SELECT {column} FROM ledger_checkpoint WHERE {key}=%s", pk)
        if not isinstance(was, str | bytes) or not was:
            return False
        place = self.chance.randrange(len(was))
        if isinstance(was, bytes):
            new: Any = was[:place] + bytes([was[place] ^ 1]) + was[place + 1 :]
        else:
            new = was[:place] + ("x" if was[place] != "x" else "y") + was[place + 1 :]
        return self.run(f"UPDATE ledger_checkpoint SET {column}=%s WHERE {key}=%s", new, pk) == 1

    def flip(self) -> bool:
        """One bit of a stored file."""
        path = self.chance.choice(self.files)
        data = bytearray(path.read_bytes())
        self.put_back = lambda kept=bytes(data): path.write_bytes(kept)
        data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
        path.write_bytes(data)
        return True

    def swap_keys(self) -> bool:
        """Another key of the codes."""
        path = Path(settings.DINGMI_KEYS) / "ledger.key"
        kept = path.read_bytes()
        self.put_back = lambda: path.write_bytes(kept)
        path.write_text(self.chance.randbytes(32).hex())
        return True

    put_back: Callable[[], Any] = staticmethod(lambda: None)


CLASSES = (
    "edit",
    "edit_entry",
    "insert",
    "delete",
    "delete_row",
    "reorder",
    "swap",
    "truncate",
    "fork",
    "replay",
    "forge",
    "flip",
    "swap_keys",
)


def test_every_tamper_is_found_and_what_was_changed_is_named(story: Story, bar: bars.Reached) -> None:
    for number in range(3):
        matter = story.approved(answers=story.answers(str((7, 3, 1)[number])))
        if number:
            story.review(matter, "keep")
    story.daily()
    assert verify().ok
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')
    made, missed, seed = Counter[str](), list[str](), 0
    while sum(made.values()) < bars.part(2000):
        seed += 1
        kind = CLASSES[seed % len(CLASSES)]
        with transaction.atomic():
            writer = Writer(random.Random(seed))
            try:
                if getattr(writer, kind)():
                    made[kind] += 1
                    found = {fault.object for fault in verify().findings}
                    if not found or (writer.about and not writer.about & found):
                        missed.append(f"{kind} of seed {seed}")
            finally:
                writer.put_back()
                transaction.set_rollback(True)
    assert missed == [], made
    assert verify().ok, "everything was put back"
    bar("T4 tampers", sum(made.values()), 2000)
