"""An Office package being changed, and the label in it: a custom XML part and a document property, the same in every kind."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import Any

from lxml import etree

from dingmi.base.errors import Invalid
from dingmi.engines.documents import labels
from dingmi.engines.documents.archive import parse_xml, write_archive
from dingmi.engines.documents.formats.ooxml import (
    LABEL_NS,
    PACKAGE_RELS,
    STRICT_RELATIONS,
    Package,
    read_relations,
    rels_name,
    resolved,
    split,
)
from dingmi.engines.documents.limits import Limits
from dingmi.engines.documents.model import Label

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
LABEL_PART = "customXml/itemDingmi.xml"
_TYPES_PART = "[Content_Types].xml"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_CUSTOM = f"{OFFICE}/custom-properties"
_VT = f"{OFFICE}/docPropsVTypes"
_PROPS_PART = "docProps/custom.xml"
_PROPS_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
OWN_PROPERTY = "DingmiMark"
_FMTID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"


def xml_bytes(root: Any) -> bytes:
    """Return a part as it is written."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


class Edit:
    """A package being changed: all parts, in order."""

    def __init__(self, opens: Callable[[bytes, Limits], Package], data: bytes, limits: Limits) -> None:
        """Open the package as ``opens`` does, twice: each copy of an archive may be inflated once."""
        package, fresh = opens(data, limits), opens(data, limits)
        self.package = package
        self.parts = {name: fresh.archive.read(name) for name in fresh.archive.names}
        self.limits = limits
        self.space = split(package.tree(package.main).tag)[0]
        strict = "purl.oclc.org" in self.space
        self.relations = STRICT_RELATIONS if strict else f"{OFFICE}/relationships"

    def __contains__(self, name: str) -> bool:
        return name in self.parts

    def xml(self, name: str) -> Any:
        """Return a part parsed, as it is now."""
        return parse_xml(self.parts[name], self.limits)

    def name(self, local: str) -> str:
        """Return a qualified name of the main vocabulary in the document's own flavour."""
        return f"{{{self.space}}}{local}"

    def root(self, name: str, fallback: bytes = b"") -> Any:
        """Return a part parsed, or a fresh one."""
        return parse_xml(self.parts.get(name, fallback), self.limits)

    def write(self, name: str, root: Any) -> None:
        """Put a part back."""
        self.parts[name] = xml_bytes(root)

    def relate(self, source: str, ident: str, kind: str, target: str) -> None:
        """Set one relation of ``source`` (empty: of the package), replacing the one of the same id."""
        name = rels_name(source)
        root = self.root(name, f'<Relationships xmlns="{PACKAGE_RELS}"/>'.encode())
        for old in [e for e in root if e.get("Id") == ident]:
            root.remove(old)
        etree.SubElement(root, f"{{{PACKAGE_RELS}}}Relationship", Id=ident, Type=kind, Target=target)
        self.write(name, root)

    def declare(self, part: str, media: str) -> None:
        """Give ``part`` its content type."""
        root = self.root(_TYPES_PART, f'<Types xmlns="{_TYPES}"/>'.encode())
        for old in [e for e in root if e.get("PartName") == f"/{part}"]:
            root.remove(old)
        etree.SubElement(root, f"{{{_TYPES}}}Override", PartName=f"/{part}", ContentType=media)
        self.write(_TYPES_PART, root)

    def drop(self, part: str) -> None:
        """Remove a part with its own relations, the relation of the main part to it, and its content type."""
        self.parts.pop(part, None)
        self.parts.pop(rels_name(part), None)
        main = self.package.main
        self.take(
            rels_name(main),
            lambda e: e.get("TargetMode") != "External" and resolved(main, e.get("Target", "")) == part,
        )
        self.take(_TYPES_PART, lambda e: e.get("PartName") == f"/{part}")

    def take(self, name: str, goes: Callable[[Any], bool]) -> None:
        """Take the elements that ``goes`` says out of a part that is a list."""
        root = self.root(name)
        for old in [e for e in root if goes(e)]:
            root.remove(old)
        self.write(name, root)

    def finished(self) -> bytes:
        """Return the package as it is now; the same parts in the same order, however they came to be."""
        return write_archive(
            {name: self.parts[name] for name in sorted(self.parts, key=lambda n: (n != _TYPES_PART, n))}
        )


def write_label(edit: Edit, label: Label, visible: str) -> None:
    """Put the label in, and the visible mark as a document property that every office program shows."""
    root = etree.Element(f"{{{LABEL_NS}}}label", nsmap={None: LABEL_NS})
    root.text = labels.encode(label)
    edit.write(LABEL_PART, root)
    folder = posixpath.dirname(edit.package.main)
    target = posixpath.relpath(LABEL_PART, folder) if folder else LABEL_PART
    edit.relate(edit.package.main, "rIdDingmiLabel", f"{OFFICE}/relationships/customXml", target)
    edit.declare(LABEL_PART, "application/xml")
    _write_property(edit, visible)


def _write_property(edit: Edit, mark: str) -> None:
    root = edit.root(_PROPS_PART, f'<Properties xmlns="{_CUSTOM}" xmlns:vt="{_VT}"/>'.encode())
    for old in [e for e in root if e.get("name") == OWN_PROPERTY]:
        root.remove(old)
    numbers = [int(e.get("pid", "1")) for e in root if e.get("pid", "1").isdigit()]
    element = etree.SubElement(root, f"{{{_CUSTOM}}}property", fmtid=_FMTID, pid=str(max([1, *numbers]) + 1))
    element.set("name", OWN_PROPERTY)
    etree.SubElement(element, f"{{{_VT}}}lpwstr").text = mark
    existed = _PROPS_PART in edit.parts
    edit.write(_PROPS_PART, root)
    edit.declare(_PROPS_PART, _PROPS_TYPE)
    if not existed:
        edit.relate("", "rIdDingmiProps", f"{OFFICE}/relationships/custom-properties", _PROPS_PART)


def remove_label(edit: Edit) -> None:
    """Take label and property out."""
    if _PROPS_PART in edit.parts:
        root = edit.root(_PROPS_PART)
        for old in [e for e in root if e.get("name") == OWN_PROPERTY]:
            root.remove(old)
        edit.write(_PROPS_PART, root)
    for part in edit.package.related("customXml"):
        if edit.package.tree(part).tag == f"{{{LABEL_NS}}}label":
            edit.drop(part)


def label_of(package: Package) -> Label | None:
    """Return the label of a package; None without one, or with two."""
    found = []
    for part in package.related("customXml"):
        try:
            root = package.tree(part)
        except Invalid:
            continue
        if root.tag == f"{{{LABEL_NS}}}label":
            found.append(root.text)
    return labels.decode(found[0]) if len(found) == 1 else None


def related_now(edit: Edit, kind: str) -> list[str]:
    """Return the parts that the main part relates to as ``kind``, as the package is now."""
    found = [r.target for r in read_relations(edit, edit.package.main) if r.type == kind and not r.external]
    return [t for t in dict.fromkeys(found) if t in edit.parts]
