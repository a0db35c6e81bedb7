"""SR-53: secrets are planted everywhere, work and faults are done with them, and nowhere that is written or looked at are they found.

Looked at are what is logged at every level and printed, tracebacks, entries of the log, and of the key service its log, its
arguments and its environment. Backups: ``test_backup.py``; the environment of the parsers: ``test_documents_hostile.py``.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dingmi.base.errors import DingmiError
from dingmi.engines.crypto.passphrase import Cost
from dingmi.procedures import determination, passwords
from dingmi.records.keys import moving, places
from dingmi.records.ledger.models import Entry
from tests.records.test_key_service import House
from tests.story import PASSWORD, Story

WORD = "梅花鹿在铜钟边饮水"  # stands in titles, texts and reasons
WRONG = "canary-of-a-wrong-password-7"
PASSPHRASE = "梅花 堤坝 三月 铜钟 river lamp"
PLANTED = "a planted fault"
LIGHT = Cost(memory_kib=64, passes=1, lanes=1)


def spellings(secret: bytes) -> set[str]:
    """Return how a secret of bytes may be written."""
    return {
        secret.hex(),
        base64.b64encode(secret).decode().rstrip("="),
        base64.urlsafe_b64encode(secret).decode().rstrip("="),
    }


def keys_in(folder: Path) -> set[str]:
    """Return every key that stands in clear in a folder, in each of its spellings."""
    found: set[str] = set()
    for path in folder.iterdir():
        if path.suffix != ".key":
            continue
        text = path.read_text(encoding="ascii").strip()
        told = json.loads(text).get("secret") if text.startswith("{") else None
        found |= spellings(base64.b64decode(told)) if told else {text}
    return found


@pytest.fixture
def written(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Return what was logged, with its tracebacks, or printed so far; every logger logs everything."""
    log = io.StringIO()
    handler, root = logging.StreamHandler(log), logging.getLogger()
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s"))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)

    def all_of_it() -> str:
        out, err = capfd.readouterr()
        log.write(out + err)
        return log.getvalue()

    yield all_of_it
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.db
def test_after_work_refusals_and_faults_no_secret_stands_in_a_log_a_traceback_or_an_entry(
    story: Story, written: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = story.act("drafter", "access.issue_token", label="script").token
    client, bearer = Client(raise_request_exception=False), {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    client.post("/sign-in", {"username": "drafter", "password": WRONG})
    passwords.THROTTLE.clear()
    assert client.post("/sign-in", {"username": "drafter", "password": PASSWORD}).status_code == 302
    session = (
        client.cookies["sessionid"].value
        if "sessionid" in client.cookies
        else next(iter(client.cookies.values())).value
    )
    upload = SimpleUploadedFile("canary.txt", f"{WORD}。水库调度方案。".encode())
    assert client.post("/draft/new", {"file": upload, "title": WORD}).status_code == 302
    matter = story.drafted(title=WORD)
    asked: dict[str, Any] = {"matter": str(matter), "reason": WORD, "title": WORD, "password": PASSWORD}
    for name in ("determination.propose", "determination.discard", "review.refuse", "determination.draft", "no.such"):
        client.post(f"/api/v1/acts/{name}", json.dumps(asked), content_type="application/json", **bearer)
    with suppress(DingmiError):
        story.act("officer", "carriers.read", matter=matter)

    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError(PLANTED)

    monkeypatch.setattr(determination, "append", breaks)
    again = SimpleUploadedFile("canary.txt", f"{WORD}，第二份。".encode())
    assert client.post("/draft/new", {"file": again, "title": WORD}).status_code == 500
    monkeypatch.undo()
    said = written() + "".join(Entry.objects.values_list("body", flat=True))
    assert PLANTED in said and "Traceback" in said and '"determination.draft"' in said, "it was looked at"
    canaries = {WORD, WRONG, PASSWORD, token, session, configured.SECRET_KEY}
    canaries |= keys_in(Path(configured.DINGMI_KEYS)) | keys_in(places.apart(Path(configured.DINGMI_KEYS)))
    assert len(canaries) > 12 and [word for word in canaries if word in said] == []


def test_the_key_service_holds_no_secret_in_its_log_its_arguments_or_its_environment(
    tmp_path: Path, written: Callable[[], str]
) -> None:
    house = House(tmp_path)
    canaries = (
        keys_in(tmp_path / "keys") | keys_in(places.apart(tmp_path / "keys")) | {PASSPHRASE, *PASSPHRASE.split()[-2:]}
    )
    assert moving.protect(places.part(tmp_path / "keys", ""), PASSPHRASE, LIGHT)
    try:
        ring = house.start()
        for wrong in (PASSPHRASE + " no", "x" * 40):
            with suppress(DingmiError):
                ring.open("passphrase", wrong)
        assert ring.open("passphrase", PASSPHRASE)
        with suppress(DingmiError):
            ring.unwrap("jimi-1", secrets.token_bytes(80), b"no header")
        with suppress(DingmiError):
            ring.change_passphrase(PASSPHRASE + " no", PASSPHRASE + " later")
        assert house.process is not None
        place = Path(f"/proc/{house.process.pid}")
        seen = [(place / name).read_bytes().decode("utf-8", "replace") for name in ("cmdline", "environ")]
        time.sleep(0.1)  # what is told last is written
        said = "\n".join(
            [*seen, house.log, written(), (tmp_path / "keys" / "keystore.json").read_text(encoding="utf-8")]
        )
    finally:
        house.kill()
    assert "dingmi.records.keys.service" in said and [word for word in canaries if word in said] == []
