"""A year of a secrecy office from the pages alone: reviews, a batch, an extension, releases, a challenge, a guide, table, archive, report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.conftest import Served, served
from tests.e2e.house import GUIDE, ITEM
from tests.e2e.steps import begin, fill

expect = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright").expect

pytestmark = [pytest.mark.e2e, pytest.mark.deep]
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()  # noqa: TID251  the served house lives today
SAME = tuple(f"风险评估结论第{n}号" for n in (1, 2, 3))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A house of its own: the year changes guides and registers that other walks read."""
    yield from served(tmp_path_factory.mktemp("year"))


def ago(years: int, plus: int = 0) -> str:
    """Return the day some years ago, moved by days; never the 29th of February."""
    day = TODAY + timedelta(days=plus)
    return day.replace(year=day.year - years, day=min(day.day, 28)).isoformat()


def sheet(folder: Path) -> Path:
    """Write the sheet of what the office kept before: three to review in a batch, one each for what a year brings."""
    from openpyxl import Workbook

    from dingmi.queries.legacy_sheet import HEADINGS

    def row(title: str, mark: str, issued: str, persons: str = "林婉、周启明") -> dict[str, str]:
        given = {"title": title, "mark": mark, "issued_on": issued, "drafter": "林婉", "officer": "周启明"}
        return {**given, "basis": "原目录", "persons": persons, "form": "电子"}

    rows = [row(title, "秘密★5年", ago(2)) for title in SAME]
    rows += [
        row("节点参数汇编", "机密★5年", ago(5, 20)),
        row("旧水厂图纸", "秘密★5年", ago(2)),
        row("招标标底", "秘密★正式公布前", ago(1)),
        row("管网切换方案", "秘密★5年", ago(3)),
        row("早年普查", "秘密★5年", ago(8), "林婉、周启明、罗敏"),
    ]
    book, out = Workbook(), BytesIO()
    book.active.append(list(HEADINGS.values()))
    for one in rows:
        book.active.append([one.get(key) for key in HEADINGS])
    book.save(out)
    file = folder / "earlier.xlsx"
    file.write_bytes(out.getvalue())
    return file


def edition(folder: Path) -> Path:
    """Write the next edition of the guide: one item gone, one shorter."""
    file = folder / "edition.jsonl"
    lines = []
    for number, text, level, period, code in GUIDE:
        if number == "3":
            continue
        lines.append(
            {
                "guide": "SW-2026", "title": "水务工作国家秘密范围目录（示例）", "owner": "国家水行政主管部门（虚构）",
                "edition": "2027", "since": (TODAY + timedelta(days=30)).isoformat(), "sector": "水务", "no": number,
                "item": text, "level": level, "period": "5年" if text == ITEM else period,
                "scope": "管网处、规划处直接承办人员", "matter_code": code, "origin_tier": "各级水行政主管部门",
            }
        )  # fmt: skip
    file.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in lines), encoding="utf-8")
    return file


def of(page, title: str) -> str:
    """Return the address of a matter by its title in the register of whoever reads."""
    link = page.locator("table.t tbody a", has_text=title).first
    return str(link.get_attribute("href"))


def test_an_office_gets_through_its_year_without_a_side_ledger(visit, tmp_path):
    office, head, officer, drafter = visit(), visit(), visit(), visit()
    for one, name in ((office, "secrecy"), (head, "head"), (officer, "zhou"), (drafter, "lin")):
        begin(one, name)
    earlier_matters(office, sheet(tmp_path))
    officer.house.daily()  # the clock: reviews of the year are opened, what has run out is released
    officer.page.goto(officer.house.url + "/matters")
    roads = {
        title: of(officer.page, title) for title in (*SAME, "节点参数汇编", "旧水厂图纸", "招标标底", "管网切换方案")
    }
    officer.page.goto(officer.house.url + "/expiry")
    officer.see("07-expiry")
    batch_of_reviews(drafter, officer, [roads[title] for title in SAME])
    extension(drafter, officer, roads["节点参数汇编"])
    early_release(drafter, officer, roads["旧水厂图纸"])
    event_confirmed(officer, roads["招标标底"])
    challenge_answered(officer, roads["管网切换方案"])
    guide_and_table(office, head, edition(tmp_path))
    archive(office, officer, tmp_path)
    report_filed(office, head)


