"""The log written and read back word for word: entries, their places, digests of rows, signed heads."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import InterfaceError, OperationalError, connection

from dingmi.base.actor import Actor, Role
from dingmi.base.errors import Unavailable
from dingmi.engines import crypto
from dingmi.engines.crypto.signing import decision_is_signed, head_is_signed, read_head
from dingmi.records.keys import asking
from dingmi.records.ledger import append as log
from dingmi.records.ledger import checkpoint, coded, guard, models, rows
from dingmi.records.ledger.models import Checkpoint, Entry, Frontier, Receipt, Sequence, unplaced
from dingmi.records.ledger.tree import canonical, grown, leaf_hash, root_of
from dingmi.records.ledger.triggers import statements
from dingmi.records.matters.models import Matter
from dingmi.records.organs.models import Organ, Person

NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
ACTOR = Actor("acc", "per", "org", (), frozenset({Role.OFFICER, Role.DRAFTER}), "机密", "ses", "ter")
LEAVES = [leaf_hash(str(number)) for number in range(20)]


# --- without a database --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_the_frontier_is_that_of_the_tree_in_whatever_steps_it_grows(size: int) -> None:
    whole = grown(0, b"", LEAVES[:size])
    for cut in range(size + 1):
        assert grown(*grown(0, b"", LEAVES[:cut]), LEAVES[cut:size]) == whole
    edge = crypto.Frontier()
    for leaf in LEAVES[:size]:
        edge = edge.append(leaf)
    assert whole == (size, b"".join(edge.hashes)) and root_of(whole[1]) == edge.root()


def test_canonical_text_of_entries_has_one_spelling_and_its_limits() -> None:
    assert leaf_hash("密") == crypto.sm3(b"\0" + "密".encode())
    assert canonical({"b": "e\u0301", "a": (1, True, None)}) == '{"a":[1,true,null],"b":"é"}'
    for good in (2**53 - 1, 1 - 2**53):
        assert canonical(good) == str(good)
    for bad in (2**53, -(2**53), {"键": 1}, {1: 1}, {"a": [{"键": 1}]}):
        with pytest.raises(ValueError, match=r"beyond|ASCII"):
            canonical(bad)
    for bad in (1.5, {"a": b""}, [object()]):
        with pytest.raises(TypeError, match="no canonical form"):
            canonical(bad)


def test_values_of_an_entry_are_plain() -> None:
    ident = UUID(int=1)
    given = {"at": NOW, "on": date(2026, 3, 2), 1: {"b", "a"}, "t": (ident, None), "n": [True, 2, 1.5], "r": Role.HEAD}
    assert log._plain(given) == {
        "at": "2026-03-02T09:00:00+08:00", "on": "2026-03-02", "1": ["a", "b"], "t": [str(ident), None], "n": [True, 2, "1.5"], "r": "head",
    }  # fmt: skip
    assert type(log._plain(Role.HEAD)) is str and log._plain(frozenset({"x"})) == ["x"]


def test_of_a_verdict_an_entry_holds_codes_clauses_and_rulebook_alone() -> None:
    found = [
        SimpleNamespace(code="b", clauses=("Z", "A")),
        SimpleNamespace(code="a", clauses=("A",)),
        SimpleNamespace(code="a", clauses=()),
    ]
    verdict = SimpleNamespace(findings=found, rulebook="book", text="words")
    assert log._verdict_part(verdict) == {"codes": ["a", "b"], "clauses": ["A", "Z"], "rulebook": "book"}
    assert log._verdict_part(None) is None and log._verdict_part(object()) == {
        "codes": [],
        "clauses": [],
        "rulebook": "",
    }


def test_values_of_rows_are_digested_alike_in_every_time_zone_and_kind_of_bytes() -> None:
    digest = crypto.sm3(b"x").hex()
    assert rows._plain(NOW) == "2026-03-02T01:00:00.000000+00:00" == rows._plain(NOW.astimezone(UTC))
    assert rows._plain(date(2026, 3, 2)) == "2026-03-02" and rows._plain(UUID(int=1)) == str(UUID(int=1))
    assert [rows._plain(kind(b"x")) for kind in (bytes, bytearray, memoryview)] == [digest] * 3
    assert rows._plain(1.5) == "1.5" and rows._plain({"b": 1, "a": (NOW,)}) == {
        "k": [["a", [rows._plain(NOW)]], ["b", 1]]
    }
    assert rows._plain(["a", None]) == ["a", None]


def test_the_digest_of_a_row_covers_every_lasting_column() -> None:
    person = Person(pk=UUID(int=2), organ_id=UUID(int=1), name="甲", staff_no="7", joined_at=NOW)
    values = {f.attname: rows._plain(getattr(person, f.attname)) for f in person._meta.concrete_fields}
    expected = {"table": "organs_person", "id": str(UUID(int=2)), "sm3": crypto.sm3(canonical(values).encode()).hex()}
    assert rows.row_digest(person) == expected
    person.name = "乙"
    assert rows.row_digest(person)["sm3"] != expected["sm3"]
    assert {
        "failed_count", "locked_at", "session_key", "session_started_at", "last_step", "remark_due",
    } == rows._VOLATILE  # fmt: skip


def test_rows_are_read_from_the_list_before_the_stream_alone() -> None:
    digest = "ab" * 32
    one, other = (f'{{"id":"{ident}","sm3":"{digest}","table":"t"}}' for ident in "12")
    body = f'{{"data":",\\"rows\\":[","rows":[{one},{other}],"stream":"x","z":{one}}}'
    assert rows.rows_named(body, body.index(',"stream":')) == [("1", digest, "t"), ("2", digest, "t")]


def test_nothing_is_written_outside_an_act_and_acts_within_acts_keep_apart() -> None:
    with pytest.raises(guard.WriteOutsideAct):
        guard.require_act()
    with pytest.raises(guard.WriteOutsideAct):
        guard.note_entry(1)
    assert not guard.is_act_open() and guard.request_key() is None and guard.entries_made() == 0
    assert guard.first_time("a") and guard.first_time("a")
    with guard.act_open("one", "k"):
        assert guard.require_act() == "one" and guard.is_act_open() and guard.request_key() == "k"
        guard.note_entry(5)
        assert guard.first_time("a") and not guard.first_time("a")
        with guard.act_open("two"):
            assert guard.require_act() == "two" and guard.request_key() is None and guard.entries_made() == 0
            assert not guard.first_time("a") and guard.first_time("b")
        assert guard.entries_made() == 1 and guard.require_act() == "one" and not guard.first_time("b")
    assert not guard.is_act_open() and guard.request_key() is None and guard.first_time("a")
    with pytest.raises(RuntimeError), guard.act_open("three"):
        raise RuntimeError
    assert not guard.is_act_open()


def test_ids_are_random_unless_a_seed_is_given() -> None:
    with guard.seeded_ids(1):
        first = guard.new_id(), guard.random_bytes(4)
    with guard.seeded_ids(1):
        assert (guard.new_id(), guard.random_bytes(4)) == first and first[0].version == 4 and len(first[1]) == 4
        with guard.seeded_ids(2):
            assert guard.new_id() != first[0]
    assert guard._id_source.get() is None or guard.new_id() != first[0]


def test_every_write_of_a_record_needs_an_open_act() -> None:
    asked = Organ.objects.filter(pk=UUID(int=0))
    writes: list[Any] = [
        Organ(name="x").save, Organ(name="x").delete, lambda: asked.update(name="x"), asked.delete,
        lambda: Organ.objects.bulk_create([]), lambda: Organ.objects.bulk_update([], ["name"]),
    ]  # fmt: skip
    for write in writes:
        with pytest.raises(guard.WriteOutsideAct):
            write()


def test_a_table_written_once_has_all_its_statements_on_either_database() -> None:
    lite, post = statements("sqlite", "t", "k", stream=True), statements("postgresql", "t", stream=True)
    assert [s.split()[2] for s in lite] == ["t_no_update", "t_no_delete", "t_no_replace", "t_stream_once"]
    assert (
        "WHERE k = NEW.k" in lite[2] and len(statements("sqlite", "t")) == 3 and len(statements("postgresql", "t")) == 5
    )
    assert sum("ENABLE ALWAYS" in s for s in post) == 2 and post[-1].startswith(
        "CREATE UNIQUE INDEX t_stream_once ON t (stream, stream_no)"
    )


# --- with a database -----------------------------------------------------------------------------------------------


@pytest.fixture
def keyed(db: None, settings: Any, tmp_path: Any) -> bytes:
    """Keys of this test alone; return that of the codes."""
    settings.DINGMI_KEYS, settings.DINGMI_PROFILE = tmp_path / "keys", "demo"
    asking.prepare()
    return coded.ledger_key()


def write(
    *lines: log.Line, act: str = "test.act", key: str | None = None, at: datetime = NOW, **more: Any
) -> list[int]:
    with guard.act_open(act, key):
        ids = log.append_lines(ACTOR, act, lines, at=at, **more)
        assert guard.entries_made() == len(lines)
    if connection.vendor != "sqlite":
        assert log.sequence_committed() == len(lines)
    return ids


def test_an_entry_says_who_did_what_to_what_and_when_and_nothing_else(keyed: bytes) -> None:
    with guard.act_open("test.act", "req"):
        ident = log.append(ACTOR, "test.act", subject=("matter", 7), at=NOW, data={"n": 1}, result="refused")
    log.sequence_committed()
    entry = Entry.objects.get(pk=ident)
    assert json.loads(entry.body) == {
        "v": 1, "at": "2026-03-02T01:00:00.000000+00:00", "act": "test.act", "key": "req", "result": "refused",
        "actor": {"account": "acc", "person": "per", "roles": ["drafter", "officer"], "session": "ses", "terminal": "ter"},
        "subject": {"kind": "matter", "id": "7"}, "stream": "matter:7", "stream_no": 1, "data": {"n": 1}, "verdict": None, "rows": [],
    }  # fmt: skip
    assert entry.body == canonical(json.loads(entry.body)) and (entry.act, entry.stream, entry.stream_no) == (
        "test.act",
        "matter:7",
        1,
    )
    assert bytes(entry.leaf) == leaf_hash(entry.body) and entry.at == NOW
    assert bytes(entry.mac) == hmac.digest(keyed, leaf_hash(entry.body), "sm3") == coded.code_of(bytes(entry.leaf))
    assert coded.keyed_digest("词") == hmac.new(keyed, "词".encode(), "sm3").hexdigest()


def test_each_object_counts_its_own_entries_and_the_log_counts_all(keyed: bytes) -> None:
    first = write(*(log.Line(("a", n % 2)) for n in range(4)))
    second = write(log.Line(("a", 0)), log.Line(("b", 0)))
    third = write(log.Line(("a", 0)))
    numbers = {e.pk: (e.stream, e.stream_no) for e in Entry.objects.all()}
    assert [numbers[pk] for pk in first] == [("a:0", 1), ("a:1", 1), ("a:0", 2), ("a:1", 2)]
    assert [numbers[pk] for pk in second + third] == [("a:0", 3), ("b:0", 1), ("a:0", 4)]
    assert list(Sequence.objects.order_by("seq").values_list("seq", "entry_id")) == list(
        enumerate(first + second + third)
    )
    frontier = Frontier.objects.get(pk=1)
    leaves = [bytes(Entry.objects.get(pk=pk).leaf) for pk in first + second + third]
    assert (frontier.size, bytes(frontier.hashes)) == grown(0, b"", leaves) and not unplaced()
    assert log._last_numbers(["a:0", "b:0", "none"]) == {"a:0": 4, "b:0": 1}


def test_many_objects_are_numbered_together(keyed: bytes) -> None:
    write(*(log.Line(("a", n)) for n in range(501)))
    write(*(log.Line(("a", n)) for n in range(501)))
    assert Entry.objects.filter(stream_no=2).count() == 501 and Frontier.objects.get(pk=1).size == 1002


def test_looking_moves_the_log_but_nothing_that_was_counted_before(keyed: bytes) -> None:
    assert {"access.looked", "attempt"} == log.LOOKING
    write(log.Line(("a", 1)))
    first = Frontier.objects.get(pk=1)
    assert bytes(first.changed) == root_of(bytes(first.hashes))
    for act in sorted(log.LOOKING):
        write(log.Line(("a", 1)), act=act)
        later = Frontier.objects.get(pk=1)
        assert bytes(later.changed) == bytes(first.changed) and later.size > first.size
    write(log.Line(("a", 1)))
    last = Frontier.objects.get(pk=1)
    assert bytes(last.changed) == root_of(bytes(last.hashes)) != bytes(first.changed)


def test_the_mark_of_the_latest_time_never_goes_back_and_simulations_leave_it(keyed: bytes) -> None:
    def high() -> datetime | None:
        found: datetime | None = Frontier.objects.get(pk=1).high_water
        return found

    token = guard.simulation.set(True)
    try:
        ident = write(log.Line(("a", 1)), at=NOW + timedelta(days=9))[0]
    finally:
        guard.simulation.reset(token)
    assert json.loads(Entry.objects.get(pk=ident).body)["simulated"] is True and high() is None
    write(log.Line(("a", 1)))
    assert high() == NOW
    write(log.Line(("a", 1)), at=NOW - timedelta(hours=1))
    assert high() == NOW
    write(log.Line(("a", 1)), log.Line(("a", 2)), at=NOW + timedelta(seconds=1))
    assert high() == NOW + timedelta(seconds=1)


def organ_and_two() -> tuple[Any, ...]:
    """Enter an organ and two people of it; an act is open."""
    organ = Organ(name="甲局", short_name="甲局", unit_code="JA", tier="prefecture", is_home=True)
    organ.save()
    people = [Person(organ=organ, name=name, staff_no=name, joined_at=NOW) for name in "ab"]
    for person in people:
        person.save()
    return organ, *people


def test_an_entry_vouches_for_the_rows_of_its_line_as_the_database_holds_them(keyed: bytes) -> None:
    with guard.act_open("test.act"):
        organ, *people = organ_and_two()
    ids = write(log.Line(("p", 1), rows=people[:1]), log.Line(("p", 2), {"x": None}, rows=[people[1], organ]))
    for ident, covered in zip(ids, ([people[0]], [people[1], organ]), strict=True):
        body = Entry.objects.get(pk=ident).body
        assert json.loads(body)["rows"] == [rows.row_digest(type(one).objects.get(pk=one.pk)) for one in covered]
        assert len(rows.rows_named(body, body.rindex(',"stream":'))) == len(covered)
    assert set(rows.row_digests([*people, people[0], organ])) == {
        ("organs_person", str(people[0].pk)), ("organs_person", str(people[1].pk)), ("organs_organ", str(organ.pk)),
    }  # fmt: skip


def test_rows_are_digested_in_batches_and_with_the_parts_that_hang_on_them(
    keyed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with guard.act_open("test.act"):
        organ, person, _ = organ_and_two()
        matters = [
            Matter(organ=organ, drafter=person, level="机密", title_ct=b"", created_at=NOW, changed_at=NOW)
            for _ in range(3)
        ]
        for matter in matters:
            matter.save()
    before = {d["id"]: d["sm3"] for d in rows.held_digests(Matter, [m.pk for m in matters])}
    monkeypatch.setattr(rows, "BATCH", 2)
    assert {d["id"]: d["sm3"] for d in rows.held_digests(Matter, [m.pk for m in matters])} == before and len(
        before
    ) == 3
    assert list(rows.held_digests(Matter, [UUID(int=0)])) == []
    entries = Matter._meta.get_field("scope_entries").related_model
    with guard.act_open("test.act"):
        for _ in range(2):
            entries(
                matter=matters[0],
                person=person,
                since=NOW,
            ).save()
    after = {d["id"]: d["sm3"] for d in rows.held_digests(Matter, [m.pk for m in matters])}
    assert {ident for ident in before if before[ident] != after[ident]} == {str(matters[0].pk)}
    held = rows._parts(Matter, matters)[matters[0].pk]
    assert set(held) == {"scope_entries"} and [v["id"] for v in held["scope_entries"]] == sorted(
        v["id"] for v in held["scope_entries"]
    )
    assert rows.row_digest(Matter.objects.get(pk=matters[0].pk))["sm3"] == after[str(matters[0].pk)]


def test_without_its_key_nothing_is_written(keyed: bytes, settings: Any, tmp_path: Any) -> None:
    settings.DINGMI_KEYS = tmp_path / "elsewhere"
    with pytest.raises(Unavailable, match=r"key\.missing") as caught:
        write(log.Line(("a", 1)))
    assert caught.value.params == {"key": "ledger"} and not Entry.objects.exists()


def test_a_head_is_signed_once_a_size_by_the_key_that_names_the_log(keyed: bytes) -> None:
    assert checkpoint.take_checkpoint(NOW) is None
    write(log.Line(("a", 1)))
    at = NOW.replace(microsecond=5)
    taken = checkpoint.take_checkpoint(at)
    assert taken is not None and checkpoint.take_checkpoint(NOW + timedelta(days=1)) == taken
    frontier, head, key = Frontier.objects.get(pk=1), read_head(taken.note), checkpoint.signing_key()
    assert (head.size, head.root, head.at) == (1, root_of(bytes(frontier.hashes)), NOW) and head.at.tzinfo == UTC
    assert (taken.size, bytes(taken.root), taken.key_id, taken.at) == (1, head.root, key.id, at)
    assert head_is_signed(taken.note, taken.signature, key.public)
    write(log.Line(("a", 1)))
    later = checkpoint.take_checkpoint(NOW)
    assert later is not None and later.size == 2 and Checkpoint.objects.count() == 2
    assert checkpoint.take_checkpoint(NOW) == later


def test_a_decision_is_signed_for_its_person_and_those_of_the_clock_for_nobody(keyed: bytes) -> None:
    public = checkpoint.signing_key().public
    assert decision_is_signed(public, "7", "ab", checkpoint.signature_for(7, "ab"))
    assert decision_is_signed(public, "", "ab", checkpoint.signature_for(None, "ab"))


def test_what_waits_for_its_place_is_looked_for_near_the_end_alone(keyed: bytes) -> None:
    made = Entry.objects.bulk_create(
        [Entry(stream="s:1", stream_no=n, act="a", body="", leaf=b"", mac=b"", at=NOW) for n in range(1, 6)]
    )
    assert [e.pk for e in unplaced()] == [e.pk for e in made]
    Sequence.objects.create(seq=0, entry_id=made[2].pk)
    assert [e.pk for e in unplaced()] == [made[n].pk for n in (0, 1, 3, 4)]
    assert [e.pk for e in unplaced(2)] == [made[n].pk for n in (1, 3, 4)]
    assert models._WINDOW == 100_000


def test_an_outcome_is_kept_once_for_an_account_and_key(keyed: bytes) -> None:
    from django.db import IntegrityError

    with guard.act_open("test.act"):
        Receipt(account="a", key="k", act="x", params_digest="", outcome={}, at=NOW).save()
        Receipt(account="b", key="k", act="x", params_digest="", outcome={}, at=NOW).save()
        with pytest.raises(IntegrityError):
            Receipt(account="a", key="k", act="x", params_digest="", outcome={}, at=NOW).save()


def test_on_sqlite_nothing_waits_to_be_placed(keyed: bytes) -> None:
    if connection.vendor == "sqlite":
        Entry.objects.bulk_create([Entry(stream="s:1", stream_no=1, act="a", body="", leaf=b"", mac=b"", at=NOW)])
        assert log.sequence_committed() == 0


@contextmanager
def another_process() -> Iterator[Any]:
    """A connection beside that of the test; its locks are given back when it is left, not when the server has seen that."""
    import psycopg

    told = connection.get_connection_params() | {"dbname": connection.settings_dict["NAME"]}
    wanted = {k: v for k, v in told.items() if k in ("dbname", "user", "host", "port", "password")}
    with psycopg.connect(**wanted, autocommit=True) as busy:
        yield busy
        busy.execute("SELECT pg_advisory_unlock_all()")


def appended(number: int) -> int:
    with guard.act_open("test.act"):
        return log.append(ACTOR, "test.act", subject=("matter", number), at=NOW)


def is_placed(entry: int) -> bool:
    return Sequence.objects.filter(entry_id=entry).exists()


@pytest.mark.postgres
def test_on_postgresql_nobody_waits_for_who_numbers_the_log_and_nothing_stays_without_a_place(keyed: bytes) -> None:
    with another_process() as busy:
        busy.execute("SELECT pg_advisory_lock(%s)", [log.LOCK])
        ident = appended(7)
        assert log.sequence_committed() == 0 and not is_placed(ident)
        busy.execute("SELECT pg_advisory_unlock(%s)", [log.LOCK])
    appended(8)
    assert log.sequence_committed(wait=True) == 2 and is_placed(ident)


@pytest.mark.postgres
def test_acts_leave_numbering_to_the_process_that_leads_and_proofs_wait_for_no_one(
    keyed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_seen_led", -log.TRUSTED)
    with another_process() as leader:
        leader.execute("SELECT pg_advisory_lock(%s)", [log.LEAD])
        first = appended(7)
        assert log.sequence_committed() == 0 and not is_placed(first)
    assert log.sequence_committed() == 0 and not is_placed(first)  # seen a moment ago
    assert log.sequence_committed(wait=True) == 1 and is_placed(first)
    monkeypatch.setattr(log, "_seen_led", -log.TRUSTED)
    appended(8)
    assert log.sequence_committed() == 1


@pytest.mark.postgres
def test_who_leads_numbers_round_after_round_until_asked_to_stop(keyed: bytes) -> None:
    made: list[int] = []

    class Stop(Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert all(map(is_placed, made[:3]))
            with another_process() as other:
                is_free = other.execute("SELECT pg_try_advisory_lock(%s)", [log.LEAD]).fetchone()[0]
            assert is_free is self.is_set()
            if len(made) == 3:
                self.set()
            made.append(appended(len(made)))
            return self.is_set()

    log.lead(Stop())
    assert len(made) == 5 and [is_placed(entry) for entry in made] == [True, True, True, False, False]


@pytest.mark.postgres
def test_who_loses_the_database_takes_the_lead_again_and_another_waits(
    keyed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, rounds, led, stop = [], [], log._led, Event()
    monkeypatch.setattr(log, "TRUSTED", 0.01)
    monkeypatch.setattr(connection, "close", lambda: closed.append(True))

    def breaking(stop: Event) -> None:
        rounds.append(True)
        if len(rounds) < 3:
            raise (OperationalError, InterfaceError)[len(rounds) - 1]
        stop.set()

    monkeypatch.setattr(log, "_led", breaking)
    log.lead(stop)
    assert len(closed) == 2 and len(rounds) == 3
    with another_process() as leader:
        leader.execute("SELECT pg_advisory_lock(%s)", [log.LEAD])
        led(Event())  # another leads: back at once


def test_on_sqlite_nobody_leads(keyed: bytes) -> None:
    if connection.vendor == "sqlite":
        log.lead(Event())


@pytest.mark.postgres
def test_whoever_numbers_looks_again_for_what_was_committed_meanwhile(keyed: bytes, monkeypatch: Any) -> None:
    placed, numbered = [], log._sequenced

    def late(*, wait: bool) -> int | None:
        done = numbered(wait=wait)
        if not placed:  # another process commits while this one is still at it
            with guard.act_open("test.act"):
                placed.append(log.append(ACTOR, "test.act", subject=("matter", 9), at=NOW))
        return done

    monkeypatch.setattr(log, "_sequenced", late)
    with guard.act_open("test.act"):
        log.append(ACTOR, "test.act", subject=("matter", 7), at=NOW)
    assert log.sequence_committed() == 2 and Sequence.objects.filter(entry_id=placed[0]).exists()
