#!/usr/bin/env python3
"""Open a DMB1 container with the standard library alone: read_container.py FILE --key KEY --shred HEX [--out PLAIN] [--json]

Written from docs/container.md; it shares no code with the system that sealed the file, and is slow (SM4 in Python integers).
Exit code 0: opened, everything checked; 8: it does not verify, nothing is written; 2: the input cannot be read.
"""

import argparse
import base64
import json
import struct
import sys
import unicodedata

from verify_evidence import sm3

SBOX = bytes.fromhex(
    "d690e9fecce13db716b614c228fb2c052b679a762abe04c3aa441326498606999c4250f491ef987a33540b43edcfac62"
    "e4b31ca9c908e89580df94fa758f3fa64707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35"
    "1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89eeabf8ad240c738b5a3f7f2cef96115a1"
    "e0ae5da49b341a55ad933230f58cb1e31df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51"
    "8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b08969974a0c96777e65b9f109c56ec684"
    "18f07dec3adc4d2079ee5f3ed7cb3948"
)
WORD = 0xFFFFFFFF
GHASH = 0xE1 << 120


class Refused(Exception):
    """The container does not verify."""


def turned(x, n):
    return ((x << n) | (x >> (32 - n))) & WORD


def substituted(x):
    return int.from_bytes(bytes(SBOX[b] for b in x.to_bytes(4, "big")), "big")


def round_keys(key):
    """Return the 32 round keys of SM4 (GB/T 32907)."""
    words = [
        a ^ b for a, b in zip(struct.unpack(">4I", key), (0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC), strict=True)
    ]
    for i in range(32):
        constant = int.from_bytes(bytes((4 * i + j) * 7 % 256 for j in range(4)), "big")
        b = substituted(words[i + 1] ^ words[i + 2] ^ words[i + 3] ^ constant)
        words.append(words[i] ^ b ^ turned(b, 13) ^ turned(b, 23))
    return words[4:]


def enciphered(keys, block):
    """Return one block of SM4."""
    a, b, c, d = struct.unpack(">4I", block)
    for key in keys:
        s = substituted(b ^ c ^ d ^ key)
        a, b, c, d = b, c, d, a ^ s ^ turned(s, 2) ^ turned(s, 10) ^ turned(s, 18) ^ turned(s, 24)
    return struct.pack(">4I", d, c, b, a)


def multiplied(x, y):
    """Multiply in the field of GCM."""
    product = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            product ^= y
        y = y >> 1 ^ GHASH if y & 1 else y >> 1
    return product


