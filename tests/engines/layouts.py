"""Builder of OFD files (GB/T 33190) whose text is known because it is built here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.engines import office

NS = "http://www.ofdspec.org/2016"


def text_object(number: int, x: float, y: float, text: str, more: str = "") -> str:
    width = 4.2 * len(text)
    return (
        f"<ofd:TextObject ID='{number}' Boundary='{x} {y} {width} 6' Font='2' Size='4.2' {more}><ofd:TextCode X='0' Y='4' "
        f"DeltaX='g {max(1, len(text) - 1)} 4.2'>{text}</ofd:TextCode></ofd:TextObject>"
    )


def root(name: str, inner: str, more: str = "") -> str:
    return f"<?xml version='1.0' encoding='UTF-8'?><ofd:{name} xmlns:ofd='{NS}' {more}>{inner}</ofd:{name}>"


def ofd(
    *pages: str,
    more: bool = False,
    folder: str = "Doc_0",
    info: str = "",
    body: str = "",
    pictures: Mapping[int, Sequence[bytes]] | None = None,
) -> bytes:
    """A file with one page for each text, one line below the other; with ``more`` a template, an annotation, a hidden line.

    ``pictures`` stand, by the place of their page, at its foot.
    """
    parts: dict[str, str | bytes] = {
        "OFD.xml": root(
            "OFD",
            f"<ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID>{info}</ofd:DocInfo><ofd:DocRoot>{folder}/Document.xml"
            f"</ofd:DocRoot>{body}</ofd:DocBody>",
            "Version='1.0' DocType='OFD'",
        ),
    }
    listed, number, media = "", 10, ""
    for index, text in enumerate(pages):
        objects = ""
        for line, words in enumerate(text.split("\n")):
            half = max(1, len(words) // 2)  # producers split lines as they like, and not in reading order
            x, y = 28.0, 40.0 + 9 * line
            objects += text_object(number + 1, x + 4.2 * half, y, words[half:]) if words[half:] else ""
            objects += text_object(number, x, y, words[:half]) if words else ""
            number += 2
        if more and index == 0:
            objects += text_object(number, 28, 250, "看不见的一行", "Visible='false'")
            number += 1
        for data in (pictures or {}).get(index, ()):
            objects += (
                f"<ofd:ImageObject ID='{number}' ResourceID='{900 + number}' Boundary='20 {200 + number} 160 50'/>"
            )
            media += f"<ofd:MultiMedia ID='{900 + number}' Type='Image'><ofd:MediaFile>{number}.png</ofd:MediaFile></ofd:MultiMedia>"
            parts[f"{folder}/Res/{number}.png"] = data
            number += 1
        template = "<ofd:Template TemplateID='3' ZOrder='Background'/>" if more else ""
        listed += f"<ofd:Page ID='{100 + index}' BaseLoc='Pages/Page_{index}/Content.xml'/>"
        content = f"<ofd:Content><ofd:Layer ID='{number}' Type='Body'>{objects}</ofd:Layer></ofd:Content>"
        parts[f"{folder.upper()}/Pages/Page_{index}/Content.xml"] = root("Page", template + content)
        number += 1
    common = "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>"
    after = ""
    if more:
        common += "<ofd:TemplatePage ID='3' BaseLoc='Tpls/Tpl_0/Content.xml'/>"
        layer = f"<ofd:Content><ofd:Layer ID='4'>{text_object(5, 60, 20, '清江市水务局文件')}</ofd:Layer></ofd:Content>"
        parts[f"{folder}/Tpls/Tpl_0/Content.xml"] = root("Page", layer)
        after = "<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>"
        place = "<ofd:Page PageID='100'><ofd:FileLoc>Page_0/Annotation.xml</ofd:FileLoc></ofd:Page>"
        parts[f"{folder}/Annots/Annotations.xml"] = root("Annotations", place)
        note = (
            f"<ofd:Annot ID='6' Type='Stamp'><ofd:Appearance Boundary='0 0 210 297'>{text_object(7, 150, 60, '已阅')}"
        )
        parts[f"{folder}/Annots/Page_0/Annotation.xml"] = root("PageAnnot", f"{note}</ofd:Appearance></ofd:Annot>")
    parts[f"{folder}/Document.xml"] = root(
        "Document",
        f"<ofd:CommonData><ofd:MaxUnitID>{number}</ofd:MaxUnitID>{common}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages>{after}",
    )
    held = f"<ofd:Fonts><ofd:Font ID='2' FontName='SimSun'/></ofd:Fonts><ofd:MultiMedias>{media}</ofd:MultiMedias>"
    parts[f"{folder}/PublicRes.xml"] = root("Res", held, "BaseLoc='Res'")
    return office.package(parts)
