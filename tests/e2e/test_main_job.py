"""One draft from upload to marked file, in the browser, with every interaction counted."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest

from dingmi.engines import documents
from tests.e2e.house import PASSWORD, SECRET, document
from tests.e2e.steps import answered, press, sign

pytestmark = pytest.mark.e2e
DRAFT = re.compile(r"/draft/([0-9a-f-]{36})$")


NETWORK = "本次普查核定供水管网关键节点坐标二十六处，切换时序及控制参数逐一列明，供应急时使用。"
HARMLESS = "本周开展节水宣传，邀请市民参观水厂。"


def original(folder: Path, title: str, sentence: str = NETWORK) -> Path:
    """Write a draft that matches a guide item and reuses nothing that was decided before."""
    file = folder / f"{title}.docx"
    file.write_bytes(
        document(
            title,
            "一、总则",
            f"本文说明“{title}”的办理情况。",
            "二、有关情况",
            sentence,
            "三、保障措施",
            f"有关单位按“{title}”的分工落实。",
        )
    )
    return file


def derived(folder: Path, title: str) -> Path:
    """Write a draft that only repeats a known secret."""
    file = folder / f"{title}.docx"
    file.write_bytes(
        document(title, "各水厂、局属各单位：", "一、整改措施", SECRET, "二、工作要求", "每季度末报送进展。")
    )
    return file


def submit_original(one, file: Path) -> str:
    """Walk the original path with keys; return the matter's id."""
    page = one.page
    page.goto(one.house.url + "/draft/new")
    one.drop(file)
    page.wait_for_url(DRAFT)
    matter = DRAFT.search(page.url).group(1)
    assert page.locator("#cards input:checked").count() == 0
    one.see("02-assist-plain")
    press(one, "1", ".q-ok[data-card=item]")
    press(one, "a", ".q-ok[data-card=reuse]")
    press(one, "a", ".q-ok[data-card=scope]")
    one.see("02-assist-confirmed")
    one.press("Control+Enter")
    page.wait_for_url(re.compile("/check$"))
    one.see("03-check-plain")
    sign(one, "proposed")
    return matter


def test_original_path_takes_six_interactions_and_ends_in_a_marked_file(visit, tmp_path):
    drafter = visit()
    drafter.sign_in("lin")
    matter = submit_original(drafter, original(tmp_path, "应急调度预案"))
    assert drafter.count("original") <= 6
    officer = visit()
    officer.sign_in("zhou")
    page = officer.page
    page.goto(officer.house.url + f"/review/{matter}")
    page.locator("details.cmp").evaluate("node => { node.open = true }")
    officer.see("04-review-plain")
    officer.press("1")
    sign(officer, "approved")
    page.goto(officer.house.url + f"/print/approval/{matter}")
    officer.see("13-form")
    assert "机密★10年" in page.inner_text("main") and "（拟定）" not in page.inner_text("main")
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as printed:
        assert len(printed) == 1, "the form prints on one sheet"
    with page.expect_download() as saved:
        page.click("button[value=pdf]")
    assert documents.verify(Path(saved.value.path()).read_bytes(), "pdf").mark.visible == "机密★10年"
    page.goto(officer.house.url + f"/m/{matter}/papers")
    officer.see("16-papers")
    assert {"国家秘密确定审批表", "国家秘密知悉登记表"} <= set(page.locator("tbody td.b").all_inner_texts())
    page.goto(officer.house.url + "/matters")
    assert "应急调度预案" in page.inner_text("main")
    marked = _download(officer, matter)
    with zipfile.ZipFile(BytesIO(marked)) as parts:
        words = "".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", parts.read("word/document.xml").decode()))
        watermark = "".join(
            parts.read(n).decode() for n in parts.namelist() if n.startswith("word/") and n.endswith(".xml")
        )
    assert "机密★10年" in words
    assert "周启明" in watermark


def _download(one, matter: str) -> bytes:
    """Fetch the marked copy as the page's own form would; the answer is an attachment that never runs."""
    page = one.page
    page.goto(one.house.url + f"/m/{matter}")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")
    answer = page.request.post(
        one.house.url + f"/download/{UUID(matter)}",
        form={"csrfmiddlewaretoken": token, "role": "marked"},
        headers={"Origin": one.house.url},
    )
    assert answer.status == 200, answer.text()[:400]
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]
    return answer.body()


