"""Packages for an archive after BagIt (RFC 8493), written in memory, and read back in a child (``documents.check_package``).

Payload and tag files each stand in manifests of SHA-256, which every BagIt reader knows, and of SM3. One place differs
from what a lenient reader takes: a file that no manifest names is a fault, wherever it lies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dingmi.base.errors import Finding, Invalid
from dingmi.engines.documents.archive import Archive, write_archive
from dingmi.engines.documents.digest import sm3
from dingmi.engines.documents.limits import PACKAGE, Limits

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD = "data/"
MOST_BYTES = 256 * 1024 * 1024  # of the payload, before it is packed
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


def _oxum(sizes: Mapping[str, int]) -> str:
    return f"{sum(sizes.values())}.{len(sizes)}"


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
    said = [
        *info,
        ("Bagging-Date", on.isoformat()),
        ("Payload-Oxum", _oxum({path: len(data) for path, data in kept.items()})),
    ]
    tags = {
        "bagit.txt": DECLARATION,
        "bag-info.txt": "".join(f"{label}: {_tag(value)}\n" for label, value in said).encode(),
    }
    tags |= {f"manifest-{algorithm}.txt": _manifest(kept, digest) for algorithm, digest in DIGESTS.items()}
    ends = {f"tagmanifest-{algorithm}.txt": _manifest(tags, digest) for algorithm, digest in DIGESTS.items()}
    return write_archive({f"{name}/{path}": data for path, data in (tags | ends | kept).items()})


def check(data: bytes, limits: Limits = PACKAGE) -> Bag:
    """Read a package back and say everything that is wrong with it; no more than one file of it is held at a time.

    Raises:
        Invalid: ``file.*``: it cannot be read at all, or ``bag.not_a_bag``.
    """
    archive = Archive(sized(data, limits), limits)
    roots = {name.partition("/")[0] for name in archive.names}
    if len(roots) != 1 or f"{next(iter(roots))}/bagit.txt" not in archive:
        raise Invalid("bag.not_a_bag")
    root = f"{roots.pop()}/"
    tags: dict[str, bytes] = {}
    digests: dict[str, dict[str, str]] = {}
    sizes: dict[str, int] = {}
    for path in archive.names:
        name, content = path.removeprefix(root), archive.read(path)
        digests[name] = {algorithm: digest(content) for algorithm, digest in DIGESTS.items()}
        if name.startswith(PAYLOAD):
            sizes[name] = len(content)
        else:
            tags[name] = content
    covered = {name for name in tags if not name.startswith("tagmanifest-")}
    faults = [*_declared(tags), *_measured(tags, sizes)]
    for algorithm in DIGESTS:
        found = {name: digest[algorithm] for name, digest in digests.items()}
        faults += _differing(tags, f"manifest-{algorithm}.txt", found, sizes.keys())
        faults += _differing(tags, f"tagmanifest-{algorithm}.txt", found, covered)
    told = tuple(dict.fromkeys((f.code, tuple(sorted(f.params.items()))) for f in faults))
    first = tuple(Finding(code, "block", (), dict(params)) for code, params in told[:FAULTS_TOLD])
    return Bag(_info(tags), tuple(sorted(sizes)), sum(sizes.values()), first)


def sized(data: bytes, limits: Limits = PACKAGE) -> bytes:
    """Refuse what is no package by its size alone."""
    if not data:
        raise Invalid("file.empty")
    if len(data) > limits.unpacked_bytes:
        raise Invalid("file.too_large", limit_mb=limits.unpacked_bytes // 1_048_576)
    return data


def _declared(files: Mapping[str, bytes]) -> list[Finding]:
    return [] if files["bagit.txt"] == DECLARATION else [Finding("bag.declaration", "block", (), {})]


def _info(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return ``bag-info.txt`` as labels and values; of lines that say nothing, nothing."""
    lines = files.get("bag-info.txt", b"").decode("utf-8", "replace").splitlines()
    pairs = (line.partition(":") for line in lines)
    return {label.strip(): value.strip() for label, colon, value in pairs if colon}


def _measured(files: Mapping[str, bytes], sizes: Mapping[str, int]) -> list[Finding]:
    said, found = _info(files).get("Payload-Oxum", ""), _oxum(sizes)
    return [] if said == found else [Finding("bag.size", "block", (), {"said": said[:40], "found": found})]


def _differing(
    files: Mapping[str, bytes], manifest: str, digests: Mapping[str, str], covered: Collection[str]
) -> list[Finding]:
    """Return where the files differ from what one manifest says of them."""
    if manifest not in files:
        return [Finding("bag.no_manifest", "block", (), {"file": manifest})]
    lines = (line.split(None, 1) for line in files[manifest].decode("utf-8", "replace").splitlines() if line.strip())
    said = {parts[1].strip(): parts[0] for parts in lines if len(parts) == 2}
    found = []
    for name in sorted({*said, *covered}):
        if name not in covered:
            found.append(Finding("bag.missing", "block", (), {"file": name[:120]}))
        elif name not in said:
            found.append(Finding("bag.unlisted", "block", (), {"file": name[:120]}))
        elif said[name] != digests[name]:
            found.append(Finding("bag.altered", "block", (), {"file": name[:120]}))
    return found
