"""Packages for an archive: a reader that shares no code with us takes them, and every change of a byte is told."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.engines.documents import bag

PAYLOAD = {
    "001-QJSW-M-2026-1/01-original.docx": b"one",
    "001-QJSW-M-2026-1/record.json": b"{}",
    "transfer-list.csv": b"a",
}
MADE = bag.write(
    "QJSW-A-2026-1", PAYLOAD, [("Source-Organization", "清江市\n水务局"), ("Dingmi-Level", "机密")], date(2026, 3, 1)
)


def rewritten(**changes: bytes | None) -> bytes:
    """Return the package with files replaced, added, or (None) left out; names stand below its folder."""
    with zipfile.ZipFile(BytesIO(MADE)) as package:
        files = {name.partition("/")[2]: package.read(name) for name in package.namelist()}
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, data in (files | changes).items():
            if data is not None:
                package.writestr(f"QJSW-A-2026-1/{name}", data)
    return out.getvalue()


def codes(data: bytes) -> set[str]:
    return {fault.code for fault in bag.check(data).faults}


def test_a_package_reads_back_whole_with_what_its_outside_says() -> None:
    found = bag.check(MADE)
    assert not found.faults and found.size == 6
    assert found.info["Dingmi-Level"] == "机密" and found.info["Source-Organization"] == "清江市 水务局"
    assert found.info["Payload-Oxum"] == "6.3" and found.info["Bagging-Date"] == "2026-03-01"
    assert set(found.payload) == {f"data/{name}" for name in PAYLOAD}


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs the tool of the operating system")
@pytest.mark.parametrize("manifest", ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_the_tool_of_the_operating_system_confirms_the_manifests(tmp_path: Path, manifest: str) -> None:
    zipfile.ZipFile(BytesIO(MADE)).extractall(tmp_path)
    folder = tmp_path / "QJSW-A-2026-1"
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", manifest], cwd=folder, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0 and ": OK" in checked.stdout, checked.stderr


def test_the_same_content_on_the_same_day_gives_the_same_bytes() -> None:
    told = [("Source-Organization", "清江市\n水务局"), ("Dingmi-Level", "机密")]
    assert bag.write("QJSW-A-2026-1", dict(reversed(PAYLOAD.items())), told, date(2026, 3, 1))[:4] == MADE[:4]
    assert bag.write("QJSW-A-2026-1", PAYLOAD, told, date(2026, 3, 1)) == MADE


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("data/transfer-list.csv", b"b", {"bag.altered"}),
        ("data/transfer-list.csv", b"bb", {"bag.altered", "bag.size"}),
        ("data/transfer-list.csv", None, {"bag.missing", "bag.size"}),
        ("data/added.txt", b"x", {"bag.unlisted", "bag.size"}),
        ("note.txt", b"x", {"bag.unlisted"}),
        ("bag-info.txt", b"Payload-Oxum: 6.3\n", {"bag.altered"}),
        ("manifest-sm3.txt", None, {"bag.no_manifest", "bag.missing"}),
        ("tagmanifest-sha256.txt", None, {"bag.no_manifest"}),
        ("bagit.txt", b"BagIt-Version: 0.97\n", {"bag.declaration", "bag.altered"}),
    ],
)
def test_whatever_differs_from_what_was_packed_is_told(name: str, data: bytes | None, told: set[str]) -> None:
    assert codes(rewritten(**{name: data})) == told


def test_a_manifest_rewritten_to_fit_a_changed_file_is_caught_by_the_other_digests() -> None:
    forged = bag.DIGESTS["sha256"](b"b")
    lines = zipfile.ZipFile(BytesIO(MADE)).read("QJSW-A-2026-1/manifest-sha256.txt").decode().splitlines()
    manifest = "\n".join(f"{forged}  {line.split()[1]}" if "transfer-list" in line else line for line in lines) + "\n"
    found = bag.check(rewritten(**{"data/transfer-list.csv": b"b", "manifest-sha256.txt": manifest.encode()}))
    assert {(f.code, f.params.get("file")) for f in found.faults} == {
        ("bag.altered", "data/transfer-list.csv"),
        ("bag.altered", "manifest-sha256.txt"),
    }


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 40])
def test_what_is_no_package_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        bag.check(data)


def test_a_zip_file_without_a_declaration_is_no_package() -> None:
    with pytest.raises(Invalid) as refused:
        bag.check(rewritten(**{"bagit.txt": None}))
    assert refused.value.code == "bag.not_a_bag"


def test_a_package_of_strangers_is_read_in_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    data = rewritten(**{"note.txt": b"x"})
    whole, altered = bag.check(MADE), bag.check(data)
    monkeypatch.setattr(bag, "check", lambda *_: pytest.fail("read in this process"))
    assert documents.check_package(MADE) == whole and documents.check_package(data) == altered
    with pytest.raises(Invalid, match="not_a_bag"):
        documents.check_package(rewritten(**{"bagit.txt": None}))
