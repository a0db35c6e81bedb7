"""What an Office package carries beside what it shows, by the relations of its parts: told, and taken out.

A part counts by the type of the relation that leads to it. What is on neither list is told as ``other_parts`` and stays.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from dingmi.engines.documents.formats import picture_data
from dingmi.engines.documents.formats.ooxml import (
    LABEL_NS,
    RELATION_NAMES,
    Relation,
    attribute,
    drawn_paragraphs,
    read_relations,
    rels_name,
    source_of,
    split,
)
from dingmi.engines.documents.formats.package_edit import OWN_PROPERTY, Edit
from dingmi.engines.documents.traces import Traces

_TYPES = "[Content_Types].xml"
PARTS: Final = tomllib.loads(Path(__file__).with_name("office_parts.toml").read_text(encoding="utf-8"))
SHOWN: Final = frozenset(PARTS["shown"])
BESIDE: Final = {name: kind for kind, names in PARTS["beside"].items() for name in names}
_COMMENT = frozenset({"comment", "threadedComment", "cm", "reply"})
_ALSO_SHOWS = frozenset({"pageSetup"})  # refers to a part, and shows something by itself
_HOLDERS = frozenset({"custDataLst", "pivotCaches", "customProperties", "mailMerge", "custShow"})


def kind_of(edit: Edit, source: str, relation: Relation) -> str:
    """Return as what a part is told; empty for what is shown, and for our label."""
    if relation.type in PARTS["by_id"] and not _is_named(edit, source, relation.id):
        return "stray_parts"
    if relation.type in SHOWN or (relation.type == "hyperlink" and relation.external):
        return ""
    if relation.type == "customXml" and LABEL_NS.encode() in edit.parts.get(relation.target, b""):
        return ""
    return str(BESIDE.get(relation.type, "other_parts"))


def _is_named(edit: Edit, source: str, ident: str) -> bool:
    """Say whether a part names one of its relations anywhere: a picture that was deleted often stays related."""
    data = edit.parts.get(source, b"")
    return any(quote + ident.encode() + quote in data for quote in (b'"', b"'"))


def walk(edit: Edit) -> Iterator[tuple[str, Relation]]:
    """Yield every relation that is reached from the package, with its source."""
    waiting, seen = [""], {""}
    while waiting:
        source = waiting.pop()
        for relation in read_relations(edit, source):
            yield source, relation
            if not relation.external and relation.target in edit.parts and relation.target not in seen:
                seen.add(relation.target)
                waiting.append(relation.target)


def tell(edit: Edit, traces: Traces) -> None:
    """Tell what the package carries beside what it shows."""
    reached, told = {_TYPES}, set[str]()
    for source, relation in walk(edit):
        part, kind = relation.target, kind_of(edit, source, relation)
        if part in told or relation.type in PARTS["companions"] or (not relation.external and part not in edit.parts):
            reached.add(part)
            continue
        reached.add(part)
        told.add(part)
        if kind:
            _tell_part(edit, relation, kind, traces)
        elif relation.type in {"image", "hdphoto"}:
            for words in picture_data.told(edit.parts[part]):
                traces.add("pictures", words)
    for name in edit.parts:
        if name not in reached and not name.endswith(".rels"):
            traces.add("stray_parts", name)


def _tell_part(edit: Edit, relation: Relation, kind: str, traces: Traces) -> None:
    part = relation.target
    if relation.type in {"core-properties", "extended-properties", "custom-properties"}:
        for element in edit.root(part):
            name, words = element.get("name") or split(element.tag)[1], " ".join("".join(element.itertext()).split())
            if words and name not in PARTS["dull"] and name != OWN_PROPERTY:
                traces.add(kind, f"{name}={words}")
    elif kind == "comments":
        _tell_comments(edit.root(part), traces)
    elif kind == "notes":
        traces.add(kind, " ".join(drawn_paragraphs(edit.root(part))))
    else:
        traces.add(kind, f"{relation.type} {part}")


def _tell_comments(root: Any, traces: Traces) -> None:
    found = [e for e in root.iter() if split(e.tag)[1] in _COMMENT]
    for element in found:
        words = "".join(e.text or "" for e in element.iter() if split(e.tag)[1] in {"t", "text"})
        author = attribute(element, "author") or ""
        traces.add("comments", f"{author}：{words}" if author and not author.isdigit() else words)
    for element in root if not found else ():  # of authors alone
        traces.add(
            "comments", attribute(element, "author") or attribute(element, "displayName") or element.get("name", "")
        )


# --- taking out --------------------------------------------------------------------------------------------------


def sweep(edit: Edit) -> None:
    """Take out what the package carries beside what it shows; what is on no list, and what would leave a hole, stays."""
    unrelate(edit, lambda source, relation: _goes(edit, source, relation))
    drop_unreached(edit)
    for _, relation in walk(edit):
        if relation.type in {"image", "hdphoto"} and relation.target in edit.parts:
            edit.parts[relation.target] = picture_data.cleaned(edit.parts[relation.target])


def _goes(edit: Edit, source: str, relation: Relation) -> bool:
    return kind_of(edit, source, relation) not in {"", "other_parts"}


def _referring(root: Any, ids: set[str]) -> list[Any]:
    return [
        element
        for element in root.iter()
        if any(split(name)[0] in RELATION_NAMES and value in ids for name, value in element.attrib.items())
    ]


def unrelate(edit: Edit, goes: Callable[[str, Relation], bool]) -> None:
    """Take out the relations that ``goes`` says, and what refers to them."""
    for name in [n for n in edit.parts if n.endswith(".rels")]:
        source = source_of(name)
        ids = {r.id for r in read_relations(edit, source) if goes(source, r)}
        if not ids:
            continue
        edit.take(name, partial(_is_one, ids))
        if source in edit.parts:
            root = edit.root(source)
            for element in _referring(root, ids):
                _unrefer(element, ids)
            edit.write(source, root)


def _is_one(ids: set[str], element: Any) -> bool:
    return element.get("Id") in ids


def _unrefer(element: Any, ids: set[str]) -> None:
    parent = element.getparent()
    if parent is None or split(element.tag)[1] in _ALSO_SHOWS:
        for name in [n for n, v in element.attrib.items() if split(n)[0] in RELATION_NAMES and v in ids]:
            del element.attrib[name]
        return
    parent.remove(element)
    if not len(parent) and split(parent.tag)[1] in _HOLDERS and parent.getparent() is not None:
        parent.getparent().remove(parent)


def drop_unreached(edit: Edit) -> None:
    """Take out every part that no relation reaches any more, with its own relations and its content type."""
    reached = {relation.target for _, relation in walk(edit) if not relation.external}
    kept = reached | {rels_name(part) for part in reached} | {_TYPES, rels_name("")}
    for name in [n for n in edit.parts if n not in kept]:
        del edit.parts[name]
    edit.take(_TYPES, lambda e: e.get("PartName") is not None and e.get("PartName").lstrip("/") not in edit.parts)
