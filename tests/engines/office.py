"""Builders of docx files with every construct people use; the text is known because it is built here."""

from __future__ import annotations

import io
import struct
import zipfile

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
MEDIA = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def p(text: str, ppr: str = "", rpr: str = "") -> str:
    return f"<w:p><w:pPr>{ppr}</w:pPr><w:r><w:rPr>{rpr}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def table(*cells: str) -> str:
    return f"<w:tbl><w:tblPr/><w:tr>{''.join(f'<w:tc><w:tcPr/>{c}</w:tc>' for c in cells)}</w:tr></w:tbl>"


SHOWN = {
    "heading": "第一章供水应急总体安排",
    "paragraph": "青龙山水厂设计供水能力每日四十万立方米",
    "split": "分段书写的备用水源切换顺序",
    "table": "东湖水厂取水口坐标",
    "nested": "嵌套表格里的阀门编号",
    "merged": "合并单元格的加压泵站",
    "textbox": "文本框里的秘密标识位置",
    "vml": "旧式文本框里的红头文字",
    "wordart": "艺术字里的题名",
    "alternate": "只应计数一次的备选内容",
    "boxtable": "文本框内表格的内容",
    "header_default": "默认页眉单位名称",
    "header_first": "首页页眉发文机关",
    "header_even": "偶数页眉文件题名",
    "footer": "页脚印发日期说明",
    "footnote": "脚注所写数据来源",
    "endnote": "尾注所写测算方法",
    "comment": "批注里的修改建议",
    "control": "内容控件中的负责人",
    "inline_control": "行内控件的联系电话",
    "inserted": "修订插入的新增条款",
    "moved": "移动之后的段落文字",
    "link": "超链接显示的文字",
    "field": "简单域显示的日期",
    "ruby": "注音文字",
    "smart": "智能标记里的地名",
    "math": "公式里的变量",
    "header_box": "页眉文本框里的密级",
    "diagram": "图示里的流程名称",
}
DELETED = "已删除的旧供水量数字"
HIDDEN = ("直接隐藏的文字", "样式隐藏的文字")


def _body() -> str:
    s = SHOWN
    box = f"<w:txbxContent>{p(s['textbox'])}{table(p(s['boxtable']))}</w:txbxContent>"
    alternate = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:wsp><wps:txbx><w:txbxContent>"
        f"{p(s['alternate'])}</w:txbxContent></wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape>"
        f"<v:textbox><w:txbxContent>{p(s['alternate'])}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    half = len(s["split"]) // 2
    return "".join(
        [
            p(s["heading"], "<w:pStyle w:val='1'/>"),
            p(s["paragraph"]),
            f"<w:p><w:r><w:t>{s['split'][:half]}</w:t></w:r><w:proofErr/><w:r><w:t>{s['split'][half:]}</w:t></w:r></w:p>",
            table(p(s["table"]) + table(p(s["nested"])) + "<w:p/>", "<w:p/>"),
            f"<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/><w:vMerge w:val='restart'/></w:tcPr>{p(s['merged'])}"
            "</w:tc></w:tr><w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>",
            f"<w:p><w:r><w:drawing><wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp></w:drawing></w:r></w:p>",
            f"<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent>{p(s['vml'])}</w:txbxContent></v:textbox></v:shape>"
            f"</w:pict></w:r></w:p><w:p><w:r><w:pict><v:shape><v:textpath string='{s['wordart']}'/></v:shape></w:pict></w:r></w:p>",
            alternate,
            f"<w:sdt><w:sdtPr><w:tag w:val='x'/></w:sdtPr><w:sdtContent>{p(s['control'])}</w:sdtContent></w:sdt>",
            "<w:p><w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>"
            + s["inline_control"]
            + "</w:t></w:r></w:sdtContent></w:sdt></w:p>",
            f"<w:p><w:ins w:id='1'><w:r><w:t>{s['inserted']}</w:t></w:r></w:ins><w:del w:id='2'><w:r><w:delText>{DELETED}"
            f"</w:delText></w:r></w:del><w:moveTo w:id='3'><w:r><w:t>{s['moved']}</w:t></w:r></w:moveTo></w:p>",
            f"<w:p><w:hyperlink r:id='rIdLink'><w:r><w:t>{s['link']}</w:t></w:r></w:hyperlink><w:fldSimple w:instr='DATE'>"
            f"<w:r><w:t>{s['field']}</w:t></w:r></w:fldSimple><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>",
            f"<w:p><w:r><w:ruby><w:rt/><w:rubyBase><w:r><w:t>{s['ruby']}</w:t></w:r></w:rubyBase></w:ruby></w:r>"
            f"<w:smartTag><w:r><w:t>{s['smart']}</w:t></w:r></w:smartTag><m:oMath><m:r><m:t>{s['math']}</m:t></m:r></m:oMath></w:p>",
            p(HIDDEN[0], rpr="<w:vanish/>"),
            p(HIDDEN[1], "<w:pStyle w:val='hid'/>"),
            "<w:sectPr>"
            + "".join(f"<w:headerReference w:type='{t}' r:id='rIdH{t}'/>" for t in ("default", "first", "even"))
            + "<w:footerReference w:type='default' r:id='rIdF'/></w:sectPr>",
        ]
    )


