"""A 保密事项范围 as a spreadsheet: the first sheet, one heading row, one item a row; read into the rows of JSON Lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.engines import documents

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "guide": ("范围代码", "guide"),
    "title": ("范围名称", "title"),
    "owner": ("制定机关", "owner"),
    "edition": ("版本", "edition"),
    "since": ("施行日期", "since"),
    "sector": ("领域", "sector"),
    "guide_level": ("范围密级", "guide level"),
    "no": ("序号", "no"),
    "item": ("国家秘密事项", "事项", "item"),
    "level": ("密级", "level"),
    "period": ("保密期限", "期限", "period"),
    "scope": ("知悉范围", "scope"),
    "origin_tier": ("产生层级", "origin tier"),
    "matter_code": ("事项代码", "matter code"),
    "conditions": ("要件", "conditions"),
    "examples": ("示例", "examples"),
    "exceptions": ("除外", "exceptions"),
    "together": ("汇聚", "together"),
}
KEYS = {heading: key for key, headings in HEADINGS.items() for heading in headings}
LISTS = ("examples", "exceptions")
OPS = {"≤": "<=", "≥": ">=", "不超过": "<=", "不少于": ">=", "小于": "<", "大于": ">"}
_NUMBER = re.compile(
    r"(?P<name>[^<>=≤≥\d]+?)\s*(?P<op><=|>=|<|>|=|≤|≥|不超过|不少于|小于|大于)\s*(?P<value>-?[\d.,]+)\s*(?P<unit>\D*)"
)
_TOGETHER = re.compile(r"(?P<items>[^≥]+?)\s*(?:≥|不少于|至少)\s*(?P<n>\d+)\s*项?")


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[；;\n]", text) if part.strip()]


def condition(text: str) -> dict[str, Any]:
    """Return a condition as written in a cell: a number compared (``面积≥100平方公里``), or a term that has to occur."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        lacks = text.startswith(("不含", "无"))
        name = text.removeprefix("不含").removeprefix("无") if lacks else text
        return {"kind": "named", "name": name, "op": "lacks" if lacks else "has", "text": text}
    try:
        value = float(found["value"].replace(",", ""))
    except ValueError:
        return {"kind": "number", "name": found["name"].strip(), "op": "?", "text": text}
    return {
        "kind": "number",
        "name": found["name"].strip(),
        "op": OPS.get(found["op"], found["op"]),
        "value": int(value) if value.is_integer() else value,
        "unit": found["unit"].strip(),
        "text": text,
    }


def _together(text: str) -> Any:
    found = _TOGETHER.fullmatch(text.strip())
    if found is None:
        return text
    return {"items": [n for n in re.split(r"[、，,\s]+", found["items"]) if n], "at_least": int(found["n"])}


def _cell(key: str, text: str) -> Any:
    if key in LISTS:
        return _parts(text)
    if key == "conditions":
        return [condition(part) for part in _parts(text)]
    return _together(text) if key == "together" else text


def read(content: bytes) -> list[tuple[int, dict[str, Any]]]:
    """Return the rows of the first sheet with their numbers in it; a heading that nobody knows stays as it is.

    Raises:
        Invalid: It is no spreadsheet, or its first row holds no headings.
    """
    first, *rows = documents.sheet(content) or [[]]
    keys = [KEYS.get(heading.lower(), heading) for heading in first]
    if "item" not in keys:
        raise Invalid("guide.no_heading", (), fields={"rows.1": "guide.no_heading"})
    made = []
    for number, row in enumerate(rows, start=2):
        plain = {key: _cell(key, text) for key, text in zip(keys, row, strict=False) if key and text}
        if plain:
            made.append((number, plain))
    return made
