"""Pages of guides, of the organ's table, of reported defects, and of the derivation graph."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from dingmi.procedures.terms import SourceIn
from dingmi.records.guides.models import Catalogue, GuideEdition, GuideFeedback
from dingmi.records.matters.models import ReviewTask
from tests.interfaces.conftest import Reader
from tests.interfaces.test_pages import page
from tests.procedures.test_guide_impact import NEW, edition
from tests.story import PASSWORD, Story


@pytest.fixture
def office(story: Story, reader: Reader) -> Client:
    """The secrecy office, with a password of its own and cleared."""
    story.cleared("secadmin", person=story.people["secrecy"], level="机密", instrument="审查表")
    story.act("secrecy", "access.change_password", password=PASSWORD)
    return reader("secrecy")


@pytest.fixture
def head(story: Story, reader: Reader) -> Client:
    """The head, with a password of its own."""
    story.act("head", "access.change_password", password=PASSWORD)
    return reader("head")


def text(answer: object) -> str:
    """Return the page as text, checked against the rules that hold everywhere."""
    page(answer)
    return answer.content.decode()  # type: ignore[attr-defined]


def posted(client: Client, path: str, form: str, **values: object) -> object:
    """Post a form the way its page gives it: with the key that makes it count once."""
    shown = client.get(form).content.decode()
    key = shown.split('name="_key" value="', 1)[1].split('"', 1)[0]
    return client.post(path, {"_key": key, **values}, follow=True)


def test_items_are_found_by_content_and_one_is_shown_with_its_changes(story: Story, office: Client) -> None:
    story.approved(answers=story.answers("3"))
    edition(story, NEW, "2026", ("11",), _3={"period": "3年"})
    shown = text(office.get(f"/guides?item={GuideEdition.objects.get(edition='2021').items.get(number='3').pk}"))
    assert "<del>5年</del>" in shown and "<ins>3年</ins>" in shown and "期限可缩短" in shown
    assert "删去" in shown and "近十二个季度采用 1 次" in shown
    chosen = GuideEdition.objects.get(edition="2021")
    found = text(office.post(f"/guides/{chosen.pk}", {"text": "管网节点"}))
    assert "供水管网关键节点" in found and "蓄滞洪区" not in found
    assert "没有相符条目" in text(office.post(f"/guides/{chosen.pk}", {"text": "气象卫星"}))


def test_the_impact_is_shown_first_and_its_tasks_are_opened_by_one_press(story: Story, office: Client) -> None:
    matter = story.approved(answers=story.answers("7"))
    new = edition(story, NEW, "2026", ("7",))
    number = story.matter(matter).register_no
    shown = text(office.get(f"/guides/{new}/impact"))
    assert number in shown and "可提前解密" in shown and "未生成" in shown
    assert ReviewTask.objects.filter(kind="guide").count() == 0
    answer = posted(office, f"/guides/{new}/impact", f"/guides/{new}/impact")
    assert "已生成" in text(answer) and ReviewTask.objects.get(kind="guide").matter_id == matter
    assert "第 7 项" in text(office.get(f"/guides/{new}/diff"))


def test_a_drafter_sees_guides_and_no_impact(story: Story, reader: Reader) -> None:
    new = edition(story, NEW, "2026", ("7",))
    client = reader("drafter")
    assert "变化影响" not in text(client.get("/guides"))
    assert client.get(f"/guides/{new}/impact").status_code == 403
    assert "第 7 项" in text(client.get(f"/guides/{new}/diff"))


def book(*rows: list[object]) -> SimpleUploadedFile:
    """Return a spreadsheet as a browser sends it."""
    made, out = Workbook(), BytesIO()
    heads = [
        "范围代码",
        "范围名称",
        "制定机关",
        "版本",
        "施行日期",
        "序号",
        "事项",
        "密级",
        "保密期限",
        "知悉范围",
        "产生层级",
        "事项代码",
    ]
    for line in (heads, *rows):
        made.active.append(line)
    made.save(out)
    return SimpleUploadedFile("目录.xlsx", out.getvalue())


def line(no: int, item: str, level: str = "机密", tier: str = "市级以上") -> list[object]:
    """Return one row."""
    return ["QX", "气象工作国家秘密范围", "国家气象主管部门（虚构）", "2026", date(2026, 1, 1), no, item, level, "5年", "承办人员",
            tier, f"QX-{no}"]  # fmt: skip


def test_a_spreadsheet_is_checked_then_signed_and_imported(story: Story, office: Client) -> None:
    assert load_workbook(BytesIO(office.get("/guides/template.xlsx").content)).active["A1"].value == "范围代码"
    report = office.post("/guides/import", {"file": book(line(1, "气象站点坐标"), line(2, "预报模式参数", "秘密"))})
    shown = text(report)
    assert "读到 2 行" in shown and GuideEdition.objects.filter(code="QX").count() == 0
    document = report.context["report"].document
    key = shown.split('name="_key" value="', 1)[1].split('"', 1)[0]
    form = {"step": "import", "document": document, "_key": key}
    refused = office.post("/guides/import", form)
    assert refused.status_code == 403 and not GuideEdition.objects.filter(code="QX").exists()
    answer = office.post("/guides/import", {**form, "password": PASSWORD}, follow=True)
    assert "事项范围已导入" in text(answer) and GuideEdition.objects.get(code="QX").items.count() == 2


def test_a_faulty_spreadsheet_lists_every_row(story: Story, office: Client) -> None:
    shown = text(office.post("/guides/import", {"file": book(line(1, "甲", tier=""), line(1, "乙", "绝对"))}))
    assert "整份不导入" in shown and "origin_tier" in shown and "产生层级" in shown and "签名并导入" not in shown


def test_the_table_is_drafted_approved_filed_and_shown(story: Story, office: Client, head: Client) -> None:
    assert "没有有效的国家秘密事项一览表" in text(office.get("/guides/catalogue"))
    item = story.item("7")
    answer = posted(office, "/guides/catalogue/draft", "/guides/catalogue/draft", items=[str(item.pk)],
                    **{f"unit-{item.pk}": "管网处", f"scope-{item.pk}": "管网处承办人员"})  # fmt: skip
    assert "管网处承办人员" in text(answer)
    table = Catalogue.objects.get()
    place = f"/guides/catalogue/{table.pk}"
    assert "签名审定" in text(head.get("/guides/catalogue"))
    posted(head, f"{place}/approve", "/guides/catalogue", password=PASSWORD)
    answer = posted(office, f"{place}/file", "/guides/catalogue", filed_on=story.now.date().isoformat(),
                    filed_with="市国家保密局", receipt="备〔2026〕7号")  # fmt: skip
    shown = text(answer)
    assert "已备案" in shown and "市国家保密局" in shown and "没有有效的" not in shown
    assert office.get(f"{place}/shred").status_code in (404, 405)
    empty = office.post("/guides/catalogue/draft", {})
    assert empty.status_code == 400 and Catalogue.objects.count() == 1


def test_a_defect_is_reported_from_the_item_and_followed(story: Story, reader: Reader, office: Client) -> None:
    item = story.item("7")
    form = {"kind": "unclear", "text": "“关键节点”没有标准。", "edition": str(item.edition_id)}
    drafter = reader("drafter")
    assert drafter.post(f"/guides/items/{item.pk}/defect", {**form, "kind": "rude"}).status_code == 400
    assert "待报送" in text(drafter.post(f"/guides/items/{item.pk}/defect", form, follow=True))
    place = f"/guides/feedback/{GuideFeedback.objects.get().pk}"
    day = story.now.date().isoformat()
    assert "已报送" in text(posted(office, f"{place}/send", "/guides/feedback", on=day, number="清水保〔2026〕3号"))
    seen = story.seen(GuideFeedback, GuideFeedback.objects.get().pk)
    assert "已答复" in text(
        posted(office, f"{place}/answer", "/guides/feedback", on=day, answer="下次修订研究。", expected_version=seen)
    )


def chain(story: Story, length: int) -> list[UUID]:
    """Derive one matter from another, ``length`` times."""
    made = [story.approved(answers=story.answers(tail="5年"))]
    for _ in range(length):
        made.append(story.derive((SourceIn(matter=made[-1], consent=True),)))
        story.approve(made[-1])
    return made


def test_the_derivation_graph_draws_and_lists_every_generation(story: Story, reader: Reader) -> None:
    source, child, grandchild, last = chain(story, 3)
    story.later(days=1).extend(source, "8年")
    client = reader("drafter")
    shown = text(client.get(f"/m/{source}/lineage"))
    assert "上游 0 项，下游 3 项。其中 1 项与来源不一致。" in shown
    assert shown.count('class="box') == 4 and shown.count('class="arc bad"') == 1 and "早于来源解密" in shown
    for matter in (child, grandchild, last):
        assert f"/m/{matter}" in shown
    near = text(client.get(f"/m/{source}"))
    assert near.count('class="box') == 3 and "下游 3 项将收到通知" in near
    assert client.get(f"/m/{source}/lineage", headers={"accept-language": "en"}).status_code == 200
    assert reader("outsider").get(f"/m/{source}/lineage").status_code == 404


MAIN_TEXT = {
    "act": "guides.enter_text",
    "document_no": "国保发〔2025〕9号",
    "basis": "根据保守国家秘密法制定。",
    "basic_scope": "水务工作中的国家秘密包括水源地安全防护等事项。",
    "relations": "与其他保密事项范围重合的，按较高密级。",
    "interpreter": "国家水行政主管部门（虚构）",
    "issuers": "国家水行政主管部门（虚构）\n国家保密局",
    "signatories": "国家水行政主管部门（虚构）\n国家保密局",
    "domain": "civil",
}


@pytest.mark.clause("GD-7", "FW-6", "FW-7", "GD-6.2")
def test_the_main_text_of_a_guide_is_entered_shown_and_refused_when_not_signed_by_all(
    story: Story, office: Client, reader: Reader
) -> None:
    chosen = GuideEdition.objects.get(edition="2021")
    road = f"/guides/{chosen.pk}/text"
    assert road in text(office.get("/guides")) and "还没有登记正文" in text(office.get(road))
    given = {**MAIN_TEXT, "edition": str(chosen.pk), "effective_on": chosen.since.isoformat()}
    refused = posted(office, road, road, **{**given, "signatories": "国家保密局"})
    assert refused.status_code == 422 and "共同签署" in refused.content.decode() and chosen.texts.count() == 0
    other_day = posted(office, road, road, **{**given, "effective_on": "2022-01-01"})
    assert other_day.status_code == 422 and "不一致" in other_day.content.decode()
    entered = text(posted(office, road, road, **given))
    assert "国保发〔2025〕9号" in entered and "第 1 次登记" in entered and "缺少" not in entered
    again = text(posted(office, road, road, **{**given, "document_no": "国保发〔2025〕10号"}))
    assert "国保发〔2025〕10号" in again and "第 2 次登记" in again and chosen.texts.count() == 2
    shown = text(reader("drafter").get(road))
    assert "国保发〔2025〕10号" in shown and "登记正文" not in shown
