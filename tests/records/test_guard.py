"""The guard of the records: what an act leaves behind when it ends, and what may not be written at all (SR-57, SR-58)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dingmi.records.ledger import guard
from dingmi.records.matters.models import Decision
from dingmi.records.organs.models import Department, Organ


def test_an_act_leaves_neither_key_nor_debt_nor_name_behind() -> None:
    with guard.act_open("test.outer", key="a"):
        guard.owe(Department())
        with guard.act_open("test.inner", key="b"):
            assert (guard.require_act(), guard.request_key(), guard.is_owing()) == ("test.inner", "b", False)
        assert (guard.require_act(), guard.request_key(), guard.is_owing()) == ("test.outer", "a", True)
    assert (guard.request_key(), guard.is_owing(), guard.is_act_open(), guard.entries_made()) == (None, False, False, 0)


def test_what_is_owed_is_taken_once() -> None:
    record = Department()
    with guard.act_open("test.act"):
        assert guard.take_owed() == []
        guard.owe(record)
        assert guard.is_owing() is True
        assert (guard.take_owed(), guard.take_owed(), guard.is_owing()) == ([record], [], False)
    assert guard.take_owed() == []


@pytest.mark.parametrize("write", [lambda: guard.owe(Department()), lambda: guard.note_entry(1), guard.require_act])
def test_outside_an_act_nothing_is_owed_or_noted(write: Callable[[], Any]) -> None:
    with pytest.raises(guard.WriteOutsideAct, match="only by an act"):
        write()


def test_ids_are_drawn_from_the_seed_inside_its_block_only() -> None:
    def drawn() -> tuple[Any, Any]:
        with guard.seeded_ids(7):
            return guard.new_id(), guard.random_bytes(8)

    assert drawn() == drawn()
    assert guard.new_id() != guard.new_id() and (guard.new_id(), guard.random_bytes(8)) != drawn()
    with guard.seeded_ids(7):
        within = guard.new_id()
    after = guard.new_id()
    with guard.seeded_ids(7):
        assert guard.new_id() == within and guard.new_id() != after


def test_a_decision_is_written_once_and_never_deleted_within_an_act_either() -> None:
    kept = Decision()
    kept._state.adding = False
    with guard.act_open("test.act"):
        with pytest.raises(guard.WriteOutsideAct, match="never edited"):
            kept.save()
        with pytest.raises(guard.WriteOutsideAct, match="never deleted"):
            kept.delete()


@pytest.mark.db
@pytest.mark.django_db
def test_within_an_act_rows_are_written_and_removed_one_by_one_and_in_bulk() -> None:
    def names() -> list[str]:
        return sorted(Department.objects.values_list("name", flat=True))

    with guard.act_open("test.act"):
        organ = Organ(name="某局", tier="county", line="水务")
        organ.save()
        one = Department(organ=organ, name="一处")
        one.save()
        rest = Department.objects.bulk_create([Department(organ=organ, name=name) for name in ("二处", "三处")])
        assert [type(row) for row in rest] == [Department, Department] and names() == ["一处", "三处", "二处"]
        rest[0].name, rest[1].name = "四处", "五处"
        assert Department.objects.bulk_update(rest, ["name"]) == 2 and names() == ["一处", "五处", "四处"]
        assert Department.objects.filter(pk=one.pk).update(order=3) == 1
        assert one.delete() == (1, {"organs.Department": 1}) and names() == ["五处", "四处"]
        assert Department.objects.filter(name="五处").delete() == (1, {"organs.Department": 1}) and names() == ["四处"]
    for write in (one.save, rest[0].delete, Department.objects.all().delete):
        with pytest.raises(guard.WriteOutsideAct):
            write()
    for bulk in (lambda: Department.objects.bulk_create([one]), lambda: Department.objects.bulk_update(rest, ["name"])):
        with pytest.raises(guard.WriteOutsideAct):
            bulk()
    with pytest.raises(guard.WriteOutsideAct):
        Department.objects.update(order=1)
    assert names() == ["四处"]


def test_what_is_written_once_is_written_as_other_records_are(monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[tuple[Any, ...]] = []
    monkeypatch.setattr(guard.Record, "save", lambda self, *given, **named: saved.append((self, given, named)))
    record = Decision()
    record.save(True, using="other")
    assert saved == [(record, (True,), {"using": "other"})]
