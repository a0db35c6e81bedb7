"""Attachments from the pages, over the API and on the command line: put on, taken off, handed out sealed, and checked."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dingmi.engines import crypto
from dingmi.interfaces.cli import files, main
from dingmi.interfaces.web.files import MEGABYTES
from dingmi.procedures import decide
from dingmi.procedures.terms import Upload
from dingmi.queries.attached import MOST_MB
from tests.interfaces.conftest import Reader
from tests.interfaces.test_api import post
from tests.story import PASSWORD, Story

pytestmark = pytest.mark.db
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave stamping of the paper out, which has tests of its own and takes seconds."""
    monkeypatch.setattr(decide, "stamp_shown", lambda *_, **__: None)


def send(client: Client, story: Story, matter: UUID, data: bytes = PICTURE, name: str = "水源地航拍.png") -> Any:
    sent = {"version": story.version(matter), "file": SimpleUploadedFile(name, data)}
    return client.post(f"/m/{matter}/attachments/add", sent, follow=True)


def chosen(page: str, role: str) -> str:
    """Return the id of the file that the page offers in a role."""
    return page.split(f'name="role" value="{role}"')[1].split('name="file" value="')[1].split('"')[0]


def test_a_picture_is_attached_seen_by_the_officer_sealed_and_checked_on_pages(story: Story, reader: Reader) -> None:
    matter, drafter = story.filled(), reader("drafter")
    assert f"/m/{matter}/attachments" in drafter.get(f"/draft/{matter}").content.decode()
    shown = send(drafter, story, matter).content.decode()
    assert "水源地航拍.png" in shown and "附件原样" in shown and "密封文件</div>" not in shown
    assert "附件 1 件" in drafter.get(f"/draft/{matter}").content.decode()
    assert "附件 1 件" in drafter.get(f"/draft/{matter}/check").content.decode()
    story.propose(matter)
    officer = reader("officer")
    assert "附件 1 件" in officer.get(f"/review/{matter}").content.decode()
    page = officer.get(f"/m/{matter}/attachments").content.decode()
    asked = {"role": "attachment", "file": chosen(page, "attachment")}
    plain = officer.post(f"/m/{matter}/attachments/download", asked)
    assert plain.content == PICTURE and plain["Content-Type"] == "application/octet-stream"
    assert plain["Content-Disposition"].startswith("attachment") and "sandbox" in plain["Content-Security-Policy"]
    story.approve(matter)
    page = reader("officer2").get(f"/m/{matter}/attachments").content.decode()
    assert "机密★10年" in page and "附件原样" not in page and "添加附件" not in page
    asked = {"role": "sealed", "file": chosen(page, "sealed")}
    sealed = drafter.post(f"/m/{matter}/attachments/download", asked)
    assert crypto.is_container(sealed.content) and "dmb" in sealed["Content-Disposition"]

    def checked(client: Client, data: bytes, name: str) -> str:
        return client.post("/marks", {"file": SimpleUploadedFile(name, data)}).content.decode()

    assert "标志有效" in checked(drafter, sealed.content, "水源地航拍.png.dmb")
    assert "标志被去除" in checked(drafter, PICTURE, "水源地航拍.png")
    assert "没有可核对的标志" in checked(reader("outsider"), sealed.content, "水源地航拍.png.dmb")
    assert "标志已被改动" in checked(drafter, sealed.content.replace("机密★10年".encode(), "秘密★10年".encode()), "x")


def test_what_cannot_be_taken_is_said_on_the_page_and_one_is_taken_off(story: Story, reader: Reader) -> None:
    matter, client = story.filled(), reader("drafter")
    for data, words in ((b"", "文件是空的"), (bytes((MOST_MB << 20) + 1), "50 MB")):
        answer = send(client, story, matter, data)
        assert answer.status_code == 400 and words in answer.content.decode()
    assert MEGABYTES["attachment"] == MOST_MB
    page = send(client, story, matter).content.decode()
    file = chosen(page, "attachment")
    for road, given in (("take-off", {"file": "x"}), ("download", {"file": file, "role": "original"})):
        answer = client.post(f"/m/{matter}/attachments/{road}", {"version": story.version(matter), **given})
        assert answer.status_code == 400
    gone = {"version": story.version(matter), "file": file}
    page = client.post(f"/m/{matter}/attachments/take-off", gone, follow=True).content.decode()
    assert "没有附件" in page and "水源地航拍" not in page
    for other in (reader("drafter2"), reader("outsider")):
        assert other.get(f"/m/{matter}/attachments").status_code == 404
        assert send(other, story, matter).status_code == 404


def test_over_the_api_it_goes_in_and_comes_out_as_base64(story: Story) -> None:
    matter = story.filled()
    bearer = {"Authorization": f"Bearer {story.act('drafter', 'access.issue_token', hours=1).token}"}
    upload = {"filename": "录音.wav", "content_base64": base64.b64encode(PICTURE).decode()}
    asked = {"matter": str(matter), "upload": upload, "expected_version": story.version(matter)}
    status, made = post("/api/v1/acts/determination.attach", asked, **bearer)
    assert status == 200 and made["files"] == 1
    status, stale = post("/api/v1/acts/determination.attach", asked, **bearer)
    assert (status, stale["error"]["code"]) == (409, "version.stale")
    story.propose(matter)
    story.approve(matter)
    status, listed = post("/api/v1/asks/carriers.attachments", {"matter": str(matter)}, **bearer)
    assert status == 200 and [f["name"] for f in listed["sealed"]] == ["录音.wav.dmb"]
    given = {"matter": str(matter), "role": "sealed", "file": listed["sealed"][0]["file"]}
    status, got = post("/api/v1/acts/carriers.download", given, **bearer)
    assert status == 200
    container = next(base64.b64decode(v) for k, v in got.items() if k.startswith("content"))
    assert crypto.is_container(container)
    upload = {"filename": "录音.wav.dmb", "content_base64": base64.b64encode(container).decode()}
    status, found = post("/api/v1/asks/marks.verify", {"upload": upload}, **bearer)
    assert (status, found["verdict"], found["kind"]) == (200, "valid", "dmb")


def test_the_command_judges_a_container_with_the_register_and_without(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    matter = story.filled()
    given = Upload("图.dwg", PICTURE)
    story.act("drafter", "determination.attach", matter=matter, upload=given, expected_version=story.version(matter))
    story.propose(matter)
    story.approve(matter)
    path = tmp_path / "图.dwg.dmb"
    path.write_bytes(story.act("drafter", "carriers.download", matter=matter, role="sealed").content)

    def said(founded: bool) -> tuple[int, dict[str, Any]]:
        monkeypatch.setattr(files, "is_founded", lambda folder: founded)
        monkeypatch.setattr(files, "start_django", lambda folder: None)
        monkeypatch.setattr(sys, "argv", ["dingmi", "mark", "verify", str(path), "--json"])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), json.loads(capsys.readouterr().out)

    code, found = said(founded=True)
    assert (code, found["verdict"], found["visible"]) == (0, "valid", "机密★10年")
    code, found = said(founded=False)
    assert (code, found["verdict"], found["kind"]) == (8, "signer-untrusted", "dmb")
    path.write_bytes(path.read_bytes()[:-1])
    assert said(founded=True)[1]["verdict"] == "altered-content"
    assert PASSWORD not in json.dumps(found)
