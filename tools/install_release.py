#!/usr/bin/env python3
"""Check a release and install it: install_release.py FILE [--trust KEY] [--into FOLDER] [--json]

KEY is the public key of whoever makes the releases: 64 bytes in Base64, or a file that holds them, obtained from somebody you
trust and not with the release. The first installation into FOLDER keeps it; later ones need it no more and take no other. A
release is refused whose signature or digest does not hold, that was made for another Python or machine, or whose number is not
above that of the one installed. Nothing in it is unpacked or run before. Without --into it is checked only.

Exit code 0: it holds (and is installed); 8: refused, what is installed stays; 2: it cannot be read. Standard library alone.
The layout of the file is described in docs/release.md.
"""

import argparse
import base64
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile

from verify_evidence import is_signed, trusted_key

USE = b"dingmi-release"  # what the key signs here, and nothing else
FIELDS = ("version", "number", "python", "machine", "commit", "size", "sha256")
NOTE = re.compile(
    rb"dingmi-release/1\n"
    rb"version (?P<version>[0-9a-z.]{1,40})\nnumber (?P<number>[1-9][0-9]{0,9})\n"
    rb"python (?P<python>3\.[0-9]{1,2})\nmachine (?P<machine>[0-9a-z_]{1,20})\n"
    rb"commit (?P<commit>[0-9a-f]{40})\nsize (?P<size>[1-9][0-9]{0,11})\nsha256 (?P<sha256>[0-9a-f]{64})\n"
)
REST = re.compile(rb"\n(?P<signature>[A-Za-z0-9+/]{86}==)\n\n")
LONGEST = 600  # bytes before the archive
STATE = "installed.json"
WORDS = {
    "malformed": "不是发布包，或者开头被改动。 This is no release, or its head was changed.",
    "unsigned": "签名不是所信任的密钥作出的。 It is not signed by the key that you trust.",
    "altered": "内容与签名的摘要不符。 Its content is not what was signed.",
    "elsewhere": "不是为本机的处理器或 Python 版本制作的。 It was made for another machine or version of Python.",
    "downgrade": "编号不大于已安装的发布。 Its number is not above that of the release that is installed.",
    "key.changed": "不是首次安装时登记的发布者。 It is from another maker than the one kept at the first installation.",
    "key.missing": "首次安装须用 --trust 给出发布者的公钥。 The first installation takes the maker's public key: --trust.",
    "broken": "安装环境没有建成，仍用原来的发布。 Its environment could not be made; the release before stays in use.",
}


class Refused(Exception):
    """The release is not one to install; the word says why."""


def read_note(file):
    """Return what the head of a release states, the bytes that are signed, and the signature; leave FILE at the archive."""
    head = file.read(LONGEST)
    note = NOTE.match(head)
    rest = REST.match(head, note.end()) if note else None
    if rest is None:
        raise Refused("malformed")
    signature = base64.b64decode(rest["signature"])
    if base64.b64encode(signature) != rest["signature"]:
        raise Refused("malformed")
    file.seek(rest.end())
    told = {name: note[name].decode() for name in FIELDS}
    return {**told, "number": int(told["number"]), "size": int(told["size"])}, note[0], signature


def check(file, trusted):
    """Return what a release states once its content and signature hold; FILE stands at the archive again."""
    told, note, signature = read_note(file)
    start, digest, left = file.tell(), hashlib.sha256(), told["size"]
    while left and (block := file.read(min(left, 1 << 20))):
        digest.update(block)
        left -= len(block)
    if left or file.read(1) or digest.hexdigest() != told["sha256"]:
        raise Refused("altered")
    if not is_signed(trusted, USE, note, signature):
        raise Refused("unsigned")
    file.seek(start)
    return told


def here():
    """Return the version of Python and the machine that wheels have to be made for."""
    return ".".join(map(str, sys.version_info[:2])), platform.machine().lower()


def installed(folder):
    """Return what was installed into FOLDER last, or an empty record."""
    try:
        with open(os.path.join(folder, STATE), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def put(path, text):
    """Write a file whole or not at all."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def furnish(place):
    """Make the environment of an unpacked release from its own wheels, and see that its program starts."""
    python = os.path.join(place, "env", "bin", "python")
    wheels = ["--no-index", "--no-deps", "--require-hashes", "--find-links", os.path.join(place, "wheelhouse")]
    listed = ["-r", os.path.join(place, "requirements.txt")]
    around = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
    for command in (
        [sys.executable, "-m", "venv", os.path.join(place, "env")],
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wheels, *listed],
        [os.path.join(place, "env", "bin", "dingmi"), "--help"],
    ):
        done = subprocess.run(
            command,
            env={**around, "PIP_CONFIG_FILE": os.devnull},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            print(done.stdout, file=sys.stderr)
            raise Refused("broken")


def install(file, told, key, folder):
    """Unpack and furnish a release that was checked, then make it the current one; return its place."""
    before = installed(folder)
    if (told["python"], told["machine"]) != here():
        raise Refused("elsewhere")
    name = f"{told['number']}-{told['version']}"
    place = os.path.join(folder, name)
    if (before.get("number"), before.get("sha256")) == (told["number"], told["sha256"]):
        return place
    if told["number"] <= before.get("number", 0):
        raise Refused("downgrade")
    if os.path.lexists(place):  # an installation that was broken off
        shutil.rmtree(place)
    os.makedirs(place)
    with tarfile.open(fileobj=file, mode="r:") as archive:
        archive.extractall(place, filter="data")
    furnish(place)
    link = os.path.join(folder, "current")
    if os.path.lexists(link + ".new"):
        os.unlink(link + ".new")
    os.symlink(name, link + ".new")
    os.replace(link + ".new", link)
    kept = {"key": base64.b64encode(key).decode(), **{field: told[field] for field in FIELDS if field != "size"}}
    put(os.path.join(folder, STATE), json.dumps(kept, indent=1) + "\n")
    return place


def key_for(given, folder):
    """Return the key to trust: the one given, or kept at the first installation, which no other may replace."""
    kept = installed(folder).get("key") if folder else None
    if given is None and kept is None:
        raise Refused("key.missing")
    if kept is None:
        return trusted_key(given)
    key = base64.b64decode(kept)
    if given is not None and trusted_key(given) != key:
        raise Refused("key.changed")
    return key


def main():
    parser = argparse.ArgumentParser(description="Check a release and install it.")
    parser.add_argument("release")
    parser.add_argument("--trust", help="public key of the maker, or a file that holds it")
    parser.add_argument("--into", help="folder of the installation; without it the release is checked only")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    told, fault = {}, None
    try:
        key = key_for(chosen.trust, chosen.into)
        with open(chosen.release, "rb") as file:
            told = check(file, key)
            if chosen.into:
                told["place"] = install(file, told, key, chosen.into)
    except Refused as refusal:
        fault = str(refusal)
    except (OSError, ValueError, tarfile.TarError) as error:
        print(f"读不出。 Cannot read: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    if chosen.json:
        print(json.dumps({"ok": fault is None, "fault": fault, **told}))
    elif fault:
        print(WORDS[fault], file=sys.stderr)
    else:
        done = "已安装 Installed: " + told["place"] if chosen.into else "核对无误 It holds."
        print(f"dingmi {told['version']} ({told['number']}, {told['commit'][:10]})  {done}")
    return 8 if fault else 0


if __name__ == "__main__":
    sys.exit(main())
