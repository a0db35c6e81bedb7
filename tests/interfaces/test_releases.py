"""A release that was changed, an older one and one of another maker are refused, and what is installed stays (A11, T9, SR-88)."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from dingmi.base.errors import Refused
from dingmi.engines.crypto.signing import SigningKey, generate_signing_key
from dingmi.interfaces.cli import install as installing
from dingmi.queries import system
from tests.bars import Reached, part

TOOLS = Path(__file__).resolve().parents[2] / "tools"
KEY, OTHER = generate_signing_key(), generate_signing_key()
COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {"requirements.txt": b"", "wheelhouse/a-1-py3-none-any.whl": random.Random(3).randbytes(20_000)}


@pytest.fixture(scope="module", autouse=True)
def tools() -> Iterator[None]:
    sys.path.insert(0, str(TOOLS))
    yield
    sys.path.remove(str(TOOLS))


@pytest.fixture
def make() -> Callable[..., bytes]:
    import release

    def made(number: int = 7, files: dict[str, bytes] = FILES, key: SigningKey = KEY) -> bytes:
        packed: bytes = release.pack(files, version="0.1.0", number=number, commit=COMMIT, key=key)
        return packed

    return made


@pytest.fixture
def installer() -> Any:
    import install_release

    return install_release


@pytest.fixture
def put(installer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return what installs a release, its environment left out, and tells the number that is current then or the refusal."""
    monkeypatch.setattr(installer, "furnish", lambda place: None)
    folder = tmp_path / "into"

    def installed(packed: bytes, trust: bytes | None = KEY.public) -> str:
        given = base64.b64encode(trust).decode() if trust else None
        file = io.BytesIO(packed)
        try:
            key = installer.key_for(given, str(folder))
            installer.install(file, installer.check(file, key), key, str(folder))
        except installer.Refused as refusal:
            return str(refusal)
        assert sorted(path.name for path in (folder / "current").iterdir()) == ["requirements.txt", "wheelhouse"]
        return os.readlink(folder / "current")

    return installed


def test_the_same_files_make_the_same_archive_and_the_note_tells_what_it_is(make, installer) -> None:
    one, two = make(), make(files=dict(reversed(FILES.items())))
    told = installer.check(io.BytesIO(one), KEY.public)
    assert told == installer.check(io.BytesIO(two), KEY.public)
    assert one[-told["size"] :] == two[-told["size"] :]
    assert (told["version"], told["number"], told["commit"]) == ("0.1.0", 7, COMMIT)
    assert (told["python"], told["machine"]) == installer.here()


