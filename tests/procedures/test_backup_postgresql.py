"""The drill on PostgreSQL: a running installation is dumped under row security, sealed, and comes back into an empty database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from dingmi.base.errors import Refused, Unavailable
from dingmi.engines.crypto import passphrase as passphrases
from dingmi.procedures import backup as acts
from dingmi.procedures import dump
from dingmi.queries import access
from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry
from dingmi.records.matters import row_security
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Account
from tests.procedures.test_backup import LIGHT, WORDS
from tests.procedures.test_concurrency import _on_server, city, db, shared
from tests.story import Story

__all__ = ["city", "db", "shared"]
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="test_backup.py drills SQLite"),
]
EMPTY = "dingmi_back"


@pytest.fixture
def emptied(shared: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Hash lightly; return what turns the program to a new, empty database, as ``DINGMI_DATABASE`` does."""
    monkeypatch.setattr(acts, "parameters", lambda: passphrases.parameters(LIGHT))

    def turn() -> None:
        _on_server(f'CREATE DATABASE "{EMPTY}"')
        connections["default"].close()
        connections.settings["default"]["NAME"] = EMPTY  # ``shared`` puts the old one back
        connections["default"] = connections.create_connection("default")

    yield turn
    connections["default"].close()
    _on_server(f'DROP DATABASE IF EXISTS "{EMPTY}" WITH (FORCE)')


def test_an_installation_on_postgresql_comes_back_whole_and_guarded(
    city: Story, emptied: Any, tmp_path: Path, settings: Any
):
    matter = city.approve(city.proposed()).matter
    folder, place = tmp_path / "backup", tmp_path / "place"
    done = acts.backup(actor=city.actor("sysadmin"), now=city.now, folder=folder, passphrase=WORDS)
    sealed = (folder / acts.DATABASE).read_bytes()
    assert "周启明".encode() not in sealed and b"PGDMP" not in sealed[:5]
    with pytest.raises(Refused) as full:
        acts.unpack(folder=folder, passphrase=WORDS, place=place)
    assert full.value.code == "backup.database_not_empty" and not place.exists()

    emptied()
    opened = acts.unpack(folder=folder, passphrase=WORDS, place=place)
    settings.DINGMI_KEYS, settings.DINGMI_VAULT = place / "keys", place / "vault"
    back = acts.restored(actor=access.anonymous("test"), now=city.now, opened=opened)
    assert back.log_size == done.log_size and back.files == done.files
    assert verify().ok and Entry.objects.filter(act="keep.restored").count() == 1
    assert not (place / acts.DATABASE_FILE).exists() and not Account.objects.exclude(session_key="").exists()
    assert row_security.open_tables() == () and row_security.passes_by() == ""
    assert (
        city.act("drafter", "carriers.read", matter=matter).text
        == city.act("officer", "carriers.read", matter=matter).text
    )
    with access.reading(city.actor("outsider"), city.now):
        assert not Matter.objects.exists()


def test_a_dump_that_cannot_be_loaded_leaves_nothing(city: Story, emptied: Any, tmp_path: Path):
    torn = tmp_path / "torn"
    torn.touch()
    dump.dump(torn)
    torn.write_bytes(torn.read_bytes()[:-2000])
    emptied()
    with pytest.raises(Unavailable) as failed:
        dump.load(torn)
    assert failed.value.code == "backup.not_loaded" and not connection.introspection.table_names()


def test_a_way_to_the_database_that_keeps_options_back_makes_no_backup_without_matters(
    city: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(dump, "_OPTIONS", "")
    with pytest.raises(Unavailable) as kept:
        dump.dump(tmp_path / "dump")
    assert kept.value.code == "backup.options_kept_back" and not (tmp_path / "dump").exists()


def test_the_configuration_names_the_database_that_was_filled(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DINGMI_DATABASE", "postgresql://dingmi@127.0.0.1/new")
    old = 'profile = "enterprise"\ndatabase = "postgresql://dingmi@127.0.0.1/old"\n'
    assert dump.at_its_new_place(old) == old.replace("/old", "/new")
