"""What was written behind the acts is not served: reading, deciding and downloading it are refused (SR-43)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client

from dingmi.base.errors import DingmiError, NotFound, Tampered
from dingmi.base.presentation import error_document
from dingmi.procedures import ACTS
from dingmi.procedures.access import ask
from dingmi.queries import access
from dingmi.queries.verify import verify
from dingmi.records.ledger.models import Entry
from dingmi.records.ledger.rows import row_digest
from dingmi.records.ledger.tree import canonical, leaf_hash
from dingmi.records.matters.models import Decision, Matter, ScopeEntry
from dingmi.records.officers.models import Designation
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def written(sql: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, [v.hex if isinstance(v, UUID) and connection.vendor == "sqlite" else v for v in values])
        return int(cursor.rowcount)


def without_triggers(table: str) -> None:
    """Do as the owner of the database can."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def refused(story: Story, user: str, what: str, **params: Any) -> None:
    with pytest.raises(Tampered) as found:
        if what in ACTS:
            story.act(user, what, **params)
        else:
            ask(what, actor=story.actor(user), now=story.now, params={k: str(v) for k, v in params.items()})
    document = error_document(found.value)
    assert found.value.code == "row.altered"
    assert "dingmi verify" in str(document) and "保密办公室" in str(document)


def admitted_by_hand(story: Story, matter: UUID, person: UUID | None = None) -> None:
    """Copy an admission of the matter, for somebody else."""
    entry = ScopeEntry.objects.filter(matter=matter, person__isnull=False).first()
    columns = [f.column for f in ScopeEntry._meta.concrete_fields]
    new = {"id": UUID(int=99), "person_id": person or story.people["drafter2"]}
    picked = ", ".join("%s" if c in new else f'"{c}"' for c in columns)
    names = ", ".join(f'"{c}"' for c in columns)
    values = [new[c] for c in columns if c in new]
    assert written(f"INSERT INTO matters_scopeentry ({names}) SELECT {picked} FROM matters_scopeentry WHERE id=%s",
                   *values, entry.pk) == 1  # fmt: skip


def changed(table: str, column: str, value: Any) -> Any:
    def change(story: Story, matter: UUID) -> None:
        without_triggers(table)
        key = "id" if table == "matters_matter" else "matter_id"
        assert written(f"UPDATE {table} SET {column}=%s WHERE {key}=%s", value, matter) >= 1

    return change


def removed(story: Story, matter: UUID) -> None:
    without_triggers("matters_decision")
    assert written("DELETE FROM matters_decision WHERE matter_id=%s", matter) == 1


CHANGES = {
    "level lowered": changed("matters_matter", "level", "秘密"),
    "period lengthened": changed("matters_matter", "last_protected_day", "2099-01-01"),
    "state turned": changed("matters_matter", "state", "declassified"),
    "decisions renumbered": changed("matters_decision", "number", 7),
    "proposal changed": changed("matters_proposal", "tail", "20年"),
    "somebody admitted": admitted_by_hand,
    "admission ended": changed("matters_scopeentry", "until", "2026-01-01 00:00:00+08:00"),
    "another file put in its place": changed("matters_matterfile", "mark", "秘密★5年"),
    "decision removed": removed,
}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_what_was_changed_behind_the_acts_is_neither_shown_nor_given_out_nor_acted_on(story: Story) -> None:
    matter = story.approved()
    assert ask("matter", actor=story.actor("drafter"), now=story.now, params={"matter": str(matter)})
    for name, change in CHANGES.items():
        with undone():
            change(story, matter)
            refused(story, "drafter", "matter", matter=matter)
            refused(story, "drafter", "carriers.download", matter=matter, role="marked")
            refused(story, "drafter", "carriers.read", matter=matter)
            with pytest.raises(Tampered, match=r"row\.altered"):
                story.review(matter, "keep")
            assert "row.edited" in {f.kind for f in verify().findings}, name
    assert story.act("drafter", "carriers.read", matter=matter).text


def test_a_proposal_changed_while_it_waits_is_not_decided_on(story: Story) -> None:
    matter = story.proposed()
    changed("matters_proposal", "tail", "20年")(story, matter)
    refused(story, "officer", "review.desk", matter=matter)
    with pytest.raises(Tampered, match=r"row\.altered"):
        story.approve(matter)
    assert not Decision.objects.filter(matter=matter).exists()


def test_a_clearance_written_behind_the_acts_opens_nothing(story: Story) -> None:
    matter = story.proposed()
    person = story.people["outsider"]
    story.approve(matter)
    admitted_by_hand(story, matter, person)
    with pytest.raises(NotFound):
        ask("matter", actor=story.actor("outsider"), now=story.now, params={"matter": str(matter)})
    written("UPDATE organs_clearance SET level='机密' WHERE person_id=%s", person)
    refused(story, "outsider", "matter", matter=matter)


def test_an_entry_made_without_the_key_vouches_for_nothing(story: Story) -> None:
    """Whoever may write in the log as well can add an entry, but not its code."""
    matter = story.approved()
    stream = f"matter:{matter}"
    last = Entry.objects.filter(stream=stream).order_by("-stream_no").first()
    written("UPDATE matters_matter SET tail='20年' WHERE id=%s", matter)
    forged = row_digest(Matter.objects.get(pk=matter))
    body = json.loads(last.body) | {"rows": [forged], "stream_no": last.stream_no + 1}
    text = canonical(body)
    Entry.objects.create(
        stream=stream,
        stream_no=last.stream_no + 1,
        act=last.act,
        body=text,
        leaf=leaf_hash(text),
        mac=bytes(32),
        at=last.at,
    )
    refused(story, "drafter", "matter", matter=matter)


def test_the_page_says_what_happened_and_whom_to_tell(story: Story, client: Client) -> None:
    matter = story.approved()
    client.post("/sign-in", {"username": "drafter", "password": PASSWORD})
    assert client.get(f"/m/{matter}").status_code == 200
    written("UPDATE matters_matter SET tail='20年' WHERE id=%s", matter)
    answer = client.get(f"/m/{matter}")
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "dingmi verify" in page and "保密办公室" in page and "节点坐标" not in page


@pytest.mark.parametrize("level", ["", "公开"])
def test_a_designation_that_somebody_emptied_of_its_level_lets_nothing_be_decided_and_verify_tells(
    story: Story, level: str
) -> None:
    matter = story.proposed()
    assert access.grounds(story.actor("officer"), story.now).levels == ("内部", "秘密", "机密")
    without_triggers("officers_designation")
    officer = Designation.objects.get(officer__person=story.people["officer"]).pk
    assert written("UPDATE officers_designation SET max_level=%s WHERE id=%s", level, officer) == 1
    assert access.grounds(story.actor("officer"), story.now).levels == ()
    with pytest.raises(DingmiError):
        story.approve(matter)
    assert story.matter(matter).state == "proposed" and not verify().ok
