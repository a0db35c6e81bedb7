"""The embedded font: a small static TrueType subset of the Noto Sans SC that comes with the installation.

System fonts are never looked at: what is not embedded may be invisible elsewhere (STACK 7, "Invisible marking trap").
"""

from __future__ import annotations

import io
from functools import lru_cache
from importlib import resources

from fontTools import subset
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont as FontFile
from fontTools.varLib import instancer
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from dingmi.base.errors import Unavailable
from dingmi.engines.documents.digest import sm3

REGULAR, BOLD = 400, 700
MARKS = frozenset(
    "绝密机秘核心普通商内部工作国家★·长期年个月日时前至起解启封开公布施行变更为作废标志已0123456789（）()：、，/-"
)  # what marks say
_SOURCE = ("fonts", "ofl", "notosanssc", "NotoSansSC[wght].ttf")
_TABLES = ("cmap", "hmtx", "loca", "glyf", "gvar")  # those whose reading takes long
_LEFT_OUT = ("GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "STAT", "MVAR", "HVAR", "VVAR", "VORG")
_ahead: list[FontFile] = []  # read, and not yet taken apart


def _source() -> FontFile:
    try:
        path = resources.files("justmytype_intl_cjk").joinpath(*_SOURCE)
        font = FontFile(io.BytesIO(path.read_bytes()), lazy=True)
    except (ModuleNotFoundError, OSError):
        raise Unavailable("font.not_installed") from None
    for table in _LEFT_OUT:
        if table in font:
            del font[table]
    return font


def _whole() -> FontFile:
    """Return the whole font, to be taken apart: one that was read ahead, or one read now."""
    return _ahead.pop() if _ahead else _source()


def read_ahead(times: int = 2) -> None:
    """Read the whole font so many times, before anything is forked: cutting takes one apart, and every fork finds them whole.

    Raises:
        Unavailable: ``font.not_installed``.
    """
    while len(_ahead) < times:
        font = _source()
        font.getBestCmap()
        for table in _TABLES:
            font[table]
        _ahead.append(font)


@lru_cache(maxsize=4)  # a file that is marked asks for the same font to make it, to compare it and to show it
def static_subset(text: str, weight: int, name: str) -> tuple[bytes, str]:
    """Return a TrueType font called ``name`` with the characters of ``text``, and the characters that it lacks."""
    font = FontFile(io.BytesIO(bold_of_marks())) if weight == BOLD and MARKS.issuperset(text) else _whole()
    return _cut(font, text, weight, name)


@lru_cache
def bold_of_marks() -> bytes:
    """Return the bold font of what marks say, from which that of one mark is cut in a tenth of the time; made once, before anything is forked."""
    return _cut(_source(), "".join(sorted(MARKS)), BOLD, "DingmiMarks")[0]


def _cut(font: FontFile, text: str, weight: int, name: str) -> tuple[bytes, str]:
    known = set(font.getBestCmap())
    wanted = {ord(c) for c in text} | {0x20, 0x3013}
    options = subset.Options(layout_features=[], notdef_outline=True, hinting=False, name_IDs=[1, 2, 6])
    options.recalc_timestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted & known)
    subsetter.subset(font)
    if "fvar" in font:
        instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True)
    return _written(font, name), "".join(sorted(chr(c) for c in wanted - known if not chr(c).isspace()))


def _written(font: FontFile, name: str) -> bytes:
    """Return the file of ``font``, called ``name``: reportlab takes two fonts of one PostScript name for the same font."""
    font.recalcTimestamp = False
    for record in font["name"].names:
        record.string = name
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def named(data: bytes, name: str) -> bytes:
    """Return a font under another name.

    Raises:
        ValueError: It is no font.
    """
    try:
        return _written(FontFile(io.BytesIO(data)), name)
    except Exception as fault:  # as manifold as in ``shapes``
        raise ValueError("not such a font") from fault


def shapes(data: bytes, text: str) -> dict[str, object]:
    """Return what decides how the characters of ``text`` look in a font: tables, code maps, outlines and widths.

    Raises:
        ValueError: It is no font, or lacks one of them.
    """
    try:
        font = FontFile(io.BytesIO(data), lazy=True)
        names, glyphs = font.getBestCmap(), font.getGlyphSet()
        maps = sorted((t.platformID, t.platEncID, sorted(t.cmap.items())) for t in font["cmap"].tables)
        found: dict[str, object] = {"tables": sorted(font.keys()), "maps": maps, "unit": font["head"].unitsPerEm}
        for character in set(text):
            glyph, pen = glyphs[names[ord(character)]], RecordingPen()
            glyph.draw(pen)
            found[character] = (glyph.width, pen.value)
    except Exception as fault:  # what a damaged font raises is as manifold as its tables
        raise ValueError("not such a font") from fault
    return found


def register(text: str, weight: int) -> tuple[str, str]:
    """Make a font for exactly ``text`` known to reportlab; return its name and the text with gaps shown as 〓."""
    text = "".join(c if c.isprintable() else " " for c in text)
    name = f"DM{weight}-{sm3(''.join(sorted(set(text))).encode()).hex()[:8]}"
    data, missing = static_subset(text, weight, name)
    pdfmetrics.registerFont(TTFont(name, io.BytesIO(data)))
    return name, text.translate({ord(c): "〓" for c in missing})
