"""What a file is, decided by its content; the name only has to agree (SR-71)."""

from __future__ import annotations

from pathlib import PurePath

from dingmi.base.errors import DingmiError, Invalid
from dingmi.engines.documents.archive import Archive
from dingmi.engines.documents.formats.txt import decode
from dingmi.engines.documents.limits import ACCEPTED, EXTENSIONS, Limits

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MAINS = {  # of Office packages, by the content type of their main part
    b"spreadsheetml.sheet.main": "xlsx",
    b"presentationml.presentation.main": "pptx",
    b"wordprocessingml": "docx",
}
_PACKAGES = frozenset({*_MAINS.values(), "ofd"})
_FOREIGN = (b"MZ", b"\x7fELF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")


def extension(filename: str) -> str:
    """Return the last extension in lower case without its dot; empty when there is none."""
    return PurePath(filename.replace("\\", "/")).suffix.lstrip(".").lower()


def _zip_kind(data: bytes, limits: Limits) -> str:
    archive = Archive(data, limits)
    if any(name.casefold() == "ofd.xml" for name in archive.names):
        return "ofd"
    if "[Content_Types].xml" not in archive:
        return ""
    types = archive.read("[Content_Types].xml")
    lowered = types.lower()
    if b"macroenabled" in lowered or b"vbaproject" in lowered or any("vbaproject" in n.lower() for n in archive.names):
        raise Invalid("file.macro")
    return next((kind for name, kind in _MAINS.items() if name in types), "")


def _content_kind(data: bytes, limits: Limits) -> str:
    """Return the kind of an acceptable file, or empty for anything else."""
    if data.startswith(_OLE):
        if _ENCRYPTED_PACKAGE in data:
            raise Invalid("file.encrypted")
        return ""
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(data, limits)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(_FOREIGN):
        return ""
    try:
        decode(data)
    except DingmiError:
        return ""
    return "txt"


def recognise(data: bytes, filename: str, limits: Limits) -> str:
    """Return the kind of an acceptable file.

    Raises:
        Invalid: empty, too large, encrypted, with macros, of a type not accepted, or named as what it is not.
    """
    if not data:
        raise Invalid("file.empty")
    if len(data) > limits.largest:
        raise Invalid("file.too_large", limit_mb=limits.largest // 1_048_576)
    named = EXTENSIONS.get(extension(filename), "")
    kind = _content_kind(data, limits)
    if not kind and named in _PACKAGES and data.startswith(b"PK"):
        raise Invalid("file.damaged")
    if named and kind != named:
        if kind or not data.startswith(_OLE):
            raise Invalid("file.mislabelled", named=named, found=kind or "other")
        raise Invalid("file.type_not_accepted", accepted=ACCEPTED)
    if not kind or (extension(filename) and not named):
        raise Invalid("file.type_not_accepted", accepted=ACCEPTED)
    if len(data) > limits.bytes_for(kind):
        raise Invalid("file.too_large", limit_mb=limits.bytes_for(kind) // 1_048_576)
    return kind