_NS = (
    "xmlns:w='{w}' xmlns:r='{r}' xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006' "
    "xmlns:wps='http://schemas.microsoft.com/office/word/2010/wordprocessingShape' xmlns:v='urn:schemas-microsoft-com:vml' "
    "xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math'"
)


def root(name: str, inner: str) -> str:
    return f"<w:{name} {_NS}>{inner}</w:{name}>"


def rels(*entries: tuple[str, str, str], external: tuple[tuple[str, str, str], ...] = ()) -> str:
    ns = "http://schemas.openxmlformats.org/package/2006/relationships"
    inner = "".join(f"<Relationship Id='{i}' Type='{{r}}/{t}' Target='{g}'/>" for i, t, g in entries)
    inner += "".join(
        f"<Relationship Id='{i}' Type='{{r}}/{t}' Target='{g}' TargetMode='External'/>" for i, t, g in external
    )
    return f"<Relationships xmlns='{ns}'>{inner}</Relationships>"


def content_types(main: str = "document.main") -> str:
    return (
        "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
        "<Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
        "<Default Extension='xml' ContentType='application/xml'/>"
        f"<Override PartName='/word/document.xml' ContentType='{MEDIA}.{main}+xml'/></Types>"
    )


def package(parts: dict[str, str | bytes], *, strict: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if isinstance(content, str):
                content = content.replace("{w}", STRICT if strict else TRANSITIONAL)
                content = content.replace("{r}", STRICT_RELS if strict else RELS).encode()
            archive.writestr(name, content)
    return out.getvalue()


def simple_parts(body: str, **more: str | bytes) -> dict[str, str | bytes]:
    return {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": rels(("rId1", "officeDocument", "word/document.xml")),
        "word/document.xml": root("document", f"<w:body>{body}</w:body>"),
        **more,
    }


def simple(*lines: str) -> bytes:
    return package(simple_parts("".join(p(line) for line in lines)))


def everything(*, strict: bool = False, template: bool = False) -> bytes:
    s = SHOWN
    styles = (
        "<w:style w:styleId='1'><w:name w:val='heading 1'/></w:style><w:style w:styleId='base'><w:name w:val='b'/>"
        "<w:rPr><w:vanish/></w:rPr></w:style><w:style w:styleId='hid'><w:name w:val='h'/><w:basedOn w:val='base'/></w:style>"
    )
    note = "<w:{0} w:id='0' w:type='separator'><w:p/></w:{0}><w:{0} w:id='1'>{1}</w:{0}>"
    box = f"<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent>{p(s['header_box'])}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    diagram = (
        "<d xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main'><a:p><a:r><a:t>"
        + s["diagram"]
        + "</a:t></a:r></a:p></d>"
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types("template.main" if template else "document.main"),
        "_rels/.rels": rels(("rId1", "officeDocument", "word/document.xml")),
        "word/document.xml": root("document", f"<w:body>{_body()}</w:body>"),
        "word/_rels/document.xml.rels": rels(
            ("s", "styles", "styles.xml"),
            ("rIdHdefault", "header", "header1.xml"),
            ("rIdHfirst", "header", "header2.xml"),
            ("rIdHeven", "header", "/word/header3.xml"),
            ("rIdF", "footer", "footer1.xml"),
            ("fn", "footnotes", "footnotes.xml"),
            ("en", "endnotes", "endnotes.xml"),
            ("co", "comments", "comments.xml"),
            ("dg", "diagramData", "diagrams/data1.xml"),
            external=(("rIdLink", "hyperlink", "x:y"),),
        ),
        "word/styles.xml": root("styles", styles),
        "word/header1.xml": root("hdr", p(s["header_default"]) + box),
        "word/header2.xml": root("hdr", p(s["header_first"])),
        "word/header3.xml": root("hdr", p(s["header_even"])),
        "word/footer1.xml": root("ftr", p(s["footer"])),
        "word/footnotes.xml": root("footnotes", note.format("footnote", p(s["footnote"]))),
        "word/endnotes.xml": root("endnotes", note.format("endnote", p(s["endnote"]))),
        "word/comments.xml": root("comments", f"<w:comment w:id='0'>{p(s['comment'])}</w:comment>"),
        "word/diagrams/data1.xml": diagram,
    }
    return package(parts, strict=strict)


def lying_zip(claimed: int = 100, real: int = 64 * 1024 * 1024) -> bytes:
    """A docx whose directory says that the main part is small."""
    parts = simple_parts("")
    parts["word/document.xml"] = b" " * real
    data = bytearray(package(parts))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        position = data.find(b"word/document.xml") if signature == b"PK\x03\x04" else data.rfind(b"word/document.xml")
        start = data.rfind(signature, 0, position)
        struct.pack_into("<I", data, start + offset, claimed)
    return bytes(data)
