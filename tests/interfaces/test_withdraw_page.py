"""The button by which whoever asked a second person takes it back, on each page that shows such a request, and by the API."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dingmi.queries import QUERIES
from dingmi.records.keys import clock as key_clock
from dingmi.records.notices.models import Notice
from dingmi.records.organs.models import SecondAsked
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.story import PASSWORD, Story

pytestmark = pytest.mark.db

NAME = "access.withdraw_asked"


@pytest.fixture(autouse=True)
def one_clock(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_clock, "now", lambda: story.now.timestamp())


def offered(client: Client, road: str) -> list[str]:
    """Return what the form of a page offers to withdraw."""
    page = client.get(road).content.decode()
    found = re.search(r'<select[^>]*name="asked".*?</select>', page, re.S)
    return re.findall(r'<option value="([0-9a-f-]{36})"', found.group(0)) if found else []


def withdrawn(client: Client, road: str) -> None:
    """Withdraw the one request that the page offers, by its button alone: no password is asked for."""
    (one,) = offered(client, road)
    assert "撤回原因" in client.get(road).content.decode()
    assert client.post(road, {"act": NAME, "asked": one, "reason": "填错了"}).status_code == 302
    assert offered(client, road) == []
    assert SecondAsked.objects.get(pk=one).reason == "填错了"
    assert not Notice.objects.filter(code__endswith=".waits", acknowledged_at__isnull=True).exists()
    assert client.post(road, {"act": NAME, "asked": one}).status_code in (400, 422), "no form, or withdrawn already"


def test_each_page_that_shows_a_request_offers_its_asker_to_withdraw_it(story: Story) -> None:
    first, second = founder(story, "secadmin"), founder(story, "head")
    account = str(story.actor("outsider").account_id)
    asks = (
        ("/admin/security", "/roles", {"act": "access.grant_role", "account": account, "role": "inspector"}),
        (
            "/admin/security",
            "/clearances",
            {
                "act": "personnel.grant_clearance",
                "person": str(story.people["outsider"]),
                "level": "绝密",
                "instrument": "审查表",
            },
        ),
        ("/keys", "/keys", {"act": "keep.new_key", "level": "机密"}),
    )
    for road, shown, sent in asks:
        assert first.post(road, {**sent, "password": PASSWORD}).status_code == 302, road
        assert len(offered(first, road)) == 1 and offered(second, shown) == [], "to the asker alone"
        withdrawn(first, shown)
        assert offered(first, road) == []


def test_whoever_asked_to_open_a_file_withdraws_it_on_the_page_of_files(story: Story, reader: Reader) -> None:
    story.cleared("secadmin", person=story.people["secrecy"], level="绝密", instrument="涉密人员审查表")
    head = founder(story, "head")
    sent = {"act": "keep.seal", "upload": SimpleUploadedFile("图.dwg", b"text"), "level": "绝密"}
    sealed = head.post("/sealed", sent).content
    upload = SimpleUploadedFile("图.dwg.dmb", sealed)
    asked = head.post("/sealed", {"act": "keep.open", "upload": upload, "password": PASSWORD})
    assert asked.status_code == 422
    withdrawn(head, "/sealed")


def test_the_api_shows_and_withdraws_and_says_why_not(story: Story) -> None:
    story.act("secadmin", "access.change_password", password=PASSWORD)
    story.act("secadmin", "access.grant_role", account=story.actor("outsider").account_id, role="inspector")
    token = story.act("secadmin", "access.issue_token", label="x").token
    client = Client()

    def post(road: str, body: object) -> tuple[int, dict[str, object]]:
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
        answer = client.post(road, json.dumps(body), content_type="application/json", **headers)
        return answer.status_code, json.loads(answer.content)

    status, found = post("/api/v1/asks/access.own_asked", {})
    assert status == 200, found
    line = QUERIES["access.own_asked"].run(actor=story.actor("secadmin"), now=story.now, params={})[0]
    assert str(line.id) in json.dumps(found)
    assert post(f"/api/v1/acts/{NAME}", {"asked": "x"})[0] == 400
    assert post(f"/api/v1/acts/{NAME}", {"asked": str(line.id)})[0] == 200
    status, told = post(f"/api/v1/acts/{NAME}", {"asked": str(line.id)})
    assert status == 422 and "second.withdrawn" in json.dumps(told)
