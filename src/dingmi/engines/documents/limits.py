"""The accepted table: types and limits as data (``limits.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Everything a file may cost; sizes in bytes, times in seconds."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: int
    output_bytes: int
    text_characters: int
    docx_bytes: int
    unpacked_bytes: int
    entries: int
    ratio: int
    ratio_from: int
    elements: int
    xlsx_bytes: int
    pptx_bytes: int
    ofd_bytes: int
    pdf_bytes: int
    pages: int
    page_points: int
    pixels: int
    txt_bytes: int

    def bytes_for(self, kind: str) -> int:
        """Return the largest accepted size of a file of ``kind``."""
        return int(getattr(self, f"{kind}_bytes"))

    @property
    def largest(self) -> int:
        """The largest accepted size of any file."""
        return max(map(self.bytes_for, KINDS))


def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files(__package__).joinpath("limits.toml").read_text("utf-8"))


def _load(table: dict[str, dict[str, Any]]) -> Limits:
    values: dict[str, Any] = dict(table["worker"])
    for kind in KINDS:
        for name, value in table[kind].items():
            if name not in ("extensions", "media"):
                values[f"{kind}_bytes" if name == "bytes" else name] = value
    return Limits(**values)


_TABLE = _table()
RECOGNITION: dict[str, int] = _TABLE["recognition"]
KINDS = tuple(kind for kind in _TABLE if kind not in ("worker", "recognition", "package"))
DEFAULT = _load(_TABLE)
PACKAGE = replace(DEFAULT, **_TABLE["package"])
EXTENSIONS: dict[str, str] = {e: kind for kind in KINDS for e in _TABLE[kind]["extensions"]}
MEDIA: dict[str, str] = {kind: _TABLE[kind]["media"] for kind in KINDS}
ACCEPTED = "、".join(EXTENSIONS)  # as messages name them
