"""The approval form holds every field on one page, with embedded fonts, whatever people type."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from pypdf import PdfReader

from dingmi.base.errors import Invalid
from dingmi.engines.documents.formats import pdf
from dingmi.engines.documents.forms import FORMS, approval, approval_form

RECORD = {
    "serial": "000001",
    "mark": "机密★10年",
    "number": "清水务密审〔2026〕0318",
    "title": "清江市城区供水应急调度预案（2026年修订）",
    "unit": "清江市水务局规划处",
    "doc_number": "清水务密〔2026〕27号",
    "kinds": [("原始定密", True), ("含派生内容", False)],
    "carriers": "纸质12份，电子1份",
    "basis": "《水务工作保密事项范围》目录第7项；\n派生依据：〇水密〔2025〕8号。",
    "level": "机密",
    "period": "10年，自制发之日起算",
    "points": "第二部分第1段（秘密）",
    "scope": "调度中心9人，共17人。",
    "reasons": "公开将损害供水安全 <b>&不是标记",
    "drafter_opinion": "拟定为机密级。",
    "drafter": "林婉",
    "drafted_on": "2026年11月23日",
    "officer_opinion": "同意。",
    "officer": "周启明",
    "decided_on": "2026年11月24日",
    "authority": "指定定密责任人",
    "changes": [("2030年1月1日", "变更", "秘密", "5年", "通知", "周启明")],
    "evidence": ["存证序号 № 18,978"],
    "qr": "dingmi:3f0a77c2",
    "note": "演示数据",
}


def text_of(data: bytes) -> tuple[int, str]:
    with pypdfium2.PdfDocument(data) as document:
        return len(document), "".join("".join(pdf.page_text(page).split()) for page in document)


def test_every_field_stands_on_the_one_page():
    pages, text = text_of(approval_form(RECORD))
    assert pages == 1
    for key, value in RECORD.items():
        if isinstance(value, str) and key not in {"level", "qr"}:
            assert "".join(value.split()) in text, key
    assert "■机密" in text and "□绝密" in text and "■原始定密" in text and "□含派生内容" in text
    assert "5年" in text and "存证序号№18,978" in text


def test_every_font_that_draws_is_embedded():
    page = PdfReader(io.BytesIO(approval.render(RECORD))).pages[0]
    used = [f.get_object() for f in page["/Resources"]["/Font"].values()]
    embedded = [f for f in used if "/FontDescriptor" in f and "/FontFile2" in f["/FontDescriptor"]]
    assert len(embedded) >= 2 and {f["/BaseFont"] for f in used if f not in embedded} <= {"/Helvetica"}


def test_empty_record_is_a_form_for_the_pen():
    pages, text = text_of(approval.render({}))
    assert pages == 1 and "国家秘密确定审批表" in text and "□绝密□机密□秘密" in text


def test_long_reasons_shrink_and_endless_ones_are_refused():
    assert text_of(approval.render({**RECORD, "reasons": "公开将损害供水安全。" * 60}))[0] == 1
    with pytest.raises(Invalid, match=r"form\.too_long"):
        approval.render({**RECORD, "reasons": "公开将损害供水安全。" * 1_500})
    with pytest.raises(Invalid, match=r"form\.too_long"):
        approval_form({**RECORD, "reasons": "密" * 30_000})


def test_same_record_gives_the_same_bytes():
    assert approval.render(RECORD) == approval.render(RECORD)
    assert set(FORMS) == {"approval"}
