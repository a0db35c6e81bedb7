"""What a presentation carries and does not show: told, and taken out."""

from __future__ import annotations

from typing import Any

from dingmi.engines.documents.formats import ooxml_traces, pptx
from dingmi.engines.documents.formats.ooxml import drawn_paragraphs, split
from dingmi.engines.documents.formats.package_edit import Edit, related_now
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.traces import Trace, Traces


def _is_hidden(root: Any) -> bool:
    return root.get("show") in {"0", "false"}


def _hidden_shapes(root: Any) -> list[Any]:
    """Return the shapes and groups of a slide that are switched off, outermost first."""
    return [e for e in root.iter() if split(e.tag)[1] in pptx._SHAPES and _is_off(e)]


def _is_off(shape: Any) -> bool:
    about = next((e for e in shape.iter() if split(e.tag)[1] == "cNvPr"), None)  # the first is that of the shape itself
    return about is not None and about.get("hidden") in {"1", "true"}


def traces(data: bytes, limits: Limits) -> tuple[Trace, ...]:
    """Return what the presentation carries and does not show."""
    edit, found = Edit(pptx.open_presentation, data, limits), Traces()
    ooxml_traces.tell(edit, found)
    listed = set(pptx.slides_of(edit.package))
    for part in related_now(edit, "slide"):
        root = edit.root(part)
        if _is_hidden(root) or part not in listed:
            found.add("hidden_slides", " ".join(drawn_paragraphs(root)))
            continue
        for shape in _hidden_shapes(root):
            found.add("hidden_text", " ".join(drawn_paragraphs(shape)) or pptx.name_of(shape))
    return found.found()


def clean(data: bytes, limits: Limits) -> bytes:
    """Return the presentation without hidden slides and shapes, notes, comments and what else it does not show."""
    edit = Edit(pptx.open_presentation, data, limits)
    listed = set(pptx.slides_of(edit.package))
    away = {part for part in related_now(edit, "slide") if part not in listed or _is_hidden(edit.root(part))}
    ooxml_traces.unrelate(edit, lambda _, r: r.type in {"slide", "hyperlink"} and r.target in away)
    for part in related_now(edit, "slide"):
        root = edit.root(part)
        for shape in _hidden_shapes(root):
            if shape.getparent() is not None:
                shape.getparent().remove(shape)
        edit.write(part, root)
    root = edit.root(edit.package.main)
    for element in [e for e in root.iter() if split(e.tag)[1] in {"custShowLst", "sectionLst"}] if away else ():
        holder = element.getparent() if split(element.tag)[1] == "sectionLst" else element  # its extension goes with it
        holder.getparent().remove(holder)
    edit.write(edit.package.main, root)
    ooxml_traces.sweep(edit)
    return edit.finished()
