"""Acts that come now and then, from their pages: decisions from above, conditions met, narrower scope, succession, earlier matters."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from openpyxl import Workbook

from dingmi.records.ledger.guard import act_open
from dingmi.records.matters.life import CoOrgan, Handover, HandoverLine, Succession
from dingmi.records.matters.models import Matter, Proposal
from dingmi.records.organs.models import Token
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import page
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]
SHEET_HEADINGS = ("事项名称", "密级标志", "制发日期", "承办人", "其他依据", "知悉人员", "载体形式")


def signed(story: Story, act: str, matter: object, **fields: object) -> dict[str, object]:
    shared = {"act": act, "matter": str(matter), "password": PASSWORD}
    return {**shared, "expected_version": story.version(matter), **fields}


def test_a_superiors_decision_is_registered_from_the_matters_page(story: Story, reader: Reader) -> None:
    story.act("secrecy", "personnel.enter_organ", name="国家水行政主管部门", tier="central", line="水利")
    matter = story.approved()
    road, officer = f"/m/{matter}/more", reader("officer")
    page(officer.get(road))
    decided = {"organ": str(story.province.pk), "outcome": "change", "document_no": "某水函〔2026〕5号"}
    form = signed(story, "change.register_external", matter, **decided, decided_on=story.now.date(), tail="8年")
    assert officer.post(road, {**form, "document_no": ""}).status_code == 400
    answer = officer.post(road, form)
    assert answer.status_code == 302, answer.content.decode()
    assert story.matter(matter).tail == "8年"


def test_a_condition_is_confirmed_from_the_matters_page_and_only_where_there_is_one(
    story: Story, reader: Reader
) -> None:
    plain, matter = story.approved(), story.approved(answers=story.answers("5"))
    story.later(days=2)
    officer = reader("officer")
    assert "declassification.confirm_event" not in officer.get(f"/m/{plain}/more").content.decode()
    road, at = f"/m/{matter}/more", story.now - timedelta(hours=3)
    form = signed(story, "declassification.confirm_event", matter, evidence="已在政府网站公布。")
    assert officer.post(road, {**form, "happened_at": ""}).status_code == 400
    assert officer.post(road, {**form, "happened_at": f"{at:%Y-%m-%dT%H:%M}"}).status_code == 302
    assert story.matter(matter).state == "declassified" and story.matter(matter).released_at == at


def test_a_narrower_scope_is_proposed_and_evidence_handed_out(story: Story, reader: Reader) -> None:
    matter = story.approved()
    road, drafter = f"/m/{matter}/more", reader("drafter")
    narrower = {"persons": str(story.people["officer2"]), "reason": "已调离。"}
    assert drafter.post(road, signed(story, "need_to_know.shrink", matter, **narrower)).status_code == 302
    assert Proposal.objects.filter(matter=matter, act="change.change").count() == 1
    head = founder(story, "head")
    packed = head.post(
        f"/m/{story.approved(answers=story.answers(scope=story.scope('head')))}/more",
        {"act": "keep.evidence", "matter": ""},
    )
    assert packed.status_code == 400
    taken = founder(story, "auditor").post(
        "/admin/audit", {"act": "keep.evidence", "matter": story.matter(matter).register_no}
    )
    assert taken.status_code == 200 and taken.content[:2] == b"PK" and ".zip" in taken["Content-Disposition"]


def test_a_draft_made_with_another_organ_says_so_from_its_page(story: Story, reader: Reader) -> None:
    matter = story.filled()
    road, drafter = f"/m/{matter}/more", reader("drafter")
    assert road in drafter.get(f"/draft/{matter}/check").content.decode()
    page(drafter.get(road))
    form = signed(story, "consultation.join", matter, co_organs=str(story.province.pk))
    assert drafter.post(road, form).status_code == 302
    assert CoOrgan.objects.get(matter=matter).organ_id == story.province.pk


def test_a_change_may_rest_on_another_item_and_keeps_departments_in_the_scope(story: Story, reader: Reader) -> None:
    matter = story.approved()
    road, drafter = f"/m/{matter}/change", reader("drafter")
    other = story.item("3")
    form = {"ground": "basis_changed", "item": str(other.pk), "level": "秘密", "tail": "5年", "reason": "目录已调整。"}
    form |= {"persons": str(story.people["officer"]), "departments": str(story.department), "password": PASSWORD}
    refused = drafter.post(road, {**form, "ground": "", "version": story.version(matter)}).content.decode()
    assert re.search(rf'value="{other.pk}" selected', refused) and re.search(
        rf'value="{story.department}" selected', refused
    )
    answer = drafter.post(road, {**form, "version": story.version(matter)})
    assert answer.status_code == 302, answer.content.decode()
    last = Proposal.objects.get(matter=matter, act="change.change")
    assert last.item_id == other.pk and last.scope["departments"] == [str(story.department)]


def test_matters_are_handed_on_to_a_successor_from_a_list(story: Story, reader: Reader) -> None:
    matter = story.approved()
    head = founder(story, "head")
    page(head.get("/succession"))
    province = str(story.province.pk)
    form = {"act": "succession.assign", "situation": "abolished", "successor": province, "function_taker": province}
    form |= {"instrument": "某编办〔2026〕2号", "effective_on": story.now.date().isoformat(), "password": PASSWORD}
    assert head.post("/succession", form).status_code == 400, "nothing was ticked"
    assert head.post("/succession", {**form, "matters": [str(matter)]}).status_code == 302
    assert Succession.objects.get(matter=matter).ground == "function"
    shown = head.get("/succession").content.decode()
    assert "某编办〔2026〕2号" in shown and "已生效" in shown


@pytest.mark.clause("CS-60")
def test_copies_go_to_the_successor_counted_and_signed_for(story: Story, reader: Reader) -> None:
    matter = story.approved()
    head = founder(story, "head")
    province = str(story.province.pk)
    form = {"act": "succession.assign", "situation": "abolished", "successor": province, "function_taker": province}
    form |= {"instrument": "某编办〔2026〕2号", "effective_on": story.now.date().isoformat(), "password": PASSWORD}
    assert "没有要移交的载体" in head.get("/succession").content.decode()
    assert head.post("/succession", {**form, "matters": [str(matter)]}).status_code == 302
    waiting = head.get("/succession")
    page(waiting)
    assert "待移交" in waiting.content.decode()
    given = {"act": "succession.hand_over", "to": province, "on": story.now.date().isoformat(), "password": PASSWORD}
    given |= {"received_by": "孙某", "receipt": "移收〔2026〕1号"}
    refused = head.post("/succession", {**given, "counted": "2"})
    assert refused.status_code == 422 and "登记1份" in refused.content.decode() and Handover.objects.count() == 0
    early = (story.now - timedelta(days=1)).date().isoformat()
    refused = head.post("/succession", {**given, "counted": "1", "on": early})
    assert refused.status_code == 422 and "移交日期不能在此之前" in refused.content.decode()
    assert head.post("/succession", {**given, "counted": "1"}).status_code == 302
    kept = Handover.objects.get()
    assert [(line.matter_id, line.copies) for line in kept.lines.all()] == [(matter, 1)]
    with pytest.raises(IntegrityError), transaction.atomic(), act_open("test"):
        HandoverLine.objects.create(handover=kept, matter_id=matter, number="1", mark="", copies=1)
    shown = head.get("/succession").content.decode()
    assert "移收〔2026〕1号" in shown and "待移交" not in shown
    printed = head.get(f"/print/handover/{kept.pk}").content.decode()
    assert "国家秘密载体移交清单" in printed and story.matter(matter).register_no in printed
    assert reader("drafter").get(f"/print/handover/{kept.pk}").status_code == 404
    again = head.post("/succession", {**given, "counted": "1"})
    assert again.status_code == 400, "the form is gone with what it was for"


def sheet(*rows: tuple[str, ...]) -> SimpleUploadedFile:
    book, out = Workbook(), BytesIO()
    for row in (SHEET_HEADINGS, *rows):
        book.active.append(list(row))
    book.save(out)
    return SimpleUploadedFile("补录.xlsx", out.getvalue())


def test_earlier_matters_come_from_a_sheet_after_a_check(story: Story, reader: Reader) -> None:
    office = founder(story, "secrecy")
    page(office.get("/matters/legacy"))
    assert office.get("/matters/legacy.xlsx").content[:2] == b"PK"
    name = "林晓雯"
    good = ("水源地旧档", "机密★10年", "2021-03-10", name, "原目录第7项", name, "纸质")
    wrong = ("无期限旧档", "甲级★10年", "2021-03-10", "无此人", "原目录", name, "纸质")
    faulty = office.post("/matters/legacy", {"file": sheet(good, wrong)}).content.decode()
    assert "整份不补录" in faulty and "密级标志" in faulty and "承办人" in faulty
    checked = office.post("/matters/legacy", {"file": sheet(good)})
    page(checked)
    text = checked.content.decode()
    rows = re.search(r"<textarea[^>]*name=\"rows\"[^>]*>(.*?)</textarea>", text, re.S)
    assert rows and "水源地旧档" in rows[1]
    form = {"step": "enter", "rows": rows[1].replace("&quot;", '"'), "level": "机密", "basis": "按原台账补录"}
    assert office.post("/matters/legacy", {**form, "password": "wrong"}).status_code == 403
    assert office.post("/matters/legacy", {**form, "password": PASSWORD}).status_code == 302
    assert Matter.objects.get(register_no="QJSW-M-2021-1").state == "active"


def test_a_token_is_issued_and_shown_once(story: Story, reader: Reader) -> None:
    drafter = reader("drafter")
    made = drafter.post("/account", {"act": "access.issue_token", "hours": "2", "password": PASSWORD})
    assert made.status_code == 200 and 'value="dm_' in made.content.decode()
    assert Token.objects.count() == 1
    assert "dm_" not in drafter.get("/account").content.decode()
