"""Training from the pages: courses, enrolment, roll, hours, and people and training from a sheet."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import Workbook

from dingmi.records.officers.models import Training
from dingmi.records.officers.training import Course, Session
from dingmi.records.organs.models import Person
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import page
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
    assert office.post(road, roll | {"walk_ins": "0015\n0016"}).status_code == 302
    assert Training.objects.filter(certificate__startswith="DMJC-").count() == 3
    assert "DMJC-2026-001" in drafter.get("/my-training").content.decode()
    hours = office.get("/training/hours?only=short").content.decode()
    assert "林晓雯" in hours and "本单位制度" in hours
    assert office.post("/training/export/2026")["Content-Disposition"].startswith("attachment")


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
    heading = ("姓名", "工号", "部门", "职务", "涉密岗位类别")
    wrong = sheet(heading, ("甲一", "7001", "管网处", "科员", "一般"), ("乙二", "0011", "管网处", "科员", "一般"))
    sent = {"kind": "people", "password": PASSWORD}
    told = office.post("/people/import", {**sent, "file": wrong}).content.decode()
    assert "整份不登记" in told and "工号已经使用" in told and 'name="rows"' not in told
    lacks = office.post("/people/import", {**sent, "file": sheet(("姓名",), ("甲一",))})
    assert lacks.status_code == 400 and "工号" in lacks.content.decode()
    right = sheet(heading, ("甲一", "7001", "管网处", "科员", "一般"))
    assert 'name="rows"' in office.post("/people/import", {**sent, "file": right}).content.decode()
    assert not Person.objects.filter(staff_no="7001").exists()
    rows = [{"name": "甲一", "staff_no": "7001", "department": "管网处", "post": "科员", "post_category": "一般"}]
    enter = {**sent, "step": "enter", "rows": json.dumps(rows)}
    assert office.post("/people/import", {**enter, "password": "wrong"}).status_code == 403
    assert office.post("/people/import", enter)["Location"].startswith("/people")
    assert Person.objects.get(staff_no="7001").name == "甲一"
    assert office.get("/people/import/training.xlsx").status_code == 200