def test_derivative_path_takes_three_interactions(visit, tmp_path):
    drafter = visit()
    drafter.sign_in("lin")
    page = drafter.page
    page.goto(drafter.house.url + "/draft/new")
    drafter.drop(derived(tmp_path, "贯彻落实工作方案"))
    page.wait_for_url(re.compile("/derive$"))
    drafter.see("11-derive-plain")
    press(drafter, "a", ".tag.ok")
    sign(drafter, "proposed")
    assert drafter.count("derivative") <= 3
    assert "机密★" in page.inner_text("main")


def test_propose_approve_and_release_without_javascript(visit, tmp_path):
    drafter = visit(javascript=False)
    drafter.sign_in("he")
    page = drafter.page
    page.goto(drafter.house.url + "/draft/new")
    page.set_input_files("#file", str(original(tmp_path, "无脚本办理")))
    page.click("#upload-form button.pr")
    page.wait_for_url(re.compile("/draft/[0-9a-f-]{36}"))
    page.goto(page.url.removesuffix("/derive"))  # earlier tests may have classified the same sentences
    matter = DRAFT.search(page.url).group(1)
    for button in ("button[value^='item:']", "button[value='reuse']", "button[value='scope']", "button[value='next']"):
        with page.expect_navigation():
            page.locator(button).first.click()
    page.fill("#password", PASSWORD)
    page.click("#sign button.pr")
    answered(page, lambda address: "done=proposed" in address)
    officer = visit(javascript=False)
    officer.sign_in("zhou")
    officer.page.goto(officer.house.url + f"/review/{matter}")
    officer.page.check("input[value='approve']")
    officer.page.fill("#password", PASSWORD)
    officer.page.click("#desk button.pr")
    officer.page.wait_for_url(re.compile("done=approved"))
    _release_without_javascript(drafter, officer, f"{drafter.house.url}/m/{matter}")


def _release_without_javascript(drafter, officer, road: str) -> None:
    """The drafter proposes an early release; the officer types the number and signs."""
    page = drafter.page
    page.goto(road + "/review")
    page.check("input[name=outcome][value=release]")
    page.locator("details:has([name=ground]) > summary").click()
    page.check("input[name=ground][value=harmless]")
    page.fill("[name=interests]", "整改已经完成，公开无损害。")
    page.fill("[name=reason]", "整改已经完成。")
    page.fill("main input[name=password]", PASSWORD)
    page.locator("main form:has([name=outcome]) button").last.click()
    page.wait_for_url(re.compile("done=proposed"))
    page = officer.page
    page.goto(road + "/release")
    number = re.search(r"[A-Z]+-[A-Z]-\d{4}-\d+", page.inner_text("main"))
    assert number is not None
    page.fill("[name=opinion]", "同意解密。")
    page.fill("[name=confirm]", number.group())
    page.fill("main input[name=password]", PASSWORD)
    page.locator("main form:has([name=confirm]) button").last.click()
    page.wait_for_url(re.compile("done=released"))
    assert page.locator("main .mk del").first.is_visible()  # struck, whatever language the page speaks


def test_a_level_above_authority_is_refused_with_the_competent_organ_and_a_road(visit, tmp_path):
    drafter = visit()
    drafter.sign_in("lin")
    page = drafter.page
    page.goto(drafter.house.url + "/draft/new")
    page.set_input_files("#file", str(original(tmp_path, "密钥编排", HARMLESS)))
    page.wait_for_url(re.compile("/draft/[0-9a-f-]{36}"))
    page.goto(page.url.removesuffix("/derive"))
    page.fill("#words", "密钥编排")
    page.click("button[value='search']")
    page.wait_for_selector(".cand:has-text('密钥编排')")
    page.locator(".cand:has-text('密钥编排') button").click()
    page.wait_for_selector("#error-summary")
    said = page.inner_text("#error-summary")
    assert "某省水利厅" in said and "报请函" in said
    drafter.see("refer-card")


def test_what_is_no_file_is_refused_in_place_and_nothing_is_kept(visit, tmp_path):
    drafter = visit()
    drafter.sign_in("he")
    page = drafter.page
    empty = tmp_path / "空.docx"
    empty.write_bytes(b"not a document at all")
    page.goto(drafter.house.url + "/draft/new")
    page.set_input_files("#file", str(empty))
    page.wait_for_selector("#error-summary")
    assert page.inner_text("#error-summary").strip()
    page.goto(drafter.house.url + "/draft")
    assert "空" not in page.inner_text("main table, main .empty").split()
