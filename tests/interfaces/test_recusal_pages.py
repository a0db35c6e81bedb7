"""回避 on the pages: the secrecy office and the head bar and lift, whoever knows a matter declares, and the barred find nothing."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from django.test import Client

from dingmi.records.matters.recusals import Recusal
from tests import states
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import TITLE
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]
WHY = "其配偶在承建单位任职"


@pytest.fixture
def office(story: Story) -> Client:
    """The secrecy office, cleared for 机密, signed in."""
    person, level = story.people["secrecy"], "机密"
    story.cleared("secadmin", person=person, level=level, instrument="涉密人员审查表")
    return founder(story, "secrecy")


def sent(story: Story, act: str, matter: UUID, **more: str) -> dict[str, str]:
    version = str(story.version(matter))
    return {"act": act, "matter": str(matter), "expected_version": version, "password": PASSWORD, "reason": WHY, **more}


def test_the_office_bars_from_a_masked_row_and_lifts_and_the_barred_finds_nothing(
    story: Story, reader: Reader, office: Client
) -> None:
    matter, person = story.approved(), str(story.people["officer2"])
    road, other = f"/m/{matter}/bars", reader("officer2")
    assert road in office.get("/matters").content.decode()
    assert TITLE in other.get(f"/m/{matter}").content.decode()
    blank = office.post(road, sent(story, "need_to_know.bar", matter, person=person))
    assert blank.status_code == 400 and WHY in blank.content.decode(), "what was typed is kept"
    given = sent(story, "need_to_know.bar", matter, person=person, ground="kin")
    assert office.post(road, given)["Location"] == f"{road}?done=kept"
    page = office.get(road).content.decode()
    assert WHY in page and "近亲属" in page and "冯立群" in page and TITLE not in page
    number = str(story.matter(matter).register_no)
    assert number in office.get("/bars").content.decode()
    taken = office.post("/lists/need_to_know.bar_list/export", {"format": "csv"})
    assert number in taken.content.decode("utf-8-sig") and WHY not in taken.content.decode("utf-8-sig")
    for path in (f"/m/{matter}", f"/m/{matter}/files", f"/m/{matter}/lineage", f"/m/{matter}/recuse"):
        assert other.get(path).status_code == 404, path
    assert TITLE not in other.get("/matters").content.decode()
    kept = Recusal.objects.get()
    lifted = office.post(road, sent(story, "need_to_know.lift_bar", matter, recusal=str(kept.pk)))
    assert lifted["Location"] == f"{road}?done=kept"
    assert "已解除" in office.get(road).content.decode() and TITLE in other.get(f"/m/{matter}").content.decode()


def test_one_declares_on_the_page_of_the_matter_and_it_is_gone(story: Story, reader: Reader, office: Client) -> None:
    matter, officer = story.approved(), reader("officer2")
    road = f"/m/{matter}/recuse"
    assert road in officer.get(f"/m/{matter}").content.decode()
    given = sent(story, "need_to_know.recuse", matter, ground="interest")
    stale = officer.post(road, given | {"expected_version": "1"})
    assert stale.status_code == 409 and WHY in stale.content.decode()
    assert officer.post(road, given)["Location"] == "/workbench?done=kept"
    assert officer.get(f"/m/{matter}").status_code == 404
    assert "本人申请" in office.get(f"/m/{matter}/bars").content.decode()
    head = founder(story, "head")
    kept = Recusal.objects.get()
    denied = head.post(f"/m/{matter}/bars", sent(story, "need_to_know.lift_bar", matter, recusal=str(kept.pk)))
    assert denied.status_code == 403 and "只能由保密办公室解除" in denied.content.decode()


def test_bars_are_for_those_who_may_lift_them_and_a_barred_office_finds_none(
    story: Story, reader: Reader, office: Client
) -> None:
    matter = story.approved()
    for user in ("drafter", "officer", "outsider"):
        client = reader(user)
        assert client.get("/bars").status_code == 403 and client.get(f"/m/{matter}/bars").status_code == 403, user
        assert f"/m/{matter}/bars" not in client.get(f"/m/{matter}").content.decode()
    head = founder(story, "head")
    given = sent(story, "need_to_know.bar", matter, person=str(story.people["secrecy"]), ground="other")
    assert head.post(f"/m/{matter}/bars", given).status_code == 302
    assert office.get(f"/m/{matter}/bars").status_code == 404
    assert str(story.matter(matter).register_no) not in office.get("/bars").content.decode()
    head.post("/language", {"language": "en", "next": "/bars"})
    assert "Register of bars" in head.get("/bars").content.decode()
    assert "Another reason to doubt fairness" in head.get(f"/m/{matter}/bars").content.decode()


def test_work_secrets_lead_to_their_bars_and_declarations(story: Story, reader: Reader) -> None:
    matter = states.graded(story).matter
    head, officer = founder(story, "head"), reader("officer2")
    assert f"/m/{matter}/bars" in head.get(f"/grades/{matter}").content.decode()
    assert f"/m/{matter}/recuse" in officer.get(f"/grades/{matter}").content.decode()
    assert (
        officer.post(f"/m/{matter}/recuse", sent(story, "need_to_know.recuse", matter, ground="kin")).status_code == 302
    )
    assert officer.get(f"/grades/{matter}").status_code == 404
    asked = head.get(f"/m/{matter}/bars").content.decode()
    assert f'href="/grades/{matter}"' in asked and json.dumps(WHY, ensure_ascii=False).strip('"') in asked
