"""DMB1, the sealed container: chunked SM4-GCM with the label inside the key (CRYPTO 2).

Invariants: the label and every header byte enter the payload key and the header MAC, so a changed mark no longer opens;
the data key exists only wrapped twice, under the level key and under a per-file ``shred`` secret that the caller keeps,
so deleting that secret destroys every copy; no byte of a chunk leaves before its tag has been checked; every defect,
whatever it is, is the one error ``cipher.not_authentic``. ``docs/container.md`` describes every byte.

Another level key touches the head alone: the slots are padded to a fixed room, so that the new head takes the place of the
old one, and a copy of it stands beside the file (``.head``) until it is written, so that a crash leaves a whole container.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from dingmi.base.errors import DingmiError, Invalid, Tampered
from dingmi.engines.crypto.canonical import canonical
from dingmi.engines.crypto.digests import equal, hkdf_sm3, hmac_sm3, sm3
from dingmi.engines.crypto.hazmat.sm4 import TAG_BYTES, NotAuthentic, checked, cipher, gcm_decrypt, gcm_encrypt
from dingmi.engines.crypto.keys import SALT_BYTES, SLOT_EXTERNAL, SLOT_LEVEL_KEY, WrappingKey, once_key

MAGIC = b"DMB1"
VERSION, SUITE_SM4_GCM_SM3 = 1, 1
SLOT_PADDING = 0
SLOTS_OF_KEYS = (SLOT_LEVEL_KEY, SLOT_EXTERNAL)
PENDING = ".head"  # ends the name of what waits beside a file while its head is replaced
SLOT_ROOM = 512  # slots fill a multiple of this, so that another key's slot takes the same room
SMALL_CHUNK, LARGE_CHUNK, LARGE_FILE = 64 * 1024, 1024 * 1024, 16 * 1024 * 1024
MIN_CHUNK, MAX_CHUNK = 4 * 1024, 16 * 1024 * 1024
MAX_HEADER, MAX_SLOTS = 60_000, 4_096
MAC_BYTES = 32
_FIXED = struct.Struct(">4sBBIQ16s16sI")
_WRAPPED = SALT_BYTES + 32 + 2 * TAG_BYTES


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the vault stores beside a container: its id, SM3 of the header, bytes written, and the shred secret."""

    fid: bytes
    header_digest: bytes
    size: int
    shred: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Header:
    raw: bytes
    chunk_size: int
    plain_len: int
    fid: bytes
    label: dict[str, Any]

    @property
    def digest(self) -> bytes:
        return sm3(self.raw)

    @property
    def chunks(self) -> int:
        return max(1, -(-self.plain_len // self.chunk_size))


def _refuse() -> Tampered:
    return Tampered("cipher.not_authentic")


# --- writing -----------------------------------------------------------------------------------------------------


def _build_header(label: dict[str, Any], plain_len: int, chunk_size: int, fid: bytes) -> bytes:
    text = canonical(label).encode()
    if not MIN_CHUNK <= chunk_size <= MAX_CHUNK:
        raise Invalid("cipher.chunk_size")
    if _FIXED.size + len(text) > MAX_HEADER:
        raise Invalid("cipher.label_too_large", limit=MAX_HEADER)
    if -(-plain_len // chunk_size) >= 2**32:
        raise Invalid("cipher.too_large")
    salt = secrets.token_bytes(16)
    fixed = _FIXED.pack(MAGIC, VERSION, SUITE_SM4_GCM_SM3, chunk_size, plain_len, fid, salt, len(text))
    return fixed + text


def _slot(inner: bytes, header: bytes, kek: WrappingKey) -> bytes:
    name = kek.id.encode()
    body = bytes([len(name)]) + name + kek.wrap(inner, header)
    return struct.pack(">BH", kek.slot, len(body)) + body


def _padded(slots: bytes) -> bytes:
    padding = bytes(-(len(slots) + 3) % SLOT_ROOM)
    return slots + struct.pack(">BH", SLOT_PADDING, len(padding)) + padding


def _head(header: bytes, slots: bytes, dek: bytes) -> bytes:
    block = struct.pack(">I", len(header)) + header + struct.pack(">H", len(slots)) + slots
    return block + hmac_sm3(_mac_key(dek, header), block)


def _mac_key(dek: bytes, header: bytes) -> bytes:
    return hkdf_sm3(dek, salt=sm3(header), info=b"dmb1 header mac", length=32)


def _payload_key(dek: bytes, header: bytes) -> bytes:
    return hkdf_sm3(dek, salt=sm3(header), info=b"dmb1 payload", length=16)


def _nonce(index: int, last: bool) -> bytes:
    return bytes(7) + struct.pack(">IB", index, last)


def _length(stream: BinaryIO) -> int:
    try:
        here = stream.tell()
        end = stream.seek(0, io.SEEK_END)
        stream.seek(here)
    except (OSError, AttributeError):
        raise Invalid("cipher.source_not_seekable") from None
    return end - here


def _read_exactly(stream: BinaryIO, count: int) -> bytes:
    parts = []
    while count:
        part = stream.read(count)
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def seal(
    plain: BinaryIO | bytes, out: BinaryIO, *, label: dict[str, Any], kek: WrappingKey, chunk_size: int | None = None
) -> Sealed:
    """Write ``plain`` to ``out`` as one DMB1 container.

    Args:
        plain: Bytes, or a seekable stream read from where it stands to its end.
        label: The machine mark (canonical JSON values); anyone holding the file may read it, nobody may change it.
        kek: Key of the level that the file belongs to.
        chunk_size: 4 KiB to 16 MiB; by default 64 KiB, 1 MiB for files over 16 MiB.
    Returns:
        Ids and the 32-byte ``shred`` secret that the caller must keep: without it the file never opens again.
    """
    source = io.BytesIO(plain) if isinstance(plain, bytes | bytearray | memoryview) else plain
    size = _length(source)
    chunk_size = chunk_size or (LARGE_CHUNK if size > LARGE_FILE else SMALL_CHUNK)
    fid, shred, dek = secrets.token_bytes(16), secrets.token_bytes(32), secrets.token_bytes(32)
    header = _build_header(label, size, chunk_size, fid)
    inner = gcm_encrypt(*once_key(shred, fid, b"dmb1 shred"), dek)
    head = _head(header, _padded(_slot(inner, header, kek)), dek)
    out.write(head)
    written, keyed, total = len(head), cipher(_payload_key(dek, header)), max(1, -(-size // chunk_size))
    for index in range(total):
        want = min(chunk_size, size - index * chunk_size)
        chunk = _read_exactly(source, want)
        if len(chunk) != want:
            raise Invalid("cipher.source_changed")
        written += out.write(keyed.encrypt(_nonce(index, index == total - 1), chunk))
    return Sealed(fid, sm3(header), written, shred)


# --- reading -----------------------------------------------------------------------------------------------------


def _parse_header(raw: bytes) -> _Header:
    if len(raw) < _FIXED.size:
        raise _refuse()
    magic, version, suite, chunk_size, plain_len, fid, _salt, label_len = _FIXED.unpack_from(raw)
    text = raw[_FIXED.size :]
    if (magic, version, suite, label_len) != (MAGIC, VERSION, SUITE_SM4_GCM_SM3, len(text)):
        raise _refuse()
    if not MIN_CHUNK <= chunk_size <= MAX_CHUNK or -(-plain_len // chunk_size) >= 2**32:
        raise _refuse()
    try:
        label = json.loads(text)
        honest = isinstance(label, dict) and canonical(label).encode() == text
    except (ValueError, RecursionError, DingmiError):
        raise _refuse() from None
    if not honest:
        raise _refuse()
    return _Header(raw, chunk_size, plain_len, fid, label)


def _read_head(src: BinaryIO) -> tuple[_Header, bytes, bytes]:
    """Return header, slots and MAC; everything bounded before it is read."""
    (header_len,) = struct.unpack(">I", _take(src, 4))
    if header_len > MAX_HEADER:
        raise _refuse()
    header = _parse_header(_take(src, header_len))
    (slots_len,) = struct.unpack(">H", _take(src, 2))
    if slots_len > MAX_SLOTS:
        raise _refuse()
    return header, _take(src, slots_len), _take(src, MAC_BYTES)


def _take(src: BinaryIO, count: int) -> bytes:
    data = _read_exactly(src, count)
    if len(data) != count:
        raise _refuse()
    return data


def _slots(raw: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(raw):
        if position + 3 > len(raw):
            raise _refuse()
        kind, length = struct.unpack_from(">BH", raw, position)
        position += 3
        if position + length > len(raw):
            raise _refuse()
        yield kind, raw[position : position + length]
        position += length


def _inner(slots: bytes, header: bytes, kek: WrappingKey) -> bytes:
    name = kek.id.encode()
    for kind, body in _slots(slots):
        if kind != kek.slot or not body or body[1 : 1 + body[0]] != name:
            continue
        wrapped = body[1 + body[0] :]
        if kind == SLOT_LEVEL_KEY and len(wrapped) != _WRAPPED:
            raise _refuse()
        return kek.unwrap(wrapped, header)
    raise _refuse()


class Reader:
    """An opened container: header verified, chunks decrypted one by one on demand (constant memory)."""

    def __init__(self, src: BinaryIO, *, kek: WrappingKey, shred: bytes) -> None:
        """Verify the header of the seekable ``src``.

        Raises:
            Tampered: ``cipher.not_authentic``: damaged, altered, another level's key, or a destroyed secret.
        """
        self._src = src
        self._header, self._slots, mac = _read_head(src)
        self._body = src.tell()
        try:
            self._inner = _inner(self._slots, self._header.raw, kek)
            self._dek = gcm_decrypt(*once_key(shred, self._header.fid, b"dmb1 shred"), self._inner)
        except NotAuthentic:
            raise _refuse() from None
        if not equal(_head(self._header.raw, self._slots, self._dek)[-MAC_BYTES:], mac):
            raise _refuse()
        self._keyed = cipher(_payload_key(self._dek, self._header.raw))
        expected = self._header.plain_len + self._header.chunks * TAG_BYTES
        if src.seek(0, io.SEEK_END) - self._body != expected:
            raise _refuse()

    @property
    def label(self) -> dict[str, Any]:
        """The verified label."""
        return self._header.label

    @property
    def size(self) -> int:
        """Bytes of plaintext."""
        return self._header.plain_len

    @property
    def fid(self) -> bytes:
        """The file's random id."""
        return self._header.fid

    @property
    def header_digest(self) -> bytes:
        """SM3 of the header: what the ledger knows as the current version."""
        return self._header.digest

    def chunk(self, index: int) -> bytes:
        """Return the plaintext of one chunk, after its tag."""
        header = self._header
        want = min(header.chunk_size, header.plain_len - index * header.chunk_size)
        self._src.seek(self._body + index * (header.chunk_size + TAG_BYTES))
        sealed = _take(self._src, want + TAG_BYTES)
        try:
            return checked(self._keyed, _nonce(index, index == header.chunks - 1), sealed)
        except NotAuthentic:
            raise _refuse() from None

    def read(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` plaintext bytes from ``offset``; only the chunks concerned are decrypted."""
        if offset < 0 or length < 0:
            raise Invalid("cipher.range")
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        step = self._header.chunk_size
        first, last = offset // step, (end - 1) // step
        data = b"".join(self.chunk(i) for i in range(first, last + 1))
        return data[offset - first * step : end - first * step]

    def copy_to(self, out: BinaryIO) -> None:
        """Write all plaintext, chunk by chunk, each after its tag."""
        for index in range(self._header.chunks):
            out.write(self.chunk(index))

    @property
    def head_size(self) -> int:
        """Bytes before the first chunk."""
        return self._body

    def rewrapped(self, new: WrappingKey) -> bytes:
        """Return a new head (header, slots, MAC) whose only slot is for ``new``."""
        return _head(self._header.raw, _padded(_slot(self._inner, self._header.raw, new)), self._dek)

    def close(self) -> None:
        """Close the file that is read."""
        self._src.close()

    def copy_sealed(self, out: BinaryIO) -> int:
        """Copy the encrypted chunks as they stand."""
        self._src.seek(self._body)
        written = 0
        while block := self._src.read(LARGE_CHUNK):
            written += out.write(block)
        return written


def open_sealed(src: BinaryIO, out: BinaryIO, *, kek: WrappingKey, shred: bytes) -> dict[str, Any]:
    """Write the plaintext of ``src`` to ``out`` and return its label; ``out`` is incomplete when this raises.

    Use :func:`open_file` where a half-written result could be taken for a whole one.
    """
    reader = Reader(src, kek=kek, shred=shred)
    reader.copy_to(out)
    return reader.label


def read_label(src: BinaryIO) -> dict[str, Any]:
    """Return the label without any key: a hint only, nothing has been verified."""
    return _read_head(src)[0].label


def identity(src: BinaryIO) -> tuple[bytes, bytes]:
    """Return id and header digest of a container without any key: what to look it up by; nothing has been verified."""
    header = _read_head(src)[0]
    return header.fid, header.digest


def is_container(data: bytes) -> bool:
    """Tell whether a file says that it is a container; nothing has been verified."""
    return data[4:8] == MAGIC


def body_of(container: bytes) -> bytes:
    """Return the encrypted chunks of a container, without any key: what stays as it is under another level key."""
    src = io.BytesIO(container)
    _read_head(src)
    return container[src.tell() :]


def header_digest_and_label(header: bytes) -> tuple[bytes, dict[str, Any]]:
    """Return digest and label of a header by itself, for whoever wraps under it.

    Raises:
        Tampered: ``cipher.not_authentic``: it is no header.
    """
    parsed = _parse_header(header)
    return parsed.digest, parsed.label


def key_ids(src: BinaryIO) -> tuple[str, ...]:
    """Return the names of the level keys that the container is wrapped under, without any key: a hint only."""
    slots = _read_head(src)[1]
    names = [body[1 : 1 + body[0]] for kind, body in _slots(slots) if kind in SLOTS_OF_KEYS and body]
    return tuple(name.decode("ascii", "replace") for name in names)


def raw_cipher() -> Callable[[int, bytes], bytes]:
    """Return the bare cipher over chunks under a key of its own, to measure against; what it returns is thrown away."""
    keyed = cipher(secrets.token_bytes(16))
    return lambda index, chunk: keyed.encrypt(_nonce(index, False), chunk)


# --- bytes and files ---------------------------------------------------------------------------------------------


def seal_bytes(plain: bytes, *, label: dict[str, Any], kek: WrappingKey) -> tuple[bytes, Sealed]:
    """Return the container of ``plain`` and what to store beside it."""
    out = io.BytesIO()
    sealed = seal(plain, out, label=label, kek=kek)
    return out.getvalue(), sealed


def open_bytes(container: bytes, *, kek: WrappingKey, shred: bytes) -> tuple[bytes, dict[str, Any]]:
    """Return plaintext and label of ``container``; all or nothing."""
    out = io.BytesIO()
    label = open_sealed(io.BytesIO(container), out, kek=kek, shred=shred)
    return out.getvalue(), label


@contextmanager
def _whole_file(target: Path) -> Iterator[BinaryIO]:
    """A temporary neighbour that takes the target's name only when everything has been written and synced."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".dmb1-")
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def seal_file(plain: BinaryIO | bytes, target: Path, *, label: dict[str, Any], kek: WrappingKey) -> Sealed:
    """Seal into the file ``target`` (mode 0600), which appears whole or not at all."""
    with _whole_file(target) as out:
        return seal(plain, out, label=label, kek=kek)


def write_file(reader: Reader, target: Path) -> None:
    """Write what an opened container holds into the file ``target`` (mode 0600), which appears whole or not at all."""
    with _whole_file(target) as out:
        reader.copy_to(out)


def open_file(source: Path, target: Path, *, kek: WrappingKey, shred: bytes) -> dict[str, Any]:
    """Open ``source`` into the file ``target`` (mode 0600), which appears whole or not at all."""
    with source.open("rb") as src, _whole_file(target) as out:
        return open_sealed(src, out, kek=kek, shred=shred)


def _pending(path: Path) -> Path:
    return path.with_name(path.name + PENDING)


def settle(path: Path) -> None:
    """Finish a change of key at ``path`` that was interrupted; nothing to do otherwise."""
    pending = _pending(path)
    try:
        head = pending.read_bytes()
    except FileNotFoundError:
        return
    with path.open("r+b") as file:
        file.write(head)
        file.flush()
        os.fsync(file.fileno())
    pending.unlink(missing_ok=True)


def rewrap_file(path: Path, *, old: WrappingKey, new: WrappingKey, shred: bytes) -> None:
    """Change the level key of the container at ``path``: its head is replaced, its chunks are not touched.

    Raises:
        Tampered: ``cipher.not_authentic``; the file stays as it is.
    """
    settle(path)
    with path.open("rb") as src:
        reader = Reader(src, kek=old, shred=shred)
        head = reader.rewrapped(new)
        if len(head) != reader.head_size:  # sealed before slots were padded, or under a key with a much longer name
            with _whole_file(path) as out:
                out.write(head)
                reader.copy_sealed(out)
            return
    with _whole_file(_pending(path)) as out:
        out.write(head)
    settle(path)