def mutants(whole: bytes, count: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield releases that differ from ``whole`` in one thing; those sealed anew have digest and size right, but no key."""
    start = whole.index(b"\n\n", whole.index(b"\n\n") + 2) + 2
    note, signature, body = (
        whole[: whole.index(b"\n\n") + 1],
        whole[whole.index(b"\n\n") + 2 : start - 2],
        whole[start:],
    )

    def sealed(lines: bytes, inside: bytes, by: SigningKey | None, use: bytes = b"dingmi-release") -> bytes:
        made = [line for line in lines.split(b"\n") if not line.startswith((b"size", b"sha256"))][:-1]
        made += [b"size %d" % len(inside), b"sha256 " + hashlib.sha256(inside).hexdigest().encode(), b""]
        text = b"\n".join(made)
        return b"%s\n%s\n\n%s" % (text, base64.b64encode(by.sign(text, use)) if by else signature, inside)

    yield "another key", sealed(note, body, OTHER)
    yield "another use of the key", sealed(note, body, KEY, b"dingmi-log")
    for _ in range(count - 2):
        place, kind = chance.randrange(len(whole)), chance.randrange(8)
        one = bytearray(whole)
        if kind <= 1:
            one[place] ^= 1 << chance.randrange(8)
        elif kind == 2:
            del one[place : place + chance.randint(1, 40)]
        elif kind == 3:
            one[place:place] = chance.randbytes(chance.randint(1, 40))
        elif kind == 4:
            one += chance.randbytes(chance.randint(1, 9))
        elif kind == 5:
            del one[place:]
        elif kind == 6:
            at = chance.randrange(start)
            one[at] ^= 1 << chance.randrange(8)
        elif chance.random() < 0.9:
            one[chance.randrange(start) : chance.randrange(start, len(one))] = b""
        else:
            changed = bytearray(body)
            changed[chance.randrange(len(body))] ^= 1
            lines = note.replace(b"number 7", b"number %d" % chance.randint(8, 999)) if chance.random() < 0.5 else note
            one = bytearray(sealed(lines, bytes(changed), None))
        if one != whole:
            yield f"kind {kind} at {place}", bytes(one)


def try_mutants(whole: bytes, count: int, installer: Any) -> int:
    tried, accepted = 0, []
    for name, mutant in mutants(whole, count, random.Random(11)):
        tried += 1
        try:
            installer.check(io.BytesIO(mutant), KEY.public)
            accepted.append(name)
        except installer.Refused:
            continue
    assert accepted == []
    return tried


def test_no_mutant_of_a_release_is_taken(make, installer, bar: Reached) -> None:
    bar("T9 releases", try_mutants(make(), 2_010, installer), 2_000)


@pytest.mark.deep
def test_no_mutant_of_a_release_is_taken_in_a_long_run(make, installer, bar: Reached) -> None:
    bar("T9 releases", try_mutants(make(), part(100_000) + 500, installer), 100_000)


def test_an_older_a_repeated_and_a_foreign_release_change_nothing(put, make) -> None:
    assert put(make(7), None) == "key.missing"
    first = make(7)
    assert put(first) == put(first, None) == "7-0.1.0"
    other = FILES | {"requirements.txt": b"# other\n"}
    assert put(make(6)) == put(make(7, other)) == "downgrade"
    assert put(make(8, key=OTHER)) == "unsigned"
    assert put(make(8, key=OTHER), OTHER.public) == "key.changed"
    assert put(make(8), None) == "8-0.1.0"
    assert put(make(7)) == "downgrade"


def test_one_for_another_machine_or_python_is_refused(put, make, installer, monkeypatch) -> None:
    made = make()
    for other in (("3.99", installer.here()[1]), (installer.here()[0], "loongarch64")):
        monkeypatch.setattr(installer, "here", lambda other=other: other)
        assert put(made) == "elsewhere"


def test_an_installation_that_was_broken_off_is_made_anew(put, make, tmp_path) -> None:
    left = tmp_path / "into" / "7-0.1.0" / "wheelhouse"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"half")
    assert put(make()) == "7-0.1.0"
    assert not (left / "half").exists()


def wheel(fails: bool) -> bytes:
    """Return a wheel of a small program named dingmi."""
    out, info = io.BytesIO(), "dingmi-0.1.0.dist-info/"
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("dingmi.py", f"def main():\n    raise SystemExit({int(fails)})\n")
        made.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: dingmi\nVersion: 0.1.0\n")
        made.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr(info + "entry_points.txt", "[console_scripts]\ndingmi = dingmi:main\n")
        made.writestr(info + "RECORD", "")
    return out.getvalue()


def test_what_cannot_be_furnished_or_started_leaves_the_release_before_in_use(make, tmp_path) -> None:
    def given(number: int, fails: bool) -> tuple[int, dict[str, Any]]:
        body = wheel(fails)
        pin = f"dingmi==0.1.0 --hash=sha256:{hashlib.sha256(body).hexdigest()}\n".encode()
        (tmp_path / "file").write_bytes(
            make(number, {"requirements.txt": pin, "wheelhouse/dingmi-0.1.0-py3-none-any.whl": body})
        )
        (tmp_path / "key").write_text(base64.b64encode(KEY.public).decode())
        command = [sys.executable, TOOLS / "install_release.py", "file", "--trust", "key", "--into", "into", "--json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, json.loads(done.stdout) | {"words": done.stderr}

    code, told = given(1, fails=False)
    assert code == 0 and told["ok"] and told["place"] == "into/1-0.1.0", told["words"]
    assert subprocess.run([tmp_path / "into/current/env/bin/dingmi"], env={}).returncode == 0
    code, told = given(2, fails=True)
    assert code == 8 and told["fault"] == "broken"
    assert os.readlink(tmp_path / "into/current") == "1-0.1.0"


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["none", "--trust", base64.b64encode(KEY.public).decode()], 2, "FileNotFoundError"),
        (["release", "--trust", "no key"], 2, "Cannot read"),
        (
            ["release", "--trust", base64.b64encode(OTHER.public).decode()],
            8,
            "签名不是所信任的密钥作出的。 It is not signed",
        ),
        (["key", "--trust", base64.b64encode(KEY.public).decode()], 8, "不是发布包"),
        (["release"], 8, "--trust"),
        (["release", "--trust", base64.b64encode(KEY.public).decode()], 0, "核对无误 It holds."),
    ],
)
def test_the_command_says_what_it_found(make, tmp_path, arguments, code, word) -> None:
    (tmp_path / "release").write_bytes(make())
    (tmp_path / "key").write_text("not a release")
    command = [sys.executable, TOOLS / "install_release.py", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == code and word in done.stdout + done.stderr


def test_the_list_of_packages_tells_name_version_licence_and_digest() -> None:
    import release

    body = wheel(False)
    (row,) = json.loads(release.bill({"dingmi-0.1.0-py3-none-any.whl": body}))["components"]
    assert row["purl"] == "pkg:pypi/dingmi@0.1.0" and row["licenses"] == [{"license": {"name": "not stated"}}]
    assert row["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(body).hexdigest()}]


def test_a_key_is_its_owners_and_is_never_written_over(tmp_path) -> None:
    import release

    release.make_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(FileExistsError):
        release.make_key(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == before


@pytest.mark.django_db
def test_an_older_program_does_not_open_what_a_newer_one_has_changed(tmp_path, monkeypatch) -> None:
    assert system.later_migrations() == ()
    MigrationRecorder(connection).record_applied("matters", "0999_of_later")
    assert system.later_migrations() == ("matters.0999_of_later",)
    monkeypatch.setattr(installing, "start_django", lambda folder: None)
    with pytest.raises(Refused) as refused:
        installing.install(tmp_path / "data", demo=False)
    assert refused.value.code == "database.newer"
