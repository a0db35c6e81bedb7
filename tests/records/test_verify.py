"""``verify`` finds what was changed behind the acts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from dingmi.base.errors import Forbidden
from dingmi.procedures import access as acts
from dingmi.queries import QUERIES
from dingmi.queries import verify as verification
from dingmi.queries.system import pending_migrations
from dingmi.queries.verify import verify, verify_log
from dingmi.records.ledger.append import append
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry, Sequence
from dingmi.records.ledger.rows import rows_named
from dingmi.records.ledger.tree import canonical
from dingmi.records.organs.models import Account
from dingmi.records.vault import store
from tests.procedures.test_frame_and_access import NOW, actor, founded  # noqa: F401

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def _run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _kinds():
    return {f.kind for f in verify().findings}


def _without_triggers(table):
    if connection.vendor == "sqlite":
        _run(f"DROP TRIGGER {table}_no_update", f"DROP TRIGGER {table}_no_delete")
    else:
        _run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


def test_untouched_installation_is_intact(founded):  # noqa: F811
    result = verify()
    assert result.ok and result.entries == Entry.objects.count() == 1


def test_edited_row_is_found(founded):  # noqa: F811
    _run("UPDATE organs_organ SET tier='central'")
    assert _kinds() == {"row.edited"}


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL keeps the kind of every column")
def test_row_edited_into_no_value_of_its_kind_is_found_like_any_other(founded):  # noqa: F811
    _run("PRAGMA defer_foreign_keys=ON", "UPDATE organs_account SET person_id=person_id || 'x'")
    found = _kinds()
    _run("UPDATE organs_account SET person_id=substr(person_id, 1, 32)")
    assert {"row.edited", "row.unreadable"} <= found and verify().ok


def test_edited_entry_is_found(founded):  # noqa: F811
    _without_triggers("ledger_entry")
    _run("UPDATE ledger_entry SET body=replace(body, 'keep.found', 'keep.fount')")
    assert {"entry.edited", "entry.code", "log.root"} <= _kinds()


def test_truncated_log_is_found(founded):  # noqa: F811
    _without_triggers("ledger_entry")
    _run("DELETE FROM ledger_entry")
    assert {"log.gap", "log.root"} <= _kinds()


def test_a_session_written_behind_the_acts_is_found(founded):  # noqa: F811
    acts.sign_in(username="head", password=founded["head"], terminal="t", now=NOW)
    assert verify().ok
    _run("UPDATE organs_account SET session_key='ab' WHERE username='head'")
    assert _kinds() == {"session.unknown"}


def test_a_lock_lifted_behind_the_acts_is_found_and_one_lifted_by_the_act_is_not(founded):  # noqa: F811
    for minute in range(5):
        with pytest.raises(Forbidden):
            acts.sign_in(username="head", password="wrong", terminal="t", now=NOW + timedelta(minutes=minute * 20))
    account = Account.objects.get(username="head")
    assert account.locked_at is not None and verify().ok
    _run("UPDATE organs_account SET locked_at=NULL WHERE username='head'")
    assert _kinds() == {"lock.lifted"}
    acts.unlock(actor=actor("secadmin"), now=NOW + timedelta(hours=2), account=account.pk)
    assert verify().ok


@pytest.mark.parametrize("column", ["stream", "stream_no"])
def test_an_entry_moved_to_another_stream_is_found(founded, column):  # noqa: F811
    _without_triggers("ledger_entry")
    _run(f"UPDATE ledger_entry SET {column} = " + ("'organ:x'" if column == "stream" else "2"))
    assert "entry.edited" in _kinds()


def test_short_stretches_find_the_same_as_one(founded, monkeypatch):  # noqa: F811
    for minute in range(6):
        acts.set_language(actor=actor(now=NOW), now=NOW + timedelta(minutes=minute), language="zh")
    whole = verify_log()
    monkeypatch.setattr(verification, "STRETCH", 2)
    assert whole.ok and verify_log() == whole and whole.entries == 7


@pytest.fixture
def stored(founded):  # noqa: F811
    with act_open("test.stored"):
        kept = store.put("机密", "取水口坐标".encode() * 100, kind="original", media="txt", at=NOW)
    assert verify().ok
    return Path(settings.DINGMI_VAULT) / kept.path, kept


@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 0.99])
def test_a_stored_file_changed_in_one_byte_is_found(stored, where):
    path, _ = stored
    data = bytearray(path.read_bytes())
    data[int(len(data) * where)] ^= 1
    path.write_bytes(data)
    assert _kinds() == {"file.edited"}


@pytest.mark.parametrize("kept", [0, 3, -1])
def test_a_stored_file_cut_short_is_found(stored, kept):
    path, _ = stored
    path.write_bytes(path.read_bytes()[:kept])
    assert _kinds() == {"file.edited"}


def test_a_missing_stored_file_is_found(stored):
    path, kept = stored
    path.unlink()
    result = verify()
    assert not result.ok and [(f.kind, f.object) for f in result.findings] == [("file.missing", f"stored:{kept.pk}")]


def test_a_file_put_in_the_place_of_another_is_found(stored):
    path, _ = stored
    with act_open("test.stored"):
        other = store.put("机密", b"other", kind="original", media="txt", at=NOW)
    path.write_bytes((Path(settings.DINGMI_VAULT) / other.path).read_bytes())
    assert _kinds() == {"file.edited"}


def test_a_destroyed_file_is_not_missed_where_an_entry_vouches_for_it(stored):
    path, kept = stored
    path.unlink()
    with act_open("test.swept"):
        kept.swept_at = NOW
        kept.save(update_fields=["swept_at"])
        assert _kinds() == {"file.destroyed"}
        append(actor("sysadmin"), "test.swept", subject=("stored", kept.pk), at=NOW, rows=[kept])
    assert _kinds() <= {"entry.unplaced"}  # on PostgreSQL it has its place after the commit


@pytest.mark.django_db
def test_what_got_its_place_meanwhile_is_no_fault_and_what_did_not_stays_one(monkeypatch):
    monkeypatch.setattr(verification, "PATIENCE", 0.0)
    Sequence.objects.create(seq=0, entry_id=5)
    placed, waiting, other = (
        verification.Fault(kind, f"entry:{number}", "sequence")
        for kind, number in (("entry.unplaced", 5), ("entry.unplaced", 6), ("entry.mac", 5))
    )
    faults = [placed, other, waiting]
    verification._forgive_placed(faults)
    assert faults == [other, waiting]


def test_a_file_that_no_row_names_is_named_and_is_no_fault(stored):
    path, _ = stored
    stray = path.with_name("stray.dmb1")
    stray.write_bytes(b"left by an act that was broken off")
    result = verify()
    assert result.ok and result.loose == (stray.relative_to(settings.DINGMI_VAULT).as_posix(),)


def test_verify_is_asked_by_the_auditor_not_by_the_head(founded):  # noqa: F811
    assert QUERIES["verify"].run(actor=actor("auditor"), now=NOW, params={}).ok
    with pytest.raises(Forbidden, match=r"role\.required"):
        QUERIES["verify"].run(actor=actor("head"), now=NOW, params={})


def test_status_tells_of_a_missing_key_and_a_clock_behind(founded):  # noqa: F811
    def told(now):
        return QUERIES["status"].run(actor=actor("sysadmin"), now=now, params={})

    sound = told(NOW)
    assert sound.entries == sound.placed == 1 and sound.is_clock_sound
    assert sound.missing_keys == () and sound.pending_migrations == ()
    (Path(settings.DINGMI_KEYS) / "jimi.key").unlink()
    assert told(NOW).missing_keys == ("jimi.key",)
    assert not told(NOW - timedelta(minutes=6)).is_clock_sound


def test_changes_of_the_database_are_told_without_loading_them_and_none_is_missed(monkeypatch):
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _self: {})
    known = {f"{label}.{name}" for label, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    assert set(pending_migrations()) == known and known


def test_rows_of_a_body_are_read_where_the_body_itself_names_them() -> None:
    row = {"table": "matters_matter", "id": "6f1c", "sm3": "ab" * 32}
    data = {"rows": [row | {"id": "other"}], "words": ',"rows":[{"id":"9","sm3":"' + "cd" * 32 + '","table":"x"}]'}
    for rows in ([], [row], [row, row | {"id": "7"}]):
        body = canonical({"act": "a", "data": data, "rows": rows, "stream": "s:1", "stream_no": 2, "v": 1})
        found = rows_named(body, body.rfind(',"stream":"s:1"'))
        assert [*found] == [(r["id"], r["sm3"], r["table"]) for r in rows]
