"""The page of keys: two people change a level's key there, and everybody concerned sees how the keys stand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client

from dingmi.base.errors import DingmiError, Unavailable
from dingmi.engines.crypto.passphrase import Cost
from dingmi.interfaces.cli import keys as commands
from dingmi.procedures import custody as at_server
from dingmi.procedures import rotation, sealing
from dingmi.queries import keys as key_queries
from dingmi.records.keys import asking, moving, places
from dingmi.records.keys import clock as key_clock
from dingmi.records.ledger.models import Entry
from dingmi.records.vault.models import SealedFile
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]
WORDS, LIGHT = "梅花 堤坝 三月 铜钟 river lamp", Cost(memory_kib=64, passes=1, lanes=1)


@pytest.fixture(autouse=True)
def one_clock(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_clock, "now", lambda: story.now.timestamp())


def send(client: Client, act: str, **values: str) -> int:
    return client.post("/keys", {"act": act, "password": PASSWORD, **values}).status_code


def text(client: Client) -> str:
    answer = client.get("/keys")
    assert answer.status_code == 200
    return answer.content.decode()


def test_two_people_give_a_level_its_next_key_and_see_its_files_follow(story: Story) -> None:
    story.approve(story.proposed())
    first, second = founder(story, "secadmin"), founder(story, "head")
    assert "没有更替过密钥" in text(first) and "jimi-1" in text(first) and "没有等待的请求" in text(second)
    assert send(first, "keep.new_key", level="机密") == 302
    assert "jimi-2" in text(second) and "前等待另一人" in text(second)
    assert send(first, "keep.new_key", level="机密") == 422, "nobody is two people"
    assert send(second, "keep.new_key", level="机密") == 302
    assert "<progress" in text(second) and "0/" in text(second)
    while (done := rotation.rotate_some(now=story.now)) is not None and not done.is_finished:
        pass
    assert "已完成" in text(second) and f"{done.done}/{done.total}" in text(second)  # type: ignore[union-attr]


def test_the_system_administrator_sees_the_keys_and_acts_on_none(story: Story, reader: Reader) -> None:
    client = founder(story, "sysadmin")
    assert "jimi-1" in text(client) and "签名更换密钥" not in text(client) and "等待另一人" not in text(client)
    assert send(client, "keep.new_key", level="机密") == 403
    officer = reader("officer")  # who may be the second person for an opening, and asks for no act of keys
    assert "没有等待的请求" in text(officer) and "签名更换密钥" not in text(officer)
    assert send(officer, "keep.new_key", level="机密") == 403
    assert founder(story, "auditor").get("/keys").status_code == 403


def test_closed_keys_are_a_refusal_with_a_remedy_on_every_page_that_needs_them(story: Story, reader: Reader) -> None:
    story.approve(story.proposed())
    officer = reader("officer")
    client = founder(story, "secrecy")
    moving.protect(places.part(asking.folder(), ""), WORDS, LIGHT)
    asking.forget()
    shown = text(client)
    assert "未启封" in shown and "dingmi keys open" in shown and "签名更换密钥" not in shown
    answer = officer.get("/matters")
    assert answer.status_code == 503 and "dingmi keys open" in answer.content.decode()
    assert asking.ring().open("passphrase", WORDS)
    assert officer.get("/matters").status_code == 200 and "已启封" in text(client)
    assert send(client, "keep.share_keys", need="3", of="2") == 400
    assert send(client, "keep.share_keys", need="2", of="3") == 302 and "2/3" in text(client)
    assert send(client, "keep.close_keys") == 302 and "未启封" in text(client)
    asking.forget()


def test_a_service_that_is_away_is_told_and_nothing_else_breaks(story: Story, reader: Reader, settings: object) -> None:
    story.approve(story.proposed())
    client, officer = founder(story, "head"), reader("officer")
    settings.DINGMI_KEY_SERVICE = True  # type: ignore[attr-defined]
    assert "密钥服务没有应答" in text(client)
    assert officer.get("/matters").status_code == 503
    assert send(client, "keep.close_keys") == 400, "there is no such form now"


def test_the_office_destroys_a_sealed_file_with_an_approval_and_two_witnesses(story: Story, tmp_path: Path) -> None:
    client, plain, sealed = founder(story, "secrecy"), tmp_path / "plain", tmp_path / "sealed"
    assert "签名销毁" not in text(client)
    plain.write_bytes(b"x" * 100)
    sealing.seal_file(actor=story.actor("drafter"), now=story.now, source=plain, target=sealed, level="机密")
    assert "签名销毁" in text(client) and "签名销毁" not in text(founder(story, "head"))
    given = {
        "file": str(SealedFile.objects.get().pk),
        "approval": "销毁审批1号",
        "witness": str(story.people["officer"]),
    }
    assert send(client, "carriers.destroy", **given, other_witness=given["witness"]) == 422
    assert send(client, "carriers.destroy", **given) == 400
    assert send(client, "carriers.destroy", **given, other_witness=str(story.people["officer2"])) == 302
    assert "签名销毁" not in text(client)


def test_every_secret_given_in_vain_stands_in_the_ledger_and_an_opening_before_what_follows_it(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving.protect(places.part(asking.folder(), ""), WORDS, LIGHT)
    asking.forget()

    def told() -> list[str]:
        return [json.loads(e.body)["data"]["done"] for e in Entry.objects.filter(act="keep.key_console").order_by("pk")]

    for way, secret in (("passphrase", "short"), ("passphrase", WORDS + " no"), ("share", "DMS1-NONE")):
        with pytest.raises(DingmiError):
            at_server.open_keys(now=story.now, way=way, secret=secret)
    with pytest.raises(Unavailable):
        at_server.change_passphrase(now=story.now, old=WORDS, new=WORDS + " snow")
    assert told() == ["refused"] * 3

    def failing() -> None:
        raise Unavailable("key.missing", (), key="x")

    monkeypatch.setattr(at_server, "add_keys", failing)
    with pytest.raises(Unavailable):
        at_server.open_keys(now=story.now, way="passphrase", secret=WORDS)
    assert told() == ["refused"] * 3 + ["opened"]
    with pytest.raises(DingmiError):
        at_server.change_passphrase(now=story.now, old=WORDS + " no", new=WORDS + " snow")
    at_server.change_passphrase(now=story.now, old=WORDS, new=WORDS + " snow")
    assert told() == [*["refused"] * 3, "opened", "refused", "passphrase"]
    asking.forget()


def test_opening_at_the_server_without_a_service_is_unavailable(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "use_data", lambda data: data)
    with pytest.raises(Unavailable, match=r"key\.service_down"):
        commands.open_keys()


def test_the_list_of_files_handed_out_is_full_whatever_the_office_may_not_know(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_queries, "FILES", 1)
    matter, plain = story.approved(answers=story.answers(scope=story.scope())), tmp_path / "plain"
    plain.write_bytes(b"x")
    for number, more in enumerate(({"level": "机密"}, {"matter": matter})):
        sealing.seal_file(
            actor=story.actor("drafter"), now=story.now, source=plain, target=tmp_path / str(number), **more
        )
        story.later(minutes=1)
    files = list(SealedFile.objects.order_by("created_at", "pk"))
    page = key_queries.keys(actor=story.actor("secrecy"), now=story.now)
    assert [f.id for f in page.handed_out] == [files[0].pk]


def test_the_profile_for_state_secrets_says_what_the_law_reserves(story: Story, settings: object) -> None:
    first, second = founder(story, "secadmin"), founder(story, "head")
    settings.DINGMI_PROFILE = "state-secret"  # type: ignore[attr-defined]
    assert "软件密钥不能用于国家秘密" in text(first)
    until = {"until": story.now.date().isoformat()}
    assert send(first, "keep.waive_approved_keys", **until) == 302
    assert send(second, "keep.waive_approved_keys", **until) == 302
    assert "已声明只有测试数据" in text(second)


def test_a_device_without_an_approval_is_software_and_takes_the_declaration_too(
    story: Story, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DINGMI_PROFILE = "state-secret"  # type: ignore[attr-defined]
    client, ring = founder(story, "secadmin"), asking.ring()
    for is_software, shown in ((True, True), (False, False)):
        stands = replace(ring.state(), kind="token", is_software=is_software)
        monkeypatch.setattr(
            asking,
            "ring",
            lambda stands=stands: SimpleNamespace(
                state=lambda: stands, may_seal_state_secrets=ring.may_seal_state_secrets
            ),
        )
        assert ("签名声明只有测试数据" in text(client)) is shown
