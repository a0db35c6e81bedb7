"""Zip and XML read with the guards on: counts, real bytes, names, overlaps; no DTD, entities or network."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from typing import Any

from lxml import etree

from dingmi.base.errors import Invalid
from dingmi.engines.documents.limits import Limits

_LOCAL_HEADER = 30


def _check_names(infos: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for info in infos:
        name = info.filename
        path = posixpath.normpath(name)
        if "\\" in name or "\0" in name or name.startswith("/") or path.startswith("..") or ":" in name:
            raise Invalid("file.unsafe_path")
        if (info.external_attr >> 16) & 0o170000 == 0o120000:
            raise Invalid("file.unsafe_path")
        if path.casefold() in seen:
            raise Invalid("file.damaged")
        seen.add(path.casefold())


def _check_layout(infos: list[zipfile.ZipInfo], end: int) -> None:
    """Entries that share bytes are how a small archive unpacks to terabytes."""
    previous = 0
    for info in sorted(infos, key=lambda i: i.header_offset):
        if info.header_offset < previous:
            raise Invalid("file.bomb")
        previous = info.header_offset + _LOCAL_HEADER + info.compress_size
    if previous > end:
        raise Invalid("file.damaged")


class Archive:
    """An Office package whose parts are inflated one by one within a common budget."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits, self._left = limits, limits.unpacked_bytes
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, UnicodeDecodeError):
            raise Invalid("file.damaged") from None
        if len(infos) > limits.entries:
            raise Invalid("file.bomb")
        _check_names(infos)
        _check_layout(infos, len(data))
        if any(i.flag_bits & 0x1 for i in infos):
            raise Invalid("file.encrypted")
        if sum(i.file_size for i in infos) > limits.unpacked_bytes or any(self._too_dense(i) for i in infos):
            raise Invalid("file.bomb")
        self.names: tuple[str, ...] = tuple(i.filename for i in infos if not i.is_dir())

    def _too_dense(self, info: zipfile.ZipInfo) -> bool:
        size = info.file_size
        return size > self._limits.ratio_from and size > self._limits.ratio * max(1, info.compress_size)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def read(self, name: str) -> bytes:
        """Return one part, counting the bytes that really come out.

        Raises:
            Invalid: ``file.bomb`` past the budget, ``file.damaged`` for a part that does not inflate or is missing.
        """
        try:
            with self._zip.open(name) as part:
                data = part.read(self._left + 1)
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, NotImplementedError, RuntimeError):
            raise Invalid("file.damaged") from None
        self._left -= len(data)
        if self._left < 0:
            raise Invalid("file.bomb")
        return data

    def xml(self, name: str) -> Any:
        """Return the root element of an XML part."""
        return parse_xml(self.read(name), self._limits)


def parse_xml(data: bytes, limits: Limits) -> Any:
    """Parse XML with nothing that reaches out or expands.

    Raises:
        Invalid: ``file.xml_dtd`` for any document type, ``file.bomb`` for too many elements, ``file.damaged``.
    """
    if data.count(b"<") > limits.elements * 2:
        raise Invalid("file.bomb")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Invalid("file.xml_dtd" if b"<!DOCTYPE" in data[:4096] else "file.damaged") from None
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise Invalid("file.xml_dtd")
    return root


def write_archive(parts: dict[str, bytes]) -> bytes:
    """Return a package of ``parts`` in their order, the same bytes for the same parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            package.writestr(info, data)
    return out.getvalue()
