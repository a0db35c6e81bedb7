"""What an OFD carries and does not show: told, and taken out."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from dingmi.engines.documents.formats import ofd, ofd_mark, picture_data
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.traces import Trace, Traces

_DULL = frozenset({"DocID", "Creator", "CreatorVersion", "CustomDatas"})
_BESIDE = frozenset({"Extensions", "CustomTags"})
_PICTURES = (".jpg", ".jpeg", ".png")


def _details(body: Any) -> Iterator[tuple[Any, str, str]]:
    """Yield the words about the document that are not ours: element, name, words."""
    info = ofd.child(body, "DocInfo")
    for element in info if info is not None else ():
        if ofd.local(element) not in _DULL:
            yield element, ofd.local(element), " ".join("".join(element.itertext()).split())
    for element in ofd.children(ofd.child(info, "CustomDatas"), "CustomData"):
        if element.get("Name") != ofd_mark.LABEL_NAME:
            yield element, element.get("Name", ""), element.text or ""


def _aside(package: ofd.Package) -> Iterator[tuple[Any, str, str]]:
    """Yield what lies beside the pages of a document: element, its name, the part it names."""
    for document in ofd.documents_of(package):
        for element in package.tree(document):
            if ofd.local(element) in _BESIDE or ofd.local(element) == "Annotations":
                yield element, ofd.local(element), package.part(document, element.text or "")


def _unseen(root: Any) -> list[Any]:
    return [e for e in root.iter() if e.get("Visible") == "false"]


def _stray(names: Iterable[str], told: str) -> list[str]:
    """Return the parts whose name occurs nowhere in the file."""
    return [n for n in names if posixpath.basename(n).casefold() not in told and posixpath.basename(n) != "OFD.xml"]


def _said(package: ofd.Package, names: Iterable[str]) -> str:
    """Return all that parts of the file say about others."""
    roots = [package.tree(n) for n in names if n.lower().endswith(".xml")]
    return "\n".join(v for root in roots for e in root.iter() for v in (e.text or "", *e.attrib.values())).casefold()


def traces(data: bytes, limits: Limits) -> tuple[Trace, ...]:
    """Return what the file carries and does not show."""
    reader = ofd.read(data, limits)
    package, fresh, found = reader.package, ofd.open_ofd(data, limits).archive, Traces()
    for body in ofd.children(package.tree(package.part("", "OFD.xml")), "DocBody"):
        for _, name, words in _details(body):
            if words:
                found.add("properties", f"{name}={words}")
        for element in ofd.children(body, "Versions"):
            found.add("earlier_versions", count=max(1, len(element)))
    for page in reader.pages:
        for note in ofd._annotated(package, page):
            found.add("annotations", f"{note.get('Type', '')} {ofd.words_of(note)}")
    for words in reader.hidden:
        found.add("hidden_text", words)
    for _, name, part in _aside(package):
        if name in _BESIDE:
            found.add("custom_xml", f"{name} {part}")
    for name in _stray(package.archive.names, _said(package, package.archive.names)):
        found.add("stray_parts", name)
    for name in package.archive.names:
        for words in picture_data.told(fresh.read(name)) if name.lower().endswith(_PICTURES) else ():
            found.add("pictures", words)
    return found.found()


def clean(data: bytes, limits: Limits) -> bytes:
    """Return the file with what its pages show; raises ``file.signed`` for one that is signed."""
    edit = ofd_mark._Edit(data, limits)
    package = edit.package
    for body in ofd.children(package.tree(edit.main), "DocBody"):
        for element in [found for found, _, _ in _details(body)] + ofd.children(body, "Versions"):
            element.getparent().remove(element)
    away = {part for page in ofd.pages_of(package) for part in _annotation_parts(package, page)}
    for element, _, part in list(_aside(package)):
        away.add(part)
        element.getparent().remove(element)
    for name in [n for n in edit.parts if n.lower().endswith(".xml") and n not in away]:
        for element in _unseen(package.tree(name)):
            if element.getparent() is not None:
                element.getparent().remove(element)
        edit.write(name)
    for name in away & set(edit.parts):
        del edit.parts[name]
        package.trees.pop(name, None)
    for name in _stray(tuple(edit.parts), _said(package, edit.parts)):
        del edit.parts[name]
    for name in [n for n in edit.parts if n.lower().endswith(_PICTURES)]:
        edit.parts[name] = picture_data.cleaned(edit.parts[name])
    return edit.finished()


def _annotation_parts(package: ofd.Package, page: ofd.Page) -> Iterator[str]:
    held = ofd.child(package.tree(page.document), "Annotations")
    listed = package.part(page.document, held.text or "") if held is not None else ""
    for element in ofd.children(package.tree(listed), "Page") if listed else ():
        place = ofd.child(element, "FileLoc")
        yield package.part(listed, (place.text or "") if place is not None else "")
