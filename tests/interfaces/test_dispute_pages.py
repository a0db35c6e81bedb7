"""Pages of 不明确与争议 and 密级鉴定: within few presses, masked where one may not know, banner as high as what is shown."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dingmi.records.matters.disputes import Appraisal, Challenge
from dingmi.records.matters.models import Matter, Referral
from tests.engines import office
from tests.interfaces.conftest import Reader
from tests.interfaces.test_pages import page
from tests.procedures.test_unclear_and_disputes import raised, unclear
from tests.story import PASSWORD, TEXT, Story, docx_of

TITLE = "城区供水管网关键节点切换方案"


def test_what_fits_no_item_is_reported_in_five_interactions(story: Story, reader: Reader) -> None:
    client = reader("drafter")
    file = SimpleUploadedFile("切换方案.docx", docx_of(TEXT))
    client.post("/draft/new", {"file": file})  # 1: drop the file
    matter = Matter.objects.get()
    road = client.post(f"/draft/{matter.pk}/fill", {"do": "none", "version": matter.version})  # 2: 0
    assert road["Location"] == f"/draft/{matter.pk}/unclear"
    shown = client.get(road["Location"])
    page(shown)
    assert "BMF-13.1" in shown.content.decode()
    given = {
        "category": "economy",  # 3
        "tail_1": "10年",  # 4: the row of 机密
        "reasons": "泄露后可能使供水设施受到损害。",
        "version": Matter.objects.get().version,
        "password": PASSWORD,
    }
    answer = client.post(road["Location"], given)  # 5: sign
    assert answer.status_code == 302, answer.content.decode()
    row = Matter.objects.get()
    assert (row.state, row.level, row.tail) == ("referred", "机密", "10年")


def test_two_levels_filled_in_are_refused_with_the_words_kept(story: Story, reader: Reader) -> None:
    matter = story.filled()
    client = reader("drafter")
    given = {"category": "economy", "tail_0": "5年", "tail_1": "10年", "reasons": "拟定理由甲。", "password": PASSWORD}
    answer = client.post(f"/draft/{matter}/unclear", {**given, "version": story.version(matter)})
    text = answer.content.decode()
    assert answer.status_code == 422 and "拟定理由甲。" in text and "error-summary" in text
    assert not Referral.objects.exists()


def test_the_list_and_the_page_of_a_referral_lead_to_its_next_step(story: Story, reader: Reader) -> None:
    matter = unclear(story)
    sent = Referral.objects.get(matter=matter)
    client = reader("officer")
    assert page(client.get("/unclear")).banner == "机密"
    shown = client.get(f"/unclear/{sent.pk}")
    page(shown)
    assert f"/unclear/{sent.pk}/send" in shown.content.decode()
    given = {"sent_on": story.now.date().isoformat(), "document_no": "清水密报〔2026〕3号", "password": PASSWORD}
    answer = client.post(f"/unclear/{sent.pk}/send", {**given, "version": story.version(matter)})
    assert answer.status_code == 302, answer.content.decode()
    ruled = {
        "decided": "true",
        "ruled_by": "provincial",
        "document_no": "某密复〔2026〕9号",
        "decided_on": story.now.date().isoformat(),
        "password": PASSWORD,
    }
    answer = client.post(f"/unclear/{sent.pk}/answer", {**ruled, "version": story.version(matter)})
    assert answer.status_code == 302, answer.content.decode()
    assert story.matter(matter).state == "active"
    assert "某密复〔2026〕9号" in client.get(f"/unclear/{sent.pk}").content.decode()


def test_a_refused_answer_to_a_referral_keeps_what_was_typed(story: Story, reader: Reader) -> None:
    matter = unclear(story)
    sent = Referral.objects.get(matter=matter)
    client = reader("officer")
    given = {
        "version": story.version(matter),
        "document_no": "甲<b>〔2026〕7号",
        "sent_on": "2026-11-27",
        "password": "不是口令",
    }
    answer = client.post(f"/unclear/{sent.pk}/send", given)
    text = answer.content.decode()
    assert answer.status_code in (400, 403) and "error-summary" in text
    assert 'value="甲&lt;b&gt;〔2026〕7号"' in text


def test_the_secrecy_office_sees_number_and_mark_and_no_title(story: Story, reader: Reader) -> None:
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    matter = unclear(story)
    raised(story, story.approved(), "秘密")
    story.act("secrecy", "access.change_password", password=PASSWORD)
    client = reader("secrecy")
    for path in ("/unclear", "/disputes", "/appraisals"):
        answer = client.get(path)
        assert TITLE not in answer.content.decode() and page(answer).banner == ""
    assert client.get(f"/unclear/{Referral.objects.get(matter=matter).pk}").status_code == 404


def test_a_challenge_is_raised_on_the_matter_and_lifts_banner_and_access(story: Story, reader: Reader) -> None:
    matter = story.approved()
    client, head = reader("officer"), reader_of(story, reader)
    page(client.get(f"/m/{matter}/challenge"))
    given = {
        "challenger": str(story.province.pk),
        "position": "level",
        "level": "绝密",
        "reasons": "影响范围更大。",
        "password": PASSWORD,
    }
    answer = client.post(f"/m/{matter}/challenge", {**given, "version": story.version(matter)})
    assert answer.status_code == 302, answer.content.decode()
    assert client.get(f"/m/{matter}").status_code == 404
    made = Challenge.objects.get()
    shown = head.get(f"/disputes/{made.pk}")
    assert page(shown).banner == "绝密" and "机密★10年" in shown.content.decode()
    assert page(head.get(f"/m/{matter}")).banner == "绝密"
    refused = head.post(f"/disputes/{made.pk}/settle", {"reasons": "口头同意", "password": PASSWORD, "version": 1})
    assert refused.status_code == 409
    ended = head.post(
        f"/disputes/{made.pk}/settle", {"reasons": "口头同意", "password": PASSWORD, "version": story.version(matter)}
    )
    assert ended.status_code == 422 and "TL-26.3" in ended.content.decode()
    kept = {"outcome": "keep", "reasons": "依据目录确定。", "password": PASSWORD}
    answer = head.post(f"/disputes/{made.pk}/answer", {**kept, "version": story.version(matter)})
    assert answer.status_code == 302, answer.content.decode()


def reader_of(story: Story, reader: Reader) -> object:
    """Return the head signed in."""
    story.act("head", "access.change_password", password=PASSWORD)
    return reader("head")


def test_an_unknown_step_is_not_found(story: Story, reader: Reader) -> None:
    made = raised(story, story.approved(), "秘密")
    assert reader("officer").post(f"/disputes/{made.pk}/conjure", {"version": 1}).status_code == 404


@pytest.mark.clause("JD-14", "JD-5.1")
def test_one_screen_answers_the_three_questions_and_the_dossier_proves_them(story: Story, reader: Reader) -> None:
    matter = story.approved()
    client = reader("officer")
    shown = client.get(f"/m/{matter}/appraisal")
    page(shown)
    assert "机密★10年" in shown.content.decode() and "№" in shown.content.decode()
    asked = {
        "applicant": "某市公安局",
        "applicant_kind": "investigation",
        "applicant_rank": "local",
        "document_no": "某公函〔2026〕8号",
        "received_on": story.now.date().isoformat(),
        "reply_by": (story.now.date() + timedelta(days=10)).isoformat(),
    }
    file = SimpleUploadedFile("切换方案.docx", office.simple("另一份"))
    assert client.post(f"/m/{matter}/appraisal", {**asked, "applicant_kind": "newspaper"}).status_code == 422
    assert client.post(f"/m/{matter}/appraisal", {**asked, "file": file}).status_code == 302
    request = Appraisal.objects.get()
    assert (request.route, request.file_matches) == ("provincial", "unknown")
    assert "某公函〔2026〕8号" in client.get("/appraisals").content.decode()
    early = client.post(f"/m/{matter}/appraisal/{request.pk}/file", {"password": PASSWORD})
    assert early.status_code == 422
    given = {
        "appraisal_id": str(request.pk),
        "should_be": "机密",
        "opinion": "仍符合目录第 7 项。",
        "password": PASSWORD,
    }
    answer = client.post(f"/m/{matter}/appraisal/answer", {**given, "version": story.version(matter)})
    assert answer.status_code == 302, answer.content.decode()
    file = client.post(f"/m/{matter}/appraisal/{request.pk}/file", {"password": PASSWORD})
    assert file.status_code == 200, file.content.decode()
    with zipfile.ZipFile(io.BytesIO(file.content)) as dossier:
        names = set(dossier.namelist())
        said = json.loads(dossier.read("三问答复.json"))
        assert dossier.read("封面.pdf").startswith(b"%PDF")
        with zipfile.ZipFile(io.BytesIO(dossier.read("存证.zip"))) as evidence:
            assert len(evidence.namelist()) > 3
    assert names == {"封面.pdf", "封面.docx", "三问答复.json", "存证.zip", "目录.txt"}
    assert "系本单位产生" in said["genuine"] and "都不一致" in said["genuine"]
    assert said["by_procedure"] and said["decisions"][0]["mark"] == "机密★10年"


def test_forms_of_doubt_are_filled_from_records(story: Story, reader: Reader) -> None:
    matter = unclear(story)
    client = reader("officer")
    shown = client.get(f"/print/unclear/{Referral.objects.get(matter=matter).pk}")
    text = shown.content.decode()
    assert shown.status_code == 200 and "省级保密行政管理部门" in text and "机密★10年" in text
    made = raised(story, story.approved(), "秘密")
    text = client.get(f"/print/challenge/{made.pk}").content.decode()
    assert "定密异议书" in text and "影响范围更大。" in text


def test_reminders_go_out_once_a_step_and_a_missed_report_is_a_breach(story: Story) -> None:
    matter: UUID = unclear(story)
    due = Referral.objects.get(matter=matter).due_on
    assert due is not None
    for day, expected in ((due - timedelta(days=4), 0), (due, 1), (due + timedelta(days=1), 1)):
        story.on(day, 10)
        counts = story.daily()["unclear.remind"]
        assert bool(counts["reminded"]) == bool(expected), day
        assert story.daily()["unclear.remind"]["reminded"] == 0
    assert story.matter(matter).breaches.get().kind == "unclear.sent_late"


@pytest.mark.clause("JD-s1", "JD-s3")
def test_the_course_of_an_appraisal_is_registered_step_by_step_on_its_page(story: Story, reader: Reader) -> None:
    matter = story.approved()
    client = reader("officer")
    today = story.now.date().isoformat()
    asked = {
        "applicant": "某市公安局",
        "applicant_kind": "investigation",
        "applicant_rank": "local",
        "document_no": "某公函〔2026〕9号",
        "received_on": today,
        "lacking": ["letter", "translation"],
    }
    assert client.post(f"/m/{matter}/appraisal", asked).status_code == 302
    road = f"/appraisals/{Appraisal.objects.get().pk}"
    shown = client.get(road)
    page(shown)
    assert "外文材料的中文译本" in shown.content.decode() and "还没有进展" in shown.content.decode()
    assert 'type="date"' in shown.content.decode()
    step = {"act": "appraisal.note", "appraisal_id": str(Appraisal.objects.get().pk), "on": today}
    refused = client.post(road, {**step, "step": "accepted"})
    assert refused.status_code == 422 and "补正" in refused.content.decode()
    for name in ("completed", "accepted"):
        assert client.post(road, {**step, "step": name}).status_code == 302
    found = client.get(road).content.decode()
    assert "还缺" not in found and "鉴定书期限" in found and "受理" in found
    assert reader("outsider").get(road).status_code in (403, 404)
