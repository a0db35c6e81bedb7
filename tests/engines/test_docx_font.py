"""The mark in docx is set in a font that the file carries: obfuscated as Word reads it, drawn again before the file is handed out."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from docx import Document
from fontTools.ttLib import TTFont
from lxml import etree

from dingmi.base.errors import Unavailable
from dingmi.engines import documents
from dingmi.engines.documents import fonts
from dingmi.engines.documents.formats import docx_font, docx_mark
from dingmi.engines.documents.formats.ooxml import open_package
from dingmi.engines.documents.limits import DEFAULT
from tests.engines import office
from tests.engines.test_documents_marks import LABEL, MARK, SAMPLES, parts_of, register

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
KEY = UUID("12345678-9abc-def0-1122-334455667788")
ROOT = Path(__file__).resolve().parents[2]


def written(made: object) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_embedded_font() -> bytes:
    """A document as Word saves it: a font table whose first font is embedded, with settings that say so."""
    made = Document()
    made.add_paragraph("青龙山水厂设计供水能力每日四十万立方米。")
    parts = parts_of(written(made))
    data, _ = fonts.static_subset("青龙山水厂", fonts.REGULAR, "Own")
    parts["word/fonts/font1.odttf"] = docx_font.obfuscated(data, KEY)
    table = parts["word/fontTable.xml"].decode()
    face = f'<w:embedRegular xmlns:r="{R[1:-1]}" r:id="rId1" w:fontKey="{{{str(KEY).upper()}}}"/>'
    parts["word/fontTable.xml"] = table.replace("</w:font>", f"{face}</w:font>", 1).encode()
    kind = f"{R[1:-1]}/font"
    parts["word/_rels/fontTable.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{kind}" Target="fonts/font1.odttf"/></Relationships>'
    ).encode()
    types = parts["[Content_Types].xml"].decode()
    odttf = '<Default Extension="odttf" ContentType="application/vnd.openxmlformats-officedocument.obfuscatedFont"/>'
    parts["[Content_Types].xml"] = types.replace("</Types>", f"{odttf}</Types>").encode()
    settings = parts["word/settings.xml"].decode()
    parts["word/settings.xml"] = re.sub("(<w:zoom[^>]*/>)", r"\1<w:embedTrueTypeFonts/>", settings, count=1).encode()
    return office.package(parts)


DRAFTS = {
    "no font table": SAMPLES["docx"],
    "a font table": written(Document()),
    "an embedded font": with_embedded_font(),
    **{path.name: path.read_bytes() for path in sorted((ROOT / "samples").glob("*.docx"))},
}


def own_font(data: bytes) -> tuple[str, bytes]:
    """Return name and plain bytes of the font of the mark, found as Word finds it, and check what the table says of it."""
    parts = parts_of(data)
    mark = next(etree.fromstring(parts["word/document.xml"]).iter(f"{W}rFonts"))
    name = mark.get(f"{W}ascii")
    table = next(n for n in parts if n.startswith("word/fontTable"))
    (font,) = [e for e in etree.fromstring(parts[table]) if e.get(f"{W}name") == name]
    assert [e.tag.removeprefix(W) for e in font] == ["altName", "charset", "family", "pitch", "embedRegular"]
    assert font[0].get(f"{W}val") == "黑体"
    face, rels = font[-1], etree.fromstring(parts[f"word/_rels/{Path(table).name}.rels"])
    (target,) = [e.get("Target") for e in rels if e.get("Id") == face.get(f"{R}id")]
    assert f'PartName="/word/{target}"' in parts["[Content_Types].xml"].decode()
    hidden, key = parts[f"word/{target}"], face.get(f"{W}fontKey").strip("{}").replace("-", "")
    turned = bytes.fromhex(key)[::-1]  # as the standard words it: the digits of the key from the last to the first
    plain = bytes(b ^ turned[i % 16] for i, b in enumerate(hidden[:32])) + hidden[32:]
    assert hidden[:4] != plain[:4]
    return name, plain


@pytest.mark.parametrize("draft", DRAFTS)
def test_the_font_of_the_mark_stands_in_the_file_and_holds_its_characters(draft: str) -> None:
    data = documents.stamp(DRAFTS[draft], "docx", MARK, LABEL)
    name, plain = own_font(data)
    font = TTFont(io.BytesIO(plain))
    assert font["name"].getDebugName(1) == name and font["OS/2"].fsType == 0, "installable: may be embedded"
    assert set(MARK) <= {chr(c) for c in font.getBestCmap()} and len(plain) < 10_000
    settings = next(v for k, v in parts_of(data).items() if k.startswith("word/settings"))
    order = [e.tag.removeprefix(W) for e in etree.fromstring(settings)]
    assert order.count("embedTrueTypeFonts") == order.count("saveSubsetFonts") == 1
    assert order.index("saveSubsetFonts") == order.index("embedTrueTypeFonts") + 1
    assert documents.verify(data, "docx", *register("docx", data)).word == "valid"
    assert Document(io.BytesIO(data)).paragraphs is not None
    assert documents.stamp(data, "docx", MARK, LABEL) == data


@pytest.mark.parametrize("draft", DRAFTS)
def test_what_was_put_in_for_the_mark_goes_with_it(draft: str) -> None:
    given = docx_mark.unmark(DRAFTS[draft], DEFAULT)
    bare = docx_mark.unmark(documents.stamp(DRAFTS[draft], "docx", MARK, LABEL), DEFAULT)
    apart = {
        "docProps/custom.xml",
        "[Content_Types].xml",
        "_rels/.rels",
        "word/_rels/document.xml.rels",
        "word/settings.xml",
    }
    before, after = parts_of(given), parts_of(bare)
    assert not any("Dingmi" in n for n in after) and b"DingmiMark-" not in b"".join(after.values())
    assert set(before) - apart == set(after) - apart
    assert documents.content_sm3(bare, "docx") == documents.content_sm3(DRAFTS[draft], "docx")
    held = b"embedTrueTypeFonts" in before.get("word/settings.xml", b"")
    assert (b"embedTrueTypeFonts" in after.get("word/settings.xml", b"")) is held
    if draft == "an embedded font":
        assert after["word/fonts/font1.odttf"] == before["word/fonts/font1.odttf"]
        assert b"embedRegular" in after["word/fontTable.xml"]


def test_a_new_mark_brings_a_font_of_its_own_in_place_of_the_old_one() -> None:
    once = documents.stamp(with_embedded_font(), "docx", MARK, LABEL)
    note = "2026年8月15日解密，清水务密〔2026〕27号"
    data = documents.stamp(once, "docx", "解密", LABEL, strike=MARK, note=note)
    name, plain = own_font(data)
    text = documents.visible_text("解密", MARK, note)
    assert name != own_font(once)[0] and name == docx_font.name_of(text)
    assert {c for c in text if not c.isspace()} <= {chr(c) for c in TTFont(io.BytesIO(plain)).getBestCmap()}
    assert [n for n in parts_of(data) if n.endswith(".odttf")] == [
        "word/fonts/DingmiMark.odttf",
        "word/fonts/font1.odttf",
    ]
    assert parts_of(data)["word/fontTable.xml"].count(b"DingmiMark-") == 1
    assert documents.read_mark(data, "docx").place_ok


def blind(character: str):
    """Return ``static_subset`` with the outline of one character taken away: there as text, and not as ink."""
    made = fonts.static_subset

    def without(text: str, weight: int, name: str) -> tuple[bytes, str]:
        data, missing = made(text, weight, name)
        font, out = TTFont(io.BytesIO(data)), io.BytesIO()
        glyph = font["glyf"][font.getBestCmap()[ord(character)]]
        glyph.numberOfContours = 0
        font.save(out)
        return out.getvalue(), missing

    return without


def test_a_mark_that_would_not_show_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for character in "机★年":
        monkeypatch.setattr(fonts, "static_subset", blind(character))
        with pytest.raises(Unavailable, match=r"mark\.not_visible"):
            docx_mark.stamp(SAMPLES["docx"], DEFAULT, MARK, LABEL)
        monkeypatch.undo()
    monkeypatch.setattr(fonts, "static_subset", lambda *_: (b"no font", ""))
    with pytest.raises(Unavailable, match=r"mark\.not_visible"):
        docx_mark.stamp(SAMPLES["docx"], DEFAULT, MARK, LABEL)
    monkeypatch.undo()
    with pytest.raises(Unavailable, match=r"font\.missing_character"):
        docx_mark.stamp(SAMPLES["docx"], DEFAULT, "机密★10年\U0001f600", LABEL)


def test_the_font_is_drawn_from_the_finished_file() -> None:
    data = documents.stamp(SAMPLES["docx"], "docx", MARK, LABEL)
    parts = parts_of(data)
    broken = {**parts, "word/fonts/DingmiMark.odttf": b"\x00" * 2000}
    gone = {n: d for n, d in parts.items() if not n.endswith(".odttf")}
    for changed in (broken, gone):
        package = open_package(office.package(changed), DEFAULT)
        with pytest.raises(Unavailable, match=r"mark\.not_visible"):
            docx_font.require_ink(package, docx_mark._body(package)[0], MARK)


def test_another_font_under_the_name_or_another_name_is_an_altered_mark() -> None:
    data = documents.stamp(SAMPLES["docx"], "docx", MARK, LABEL)
    looks, parts = register("docx", data), parts_of(data)
    name = own_font(data)[0]
    table = next(n for n in parts if n.startswith("word/fontTable"))
    key = UUID(parts[table].decode().split('fontKey="{')[1].split("}")[0])
    font = TTFont(io.BytesIO(own_font(data)[1]))
    codes = font.getBestCmap()
    for sub in font["cmap"].tables:  # 机 is drawn as 年
        sub.cmap[ord("机")] = codes[ord("年")]
    out = io.BytesIO()
    font.save(out)
    swapped = {**parts, "word/fonts/DingmiMark.odttf": docx_font.obfuscated(out.getvalue(), key)}
    assert documents.verify(office.package(swapped), "docx", *looks).word == "altered-mark"
    named = {**parts, "word/document.xml": parts["word/document.xml"].replace(name.encode(), b"Wingdings")}
    assert documents.verify(office.package(named), "docx", *looks).word == "altered-mark"


def test_a_font_that_another_program_took_out_or_wrote_anew_leaves_the_mark_valid() -> None:
    data = documents.stamp(SAMPLES["docx"], "docx", MARK, LABEL)
    looks, parts = register("docx", data), parts_of(data)
    table = next(n for n in parts if n.startswith("word/fontTable"))
    root = etree.fromstring(parts[table])
    old = UUID(root[0][-1].get(f"{W}fontKey").strip("{}"))
    font, out = TTFont(io.BytesIO(docx_font.obfuscated(parts["word/fonts/DingmiMark.odttf"], old))), io.BytesIO()
    del font["gasp"]
    font.save(out)
    root[0][-1].set(f"{W}fontKey", f"{{{str(KEY).upper()}}}")
    anew = {
        **parts,
        table: etree.tostring(root),
        "word/fonts/DingmiMark.odttf": docx_font.obfuscated(out.getvalue(), KEY),
    }
    assert documents.verify(office.package(anew), "docx", *looks).word == "valid"
    root[0].remove(root[0][-1])
    without = {n: d for n, d in {**parts, table: etree.tostring(root)}.items() if not n.endswith(".odttf")}
    assert documents.verify(office.package(without), "docx", *looks).word == "valid"


def test_a_table_that_points_elsewhere_costs_no_part_of_the_document() -> None:
    parts = parts_of(with_embedded_font())
    parts["word/fontTable.xml"] = parts["word/fontTable.xml"].replace(b'w:name="', b'w:name="DingmiMark-', 1)
    parts["word/_rels/fontTable.xml.rels"] = parts["word/_rels/fontTable.xml.rels"].replace(
        b"fonts/font1.odttf", b"document.xml"
    )
    data = documents.stamp(office.package(parts), "docx", MARK, LABEL)
    assert documents.read_mark(data, "docx").place_ok
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert "word/document.xml" in archive.namelist()


def test_a_font_read_ahead_is_cut_to_the_same_bytes_and_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = fonts.static_subset.__wrapped__
    now = [cut("供水设施", weight, "One") for weight in (fonts.REGULAR, fonts.BOLD)]
    monkeypatch.setattr(fonts, "_ahead", [])
    fonts.read_ahead(2)
    assert [cut("供水设施", weight, "One") for weight in (fonts.REGULAR, fonts.BOLD)] == now
    assert not fonts._ahead and cut("供水设施", fonts.REGULAR, "One") == now[0]
