"""One installation is one database and one ledger; what parts the levels is their place, their keys and their index (SR-97)."""

from __future__ import annotations

import hashlib
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.db import DEFAULT_DB_ALIAS, connection, connections, router

from dingmi.base.errors import Tampered
from dingmi.queries import fields
from dingmi.records.keys import asking, custody
from dingmi.records.keys.places import SLUGS
from dingmi.records.ledger.guard import act_open
from dingmi.records.ledger.models import Entry, Frontier
from dingmi.records.vault import store
from dingmi.site.settings import _database
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
WORDS = "管线节点坐标".encode() * 20


def test_every_record_stands_in_the_one_database(story: Story) -> None:
    assert list(configured.DATABASES) == list(connections) == [DEFAULT_DB_ALIAS] and not configured.DATABASE_ROUTERS
    for model in apps.get_models():
        assert {router.db_for_read(model), router.db_for_write(model)} == {DEFAULT_DB_ALIAS}, model
    tables = set(connection.introspection.table_names())
    assert {model._meta.db_table for model in apps.get_models() if model._meta.managed} <= tables


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of PostgreSQL its own configuration says when it syncs")
def test_on_sqlite_it_is_one_file_that_is_synced_whole() -> None:
    made: Any = _database("")
    assert str(made["NAME"]).endswith("dingmi.sqlite3") and made["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,), "FULL"
        cursor.execute("PRAGMA database_list")
        assert [name for _, name, _ in cursor.fetchall() if name != "temp"] == ["main"]
    assert "journal_mode=WAL" in made["OPTIONS"]["init_command"]


def test_matters_of_all_levels_are_told_of_in_one_ledger(story: Story) -> None:
    higher, lower = story.approved(), story.approved(answers=story.answers("3"))
    assert {story.matter(one).level for one in (higher, lower)} == {"机密", "秘密"}
    numbers = list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) and Frontier.objects.count() == 1
    told = {one: Entry.objects.filter(stream=f"matter:{one}") for one in (higher, lower)}
    assert all(entries.exists() for entries in told.values())
    assert Entry._meta.db_table == "ledger_entry" and Frontier.objects.get().size <= len(numbers)


def test_each_level_has_a_place_keys_and_an_index_key_that_no_other_has(story: Story) -> None:
    with act_open("test"):
        kept = {level: store.put(level, WORDS, kind="original", media="txt", at=story.now) for level in SLUGS}
    assert {level: one.path.partition("/")[0] for level, one in kept.items()} == SLUGS
    assert len({one.fingerprint for one in kept.values()}) == len(SLUGS), "the same words, found under no other level"
    assert len({store.content_code(level, hashlib.sha256(WORDS).hexdigest()) for level in SLUGS}) == len(SLUGS)
    derived = [asking.key(level, purpose) for level, purpose in product(SLUGS, ("field", "index"))]
    assert len(set(derived)) == len(derived) == 2 * len(SLUGS)
    for level, other in product(SLUGS, SLUGS):
        sealed = fields.encrypt(level, "标题", aad="a:1")
        if level == other:
            assert fields.decrypt(level, sealed, aad="a:1") == "标题" and store.get(kept[level]) == WORDS
            continue
        with pytest.raises(Tampered):
            fields.decrypt(other, sealed, aad="a:1")
        with pytest.raises(Tampered):
            asking.named_key(other, asking.sealing_key(level).id)


def test_a_second_installation_opens_nothing_of_the_first(story: Story, settings: Any, tmp_path: Any) -> None:
    with act_open("test"):
        kept = store.put("绝密", WORDS, kind="original", media="txt", at=story.now)
    code, key = kept.fingerprint, asking.key("绝密", "field")
    settings.DINGMI_KEYS = tmp_path / "second" / "keys"
    settings.DINGMI_KEYS.parent.mkdir()
    asking.forget()
    custody.prepare(settings.DINGMI_KEYS)
    assert asking.key("绝密", "field") != key and store.fingerprint("绝密", WORDS) != code
    with pytest.raises(Tampered):
        store.get(kept)
    asking.forget()
