#!/usr/bin/env python3
"""Check an evidence package with the standard library alone: verify_evidence.py OUT.zip --trust KEY [--file F.dmb]... [--json]

KEY is the public key of the log: 64 bytes in Base64, or a file that holds them, obtained from somebody you trust and not from
the package. F.dmb is an attachment as it was handed out, sealed: whether it is one of this matter. Exit code 0: everything holds; 8: something does not, each fault on a line; 2: the input cannot be read.

Written from docs/evidence.md; it shares no code with the system that made the package.
"""

import argparse
import base64
import json
import os
import struct
import sys
import zipfile

LIMIT = 64 << 20  # bytes of one file inside the package
SHIFT = 0xFFFFFFFF


def rotated(x, n):
    n %= 32
    return ((x << n) | (x >> (32 - n))) & SHIFT


def sm3(data):
    """GB/T 32905-2016, block by block."""
    state = [
        0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
        0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
    ]  # fmt: skip
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + struct.pack(">Q", 8 * len(data))
    for start in range(0, len(padded), 64):
        w = list(struct.unpack(">16I", padded[start : start + 64]))
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rotated(w[j - 3], 15)
            x ^= rotated(x, 15) ^ rotated(x, 23)
            w.append(x ^ rotated(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            t = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = rotated((rotated(a, 12) + e + rotated(t, j)) & SHIFT, 7)
            ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if j < 16 else (e & f) | (~e & SHIFT & g)
            tt1 = (ff + d + (ss1 ^ rotated(a, 12)) + (w[j] ^ w[j + 4])) & SHIFT
            tt2 = (gg + h + ss1 + w[j]) & SHIFT
            a, b, c, d = tt1, a, rotated(b, 9), c
            e, f, g, h = tt2 ^ rotated(tt2, 9) ^ rotated(tt2, 17), e, rotated(f, 19), g
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    return struct.pack(">8I", *state)


CURVE_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
CURVE_A = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
CURVE_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
CURVE_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
BASE = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


def added(one, two):
    """Add two points of the curve; None is the point at infinity."""
    if one is None or two is None:
        return two if one is None else one
    (x1, y1), (x2, y2) = one, two
    if x1 == x2 and (y1 + y2) % CURVE_P == 0:
        return None
    if one == two:
        slope = (3 * x1 * x1 + CURVE_A) * pow(2 * y1, -1, CURVE_P) % CURVE_P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, CURVE_P) % CURVE_P
    x3 = (slope * slope - x1 - x2) % CURVE_P
    return x3, (slope * (x1 - x3) - y1) % CURVE_P


def multiplied(k, point):
    result = None
    for bit in bin(k)[2:]:
        result = added(result, result)
        if bit == "1":
            result = added(result, point)
    return result


def number(data):
    return int.from_bytes(data, "big")


def is_signed(public, identity, message, signature):
    """Verify an SM2 signature (GB/T 32918.2, clause 7)."""
    if len(public) != 64 or len(signature) != 64:
        return False
    x, y = number(public[:32]), number(public[32:])
    r, s = number(signature[:32]), number(signature[32:])
    if x >= CURVE_P or y >= CURVE_P or (y * y - x**3 - CURVE_A * x - CURVE_B) % CURVE_P:
        return False
    t = (r + s) % CURVE_N
    if not (1 <= r < CURVE_N and 1 <= s < CURVE_N and t):
        return False
    constants = b"".join(v.to_bytes(32, "big") for v in (CURVE_A, CURVE_B, *BASE))
    z = sm3(struct.pack(">H", 8 * len(identity)) + identity + constants + public)
    point = added(multiplied(s, BASE), multiplied(t, (x, y)))
    return point is not None and (number(sm3(z + message)) + point[0]) % CURVE_N == r


def climbed(leaf, place, size, path):
    """Return the root that an audit path leads to (RFC 6962), or None when the path does not fit the place."""
    last, node, rest = size - 1, leaf, list(path)
    while last:
        if place % 2 or place < last:
            if not rest:
                return None
            sibling = rest.pop(0)
            node = sm3(b"\x01" + (sibling + node if place % 2 else node + sibling))
        place, last = place // 2, last // 2
    return None if rest else node


def read(archive, name):
    if archive.getinfo(name).file_size > LIMIT:
        raise ValueError(name + ": too large")
    return archive.read(name)


def faults_of_manifest(archive, manifest, size, trusted):
    """Check that nothing was left out of what the log's key says it packed, and that nothing else lies beside it."""
    faults = [] if manifest["v"] in (1, 2) else ["evidence.json: another version than 1 or 2"]
    beside = ["decided"] + ["attached"] * (manifest["v"] != 1)
    named = ["evidence.json", *(name + ".json" for name in beside)] + [row["file"] for row in manifest["entries"]]
    if sorted(archive.namelist()) != sorted(named):
        faults.append("evidence.json: names other files than the package holds")
    stream = manifest["stream"]
    lines = [stream, size, len(manifest["entries"])] + [manifest[name + "_sm3"] for name in beside]
    text = "".join(f"{line}\n" for line in lines)
    vouched = base64.b64decode(manifest["vouched"])
    if not is_signed(trusted, ("dingmi-evidence/" + stream).encode(), text.encode(), vouched):
        faults.append(
            "evidence.json: entries, decisions or attachments are missing or were added: the trusted key signed others"
        )
    return faults


def faults_of_entries(archive, manifest, size, root):
    """Check every entry: its place in the log, its number in the matter's stream, its stream."""
    faults, bodies = [], []
    for expected, row in enumerate(manifest["entries"], start=1):
        body = read(archive, row["file"])
        path = [bytes.fromhex(node) for node in row["path"]]
        if not 0 <= row["place"] < size or climbed(sm3(b"\0" + body), row["place"], size, path) != root:
            faults.append(row["file"] + ": not in the signed log")
            continue
        entry = json.loads(body)
        if entry["stream"] != manifest["stream"] or entry["stream_no"] != expected:
            faults.append(row["file"] + ": an entry of the matter is missing or foreign")
        bodies.append(entry)
    return faults, bodies


def faults_of_decisions(archive, manifest, bodies, trusted):
    """Check that what was proposed and decided is what the entries vouch for, and its signature where it bears one."""
    text = read(archive, "decided.json")
    if sm3(text).hex() != manifest["decided_sm3"]:
        return ["decided.json: does not match the manifest"]
    vouched = {entry["data"].get("digest") for entry in bodies if isinstance(entry.get("data"), dict)}
    faults = []
    for row in json.loads(text)["decided"]:
        name, signature = f"decided.json: {row['kind']} {row['number']}", base64.b64decode(row["signature"])
        if row["digest"] not in vouched:
            faults.append(name + " stands in no entry")
        identity = ("dingmi-decision/" + row["person"]).encode()
        if signature and not is_signed(trusted, identity, row["digest"].encode(), signature):
            faults.append(name + " is not signed as that person's")
    return faults


def faults_of_attachments(archive, manifest, bodies, files):
    """Check that what was attached and taken off is what the entries say, and that ``files`` are containers of this matter."""
    if manifest["v"] == 1:
        return ["evidence.json: version 1 tells of no attachments"] if files else []
    text = read(archive, "attached.json")
    if sm3(text).hex() != manifest["attached_sm3"]:
        return ["attached.json: does not match the manifest"]
    told, faults = json.loads(text), []
    done = [(entry["act"], entry["data"]) for entry in bodies if isinstance(entry.get("data"), dict)]
    put = {d["file"]: (d["size"], d["media"]) for act, d in done if act == "determination.attach" and "file" in d}
    off = {d["file"] for act, d in done if act == "determination.detach" and "file" in d}
    rows = {row["file"]: row for row in told["attached"]}
    for name in sorted(put.keys() | rows.keys()):
        if name not in rows or name not in put:
            faults.append(f"attached.json: {name} " + ("is missing" if name in put else "stands in no entry"))
        elif put[name] != (rows[name]["size"], rows[name]["media"]) or bool(rows[name]["off"]) != (name in off):
            faults.append(f"attached.json: {name} is not what the entries say")
    sealed = {row["sm3"]: row for row in told["sealed"] if row["sm3"]}
    for path in files:
        with open(path, "rb") as file:
            row = sealed.get(sm3(file.read()).hex())
        if row is None:
            faults.append(f"{path}: no container of this matter, or it was changed")
        elif row["off"]:
            faults.append(f"{path}: its mark {row['mark']} was superseded {row['off']}")
    return faults


def check(path, trusted, files=()):
    """Return what was proven and every fault."""
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(read(archive, "evidence.json"))
        note, public = manifest["note"], base64.b64decode(manifest["public"])
        origin, size, root, at, _ = note.split("\n")
        size, root = int(size), base64.b64decode(root)
        faults = []
        if public != trusted:
            faults.append("evidence.json: signed by another key than the one you trust")
        if origin != "dingmi-log/" + sm3(trusted)[:8].hex():
            faults.append("evidence.json: another log than the one you trust")
        if not is_signed(trusted, origin.encode(), note.encode(), base64.b64decode(manifest["signature"])):
            faults.append("evidence.json: the head of the log is not signed by the trusted key")
        faults += faults_of_manifest(archive, manifest, size, trusted)
        found, bodies = faults_of_entries(archive, manifest, size, root)
        faults += found + faults_of_decisions(archive, manifest, bodies, trusted)
        faults += faults_of_attachments(archive, manifest, bodies, files)
    return {"ok": not faults, "origin": origin, "size": size, "at": at, "entries": len(bodies), "faults": faults}


def trusted_key(text):
    if os.path.exists(text):
        with open(text, encoding="ascii") as file:
            text = file.read()
    key = base64.b64decode(text.strip(), validate=True)
    if len(key) != 64:
        raise ValueError("the key is not 64 bytes")
    return key


def main():
    parser = argparse.ArgumentParser(description="Check an evidence package.")
    parser.add_argument("package")
    parser.add_argument("--trust", required=True, help="public key of the log, or a file that holds it")
    parser.add_argument("--file", action="append", default=[], help="a container (.dmb) that was handed out")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    try:
        result = check(chosen.package, trusted_key(chosen.trust), chosen.file)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        print(f"cannot read: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    if chosen.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        print(f"{result['origin']}  {result['size']} entries signed {result['at']}, {result['entries']} of this matter")
        for fault in result["faults"]:
            print("FAULT " + fault)
        print("all proofs hold" if result["ok"] else "NOT proven")
    return 0 if result["ok"] else 8


if __name__ == "__main__":
    sys.exit(main())
