"""Files that hold files: zip and tar archives and e-mail, opened in the child; what is in them is read like any other file."""

from __future__ import annotations

import email
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default as policy
from lzma import LZMAError
from typing import Any

from lxml import etree, html

from dingmi.base.errors import Invalid
from dingmi.engines.documents.limits import Limits

SUFFIXES = {  # ends of names, and how such a file is opened
    ".eml": "mail",
    ".zip": "zip",
    ".tar": "tar",
    ".tar.gz": "tar",
    ".tgz": "tar",
    ".tar.bz2": "tar",
    ".tbz2": "tar",
    ".tar.xz": "tar",
    ".txz": "tar",
}
_NAME_MOST = 200  # characters
_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_UNSEEN = frozenset({"script", "style", "head", "title"})
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside another: its path there, its bytes, or the code of why it could not be taken out."""

    name: str
    data: bytes
    problem: str = ""


def kind_of(filename: str) -> str:
    """Return ``mail``, ``zip``, ``tar``, or nothing for a file that holds no files."""
    lowered = filename.lower()
    return next((kind for end, kind in SUFFIXES.items() if lowered.endswith(end)), "")


def opened(data: bytes, kind: str, limits: Limits) -> tuple[str, list[Member]]:
    """Return the text of the file itself (of a mail, headers and body) and the files in it.

    Raises:
        Invalid: ``file.damaged``; ``file.bomb`` for too many files, or more bytes than may be unpacked.
    """
    budget = _Budget(limits)
    try:
        if kind == "mail":
            return _mail(data, budget)
        return "", list(_zip(data, budget) if kind == "zip" else _tar(data, budget))
    except (*_BROKEN, MemoryError) as fault:
        raise Invalid("file.bomb" if isinstance(fault, MemoryError) else "file.damaged") from None


class _Budget:
    """How many files and bytes are left."""

    def __init__(self, limits: Limits) -> None:
        self.files, self.bytes, self.one = limits.entries, limits.unpacked_bytes // 2, limits.largest

    def take(self, source: Any) -> bytes:
        """Read one file, refused when the budget is spent; one that is larger than any accepted file is cut there."""
        self.files -= 1
        data: bytes = source.read(min(self.one + 1, self.bytes + 1))
        self.bytes -= len(data)
        if self.files < 0 or self.bytes < 0:
            raise Invalid("file.bomb")
        return data


def _zip(data: bytes, budget: _Budget) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            name = _plain(info.filename if info.flag_bits & 0x800 else _gbk(info.filename))
            if info.flag_bits & 0x1:
                yield Member(name, b"", "file.encrypted")
                continue
            with archive.open(info) as source:
                yield Member(name, budget.take(source))


def _gbk(name: str) -> str:
    """Names without the flag for UTF-8 come from Chinese systems."""
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name


def _tar(data: bytes, budget: _Budget) -> Iterator[Member]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as archive:
        for info in archive:
            source = archive.extractfile(info) if info.isreg() else None  # a link leads nowhere here
            if source is not None:
                yield Member(_plain(info.name), budget.take(source))


def _mail(data: bytes, budget: _Budget) -> tuple[str, list[Member]]:
    message = email.message_from_bytes(data, policy=policy)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise Invalid("file.damaged")
    heads = [str(message[name]) for name in _HEADERS if message[name]]
    body = message.get_body(("plain", "html"))
    words = _words(body) if body is not None else ""
    members = []
    for number, part in enumerate(_attached(message, body), 1):
        raw = part.get_content() if part.get_content_type() == "message/rfc822" else part.get_payload(decode=True)
        held = raw.as_bytes() if isinstance(raw, EmailMessage) else bytes(raw or b"")
        default = "message.eml" if isinstance(raw, EmailMessage) else f"{number}"
        members.append(Member(_plain(part.get_filename() or default), budget.take(io.BytesIO(held))))
    return "\n".join([*heads, words]), members


def _attached(message: EmailMessage, body: Any) -> Iterator[Any]:
    """Yield the parts that are files, those inside an attached mail left to it."""
    for part in message.iter_attachments() if message.is_multipart() else ():
        if part is not body and (part.get_filename() or part.get_content_type() == "message/rfc822"):
            yield part
        elif part.is_multipart():
            yield from _attached(part, body)


def _words(part: Any) -> str:
    try:
        text = str(part.get_content())
    except (LookupError, UnicodeError):
        text = bytes(part.get_payload(decode=True) or b"").decode("gb18030", "replace")
    if part.get_content_subtype() != "html" or not text.strip():
        return text
    try:
        root = html.fromstring(text)
    except (etree.LxmlError, ValueError):
        return text
    shown = (t.strip() for e in root.iter() if isinstance(e.tag, str) and e.tag not in _UNSEEN for t in _texts(e))
    return "\n".join(t for t in shown if t)


def _texts(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield child.tail or ""


def _plain(name: str) -> str:
    """A name to show: no controls, no way up, not endless."""
    parts = [p for p in name.replace("\\", "/").split("/") if p not in ("", ".", "..")]
    return "".join(c for c in "/".join(parts) if c.isprintable())[-_NAME_MOST:] or "?"