def earlier_matters(office, file: Path) -> None:
    """Register what was kept before, checked first."""
    page = office.page
    page.goto(office.house.url + "/matters/legacy")
    fill(office, "main form:has([name=file])", "", file=str(file))
    fill(office, "main form:has([name=rows])", "kept", basis="清水密〔2026〕5号，既有台账整理")
    office.see("year-earlier")


def reviewed(drafter, road: str, reason: str) -> None:
    """Propose that a matter stays as it is."""
    drafter.page.goto(drafter.house.url + f"{road}/review")
    fill(drafter, "main form:has([name=outcome])", "proposed", outcome="keep", reason=reason)


def batch_of_reviews(drafter, officer, roads: list[str]) -> None:
    """Each 秘密 is proposed by its drafter; the officer signs all of them in one batch with a reason each."""
    for road in roads:
        reviewed(drafter, road, "仍可推断薄弱环节。")
    page = officer.page
    page.goto(officer.house.url + "/expiry?view=annual")
    rows = page.locator("input[form=batch][name=row]")
    expect(rows).to_have_count(len(roads))
    reasons = page.locator("input[form=batch].why")
    picked_by_keys(page, rows, reasons)
    for place in range(len(roads)):
        reasons.nth(place).fill("与原件核对，继续保密。")
    officer.see("year-batch")
    page.fill("#batch input[name=password]", officer.house.password)
    with page.expect_navigation():
        page.click("#batch button.pr")
    expect(page.locator("main .tag.ok")).to_have_count(len(roads))
    officer.see("year-batch-done")


def picked_by_keys(page, rows, reasons) -> None:
    """Pick one line, a range and everything by the keys of lists and of expiry (UI §9); every line is picked at the end."""
    picked, here = page.locator("input[form=batch][name=row]:checked"), page.locator("[data-row].foc input[name=row]")
    while not here.count():  # what is signed one by one has no box
        page.keyboard.press("j")
    page.keyboard.press("x")
    expect(picked).to_have_count(1)
    for _line in range(page.locator("[data-row]").count()):
        page.keyboard.press("j")
    while not here.count():
        page.keyboard.press("k")
    page.keyboard.press("Shift+X")
    expect(picked).to_have_count(rows.count())
    page.keyboard.press("Escape")
    expect(picked).to_have_count(0)
    page.keyboard.press("b")
    expect(picked).to_have_count(rows.count())
    expect(reasons.first).to_be_focused()


def extension(drafter, officer, road: str) -> None:
    """A period that ends in twenty days is extended with all three elements decided anew."""
    drafter.page.goto(drafter.house.url + f"{road}/extend")
    fill(drafter, "main form:has([name=tail])", "proposed", tail="8年", reason="节点尚未改造，泄露仍会造成严重的损害。")
    officer.page.goto(officer.house.url + f"{road}/extend")
    fill(officer, "main form:has([name=step])", "changed", step="decide", opinion="同意延长。")
    expect(officer.page.locator("main")).to_contain_text("机密★8年")


def early_release(drafter, officer, road: str) -> None:
    """What does no harm any more is released: proposed with both interests weighed, signed with its number typed."""
    drafter.page.goto(drafter.house.url + f"{road}/review")
    given = {"outcome": "release", "ground": "harmless", "interests": "水厂已拆除，公开无损害。", "reason": "已拆除。"}
    fill(drafter, "main form:has([name=outcome])", "proposed", **given)
    page = officer.page
    page.goto(officer.house.url + f"{road}/release")
    number = re.search(r"[A-Z]+-[A-Z]-\d{4}-\d+", page.inner_text("main"))
    assert number is not None
    fill(officer, "main form:has([name=confirm])", "released", opinion="同意解密。", confirm=number.group())
    expect(page.locator("main")).to_contain_text("已解密")
    officer.see("year-released")


def event_confirmed(officer, road: str) -> None:
    """The condition of a mark came about: the officer confirms it with its hour."""
    page = officer.page
    page.goto(officer.house.url + f"{road}/more")
    at = f"{TODAY - timedelta(days=1)}T10:00"
    fill(officer, "[id='f-declassification.confirm_event']", "kept", happened_at=at, evidence="公告已于昨日正式公布。")
    page.goto(officer.house.url + road)
    expect(page.locator("main")).to_contain_text("已解密")


