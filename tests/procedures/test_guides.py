"""保密事项范围: imported whole or refused whole; the organ's own table follows the edition in force."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from dingmi.base.errors import Conflict, Forbidden, Invalid, Refused
from dingmi.procedures import guides
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
        ({"no": "1"}, "no", "guide.number_twice"),
        ({"owner": "另一机关"}, "owner", "guide.head_differs"),
    ],
)
def test_one_bad_row_refuses_the_whole_file(founded, bad, field, code):  # noqa: F811
    with pytest.raises(Invalid, match=r"guide\.faulty") as caught:
        imported(row(), row("2", **bad))
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
