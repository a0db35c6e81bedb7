"""保密事项范围: imported whole or refused whole; the organ's own table follows the edition in force."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from dingmi.base.errors import Conflict, Forbidden, Invalid, Refused
from dingmi.procedures import guides
from dingmi.procedures.terms import Upload
from dingmi.queries.guide_check import check_import
from dingmi.records.guides.models import Catalogue, GuideEdition, GuideItem
from tests.procedures.test_frame_and_access import NOW, actor, founded  # noqa: F401

pytestmark = [pytest.mark.db, pytest.mark.django_db]
DEMO = Path(__file__).resolve().parents[2] / "src/dingmi/interfaces/cli/demo/guide.jsonl"


def row(no="1", /, **changed):
    plain = {
        "guide": "SW-2021",
        "title": "水务工作国家秘密范围目录（示例）",
        "owner": "国家水行政主管部门（虚构）",
        "edition": "2021",
        "since": "2021-01-01",
        "no": no,
        "item": "供水水源地安全防护部署方案",
        "level": "机密",
        "period": "十年",
        "matter_code": "SW-SRC",
        "scope": "水源地管理部门直接承办人员",
        "origin_tier": "设区的市级以上",
    }
    return plain | changed


def imported(*rows):
    return guides.import_edition(actor=actor("secrecy"), now=NOW, rows=rows)


def test_the_demonstration_guide_is_imported_as_it_stands(founded):  # noqa: F811
    text = DEMO.read_text(encoding="utf-8")
    report = check_import(actor=actor("secrecy"), now=NOW, text=text)
    assert report.ok and report.rows == len(text.splitlines())
    made = guides.import_edition(actor=actor("secrecy"), now=NOW, text=text)
    rows = [json.loads(line) for line in text.splitlines()]
    assert made.items == GuideItem.objects.count() == len(rows)
    assert len(made.editions) == len({r["guide"] for r in rows})


def test_what_is_written_is_canonical(founded):  # noqa: F811
    imported(row())
    item = GuideItem.objects.get()
    assert (item.number, item.level, item.tail, item.matter_code) == ("1", "机密", "10年", "SW-SRC")


@pytest.mark.parametrize(
    "bad, field, code",
    [
        ({"level": "绝对机密"}, "level", "level.unknown"),
        ({"period": "0年"}, "period", "mark.period_zero"),
        ({"period": "2026年2月30日"}, "period", "mark.no_such_day"),
        ({"item": "  "}, "item", "field.missing"),
        ({"item": "甲\u202e乙"}, "item", "text.malformed"),
        ({"no": None}, "no", "text.malformed"),
        ({"matter_code": ""}, "matter_code", "field.missing"),
        ({"since": "去年"}, "since", "date.malformed"),
        ({"examples": "取水口"}, "examples", "list.malformed"),
        ({"conditions": ["数量"]}, "conditions", "condition.malformed"),
        ({"conditions": [{"kind": "number", "name": "数量", "op": "has"}]}, "conditions", "condition.malformed"),
        ({"extra": 1}, "extra", "field.unknown"),
        ({"no": "1", "item": "阀门启闭口令"}, "no", "guide.number_twice"),
        ({"item": "供水水源地安全防护部署方案", "level": "秘密"}, "level", "guide.contradictory"),
        ({"item": "供水水源地安全防护部署方案", "period": "5年"}, "period", "guide.contradictory"),
        ({"item": "供水水源地安全防护部署方案"}, "item", "guide.item_twice"),
        ({"together": {"items": ["1"], "at_least": 2}}, "together", "together.malformed"),
        ({"together": {"items": ["1", "9"], "at_least": 2}}, "together", "together.unknown_item"),
        ({"owner": "另一机关"}, "owner", "guide.head_differs"),
    ],
)
def test_one_bad_row_refuses_the_whole_file(founded, bad, field, code):  # noqa: F811
    with pytest.raises(Invalid, match=r"guide\.faulty") as caught:
        imported(row(), row("2", **{"item": "供水调度指令编码", **bad}))
    assert caught.value.params["fields"] == {f"rows.2.{field}": code}
    assert not GuideEdition.objects.exists() and not GuideItem.objects.exists()


def test_every_fault_is_listed_at_once_by_the_dry_run_too(founded):  # noqa: F811
    text = "\n".join(["[1]", "{", json.dumps(row(level="", item="")), ""])
    report = check_import(actor=actor("secrecy"), now=NOW, text=text)
    assert [(f.row, f.field, f.code) for f in report.faults] == [
        (1, "", "row.not_object"),
        (2, "", "row.not_object"),
        (3, "item", "field.missing"),
        (3, "level", "field.missing"),
    ]
    assert not report.ok and not GuideEdition.objects.exists()


def test_nothing_given_is_a_fault(founded):  # noqa: F811
    with pytest.raises(Invalid) as caught:
        imported()
    assert caught.value.params["fields"] == {"rows.0": "guide.empty"}


def test_a_new_edition_closes_the_one_before_and_outdates_the_table(founded):  # noqa: F811
    imported(row())
    table = guides.draft_catalogue(actor=actor("secrecy"), now=NOW)
    guides.approve_catalogue(actor=actor("head"), now=NOW, catalogue=table.id)
    made = imported(row(edition="2026", since="2026-02-01"))
    assert made.closed == 1
    assert GuideEdition.objects.get(edition="2021").until == date(2026, 2, 1)
    assert Catalogue.objects.get().state == "stale"
    with pytest.raises(Invalid) as caught:
        imported(row(edition="2022", since="2022-01-01"))
    assert caught.value.params["fields"] == {"rows.1.since": "guide.not_later"}
    with pytest.raises(Invalid) as caught:
        imported(row(edition="2026", since="2027-01-01"))
    assert caught.value.params["fields"] == {"rows.1.edition": "guide.edition_exists"}


def test_the_table_is_drafted_by_the_office_approved_by_the_head_and_filed(founded):  # noqa: F811
    imported(row(), row("2", item="阀门启闭口令"))
    first = GuideItem.objects.get(number="1")
    line = guides.CatalogueLine(first.pk, producing_unit="防护科")
    table = guides.draft_catalogue(actor=actor("secrecy"), now=NOW, lines=(line,))
    assert (table.version, table.rows) == (1, 1)
    with pytest.raises(Forbidden):
        guides.approve_catalogue(actor=actor("secrecy"), now=NOW, catalogue=table.id)
    guides.approve_catalogue(actor=actor("head"), now=NOW, catalogue=table.id)
    with pytest.raises(Conflict, match=r"catalogue\.other_state"):
        guides.approve_catalogue(actor=actor("head"), now=NOW, catalogue=table.id)
    guides.file_catalogue(actor=actor("secrecy"), now=NOW, catalogue=table.id, filed_on=NOW.date())
    kept = Catalogue.objects.get()
    assert kept.state == "filed" and kept.rows.get().producing_unit == "防护科" and kept.rows.get().level == "机密"


def test_a_table_is_not_approved_once_its_items_ended(founded):  # noqa: F811
    imported(row())
    table = guides.draft_catalogue(actor=actor("secrecy"), now=NOW)
    imported(row(edition="2026", since="2026-02-01"))
    with pytest.raises(Refused, match=r"catalogue\.items_ended"):
        guides.approve_catalogue(actor=actor("head"), now=NOW, catalogue=table.id)


def test_a_drafter_may_not_import(founded):  # noqa: F811
    with pytest.raises(Forbidden, match=r"role\.required"):
        guides.import_edition(actor=actor("auditor"), now=NOW, rows=(row(),))


HEADINGS = ["范围代码", "范围名称", "制定机关", "版本", "施行日期", "序号", "事项", "密级", "保密期限", "知悉范围", "产生层级",
            "事项代码", "要件", "除外", "示例", "汇聚"]  # fmt: skip
GUIDE = ["SW", "水务工作国家秘密范围目录（示例）", "国家水行政主管部门（虚构）", "2026", date(2026, 1, 1)]


def sheet(*rows, headings=HEADINGS):
    """Return a workbook with a heading row and ``rows``."""
    book, out = Workbook(), BytesIO()
    for line in (headings, *rows):
        book.active.append(list(line))
    book.save(out)
    return Upload("目录.xlsx", out.getvalue())


def line(no, item, code, *, level="机密", period="10年", tier="市级以上", conditions="", exceptions="", together=""):
    return [
        *GUIDE,
        no,
        item,
        level,
        period,
        "直接承办人员",
        tier,
        code,
        conditions,
        exceptions,
        "取水口；泵站",
        together,
    ]


@pytest.mark.clause("TL-12.1", "FW-8")
def test_a_spreadsheet_is_imported_with_conditions_exceptions_and_ends(founded):  # noqa: F811
    book = sheet(
        line(1, "管网节点坐标", "SW-NET", conditions="比例尺分母≤2000；面积≥1,500平方公里；定位精度<0.5米"),
        line(2, "新型消毒装置参数", "SW-EQP", period="启用前", exceptions="已公开的型号；样机照片"),
        line(3, "蓄滞洪区启用方案", "SW-FLD", period="正式公布前", level="秘密"),
        line(4, "上述两项汇编", "SW-ALL", level="绝密", together="1、2≥2"),
    )
    report = check_import(actor=actor("secrecy"), now=NOW, upload=book)
    assert report.ok and report.rows == 4 and not GuideEdition.objects.exists()
    guides.import_edition(actor=actor("secrecy"), now=NOW, upload=book)
    first, second, third, fourth = GuideItem.objects.order_by("order")
    assert [(c["name"], c["op"], c["value"], c["unit"]) for c in first.conditions] == [
        ("比例尺分母", "<=", 2000, ""),
        ("面积", ">=", 1500, "平方公里"),
        ("定位精度", "<", 0.5, "米"),
    ]
    assert first.examples == ["取水口", "泵站"] and first.edition.since == date(2026, 1, 1)
    assert (second.tail, second.exceptions) == ("启用前", ["已公开的型号", "样机照片"])
    assert (third.tail, third.level) == ("正式公布前", "秘密")
    assert fourth.together == {"items": ["1", "2"], "at_least": 2}


@pytest.mark.clause("TL-12.1")
def test_a_spreadsheet_is_refused_whole_with_the_fault_of_each_row(founded):  # noqa: F811
    book = sheet(
        line(1, "管网节点坐标", "SW-NET", tier=""), line(1, "管网节点坐标", "SW-NET", level="绝对"), line("", "", "")
    )
    with pytest.raises(Invalid, match=r"guide\.faulty") as caught:
        guides.import_edition(actor=actor("secrecy"), now=NOW, upload=book)
    assert caught.value.params["fields"] == {
        "rows.2.origin_tier": "guide.element_missing",
        "rows.3.level": "level.unknown",
        "rows.4.item": "field.missing",
        "rows.4.matter_code": "field.missing",
        "rows.4.no": "field.missing",
    }
    assert not GuideEdition.objects.exists()


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"", b"\xff\xfe\x00"])
def test_a_file_that_is_no_guide_is_refused_in_words(founded, content):  # noqa: F811
    report = check_import(actor=actor("secrecy"), now=NOW, upload=Upload("x.xlsx", content))
    assert not report.ok and report.faults and not GuideEdition.objects.exists()


def test_a_sheet_without_headings_says_so(founded):  # noqa: F811
    report = check_import(actor=actor("secrecy"), now=NOW, upload=sheet(headings=["甲", "乙"]))
    assert [f.code for f in report.faults] == ["guide.no_heading"]


@pytest.mark.clause("GD-10.2")
def test_a_table_that_the_head_did_not_approve_is_not_filed(founded):  # noqa: F811
    imported(row())
    table = guides.draft_catalogue(actor=actor("secrecy"), now=NOW)
    with pytest.raises(Refused, match=r"catalogue\.not_approved") as caught:
        guides.file_catalogue(actor=actor("secrecy"), now=NOW, catalogue=table.id, filed_on=NOW.date())
    assert caught.value.findings[0].clauses == ("GD-10.2",)
    guides.approve_catalogue(actor=actor("head"), now=NOW, catalogue=table.id)
    guides.file_catalogue(
        actor=actor("secrecy"), now=NOW, catalogue=table.id, filed_on=NOW.date(), filed_with="市保密局", receipt="备 7"
    )
    kept = Catalogue.objects.get()
    assert (kept.state, kept.filed_with, kept.receipt) == ("filed", "市保密局", "备 7")


def test_a_draft_table_can_be_put_away_and_the_version_in_force_stays(founded):  # noqa: F811
    imported(row())
    first = guides.draft_catalogue(actor=actor("secrecy"), now=NOW)
    guides.approve_catalogue(actor=actor("head"), now=NOW, catalogue=first.id)
    second = guides.draft_catalogue(actor=actor("secrecy"), now=NOW)
    guides.discard_catalogue(actor=actor("secrecy"), now=NOW, catalogue=second.id)
    assert dict(Catalogue.objects.values_list("version", "state")) == {1: "approved", 2: "discarded"}