def challenge_answered(officer, road: str) -> None:
    """Another organ holds that a matter is higher; it is protected so until the originator has decided."""
    page = officer.page
    page.goto(officer.house.url + f"{road}/challenge")
    other = page.locator("input[name=challenger]:not([value=''])").first.get_attribute("value")
    given = {"challenger": other, "position": "level", "level": "机密", "reasons": "与本厅同类事项不一致。"}
    fill(officer, "main form:has([name=position])", "acted", **given)
    page.locator("main table a").first.click()
    page.wait_for_url("**/disputes/*")
    fill(
        officer,
        "#step-answer form",
        "acted",
        outcome="keep",
        reasons="符合原目录，维持。",
        document_no="清水密复〔2026〕2号",
    )
    page.locator("main table a").first.click()
    page.wait_for_url("**/disputes/*")
    officer.see("year-challenge")
    fill(officer, "#step-settle form", "acted", reasons="对方接受维持的决定。")
    expect(page.locator("main")).to_contain_text("已了结")


def guide_and_table(office, head, file: Path) -> None:
    """The next edition is checked, imported and followed up; the organ's own table is drafted, approved and filed."""
    page = office.page
    page.goto(office.house.url + "/guides/import")
    fill(office, "main form:has([name=file])", "", file=str(file))
    fill(office, "main form:has([name=document])", "imported")
    page.goto(office.house.url + "/guides")
    page.locator("a[href$='/diff']").first.click()
    expect(page.locator("main")).to_contain_text("删去")
    impact = page.url.replace("/diff", "/impact")
    page.goto(impact)
    office.see("year-impact")
    fill(office, "main form[action$='/impact']", "impact_run")
    expect(page.locator("main")).to_contain_text("已生成")
    page.goto(office.house.url + "/guides/catalogue/draft")
    for box in page.locator("main input[name=items]").all():
        box.check()
    fill(office, "main form:has([name=items])", "drafted")
    head.page.goto(head.house.url + "/guides/catalogue")
    fill(head, "main form[action$='/approve']", "recorded")
    page.goto(office.house.url + "/guides/catalogue")
    given = {"filed_on": TODAY.isoformat(), "filed_with": "清江市国家保密局", "receipt": "清保备〔2026〕3号"}
    fill(office, "main form[action$='/file']", "recorded", **given)
    expect(page.locator("main")).to_contain_text("清保备〔2026〕3号")
    office.see("year-table")


def archive(office, officer, folder: Path) -> None:
    """What has a file goes into a batch, is reviewed, packed, read back from its carrier, and handed over."""
    page = office.page
    page.goto(office.house.url + "/archives")
    fill(office, "main form:has([value='archives.open'])", "kept")
    batch = page.url.partition("?")[0]
    officer.page.goto(batch)
    for box in officer.page.locator("main input[name=files]").all():
        box.check()
    fill(officer, "[id='f-archives.review']", "kept", opening="closed", reason="仍在保密期限内。")
    page.goto(batch)
    form = page.locator("[id='f-archives.pack']")
    form.locator("[name=medium]").fill("密盘-017")
    form.locator("input[type=password]").fill(office.house.password)
    with page.expect_download() as saved:
        form.locator("button.pr").click()
    package = folder / "package.zip"
    saved.value.save_as(package)
    page.goto(batch)
    given = {"archive": "清江市档案馆", "receipt_no": "清档接7号", "channel": "专人传递", "couriers": "2"}
    given |= {"transferred_on": TODAY.isoformat(), "package": str(package)}
    fill(office, "[id='f-archives.transfer']", "kept", **given)
    expect(page.locator("main")).to_contain_text("清档接7号")
    office.see("year-archive")


def report_filed(office, head) -> None:
    """The figures of last year are signed by the head and filed by the office."""
    road = f"/statistics/reports/classification/{TODAY.year - 1}"
    head.page.goto(head.house.url + road)
    fill(head, "[id='f-statistics.sign']", "kept", explained="本年新设系统，补录既有事项。")
    office.page.goto(office.house.url + road)
    fill(office, "[id='f-statistics.file']", "kept", number="清保统〔2026〕11号", filed_on=TODAY.isoformat())
    office.page.goto(office.house.url + f"/statistics?year={TODAY.year - 1}")
    expect(office.page.locator("main")).to_contain_text("清保统〔2026〕11号")
    office.see("year-report")
