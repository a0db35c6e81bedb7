"""Builders of workbooks and presentations whose text is known because it is built here."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.comments import Comment

from tests.engines import office

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_PML = "application/vnd.openxmlformats-officedocument.presentationml"
HIDDEN_CELL, HIDDEN_SLIDE = "隐藏工作表里的底数", "隐藏幻灯片里的底数"


def workbook(*lines: str, more: bool = False) -> bytes:
    """A workbook with ``lines`` in its first column; with ``more`` also what people hide and hang on."""
    book = Workbook()
    sheet = book.active
    sheet.title = "供水能力"
    for line in lines:
        sheet.append([line])
    if more:
        sheet["B1"], sheet["B2"], sheet["B3"] = 3, 4, "=B1+B2"
        sheet["A1"].comment = Comment("批注里的修改建议", "承办人")
        sheet.oddHeader.left.text, sheet.oddHeader.center.text = "2026年度", "清江市水务局"
        sheet.oddFooter.center.text = "第 &P 页"
        away = book.create_sheet("底稿")
        away["A1"], away.sheet_state = HIDDEN_CELL, "hidden"
        sheet["C1"] = "隐藏列的内容"
        sheet.column_dimensions["C"].hidden = True
        sheet.print_title_rows = "1:1"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _box(number: int, text: str, place: str = "") -> str:
    body = "".join(f"<a:p><a:r><a:t>{t}</a:t></a:r></a:p>" for t in text.split("\n"))
    return (
        f"<p:sp><p:nvSpPr><p:cNvPr id='{number}' name='框 {number}'/><p:cNvSpPr/><p:nvPr>{place}</p:nvPr></p:nvSpPr><p:spPr/>"
        f"<p:txBody><a:bodyPr/><a:lstStyle/>{body}</p:txBody></p:sp>"
    )


def _tree(kind: str, inner: str, more: str = "", after: str = "") -> str:
    ns = f"xmlns:p='{P}' xmlns:a='{A}' xmlns:r='{office.RELS}'"
    group = "<p:nvGrpSpPr><p:cNvPr id='1' name=''/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>"
    return f"<p:{kind} {ns} {more}><p:cSld><p:spTree>{group}{inner}</p:spTree></p:cSld>{after}</p:{kind}>"


def presentation(*slides: str, more: bool = False) -> bytes:
    """A presentation with one slide for each text, its first line the title; with ``more`` notes, a table, a hidden slide."""
    title = "<p:ph type='title'/>"
    trees = []
    for text in slides:
        head, _, rest = text.partition("\n")
        trees.append(_tree("sld", _box(2, head, title) + (_box(3, rest) if rest else "")))
    table = (
        "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id='9' name='表'/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>"
        "<a:graphic><a:graphicData><a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>表格里的阀门编号</a:t></a:r></a:p></a:txBody>"
        "</a:tc></a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )
    if more:
        trees += [_tree("sld", table), _tree("sld", _box(2, HIDDEN_SLIDE), "show='0'")]
    ids = "".join(f"<p:sldId id='{256 + i}' r:id='s{i}'/>" for i in range(len(trees)))
    main = (
        f"<p:presentation xmlns:p='{P}' xmlns:a='{A}' xmlns:r='{office.RELS}'><p:sldMasterIdLst><p:sldMasterId r:id='m'/>"
        f"</p:sldMasterIdLst><p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx='12192000' cy='6858000'/></p:presentation>"
    )
    kinds = {
        "presentation": "presentation.main",
        "slideMasters/master1": "slideMaster",
        "slideLayouts/layout1": "slideLayout",
    }
    kinds |= {f"slides/slide{i}": "slide" for i in range(len(trees))} | ({"notes": "notesSlide"} if more else {})
    overrides = "".join(f"<Override PartName='/ppt/{n}.xml' ContentType='{_PML}.{k}+xml'/>" for n, k in kinds.items())
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
        "<Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
        f"<Default Extension='xml' ContentType='application/xml'/>{overrides}</Types>",
        "_rels/.rels": office.rels(("r", "officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": main,
        "ppt/_rels/presentation.xml.rels": office.rels(
            ("m", "slideMaster", "slideMasters/master1.xml"),
            *((f"s{i}", "slide", f"slides/slide{i}.xml") for i in range(len(trees))),
        ),
        "ppt/slideMasters/master1.xml": _tree(
            "sldMaster", _box(2, "单击此处编辑标题", title) + _box(3, "清江市水务局")
        ),
        "ppt/slideLayouts/layout1.xml": _tree("sldLayout", ""),
        "ppt/slideLayouts/_rels/layout1.xml.rels": office.rels(("m", "slideMaster", "../slideMasters/master1.xml")),
    }
    for index, tree in enumerate(trees):
        parts[f"ppt/slides/slide{index}.xml"] = tree
        entries = [("l", "slideLayout", "../slideLayouts/layout1.xml")]
        if more and index == 0:
            entries.append(("n", "notesSlide", "../notes.xml"))
            parts["ppt/notes.xml"] = _tree("notes", _box(2, "备注里的讲稿", "<p:ph type='body'/>"))
        parts[f"ppt/slides/_rels/slide{index}.xml.rels"] = office.rels(*entries)
    return office.package(parts)
