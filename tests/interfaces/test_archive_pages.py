"""Archiving from the pages: a group becomes a batch, is reviewed, packed, read back, and handed over; refusals stay in place."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dingmi.records.carriers.archives import ArchiveBatch
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import page, version
from tests.procedures.test_archives import kept
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]


def altered(content: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as package, zipfile.ZipFile(out, "w") as changed:
        for name in package.namelist():
            data = package.read(name)
            changed.writestr(name, data + b" " if name.endswith("record.json") else data)
    return out.getvalue()


def test_a_group_goes_from_the_list_to_the_archive(story: Story, reader: Reader) -> None:
    cleared = {"person": story.people["secrecy"], "level": "机密", "instrument": "涉密人员审查表"}
    story.cleared("secadmin", **cleared)
    kept(story)
    office = founder(story, "secrecy")
    listed = office.get("/archives")
    page(listed)
    assert "管网处" in listed.content.decode()
    opened = {"act": "archives.open", "regime": "prc_state", "level": "机密", "year": "2026"}
    answer = office.post("/archives", {**opened, "department": str(story.department)})
    row = ArchiveBatch.objects.get()
    where = f"/archives/{row.pk}"
    assert answer["Location"] == f"{where}?done=kept"
    assert office.post("/archives", {**opened, "department": ""}).status_code == 422
    assert "等待定密责任人签署" in office.get(where).content.decode()

    given = {"batch": str(row.pk), "password": PASSWORD}
    officer = reader("officer")
    seen = {"expected_version": version(officer.get(where))}
    files = {"files": str(row.files.get().pk), "opening": "open", "reason": ""}
    refused = officer.post(where, {"act": "archives.review", **given, **seen, **files})
    assert refused.status_code == 422 and "延期开放" in refused.content.decode()
    files |= {"opening": "closed", "reason": "仍在保密期限内。"}
    assert officer.post(where, {"act": "archives.review", **given, **seen, **files}).status_code == 302

    pack = {"act": "archives.pack", **given, "medium": "密盘-017"}
    assert office.post(where, {**pack, "password": "wrong"}).status_code == 403
    taken = office.post(where, pack)
    assert taken.status_code == 200 and "QJSW-A-2026-1.zip" in taken["Content-Disposition"]
    shown = office.get(where).content.decode()
    assert "国家秘密" in shown and "密盘-017" in shown

    def sent(content: bytes) -> SimpleUploadedFile:
        return SimpleUploadedFile("QJSW-A-2026-1.zip", content)

    checked = office.post("/archives", {"act": "archives.check", "package": sent(altered(taken.content))})
    assert "与打包时不同" in checked.content.decode() and "record.json" in checked.content.decode()
    checked = office.post("/archives", {"act": "archives.check", "package": sent(taken.content)})
    assert "完好，与最后一次打包一致" in checked.content.decode()
    way = {"archive": "清江市档案馆", "receipt_no": "清档接7号", "channel": "专人传递", "couriers": "1"}
    over = {"act": "archives.transfer", **given, **way, "transferred_on": story.now.date().isoformat()}
    refused = office.post(where, {**over, "package": sent(altered(taken.content))})
    assert refused.status_code == 422 and "不能移交" in refused.content.decode()
    assert office.post(where, {**over, "package": sent(taken.content)}).status_code == 302
    assert "清江市档案馆" in office.get("/archives").content.decode()
