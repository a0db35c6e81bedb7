"""Pages of work secrets and trade secrets: registers, proposing, approving, filing, lifting; shown by the house's menu."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dingmi.records.matters.models import Matter
from tests.interfaces.conftest import Reader
from tests.story import PASSWORD, TEXT, Story, docx_of

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def known(story: Story, *users: str) -> None:
    """Give founders, whose first passwords only they know, one that the reader of a test can use."""
    for user in users:
        story.act(user, "access.change_password", password=PASSWORD)


def filled(story: Story, **changes: Any) -> dict[str, Any]:
    form = {
        "title": "招标底价测算",
        "file": SimpleUploadedFile("底价.docx", docx_of("招标底价测算\n底价一百万元。\n")),
        "is_state_item": "no",
        "level": "核心商密",
        "tail": "5年",
        "harm": "advantage",
        "basis": "商业秘密目录第 2 项",
        "persons": [str(story.people["drafter2"])],
        "password": PASSWORD,
    }
    return form | changes


def test_a_trade_secret_goes_from_the_form_to_the_filed_register(story: Story, reader: Reader, settings: Any):
    settings.DINGMI_HOUSE = "enterprise"
    known(story, "head", "secrecy")
    drafter, head, office = reader("drafter"), reader("head"), reader("secrecy")
    assert "还没有" in (page := drafter.get("/trade-secrets").content.decode()) or "没有符合条件的事项" in page
    assert "商密定级" in page and page.index('href="/trade-secrets"') < page.index('href="/deliveries"')
    bench = drafter.get("/").content.decode()
    assert 'data-key="n" href="/trade-secrets/new"' in bench and "核心商密" in bench
    refused = drafter.post("/trade-secrets/new", filled(story, tail="启用前"))
    assert refused.status_code == 422 and "保密期限写法不正确" in refused.content.decode()
    assert 'value="招标底价测算"' in refused.content.decode()
    assert drafter.post("/trade-secrets/new", filled(story)).status_code == 302
    row = Matter.objects.get()
    shown = head.get(f"/grades/{row.pk}").content.decode()
    assert "核心商密▲5年" in shown and "本页含商业秘密" in shown and "★" not in shown
    version = {"version": row.version}
    assert head.post(f"/grades/{row.pk}", {"act": "approve", "password": PASSWORD, **version}).status_code == 302
    row.refresh_from_db()
    listed = office.get("/trade-secrets?view=unfiled").content.decode()
    assert row.register_no in listed and "招标底价测算" not in listed
    assert office.post(f"/trade-secrets/{row.pk}/filing", {"version": row.version}).status_code == 302
    assert "已备案" in office.get("/trade-secrets").content.decode()
    assert row.register_no in office.post("/trade-secrets/export", {"view": "all"}).content.decode()
    assert "底价一百万元" in drafter.post(f"/grades/{row.pk}/text").content.decode()
    files = drafter.get(f"/grades/{row.pk}/files").content.decode()
    assert "文件属性" in files and files.count('name="role"') == 1 and "本页含商业秘密" in files
    assert drafter.post(f"/grades/{row.pk}/file").content[:2] == b"PK"
    assert reader("outsider").get(f"/grades/{row.pk}/files").status_code == 404
    assert reader("outsider").get(f"/grades/{row.pk}").status_code == 404


def test_a_work_secret_is_offered_to_an_organ_returned_revised_and_lifted(story: Story, reader: Reader):
    known(story, "head")
    drafter, head = reader("drafter"), reader("head")
    page = drafter.get("/work-secrets").content.decode()
    assert 'href="/work-secrets"' in page and 'href="/trade-secrets"' not in page
    form = filled(story, harm="duties", title="值守电话名单", file=SimpleUploadedFile("a.docx", docx_of(TEXT)))
    del form["level"], form["tail"]
    assert drafter.post("/work-secrets/new", form).status_code == 302
    row = Matter.objects.get()

    def send(client: Any, **params: Any) -> int:
        row.refresh_from_db()
        return int(
            client.post(f"/grades/{row.pk}", {"version": row.version, "password": PASSWORD, **params}).status_code
        )

    assert send(head, act="return", text="") == 400
    assert send(head, act="return", text="请写明依据。") == 302
    row.refresh_from_db()
    revised = {k: v for k, v in form.items() if k != "file"} | {"version": row.version}
    assert "值守电话名单" in drafter.get(f"/grades/{row.pk}/revise").content.decode()
    assert drafter.post(f"/grades/{row.pk}/revise", revised).status_code == 302
    assert send(drafter, act="approve") == 422
    assert send(head, act="approve") == 302
    assert send(head, act="lift", ground="published", reason="x") == 422
    assert send(head, act="lift", ground="harmless", reason="电话已更换。") == 302
    assert send(head, act="nonsense") == 400
    assert Matter.objects.get().state == "lifted"


def test_the_principal_appoints_approvers_and_ends_appointments(story: Story, reader: Reader):
    known(story, "head")
    head = reader("head")
    form = {
        "act": "grading.appoint",
        "person": str(story.people["officer"]),
        "regime": "work_secret",
        "max_level": "内部",
        "instrument": "指定书 1 号",
        "password": PASSWORD,
    }
    assert head.post("/grades/approvers", form).status_code == 302
    assert "指定书 1 号" in head.get("/grades/approvers").content.decode()
    assert "签名指定" not in reader("drafter").get("/grades/approvers").content.decode()
    from dingmi.records.officers.models import Grader

    made: UUID = Grader.objects.get().pk
    assert head.post("/grades/approvers", {"end": str(made), "password": PASSWORD}).status_code == 302
    assert "没有指定审批人" in head.get("/grades/approvers").content.decode()
