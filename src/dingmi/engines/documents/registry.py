"""The accepted formats; one line here plus one module in ``formats`` adds another."""

from __future__ import annotations

from dingmi.engines.documents import rendering
from dingmi.engines.documents.formats import (
    docx,
    docx_mark,
    docx_traces,
    ofd,
    ofd_mark,
    ofd_traces,
    pdf,
    pdf_mark,
    pdf_traces,
    pptx,
    pptx_mark,
    pptx_traces,
    txt,
    xlsx,
    xlsx_mark,
    xlsx_traces,
)
from dingmi.engines.documents.model import Format

DOCX = Format(
    "docx",
    docx.extract,
    docx_mark.stamp,
    docx_mark.read_mark,
    docx_mark.content_sm3,
    docx_mark.watermark,
    docx_mark.unmark,
    docx_traces.traces,
    docx_traces.clean,
    "docx",
)
XLSX = Format(
    "xlsx",
    xlsx.extract,
    xlsx_mark.stamp,
    xlsx_mark.read_mark,
    xlsx_mark.content_sm3,
    xlsx_mark.watermark,
    xlsx_mark.unmark,
    xlsx_traces.traces,
    xlsx_traces.clean,
    "xlsx",
)
PPTX = Format(
    "pptx",
    pptx.extract,
    pptx_mark.stamp,
    pptx_mark.read_mark,
    pptx_mark.content_sm3,
    pptx_mark.watermark,
    pptx_mark.unmark,
    pptx_traces.traces,
    pptx_traces.clean,
    "pptx",
)
OFD = Format(
    "ofd",
    ofd.extract,
    ofd_mark.stamp,
    ofd_mark.read_mark,
    ofd_mark.content_sm3,
    ofd_mark.watermark,
    ofd_mark.unmark,
    ofd_traces.traces,
    ofd_traces.clean,
    "ofd",
)
PDF = Format(
    "pdf",
    pdf.extract,
    pdf_mark.stamp,
    pdf_mark.read_mark,
    pdf_mark.content_sm3,
    pdf_mark.watermark,
    pdf_mark.unmark,
    pdf_traces.traces,
    pdf_traces.clean,
    "pdf",
)
# Plain text has no place for a mark: the marked file is a PDF set from it.
TXT = Format(
    "txt",
    txt.extract,
    rendering.stamp,
    rendering.read_mark,
    rendering.content_sm3,
    rendering.watermark,
    rendering.unmark,
    rendering.traces,
    rendering.unmark,
    "pdf",
)

FORMATS: tuple[Format, ...] = (DOCX, XLSX, PPTX, OFD, PDF, TXT)
BY_NAME: dict[str, Format] = {f.name: f for f in FORMATS}
