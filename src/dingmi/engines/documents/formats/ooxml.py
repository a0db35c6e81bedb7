"""Names and relations of Office packages, transitional and strict alike."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from dingmi.base.errors import Invalid
from dingmi.engines.documents import digest
from dingmi.engines.documents.archive import Archive
from dingmi.engines.documents.limits import Limits

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
RELATION_NAMES = frozenset({R, STRICT_RELATIONS})  # of attributes that refer to a relation
PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
WORD = frozenset({W, W_STRICT})
SHEET = frozenset(
    {"http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"}
)
SLIDE = frozenset(
    {"http://schemas.openxmlformats.org/presentationml/2006/main", "http://purl.oclc.org/ooxml/presentationml/main"}
)
DRAWING = frozenset(
    {"http://schemas.openxmlformats.org/drawingml/2006/main", "http://purl.oclc.org/ooxml/drawingml/main"}
)
LABEL_NS = "urn:dingmi:label:1"
WATERMARK_TAG = "urn:dingmi:watermark:1"


def split(tag: Any) -> tuple[str, str]:
    """Return namespace and local name; comments and instructions have neither."""
    if not isinstance(tag, str):
        return "", ""
    namespace, _, local = tag.rpartition("}")
    return namespace[1:], local


def attribute(element: Any, local: str) -> str | None:
    """Return an attribute by local name, whichever of the two namespaces it is in."""
    for name, value in element.attrib.items():
        if split(name)[1] == local or name == local:
            return str(value)
    return None


@dataclass(frozen=True, slots=True)
class Relation:
    """One relationship: short type (last path piece), target part or outside address."""

    id: str
    type: str
    target: str
    external: bool


class Parts(Protocol):
    """Parts by name: an archive as it came, or a package being changed."""

    def __contains__(self, name: str) -> bool: ...

    def xml(self, name: str) -> Any: ...


@dataclass(slots=True)
class Package:
    """An opened package: main part, its relations, and lazily its other parts."""

    archive: Archive
    limits: Limits
    main: str = ""
    relations: tuple[Relation, ...] = ()
    trees: dict[str, Any] = field(default_factory=dict)

    def tree(self, name: str) -> Any:
        """Return the parsed part, parsed once."""
        if name not in self.trees:
            self.trees[name] = self.archive.xml(name)
        return self.trees[name]

    def related(self, short_type: str, source: str = "") -> list[str]:
        """Return the existing parts that ``source`` (empty: the main part) relates to as ``short_type``."""
        relations = read_relations(self.archive, source) if source else self.relations
        found = [r.target for r in relations if r.type == short_type and not r.external]
        return [t for t in dict.fromkeys(found) if t in self.archive]


PICTURE = {"blip": "embed", "imagedata": "id"}  # by element, what names its relation


def pictures_of(package: Package, part: str, element: Any) -> Iterator[str]:
    """Yield the parts of the pictures that are shown somewhere in ``element`` of ``part``, in their order."""
    named = [attribute(e, PICTURE[split(e.tag)[1]]) or "" for e in element.iter() if split(e.tag)[1] in PICTURE]
    if named:
        targets = {r.id: r.target for r in read_relations(package.archive, part) if not r.external}
        yield from (targets[name] for name in named if name in targets)


def media_digests(archive: Archive) -> list[bytes]:
    """Return the digests of every picture, medium and embedded file of a package, in an order of their own."""
    return sorted(digest.sm3(archive.read(n)) for n in archive.names if "/media/" in n or "/embeddings/" in n)


def carried(package: Package) -> list[str]:
    """Return the warning that the file carries another one: the numbers behind a chart."""
    return ["embedded_package"] if any("/embeddings/" in name for name in package.archive.names) else []


def rels_name(part: str) -> str:
    """Return the name of the relations part of ``part``."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


def resolved(source: str, target: str) -> str:
    """Return the part that the target of a relation of ``source`` names."""
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))


def source_of(rels: str) -> str:
    """Return the part (empty string: the package) whose relations stand in ``rels``."""
    folder, _, name = rels.rpartition("_rels/")
    return folder + name[: -len(".rels")]


def read_relations(archive: Parts, part: str) -> tuple[Relation, ...]:
    """Return the relations of ``part`` (empty string: of the package)."""
    name = rels_name(part)
    return relations_in(archive, name, part) if name in archive else ()


def relations_in(archive: Parts, name: str, part: str) -> tuple[Relation, ...]:
    """Return the relations of ``part`` that stand in the part ``name``."""
    found = []
    for element in archive.xml(name):
        if split(element.tag)[1] != "Relationship":
            continue
        external = element.get("TargetMode", "").strip().casefold() == "external"
        target = element.get("Target", "") if external else resolved(part, element.get("Target", ""))
        found.append(Relation(element.get("Id", ""), element.get("Type", "").rpartition("/")[2], target, external))
    return tuple(found)


def open_package(data: bytes, limits: Limits, spaces: frozenset[str] = WORD, root: str = "document") -> Package:
    """Open a package whose main part has the element ``root`` in one of ``spaces``.

    Raises:
        Invalid: damaged, or holding macros, embedded objects, outside templates or remote content (SR-77).
    """
    from dingmi.engines.documents.formats import ooxml_active

    archive = Archive(data, limits)
    mains = [r.target for r in read_relations(archive, "") if r.type == "officeDocument" and not r.external]
    if len(mains) != 1 or mains[0] not in archive:
        raise Invalid("file.damaged")
    package = Package(archive, limits, mains[0], read_relations(archive, mains[0]))
    namespace, local = split(package.tree(package.main).tag)
    if namespace not in spaces or local != root:
        raise Invalid("file.damaged")
    ooxml_active.refuse(package)
    return package


def chosen(alternate: Any) -> Any:
    """Return the branch of mc:AlternateContent that counts: the first with text, so that each text counts once."""
    branches = [c for c in alternate if split(c.tag) in {(MC, "Choice"), (MC, "Fallback")}]
    for branch in branches:
        if any((e.text or "").strip() for e in branch.iter() if split(e.tag)[1] in {"t", "delText"}):
            return branch
    return branches[0] if branches else None


def drawn_text(paragraph: Any) -> str:
    """Return the text of one DrawingML paragraph, line breaks as blanks."""
    found = []
    for element in paragraph.iter():
        namespace, local = split(element.tag)
        if namespace in DRAWING and local in {"t", "br", "tab"}:
            found.append(element.text or "" if local == "t" else " ")
    return "".join(found)


def drawn_paragraphs(root: Any) -> list[str]:
    """Return the text of every DrawingML paragraph under ``root``, each alternative once."""
    found: list[str] = []
    for child in root:
        if split(child.tag) == (MC, "AlternateContent"):
            branch = chosen(child)
            found += drawn_paragraphs(branch) if branch is not None else []
        elif split(child.tag)[1] == "p" and split(child.tag)[0] in DRAWING:
            found.append(drawn_text(child))
        else:
            found += drawn_paragraphs(child)
    return found
