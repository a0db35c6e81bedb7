"""Words of matters and what people wrote of them stand in no row and no stored file in clear (SR-47)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from dingmi.procedures.terms import Upload
from tests.story import Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.django_db]
TITLE, TEXT, REASON = "青铜铃下的暗渠", "白鹭渡口夜间泄洪", "灰鹤迁徙改道之故"


def held() -> list[tuple[str, str]]:
    """Return every value of every table of the database, as text, with the table that holds it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [(table, _text(value)) for row in cursor.fetchall() for value in row]
    return found


def _text(value: Any) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)


def test_title_text_and_reasons_of_a_matter_are_enciphered_wherever_they_are_kept(story: Story) -> None:
    upload = Upload("方案.docx", docx_of(f"{TEXT}。供水管网应急切换方案。"))
    matter = story.drafted(title=TITLE, upload=upload)
    story.fill(matter, story.answers())
    story.propose(matter)
    story.approve(matter)
    story.review(matter, "keep")
    given: Any = {"position": "level", "level": "绝密", "reasons": REASON, "challenger": story.province.pk}
    story.act("officer", "challenge.raise", matter=matter, expected_version=story.version(matter), **given)
    rows = held()
    assert len(rows) > 2000 and any("QJSW-" in value for _, value in rows)
    written = [words for words in (TITLE, TEXT, REASON) for piece in (words, words[:4], words[-4:]) if piece]
    assert [(table, word) for table, value in rows for word in written if word in value] == []
    files = [path for path in Path(settings.DINGMI_VAULT).rglob("*") if path.is_file()]
    assert files and not [path for path in files for word in written if word.encode() in path.read_bytes()]
