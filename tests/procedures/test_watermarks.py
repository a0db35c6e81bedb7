"""The watermark of a copy that left leads to the entry of its leaving, and to nobody else's (SR-79)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from dingmi.engines import documents
from dingmi.queries import given_out
from dingmi.queries.clock import ZONE
from dingmi.records.ledger.models import Entry
from dingmi.records.organs.models import Person
from tests.procedures.test_life_of_a_matter import words_of_docx
from tests.story import Story

pytestmark = [pytest.mark.db, pytest.mark.django_db]
WATERMARK = re.compile(r"(\w+) (\d{4}) (\d{4}-\d\d-\d\d \d\d:\d\d)")


def leavings(matter: object, words: str) -> list[Entry]:
    """Return the entries that a watermark leads to: of this matter, by the person of that number, within that minute."""
    name, number, minute = WATERMARK.search(words).groups()  # type: ignore[union-attr]
    person = Person.objects.get(staff_no=number)
    assert person.name == name
    found = []
    for entry in Entry.objects.filter(act="carriers.download", stream=f"matter:{matter}"):
        body = json.loads(entry.body)
        at = datetime.fromisoformat(body["at"]).replace(tzinfo=UTC).astimezone(ZONE)
        if body["actor"]["person"] == str(person.pk) and f"{at:%Y-%m-%d %H:%M}" == minute:
            found.append(entry)
    return found


def test_each_reader_s_copy_leads_to_the_entry_of_its_own_leaving(story: Story) -> None:
    matter = story.approved()
    copies = []
    for user, minutes in (("drafter", 1), ("officer", 2), ("drafter", 3)):
        story.later(minutes=minutes)
        copies.append(story.act(user, "carriers.download", matter=matter).content)
    led = [leavings(matter, words_of_docx(data)) for data in copies]
    assert [len(entries) for entries in led] == [1, 1, 1] and len({entries[0].pk for entries in led}) == 3
    for data, entries in zip(copies, led, strict=True):
        told = json.loads(entries[0].body)["data"]
        assert told["role"] == "marked" and told["file"] and told["knowledge"]
        checked = given_out.checked_by_holder("件.docx", data)
        assert (checked.verdict, checked.matter) == ("valid", str(matter)), "seen, and signed for machines"
        assert documents.read_mark(data, "docx").visible == "机密★10年"
