"""Asking to know a masked matter, taking rows of the register out, and what a person chose about the pages."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime

import pytest
from django.test import Client
from openpyxl import load_workbook

from dingmi.base.errors import Invalid
from dingmi.engines.documents import tables
from dingmi.queries import preferences
from dingmi.records.ledger.models import Entry
from dingmi.records.matters.applications import Application
from dingmi.records.matters.models import Knowledge, ScopeEntry
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import TITLE, page
from tests.story import PASSWORD, ZONE, Story

pytestmark = [pytest.mark.db]


def answer(client: Client, kept: Application, verdict: str, reason: str = "") -> int:
    """Answer an application on its page; return the status."""
    sent = {"kind": kept.kind, "verdict": verdict, "reason": reason, "password": PASSWORD}
    return client.post(f"/applications/{kept.pk}/answer", sent).status_code


@pytest.fixture
def office(story: Story) -> Client:
    """The secrecy office, cleared for 机密, signed in."""
    person, level = story.people["secrecy"], "机密"
    story.cleared("secadmin", person=person, level=level, instrument="涉密人员审查表")
    return founder(story, "secrecy")


@pytest.mark.clause("BMF-21.3")
def test_a_masked_row_offers_the_application_and_the_officer_admits(
    story: Story, reader: Reader, office: Client
) -> None:
    matter = story.approved()
    text = office.get("/matters").content.decode()
    assert TITLE not in text and f"/applications/know/{matter}" in text
    sent = office.post(f"/applications/know/{matter}", {"purpose": "年度检查"})
    kept = Application.objects.get()
    assert sent["Location"] == f"/applications?undo={kept.pk}&done=applied"
    assert office.post(f"/applications/know/{matter}", {"purpose": "再申请"}).status_code == 422
    assert office.get(f"/m/{matter}").status_code == 404
    officer = reader("officer")
    assert "年度检查" in officer.get("/applications").content.decode()
    assert answer(officer, kept, "grant") == 302
    assert TITLE in office.get(f"/m/{matter}").content.decode()
    assert Knowledge.objects.filter(matter=matter, what="admitted", purpose="年度检查").count() == 1
    assert office.post(f"/applications/know/{matter}", {"purpose": "已知悉"}).status_code == 422


def test_a_refusal_needs_a_reason_and_nobody_who_may_not_know_the_matter_sees_the_application(
    story: Story, reader: Reader, office: Client
) -> None:
    matter = story.approved(answers=story.answers(scope=story.scope("drafter", "officer")))
    office.post(f"/applications/know/{matter}", {"purpose": "年度检查"})
    kept = Application.objects.get()
    other = reader("officer2")
    assert "年度检查" not in other.get("/applications").content.decode()
    assert answer(other, kept, "grant") == 404
    officer = reader("officer")
    assert answer(officer, kept, "refuse") == 400
    assert answer(officer, kept, "refuse", "与检查任务无关") == 302
    assert "与检查任务无关" in office.get("/applications").content.decode()
    assert office.get(f"/m/{matter}").status_code == 404
    assert answer(officer, kept, "grant") == 409


def test_what_does_not_exist_and_what_may_not_be_known_get_the_same_refusal(story: Story, reader: Reader) -> None:
    hidden = story.approved(answers=story.answers(scope=story.scope("drafter", "officer")))
    outsider = reader("outsider")
    found = [
        outsider.post(f"/applications/know/{m}", {"purpose": "工作"}).content
        for m in (hidden, "00000000-0000-4000-8000-000000000000")
    ]
    codes = [b"object.not_found" in f or b"404" in f for f in found]
    assert codes[0] == codes[1] and not Application.objects.exists()
    assert TITLE.encode() not in found[0]


def test_an_application_can_be_taken_back_at_once(story: Story, office: Client) -> None:
    matter = story.approved()
    road = office.post(f"/applications/know/{matter}", {"purpose": "年度检查"})["Location"]
    kept = Application.objects.get()
    text = office.get(road).content.decode()
    assert "data-undo" in text and f"/applications/{kept.pk}/withdraw" in text
    assert office.post(f"/applications/{kept.pk}/withdraw").status_code == 302
    kept.refresh_from_db()
    assert kept.state == "withdrawn"
    assert office.post(f"/applications/{kept.pk}/withdraw").status_code == 409


def test_an_export_is_granted_by_another_taken_once_and_names_its_reader(
    story: Story, reader: Reader, office: Client
) -> None:
    story.approved()
    client = reader("officer")
    asked = client.post("/applications/export", {"view": "all", "text": "密级=机密"})
    assert "用途" in asked.content.decode() and page(asked).chosen == []
    client.post("/applications/export", {"text": "密级=机密", "purpose": "年度核对", "format": "xlsx"})
    kept = Application.objects.get()
    take = f"/applications/{kept.pk}/take"
    assert client.post(take, {"password": PASSWORD}).status_code == 422, "not granted yet"
    assert answer(client, kept, "grant") == 403, "an officer does not grant exports"
    assert answer(office, kept, "grant") == 302
    assert office.post(take, {"password": PASSWORD}).status_code == 404, "it is the applicant's"
    file = client.post(take, {"password": PASSWORD})
    sheet = load_workbook(io.BytesIO(file.content)).active
    cells = [[c.value for c in row] for row in sheet.iter_rows()]
    assert cells[0][0] == "机密" and "周启明" in cells[0][1] and sheet.oddFooter.left.text == cells[0][1]
    assert cells[2][1] == TITLE and cells[2][2] == "机密★10年"
    assert Knowledge.objects.filter(what="exported").count() == 1
    assert Entry.objects.filter(act="register.export").count() == 1
    assert client.post(take, {"password": PASSWORD}).status_code == 422, "once only"


def test_of_a_masked_matter_an_export_holds_number_and_mark_only(story: Story, reader: Reader, office: Client) -> None:
    story.approved()
    office.post("/applications/export", {"purpose": "核对", "format": "csv"})
    kept = Application.objects.get()
    assert answer(office, kept, "grant") == 403, "nobody grants to themselves"
    assert answer(founder(story, "head"), kept, "grant") == 302
    text = office.post(f"/applications/{kept.pk}/take", {"password": PASSWORD}).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert TITLE not in text and rows[2][1:4] == ["■■■■", "机密★10年", ""]
    assert Knowledge.objects.filter(what="exported").count() == 0


def test_an_english_reader_takes_out_a_sheet_whose_words_are_english(story: Story, office: Client) -> None:
    story.approved()
    office.post("/applications/export", {"purpose": "核对", "format": "csv"})
    kept = Application.objects.get()
    answer(founder(story, "head"), kept, "grant")
    story.act("secrecy", "access.set_language", language="en")
    text = office.post(f"/applications/{kept.pk}/take", {"password": PASSWORD}).content.decode("utf-8-sig")
    heading, row = list(csv.reader(io.StringIO(text)))[1:3]
    told = dict(zip(heading, row, strict=True))
    assert (told["Origin"], told["State"], told["Mark"]) == ("Original", "In force", "机密★10年")


def test_a_granted_export_lapses_after_seven_days_and_words_are_never_kept(story: Story, reader: Reader) -> None:
    story.approved()
    client = reader("officer")
    refused = client.post("/applications/export", {"text": "关键节点", "purpose": "核对", "format": "csv"})
    assert refused.status_code == 400 and "只能保存条件" in refused.content.decode()
    assert client.post("/applications/export", {"level": "绝密", "purpose": "核对", "format": "csv"}).status_code == 422
    client.post("/applications/export", {"purpose": "核对", "format": "csv"})
    kept = Application.objects.get()
    answer(founder(story, "head"), kept, "grant")
    story.later(days=7, minutes=1)
    late = reader("officer").post(f"/applications/{kept.pk}/take", {"password": PASSWORD})
    assert late.status_code == 422 and "7 天" in late.content.decode()
    assert reader("drafter").post("/applications/export", {"purpose": "核对", "format": "csv"}).status_code == 403


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_no_cell_of_a_file_can_run(cell: str) -> None:
    row = (cell, "甲")
    text = tables.write("csv", "", ("一", "二"), [row], "某人").decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[2][0] == f"'{cell}"
    kept = load_workbook(io.BytesIO(tables.write("xlsx", "", ("一", "二"), [row], "某人"))).active["A3"]
    assert kept.data_type == "s" and str(kept.value).startswith("'")


def test_columns_density_and_keys_are_the_readers_own(story: Story, reader: Reader) -> None:
    story.approved()
    client, other = reader("officer"), reader("officer2")
    assert "定密责任人</th>" in client.get("/matters").content.decode()
    client.post("/account/preferences", {"what": "columns", "column": "officer", "next": "/matters"})
    client.post("/account/preferences", {"what": "density", "density": "compact"})
    for taken in ("a", "1"):  # A confirms on drafting pages, digits choose there
        assert client.post("/account/preferences", {"what": "keys", "key-j": taken}).status_code == 400
    client.post("/account/preferences", {"what": "keys", "key-j": "s", "key-x": ""})
    answer = client.get("/matters")
    text = answer.content.decode()
    assert "定密责任人</th>" not in text and 'data-density="compact"' in text
    held = text.split('data-map="')[1].split('"')[0].replace("&quot;", '"')
    assert json.loads(held) == {"j": "s", "x": ""}
    page(answer)
    assert "定密责任人</th>" in other.get("/matters").content.decode()
    client.post("/account/preferences", {"what": "columns", "column": "officer", "next": "/matters"})
    assert "定密责任人</th>" in client.get("/matters").content.decode()


def test_a_filter_is_kept_under_a_name_and_forgotten_again(story: Story, reader: Reader) -> None:
    client = reader("officer")
    client.post("/account/preferences", {"what": "views", "name": "机密的", "text": "密级=机密", "next": "/matters"})
    assert "<button>机密的</button>" in client.get("/matters").content.decode()
    words = client.post("/account/preferences", {"what": "views", "name": "甲", "text": "关键节点"})
    assert words.status_code == 400
    client.post("/account/preferences", {"what": "views", "forget": "机密的"})
    assert "机密的" not in client.get("/matters").content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"colour": "red"},
        {"columns": ["title"]},
        {"density": "huge"},
        {"keys": {"j": "k"}},
        {"keys": {"j": "ab"}},
        {"keys": {"z": "a"}},
        {"views": [{"name": ""}]},
        {"views": [{"name": str(n)} for n in range(9)]},
        {"views": "x"},
    ],
)
def test_a_preference_that_is_not_offered_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        preferences.checked(changes)


@pytest.mark.clause("BMF-21.3", "ZX-28.2", "BMF-43.3")
def test_a_scope_is_widened_until_a_day_and_with_what_is_stated(story: Story, reader: Reader) -> None:
    matter, person = story.approved(), story.people["drafter2"]
    officer, path = reader("officer"), f"/m/{matter}/expand"
    shown = officer.get(path).content.decode()
    assert "何志远" in shown and "沈雅琴" not in shown and "没有有效的保密承诺书" in shown
    given = {"persons": [str(person)], "purpose": "参与复核", "version": story.version(matter), "password": PASSWORD}
    stated = {**given, "until": "2026-03-31", "consents": "yes", "undertaken": "yes"}
    assert officer.post(path, {**stated, "until": "2026-02-30"}).status_code == 400
    assert officer.post(path, {**stated, "until": "2025-12-31"}).status_code == 400
    assert officer.post(path, stated).status_code == 302
    entry = ScopeEntry.objects.get(matter=matter, person=person)
    assert entry.until == datetime(2026, 4, 1, tzinfo=ZONE)
    told = json.loads(Entry.objects.filter(act="need_to_know.expand").latest("pk").body)["data"]
    assert (told["consented"], told["undertaken"]) == (True, True)
