"""Whether what runs here is what was released, with secrets that were drawn for this installation alone (SR-91)."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from django.conf import settings

import dingmi
from dingmi.base.errors import Finding
from dingmi.records.keys import asking as keys
from dingmi.records.keys.places import parts

PROGRAM = Path(dingmi.__file__).resolve().parent
CACHES = "__pycache__"
LEAST, DISTINCT = 24, 8  # characters of a secret, and different ones among them; those that are drawn have more
SHOWN = 3


def faults() -> tuple[Finding, ...]:
    """Return what makes this no program to serve with: it debugs, its files or the rules in them were changed, a secret is known."""
    found = [Finding("check.debug", "block")] if settings.DEBUG else []
    found += [Finding("check.weak_secret", "block", (), {"path": name}) for name in weak_secrets()]
    if names := altered(PROGRAM, released()):
        shown = {"names": "、".join(names[:SHOWN]), "count": len(names)}
        found.append(Finding("check.program_altered", "block", (), shown))
    return tuple(found)


def weak_secrets() -> tuple[str, ...]:
    """Return the names of the key files whose secret nobody drew: short, of few characters, or the same as another's."""
    files = [path for part in parts(keys.folder()) for path in sorted(part.folder.glob("*.key")) if path.stat().st_size]
    texts = [path.read_bytes().strip() for path in files]
    return tuple(
        path.name
        for path, text in zip(files, texts, strict=True)
        if len(text) < LEAST or len(set(text)) < DISTINCT or texts.count(text) > 1
    )


def released() -> dict[str, str]:
    """Return the digest of each file of the program by its name, as they were installed; nothing for a checkout, which lists none."""
    try:
        installed = distribution("dingmi")
    except PackageNotFoundError:
        return {}
    place = Path(str(installed.locate_file(""))).resolve()
    files = {place / file: file.hash for file in installed.files or [] if file.hash and file.hash.mode == "sha256"}
    return {str(path.relative_to(PROGRAM)): kept.value for path, kept in files.items() if path.is_relative_to(PROGRAM)}


def altered(program: Path, digests: dict[str, str]) -> tuple[str, ...]:
    """Return the files below ``program`` that are not as listed, are missing or are listed nowhere; nothing without a list."""
    if not digests:
        return ()
    there = {str(path.relative_to(program)): path for path in program.rglob("*") if path.is_file()}
    added = [name for name in there if name not in digests and CACHES not in Path(name).parts]
    changed = [name for name, digest in digests.items() if name not in there or _digest(there[name]) != digest]
    return tuple(sorted(added + changed))


def _digest(path: Path) -> str:
    return urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode("ascii").rstrip("=")
