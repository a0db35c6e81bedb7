"""Make a release for places without a network: the program, every package it needs, their list, one signature (SR-88, ADR 0069).

``release.py key FILE`` makes the maker's key: ``FILE`` (mode 0600, to be kept off every network) and ``FILE.pub``.
``release.py make OUT --key FILE [--wheelhouse FOLDER] [--number N]`` makes the release of what is committed, for this Python and
machine. Its number is the count of commits, so that each release has a higher one than those before. The same commit makes the
same bytes.
The file is described in docs/release.md; ``install_release.py`` checks and installs it.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from email.parser import HeaderParser
from pathlib import Path

from install_release import USE, here

from dingmi import __version__
from dingmi.engines.crypto.signing import SigningKey, decode_signing_key, encode_signing_key, generate_signing_key

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements/core.txt"
BESIDE = (
    "README.md", "README.en.md", "LICENSE", "CHANGELOG.md", "docs/release.md", "docs/evidence.md", "docs/container.md",
    "tools/install_release.py", "tools/verify_evidence.py", "tools/witness.py", "tools/read_container.py",
)  # fmt: skip
QUIET = ("-q", "--disable-pip-version-check")


def pack(files: Mapping[str, bytes], *, version: str, number: int, commit: str, key: SigningKey) -> bytes:
    """Return a release that holds ``files`` by their names: the signed note, then an archive of them in order of name.

    Args:
        files: Content by the name inside the release.
        version: Version of the program.
        number: Its place among the releases of this key, from 1.
        commit: What it was made of, 40 hexadecimal digits.
        key: The maker's.
    """
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name in sorted(files):
            row = tarfile.TarInfo(name)  # owner 0, mode 0644, of no day
            row.size = len(files[name])
            archive.addfile(row, io.BytesIO(files[name]))
    body, (python, machine) = out.getvalue(), here()
    note = (
        f"dingmi-release/1\nversion {version}\nnumber {number}\npython {python}\nmachine {machine}\n"
        f"commit {commit}\nsize {len(body)}\nsha256 {hashlib.sha256(body).hexdigest()}\n"
    ).encode()
    return b"%s\n%s\n\n%s" % (note, base64.b64encode(key.sign(note, USE)), body)


def wheels_of(wheelhouse: Path | None) -> dict[str, bytes]:
    """Return the wheels that the lock asks for here, each by its digest, and the program's own; pip ends where one is not to be had."""
    source = () if wheelhouse is None else ("--no-index", "--find-links", str(wheelhouse))
    with tempfile.TemporaryDirectory() as folder:
        _pip("download", "--only-binary", ":all:", "--require-hashes", *source, "-r", str(ROOT / LOCK), "-d", folder)
        _pip("wheel", "--no-deps", "--no-build-isolation", "-w", folder, str(ROOT))
        return {path.name: path.read_bytes() for path in sorted(Path(folder).glob("*.whl"))}


def bill(wheels: Mapping[str, bytes]) -> bytes:
    """Return the list of what the release is made of, as CycloneDX 1.6 in JSON."""
    rows = []
    for body in wheels.values():
        with zipfile.ZipFile(io.BytesIO(body)) as wheel:
            inside = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
            told = HeaderParser().parsestr(wheel.read(inside).decode("utf-8"))
        licence = told["License-Expression"] or (told["License"] or "").strip().split("\n")[0][:80]
        licence = licence or next((c.split(" :: ")[-1] for c in told.get_all("Classifier", ()) if "License" in c), "")
        rows.append(
            {
                "type": "library",
                "name": told["Name"],
                "version": told["Version"],
                "purl": f"pkg:pypi/{_plain(told['Name'])}@{told['Version']}",
                "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(body).hexdigest()}],
                "licenses": [{"license": {"name": licence or "not stated"}}],
            }
        )
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
    return (json.dumps({**head, "components": rows}, ensure_ascii=False, indent=1) + "\n").encode()


def make(out: Path, key: SigningKey, wheelhouse: Path | None, number: int | None) -> None:
    """Write the release of what is committed to ``out``; without the whole history its ``number`` has to be given."""
    if _git("status", "--porcelain", "--untracked-files=no"):
        sys.exit("先提交全部改动。 Commit what was changed.")
    if number is None and _git("rev-parse", "--is-shallow-repository") == "true":
        sys.exit(
            "历史不完整，提交数不是编号：用 --number。 The history is not whole and counts too few: give --number."
        )
    wheels = wheels_of(wheelhouse)
    pins = (
        "{}=={} --hash=sha256:{}\n".format(*name.split("-")[:2], hashlib.sha256(body).hexdigest())
        for name, body in wheels.items()
    )
    files = {name: (ROOT / name).read_bytes() for name in BESIDE}
    files |= {f"wheelhouse/{name}": body for name, body in wheels.items()}
    files |= {"requirements.txt": "".join(pins).encode(), "sbom.json": bill(wheels)}
    number, commit = number or int(_git("rev-list", "--count", "HEAD")), _git("rev-parse", "HEAD")
    out.write_bytes(pack(files, version=__version__, number=number, commit=commit, key=key))
    print(f"{out}  {__version__} ({number}, {commit[:10]})  {len(wheels)} wheels, {out.stat().st_size:,} bytes")


def make_key(place: Path) -> None:
    """Write a new key and, beside it, its public half; never over one that is there."""
    key = generate_signing_key()
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(encode_signing_key(key) + "\n")
    public = place.with_name(place.name + ".pub")
    public.write_text(base64.b64encode(key.public).decode() + "\n", encoding="ascii")
    print(f"{place}  {public}  {key.id}")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _git(*asked: str) -> str:
    return subprocess.check_output(("git", *asked), cwd=ROOT, text=True).strip()


def _pip(asked: str, *arguments: str) -> None:
    subprocess.run((sys.executable, "-m", "pip", asked, *QUIET, *arguments), check=True)


def main() -> None:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked = parser.add_subparsers(dest="asked", required=True)
    asked.add_parser("key").add_argument("place", type=Path)
    making = asked.add_parser("make")
    making.add_argument("out", type=Path)
    making.add_argument("--key", type=Path, required=True)
    making.add_argument("--wheelhouse", type=Path, help="wheels that were fetched before")
    making.add_argument("--number", type=int, help="instead of the count of commits")
    chosen = parser.parse_args()
    try:
        if chosen.asked == "key":
            make_key(chosen.place)
        else:
            make(chosen.out, decode_signing_key(chosen.key.read_text("ascii")), chosen.wheelhouse, chosen.number)
    except OSError as error:
        sys.exit(f"{error.strerror}: {error.filename}")


if __name__ == "__main__":
    main()
