"""Inspections from the pages: planned, held with a finding, put right by one and closed by another, printed and taken out."""

from __future__ import annotations

import pytest

from dingmi.records.oversight.inspections import Inspection, InspectionFinding
from tests.interfaces.conftest import Reader
from tests.interfaces.test_act_forms import founder
from tests.interfaces.test_pages import offered, page
from tests.story import PASSWORD, Story

pytestmark = pytest.mark.db


@pytest.mark.clause("TL-58", "TL-59.3", "SEED-12")
def test_an_inspection_goes_from_plan_to_closed_finding_by_forms_and_its_report_prints(
    story: Story, reader: Reader
) -> None:
    office, officer = founder(story, "secrecy"), reader("officer")
    empty = office.get("/inspect")
    page(empty)
    assert "这一年没有检查" in empty.content.decode()
    plan = {"act": "oversight.plan", "kind": "self", "title": "定密自查", "planned_on": story.now.date().isoformat()}
    faulty = office.post("/inspect", {**plan, "title": ""})
    assert faulty.status_code == 400 and "请填写此栏" in faulty.content.decode()
    assert office.post("/inspect", plan)["Location"] == "/inspect?done=kept"
    held = Inspection.objects.get()
    road = f"/inspect/{held.pk}"
    page(office.get(road))
    find = {
        "act": "oversight.find", "inspection": str(held.pk), "topic": "education", "words": "签到表不全，请补齐。",
        "responsible": str(story.people["officer"]),
    }  # fmt: skip
    assert office.post(road, {**find, "error": "reasons"}).status_code == 400
    assert office.post(road, find).status_code == 302
    result = {
        "act": "oversight.hold", "inspection": str(held.pk), "held_on": story.now.date().isoformat(),
        "participants": "沈雅琴、何志远", "conclusion": "总体符合规定。",
    }  # fmt: skip
    assert office.post(road, result).status_code == 302
    one = str(InspectionFinding.objects.get().pk)
    shown = officer.get("/inspect/findings")
    page(shown)
    assert "签到表不全" in shown.content.decode() and "oversight.close" not in shown.content.decode()
    done = {"act": "oversight.rectify", "finding": offered(shown, one), "proof": "已补齐签到表。"}
    assert officer.post("/inspect/findings", done).status_code == 302
    waiting = offered(office.get("/inspect/findings"), one)
    close = {"act": "oversight.close", "finding": waiting, "opinion": "已核对。", "password": PASSWORD}
    assert officer.post("/inspect/findings", close).status_code == 400, "nobody is offered to close the own"
    assert office.post("/inspect/findings", close).status_code == 302
    assert "没有要整改的问题" in office.get("/inspect/findings").content.decode()
    closed = office.get("/inspect/findings?state=closed").content.decode()
    assert "已核对。" in closed and "已销号" in closed
    printed = office.get(f"/print/inspection/{held.pk}").content.decode()
    assert "签到表不全" in printed and "保密检查报告" in printed
    assert officer.get(f"/print/inspection/{held.pk}").status_code == 404
    assert officer.get(road).status_code == 404
    taken = office.post("/lists/oversight/export", {"format": "csv", "of-year": str(story.now.year)})
    assert taken.status_code == 200 and "定密自查" in taken.content.decode("utf-8-sig")


@pytest.mark.clause("SEED-23")
def test_an_officer_plans_rounds_alone_and_late_ones_stand_out(story: Story, reader: Reader) -> None:
    officer = reader("officer")
    text = officer.get("/inspect").content.decode()
    assert 'value="round"' in text and '<option value="administration">' in text.split("<details")[0]
    assert '<option value="administration">' not in text.split("<details")[1]
    made = {"act": "oversight.plan", "kind": "round", "title": "管网处巡查", "planned_on": "2026-01-05", "repeats": "3"}
    assert officer.post("/inspect", made).status_code == 302
    story.later(days=2)
    late = reader("officer").get("/inspect?state=late").content.decode()
    assert "逾期未检查" in late and "管网处巡查" in late
    assert "管网处巡查" not in reader("officer").get("/inspect?state=done").content.decode()
    page(reader("drafter").get("/inspect/findings"))
    assert reader("drafter").get("/inspect").status_code == 403


def test_every_tab_that_is_shown_opens(story: Story, reader: Reader) -> None:
    for client, shown in ((founder(story, "secrecy"), 3), (reader("officer"), 2), (reader("drafter"), 1)):
        text = client.get("/inspect/findings").content.decode()
        tabs = [
            road
            for road in ("/inspect", "/inspect/findings", "/inspect/pairs")
            if f'<a href="{road}"' in text.split("tabs", 1)[1].split("</nav>")[0]
        ]
        assert len(tabs) == shown and {client.get(road).status_code for road in tabs} == {200}
