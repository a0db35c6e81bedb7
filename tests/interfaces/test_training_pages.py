"""Training from the pages: courses, enrolment, roll, hours, and people and training from a sheet."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from dingmi.queries.exams import questions_of
from dingmi.queries.people_sheet import HEADINGS
from dingmi.records.officers.exams import Exam, Paper
from dingmi.records.officers.models import Training
from dingmi.records.officers.selection import Selection
from dingmi.records.officers.training import Course, Session
from dingmi.records.organs.models import Person
from dingmi.regime import exercise
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import page, version
from tests.story import PASSWORD, Story

pytestmark = [pytest.mark.db]


def test_the_office_opens_a_course_people_enrol_and_the_roll_gives_certificates(story: Story, reader: Reader) -> None:
    office, drafter = founder(story, "secrecy"), reader("drafter")
    opened = {
        "act": "training.open_course",
        "code": "DMJC",
        "title": "定密基础",
        "audience": "drafters",
        "minutes": "180",
        "valid_months": "12",
    }
    assert office.post("/training", opened).status_code == 302
    begins = story.now + timedelta(minutes=5)
    planned = {
        "act": "training.plan_session",
        "course": str(Course.objects.get().pk),
        "starts_at": begins.strftime("%Y-%m-%dT%H:%M"),
        "place": "三楼会议室",
        "seats": "20",
    }
    assert office.post("/training", planned).status_code == 302
    where = Session.objects.get()
    assert where.starts_at == begins
    page(office.get("/training"))
    assert drafter.get("/training").status_code == 403
    join = {"act": "training.enrol", "session": str(where.pk)}
    assert drafter.post("/my-training", join).status_code == 302
    assert "取消报名" in drafter.get("/my-training").content.decode()
    story.later(minutes=8)
    road = f"/training/sessions/{where.pk}"
    assert "林晓雯" in office.get(road).content.decode()
    roll = {"act": "training.take_roll", "session": str(where.pk), "attended": str(story.people["drafter"])}
    roll["expected_version"] = version(office.get(road))
    assert office.post(road, roll | {"walk_ins": "0015\n0016"}).status_code == 302
    assert Training.objects.filter(certificate__startswith="DMJC-").count() == 3
    assert "DMJC-2026-001" in drafter.get("/my-training").content.decode()
    hours = office.get("/training/hours?only=short").content.decode()
    assert "林晓雯" in hours and "本单位制度" in hours
    assert office.post("/lists/training.hours/export", {"of-year": "2026"})["Content-Disposition"].startswith(
        "attachment"
    )


def sheet(*rows: tuple[str, ...]) -> BytesIO:
    """Return a spreadsheet file."""
    book, out = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    out.seek(0)
    out.name = "人员.xlsx"
    return out


@pytest.mark.clause("SEED-7")
def test_people_from_a_sheet_are_checked_told_by_row_and_entered_only_whole(story: Story) -> None:
    office = founder(story, "secrecy")
    page(office.get("/people/import"))
    heading = ("姓名", "工号", "部门", "职务", "涉密岗位类别", "境外人员")
    wrong = sheet(
        heading,
        ("甲一", "7001", "管网处", "科员", "一般", ""),
        ("乙二", "0011", "管网处", "科员", "一般", "否"),
        ("丙三", "7003", "管网处", "科员", "", "也许"),
    )
    sent = {"kind": "people", "password": PASSWORD}
    told = office.post("/people/import", {**sent, "file": wrong}).content.decode()
    assert (
        "整份不登记" in told
        and "工号已经使用" in told
        and "境外人员一栏须为是或者否" in told
        and 'name="rows"' not in told
    )
    lacks = office.post("/people/import", {**sent, "file": sheet(("姓名",), ("甲一",))})
    assert lacks.status_code == 400 and "工号" in lacks.content.decode()
    right = sheet(heading, ("甲一", "7001", "管网处", "科员", "一般", "是"))
    old = office.post(
        "/people/import", {**sent, "file": sheet(heading[:-1], ("甲一", "7001", "管网处", "科员", "一般"))}
    )
    assert old.status_code == 400 and "境外人员" in old.content.decode(), "a sheet that does not ask is not a no"
    assert 'name="rows"' in office.post("/people/import", {**sent, "file": right}).content.decode()
    assert not Person.objects.filter(staff_no="7001").exists()
    rows = [{"name": "甲一", "staff_no": "7001", "department": "管网处", "post": "科员", "post_category": "一般"}]
    rows[0]["is_foreign"] = "是"
    enter = {**sent, "step": "enter", "rows": json.dumps(rows)}
    assert office.post("/people/import", {**enter, "password": "wrong"}).status_code == 403
    assert office.post("/people/import", enter)["Location"].startswith("/people")
    entered = Person.objects.get(staff_no="7001")
    assert entered.name == "甲一" and entered.is_foreign
    blank = load_workbook(BytesIO(office.get("/people/import/people.xlsx").content)).active
    assert "境外人员" in [cell.value for cell in blank[1]]
    assert office.get("/people/import/training.xlsx").status_code == 200
    assert office.get("/people/import/passwords.xlsx").status_code == 404


@pytest.mark.clause("SEED-11")
def test_the_principal_loads_the_rules_of_appraisal_from_a_sheet_and_everyone_appraised_may_read_them(
    story: Story, reader: Reader
) -> None:
    head, heading = founder(story, "head"), tuple(HEADINGS["rules"].values())
    year = head.get("/officers/appraisals/2026").content.decode()
    assert "/officers/appraisals/2026/rules" in year and "/people/import?kind=rules" in year
    row = ("own_1", "监督整改", "-3", "-9", "SEED-11", "没有参加讲评", "Missed a briefing", "水密〔2026〕9号")
    sent = {"kind": "rules", "password": PASSWORD}
    told = head.post("/people/import", {**sent, "file": sheet(heading, (*row[:2], "3", *row[3:]))}).content.decode()
    assert "整份不登记" in told and "全年最多" in told
    assert 'name="rows"' in head.post("/people/import", {**sent, "file": sheet(heading, row)}).content.decode()
    rows = json.dumps([dict(zip(HEADINGS["rules"], row, strict=True))])
    assert head.post("/people/import", {**sent, "step": "enter", "rows": rows}).status_code == 302
    shown = reader("officer").get("/officers/appraisals/2026/rules")
    page(shown)
    assert "没有参加讲评" in shown.content.decode() and "水密〔2026〕9号" in shown.content.decode()
    assert founder(story, "secrecy").post("/people/import", {**sent, "step": "enter", "rows": rows}).status_code == 400


@pytest.mark.clause("SEED-7")
def test_the_security_administrator_enters_clearances_from_a_sheet(story: Story) -> None:
    security = founder(story, "secadmin")
    assert "/people/import?kind=clearances" in security.get("/admin/security").content.decode()
    shown = security.get("/people/import")
    page(shown)
    text = shown.content.decode()
    assert 'value="clearances"' in text and 'value="people"' not in text and 'href="/people"' not in text
    assert security.get("/people/import/clearances.xlsx").status_code == 200
    assert security.get("/people/import/people.xlsx").status_code == 404
    sent = {"kind": "clearances", "password": PASSWORD}
    given = sheet(("工号", "最高可知悉密级", "依据文号", "有效至（含当日）"), ("0011", "秘密", "水密办〔2026〕3号", ""))
    assert 'name="rows"' in security.post("/people/import", {**sent, "file": given}).content.decode()
    rows = [{"staff_no": "0011", "level": "秘密", "instrument": "水密办〔2026〕3号", "through": ""}]
    entered = security.post("/people/import", {**sent, "step": "enter", "rows": json.dumps(rows)})
    assert entered.status_code == 302 and entered["Location"].startswith("/admin/security")
    assert security.post("/people/import", {**sent, "kind": "people", "file": given}).status_code == 400


def test_a_paper_is_sat_without_scripts_asked_again_while_questions_are_open_and_explained(
    story: Story, reader: Reader
) -> None:
    office, drafter = founder(story, "secrecy"), reader("drafter")
    sent = {
        "act": "exams.set_up",
        "title": "机密级定密资格考核",
        "editions": str(story.item().edition_id),
        "grade": "机密",
        "count": "8",
        "minutes": "5",
        "opens_at": story.now.strftime("%Y-%m-%dT%H:%M"),
        "closes_at": (story.now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
    }
    assert office.post("/training/exams", sent).status_code == 302
    exam = Exam.objects.get()
    assert f"/exams/{exam.pk}/start" in drafter.get("/my-training").content.decode()
    road = drafter.post(f"/exams/{exam.pk}/start")["Location"]
    sheet_ = drafter.get(road)
    assert page(sheet_).faults == []
    assert "checked" not in sheet_.content.decode() and sheet_.content.decode().count("<fieldset") == 8
    paper = Paper.objects.get()
    good = [exercise.accepted(q, story.now.date()) for q in questions_of(paper)]
    answers = {f"q{n}": list(letters) for n, letters in enumerate(good, start=1)}
    one = drafter.post(f"{road}/save", {"number": "1", "q1": answers["q1"]})
    assert one.json() == {"answered": 1}
    assert drafter.post(f"{road}/save", {"number": "1", "q1": "Z"}).status_code == 400
    asked = drafter.post(road, {"submit": "1", "q1": answers["q1"]})
    assert asked["Location"].endswith("?left=1")
    assert "还有 7 题没有作答" in drafter.get(asked["Location"]).content.decode()
    assert "checked" in drafter.post(road, {"save": "1", **answers}, follow=True).content.decode()
    result = drafter.post(road, {"submit": "1", **answers})["Location"]
    told = drafter.get(result).content.decode()
    assert "100 分" in told and told.count("符合规定") >= 8
    assert drafter.post(road, {"submit": "1", **answers}).status_code == 409
    assert reader("drafter2").get(result).status_code == 404
    assert "100" in office.get(f"/training/exams/{exam.pk}").content.decode()
    certify = {"act": "exams.certify", "paper": str(paper.pk), "password": PASSWORD}
    assert office.post(f"/training/exams/{exam.pk}", certify).status_code == 302
    assert "定密资格〔2026〕1号" in drafter.get("/my-training").content.decode()


def test_time_that_is_up_takes_no_answers_and_the_paper_as_it_was_saved(story: Story, reader: Reader) -> None:
    made = {"title": "考核", "editions": (story.item().edition_id,), "count": 5, "minutes": 5}
    story.act("secrecy", "exams.set_up", opens_at=story.now, closes_at=story.now + timedelta(hours=1), **made)
    drafter = reader("drafter")
    road = drafter.post(f"/exams/{Exam.objects.get().pk}/start")["Location"]
    drafter.post(road, {"save": "1", "q1": "A"})
    story.later(minutes=6)
    late = drafter.post(f"{road}/save", {"number": "2", "q2": "A"})
    assert late.status_code == 409 and "不再接收" in late.json()["text"]
    assert "答题时间已到" in drafter.get(road).content.decode()
    assert drafter.post(road, {"submit": "1", "q2": "A"})["Location"].endswith("/result")
    kept = Paper.objects.get().answers
    assert kept["1"] == ["A"] and not kept["2"]


@pytest.mark.clause("SEED-41")
def test_everyone_practises_from_the_page_and_is_told_why(story: Story, reader: Reader) -> None:
    outsider = reader("outsider")
    text = outsider.get("/practice").content.decode()
    seed = re.findall(r'name="seed" value="(\w+)"', text)[0]
    edition = str(story.item().edition_id)
    told = outsider.post("/practice", {"edition": edition, "seed": seed, "q1": "A"}).content.decode()
    assert told.count('<section class="cd qz">') == 5 and "没有作答" in told
    assert not Paper.objects.exists()


def test_the_office_keeps_the_file_of_cleared_staff_from_the_page(story: Story) -> None:
    office = founder(story, "secrecy")
    assert "没有审查" in office.get("/people/cleared").content.decode()
    road = f"/people/{story.people['drafter']}"
    assert page(office.get(road)).faults == []
    vetted = {"act": "personnel.vet", "person": str(story.people["drafter"]), "passed": "yes", "opinion": "符合。"}
    assert office.post(road, {**vetted, "password": PASSWORD}).status_code == 302
    leaving = {
        "act": "personnel.leave",
        "person": str(story.people["drafter"]),
        "talked_on": story.now.date().isoformat(),
        "carriers_returned": "1",
        "devices_returned": "0",
        "cooling_through": "2029-02-01",
        "managed_by": "本单位",
        "systems_closed": "yes",
        "leaves_organ": "yes",
        "password": PASSWORD,
    }
    refused = office.post(road, leaving)
    assert refused.status_code == 422 and "承诺书" in refused.content.decode()
    signed = {"act": "personnel.sign_undertaking", "person": str(story.people["drafter"]), "number": "承 1"}
    assert office.post(road, {**signed, "kind": "leaving"}).status_code == 302
    assert office.post(road, leaving).status_code == 302
    text = office.get("/people/cleared").content.decode()
    assert "脱密期" in text and "2029-02-01" in text


def test_an_announced_post_is_applied_for_and_decided_from_the_page(story: Story, reader: Reader) -> None:
    head, drafter = founder(story, "head"), reader("drafter")
    posted = {
        "act": "selection.post",
        "title": "管网处定密责任人",
        "max_level": "机密",
        "conditions": "熟悉管网业务。",
        "closes_at": (story.now + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M"),
    }
    assert "没有选拔公告" in drafter.get("/selections").content.decode()
    assert head.post("/selections", posted).status_code == 302
    row = Selection.objects.get()
    applied = {"act": "selection.apply", "selection": str(row.pk), "statement": "从事管网业务八年。"}
    assert drafter.post("/selections", applied).status_code == 302
    story.later(minutes=6)
    text = head.get("/selections").content.decode()
    assert "林晓雯" in text and "从事管网业务八年" in text
    assert "从事管网业务八年" not in reader("drafter2").get("/selections").content.decode()
    decided = {
        "act": "selection.decide",
        "selection": str(row.pk),
        "chosen": str(story.people["drafter"]),
        "reasons": "业务熟悉。",
        "password": PASSWORD,
    }
    assert head.post("/selections", decided).status_code == 302
    assert "入选" in drafter.get("/selections").content.decode()
