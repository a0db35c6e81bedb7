"""Sealing and opening on a page: by level, for a matter, and what is refused keeps its form."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dingmi.engines import crypto
from dingmi.records.ledger.models import Entry
from tests.interfaces.conftest import Reader
from tests.story import PASSWORD, Story

pytestmark = pytest.mark.db
TEXT = "取水口坐标 ".encode() * 300


def file(content: bytes = TEXT, name: str = "图.dwg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_file_is_sealed_under_a_level_and_opened_again(story: Story, reader: Reader) -> None:
    drafter = reader("drafter")
    page = drafter.get("/sealed").content.decode()
    assert re.findall(r'<option value="([^"]+)"', page) == ["内部", "秘密", "机密"]  # what the drafter reads
    sealed = drafter.post("/sealed", {"act": "keep.seal", "upload": file(), "level": "机密"})
    assert crypto.is_container(sealed.content) and "dmb" in sealed["Content-Disposition"]
    given = {"act": "keep.open", "upload": file(sealed.content, "图.dwg.dmb")}
    refused = drafter.post("/sealed", given)
    assert refused.status_code in (400, 401, 403, 422) and not Entry.objects.filter(act="keep.open").exists()
    given = {"act": "keep.open", "upload": file(sealed.content, "图.dwg.dmb"), "password": PASSWORD}
    opened = drafter.post("/sealed", given)
    assert opened.content == TEXT and opened["Content-Disposition"].startswith("attachment")
    assert Entry.objects.filter(act="keep.open").count() == 1


def test_for_a_matter_it_opens_for_its_readers_and_nobody_else_is_told_of_it(story: Story, reader: Reader) -> None:
    matter = story.approved()
    officer, road = reader("officer"), f"/sealed?matter={matter}"
    page = officer.get(road).content.decode()
    assert f"/m/{matter}/attachments" in page and 'name="level"' not in page
    sealed = officer.post(road, {"act": "keep.seal", "upload": file(), "matter": str(matter)})
    sent = {"act": "keep.open", "upload": file(sealed.content, "a.dmb"), "password": PASSWORD}
    assert reader("drafter").post("/sealed", sent).content == TEXT
    other = reader("outsider")
    assert other.get(road).status_code == 404 and other.get("/sealed?matter=x").status_code == 400
    sent = {"act": "keep.open", "upload": file(sealed.content, "a.dmb"), "password": PASSWORD}
    assert other.post("/sealed", sent).status_code == 404


def test_what_is_no_container_is_told_so_beside_its_field(story: Story, reader: Reader) -> None:
    sent = {"act": "keep.open", "upload": file(TEXT, "a.dmb"), "password": PASSWORD}
    page = reader("drafter").post("/sealed", sent)
    assert page.status_code == 400 and "这不是密封文件" in page.content.decode()
    assert "密封与打开" in reader("drafter").get("/marks").content.decode()
