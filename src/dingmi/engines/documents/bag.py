"""Packages for an archive after BagIt (RFC 8493), written and read back in memory: plain content never lands on a disk.

Payload and tag files each stand in manifests of SHA-256, which every BagIt reader knows, and of SM3. One place differs
from what a lenient reader takes: a file that no manifest names is a fault, wherever it lies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dingmi.base.errors import Finding, Invalid
from dingmi.engines.documents.archive import Archive, write_archive
from dingmi.engines.documents.digest import sm3
from dingmi.engines.documents.limits import DEFAULT

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD = "data/"
MOST_BYTES = 256 * 1024 * 1024  # of the payload, before it is packed
LIMITS = replace(DEFAULT, unpacked_bytes=MOST_BYTES + 16 * 1024 * 1024, entries=5_000)
DIGESTS: Mapping[str, Callable[[bytes], str]] = {
    "sha256": lambda data: hashlib.sha256(data).hexdigest(),
    "sm3": lambda data: sm3(data).hex(),
}
FAULTS_TOLD = 50


@dataclass(frozen=True, slots=True)
class Bag:
    """What a package holds, and everything in it that does not verify."""

    info: Mapping[str, str]
    payload: tuple[str, ...]
    size: int  # bytes of the payload
    faults: tuple[Finding, ...]


def _manifest(files: Mapping[str, bytes], digest: Callable[[bytes], str]) -> bytes:
    return "".join(f"{digest(files[name])}  {name}\n" for name in sorted(files)).encode()


def _oxum(payload: Mapping[str, bytes]) -> str:
    return f"{sum(len(data) for data in payload.values())}.{len(payload)}"


def _tag(value: str) -> str:
    """Return a value of ``bag-info.txt`` on one line."""
    return " ".join(value.split())


def write(name: str, payload: Mapping[str, bytes], info: Sequence[tuple[str, str]], on: date) -> bytes:
    """Return a package as a zip file.

    Args:
        name: Of the folder that the zip file unpacks to.
        payload: Files by their path below ``data/``.
        info: What ``bag-info.txt`` says beside date and size, in this order.
    """
    kept = {f"{PAYLOAD}{path}": data for path, data in payload.items()}
    said = [*info, ("Bagging-Date", on.isoformat()), ("Payload-Oxum", _oxum(kept))]
    tags = {
        "bagit.txt": DECLARATION,
        "bag-info.txt": "".join(f"{label}: {_tag(value)}\n" for label, value in said).encode(),
    }
    tags |= {f"manifest-{algorithm}.txt": _manifest(kept, digest) for algorithm, digest in DIGESTS.items()}
    ends = {f"tagmanifest-{algorithm}.txt": _manifest(tags, digest) for algorithm, digest in DIGESTS.items()}
    return write_archive({f"{name}/{path}": data for path, data in (tags | ends | kept).items()})


def check(data: bytes) -> Bag:
    """Read a package back and say everything that is wrong with it.

    Raises:
        Invalid: ``file.*``: it cannot be read at all, or ``bag.not_a_bag``.
    """
    if len(data) > LIMITS.unpacked_bytes:
        raise Invalid("file.too_large", limit_mb=LIMITS.unpacked_bytes // 1_048_576)
    archive = Archive(data, LIMITS)
    roots = {name.partition("/")[0] for name in archive.names}
    if len(roots) != 1 or f"{next(iter(roots))}/bagit.txt" not in archive:
        raise Invalid("bag.not_a_bag")
    root = f"{roots.pop()}/"
    files = {name.removeprefix(root): archive.read(name) for name in archive.names}
    payload = {name: content for name, content in files.items() if name.startswith(PAYLOAD)}
    tags = {name: content for name, content in files.items() if not name.startswith((PAYLOAD, "tagmanifest-"))}
    faults = [*_declared(files), *_measured(files, payload)]
    for algorithm in DIGESTS:
        faults += _differing(files, f"manifest-{algorithm}.txt", algorithm, payload)
        faults += _differing(files, f"tagmanifest-{algorithm}.txt", algorithm, tags)
    told = tuple(dict.fromkeys((f.code, tuple(sorted(f.params.items()))) for f in faults))
    size = sum(len(content) for content in payload.values())
    found = tuple(Finding(code, "block", (), dict(params)) for code, params in told[:FAULTS_TOLD])
    return Bag(_info(files), tuple(sorted(payload)), size, found)


def _declared(files: Mapping[str, bytes]) -> list[Finding]:
    return [] if files["bagit.txt"] == DECLARATION else [Finding("bag.declaration", "block", (), {})]


def _info(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return ``bag-info.txt`` as labels and values; of lines that say nothing, nothing."""
    lines = files.get("bag-info.txt", b"").decode("utf-8", "replace").splitlines()
    pairs = (line.partition(":") for line in lines)
    return {label.strip(): value.strip() for label, colon, value in pairs if colon}


def _measured(files: Mapping[str, bytes], payload: Mapping[str, bytes]) -> list[Finding]:
    said = _info(files).get("Payload-Oxum", "")
    return (
        []
        if said == _oxum(payload)
        else [Finding("bag.size", "block", (), {"said": said[:40], "found": _oxum(payload)})]
    )


def _differing(
    files: Mapping[str, bytes], manifest: str, algorithm: str, covered: Mapping[str, bytes]
) -> list[Finding]:
    """Return where the files differ from what one manifest says of them."""
    if manifest not in files:
        return [Finding("bag.no_manifest", "block", (), {"file": manifest})]
    lines = (line.split(None, 1) for line in files[manifest].decode("utf-8", "replace").splitlines() if line.strip())
    said = {parts[1].strip(): parts[0] for parts in lines if len(parts) == 2}
    found = []
    for name in sorted(said.keys() | covered.keys()):
        if name not in covered:
            found.append(Finding("bag.missing", "block", (), {"file": name[:120]}))
        elif name not in said:
            found.append(Finding("bag.unlisted", "block", (), {"file": name[:120]}))
        elif said[name] != DIGESTS[algorithm](covered[name]):
            found.append(Finding("bag.altered", "block", (), {"file": name[:120]}))
    return found