def gcm_opened(key, nonce, sealed, aad=b""):
    """Return the plaintext of SM4-GCM (nonce of 12 bytes), or refuse."""
    text, tag = sealed[:-16], sealed[-16:]
    keys = round_keys(key)
    h = int.from_bytes(enciphered(keys, bytes(16)), "big")
    total = 0
    padded = (
        aad + bytes(-len(aad) % 16) + text + bytes(-len(text) % 16) + struct.pack(">QQ", 8 * len(aad), 8 * len(text))
    )
    for start in range(0, len(padded), 16):
        total = multiplied(total ^ int.from_bytes(padded[start : start + 16], "big"), h)
    mask = int.from_bytes(enciphered(keys, nonce + struct.pack(">I", 1)), "big")
    if len(tag) != 16 or (total ^ mask).to_bytes(16, "big") != tag:
        raise Refused
    stream = b"".join(enciphered(keys, nonce + struct.pack(">I", 2 + i)) for i in range(-(-len(text) // 16)))
    return bytes(x ^ y for x, y in zip(text, stream, strict=False))


def hmac(key, data):
    key = (sm3(key) if len(key) > 64 else key).ljust(64, b"\0")
    return sm3(bytes(b ^ 0x5C for b in key) + sm3(bytes(b ^ 0x36 for b in key) + data))


def hkdf(secret, salt, info, length):
    pseudo, block, out = hmac(salt, secret), b"", b""
    for counter in range(1, 256):
        if len(out) >= length:
            break
        block = hmac(pseudo, block + info + bytes([counter]))
        out += block
    return out[:length]


def is_canonical(value):
    """Say whether a JSON value is one that the canonical form has."""
    if isinstance(value, dict):
        return all(key.isascii() for key in value) and all(is_canonical(item) for item in value.values())
    if isinstance(value, list):
        return all(is_canonical(item) for item in value)
    if isinstance(value, str):
        return unicodedata.is_normalized("NFC", value)
    if isinstance(value, float):
        return False
    return not isinstance(value, int) or abs(value) < 2**53


def read_label(text):
    try:
        label = json.loads(text.decode())
        again = json.dumps(label, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        raise Refused from None
    if not isinstance(label, dict) or not is_canonical(label) or again != text:
        raise Refused
    return label


def cut(data, count):
    if len(data) < count:
        raise Refused
    return data[:count], data[count:]


def split(data):
    """Return header, slots, MAC, what the MAC is over, and the chunks."""
    raw, rest = cut(data, 4)
    length = struct.unpack(">I", raw)[0]
    if length > 60_000:
        raise Refused
    header, rest = cut(rest, length)
    raw, rest = cut(rest, 2)
    length = struct.unpack(">H", raw)[0]
    if length > 4_096:
        raise Refused
    slots, rest = cut(rest, length)
    mac, chunks = cut(rest, 32)
    return header, slots, mac, data[: len(data) - len(rest)], chunks


def fields(header):
    """Return chunk size, length of the plaintext, id and label."""
    raw, text = cut(header, 54)
    magic, version, suite, chunk, plain, fid, _, label = struct.unpack(">4sBBIQ16s16sI", raw)
    if magic != b"DMB1" or version != 1 or suite != 1 or label != len(text):
        raise Refused
    if not 4096 <= chunk <= 16777216 or -(-plain // chunk) >= 2**32:
        raise Refused
    return chunk, plain, fid, read_label(text)


def wrapped_under(name, slots):
    """Return what the first slot of the named level key wraps."""
    found = None
    while slots:
        head, rest = cut(slots, 3)
        kind, length = struct.unpack(">BH", head)
        body, slots = cut(rest, length)
        if found is None and kind == 1 and body and body[1 : 1 + body[0]] == name:
            found = body[1 + body[0] :]
    if found is None or len(found) != 80:
        raise Refused
    return found


def opened(data, name, secret, shred):
    """Return plaintext and label of a container, or refuse."""
    header, slots, mac, covered, chunks = split(data)
    size, total, fid, label = fields(header)
    digest, wrapped = sm3(header), wrapped_under(name, slots)
    key = hkdf(secret, wrapped[:16], b"dmb1 level wrap", 28)
    inner = gcm_opened(key[:16], key[16:], wrapped[16:], digest + name)
    key = hkdf(shred, fid, b"dmb1 shred", 28)
    dek = gcm_opened(key[:16], key[16:], inner)
    if hmac(hkdf(dek, digest, b"dmb1 header mac", 32), covered) != mac:
        raise Refused
    count = max(1, -(-total // size))
    if len(chunks) != total + 16 * count:
        raise Refused
    payload, plain = hkdf(dek, digest, b"dmb1 payload", 16), []
    for i in range(count):
        sealed = chunks[i * (size + 16) : (i + 1) * (size + 16)]
        plain.append(gcm_opened(payload, bytes(7) + struct.pack(">IB", i, i == count - 1), sealed))
    return b"".join(plain), label


def main():
    parser = argparse.ArgumentParser(description="Open a DMB1 container.")
    parser.add_argument("file")
    parser.add_argument("--key", required=True, help="file of the level key")
    parser.add_argument("--shred", required=True, help="64 hexadecimal digits")
    parser.add_argument("--out", help="where to write the plaintext")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    try:
        with open(chosen.key, encoding="ascii") as file:
            key = json.load(file)
        secret, shred = base64.b64decode(key["secret"]), bytes.fromhex(chosen.shred)
        with open(chosen.file, "rb") as file:
            plain, label = opened(file.read(), key["id"].encode(), secret, shred)
    except Refused:
        print("NOT authentic", file=sys.stderr)
        return 8
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"cannot read: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    if chosen.out:
        with open(chosen.out, "xb") as file:
            file.write(plain)
    result = {"ok": True, "bytes": len(plain), "label": label}
    print(json.dumps(result, ensure_ascii=False) if chosen.json else f"opened: {len(plain)} bytes, label {label}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
