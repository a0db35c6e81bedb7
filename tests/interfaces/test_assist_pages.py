"""The page of the suggestion engine: what it has learnt, added and taken out; and the drafter's word that a source is boilerplate."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dingmi.queries import draft
from dingmi.records.matters.assist import LearntPart
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_draft_pages import press
from tests.interfaces.test_pages import page
from tests.procedures.test_assist import PUBLIC
from tests.story import PASSWORD, Story, docx_of

pytestmark = pytest.mark.db


def test_the_office_adds_a_public_text_and_takes_it_out(story: Story, reader: Reader) -> None:
    office = founder(story, "secrecy")
    assert "还没有学过公开文本" in office.get("/assist").content.decode()
    file = SimpleUploadedFile("公开通知.docx", docx_of(PUBLIC))
    sent = {"act": "assist.learn", "upload": file, "title": "", "password": PASSWORD}
    assert office.post("/assist", sent).status_code == 302
    shown = office.get("/assist")
    page(shown)
    assert "公开通知.docx" in shown.content.decode() and "1 / 200" in shown.content.decode()
    part = LearntPart.objects.get()
    gone = {"act": "assist.forget", "part": str(part.pk), "reason": "并非公开", "password": PASSWORD}
    assert office.post("/assist", gone).status_code == 302
    assert "已撤出" in office.get("/assist").content.decode()
    assert reader("drafter").get("/assist").status_code == 403


def test_a_marked_file_is_refused_on_the_page_with_what_to_do(story: Story) -> None:
    office = founder(story, "secrecy")
    file = SimpleUploadedFile("密件.docx", docx_of("秘密★5年\n" + PUBLIC))
    answer = office.post("/assist", {"act": "assist.learn", "upload": file, "title": "", "password": PASSWORD})
    assert answer.status_code == 422 and "不是公开文本" in answer.content.decode()
    assert not LearntPart.objects.exists()


def test_a_drafter_says_that_a_source_is_boilerplate_and_can_take_it_back(story: Story, reader: Reader) -> None:
    source = story.approved()
    matter, client = story.drafted(), reader("drafter")
    shown = press(client, story, matter, f"formula:{source}", "draft_derive").content.decode()
    assert "公文套话" in shown
    (answer,) = draft.answers_of(story.matter(matter)).reuse
    assert (answer.confirmed, answer.reason) == (False, "boilerplate")
    press(client, story, matter, f"use:{source}", "draft_derive")
    (answer,) = draft.answers_of(story.matter(matter)).reuse
    assert (answer.confirmed, answer.reason) == (True, "")
