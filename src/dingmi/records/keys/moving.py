"""How keys move from one custody to another: into a keystore, into a device, and those of the highest level away from the others."""

from __future__ import annotations

import json
from pathlib import Path

from dingmi.base.errors import Refused, Unavailable
from dingmi.engines.crypto import keystore
from dingmi.engines.crypto.keys import encode
from dingmi.engines.crypto.passphrase import DEFAULT, Cost
from dingmi.engines.crypto.signing import encode_signing_key
from dingmi.records.keys.custody import FileCustody, KeystoreCustody, file_of
from dingmi.records.keys.places import (
    APART,
    KEYSTORE,
    SIGNER,
    SLUGS,
    TOKEN,
    Part,
    apart,
    forget_file,
    make_folder,
    sync_folder,
    write_whole,
)
from dingmi.records.keys.token import TokenCustody


def to_token(folder: Path, *, module: str, label: str, approval: str, pin: str) -> int:
    """Make the keys of a new installation in a device; return how many levels have one.

    Args:
        module: The PKCS#11 library; ``label`` the token in it.
        approval: The certificate of an approved device; empty for any other, which counts as software.
    Raises:
        Refused: ``token.not_new``: there are keys already, under which something may be sealed; ``token.used``.
    """
    if any(folder.glob("*.key")) or (folder / KEYSTORE).exists() or (folder / TOKEN).exists():
        raise Refused("token.not_new")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    named = {"module": module, "label": label, "approval": approval}
    write_whole(folder / TOKEN, json.dumps(named).encode())
    device = TokenCustody(folder)
    try:
        device.found(pin)
    except BaseException:
        (folder / TOKEN).unlink()
        raise
    finally:
        device.close()
    return len(SLUGS)


def protect(part: Part, passphrase: str, cost: Cost = DEFAULT) -> int:
    """Move the key files of a part into a keystore under a passphrase; return how many keys it holds.

    The files go only after the keystore was read back and holds every one of them.

    Raises:
        Refused: ``keystore.exists``.
    """
    folder = part.folder
    if (folder / KEYSTORE).exists():
        raise Refused("keystore.exists")
    files = FileCustody(folder)
    names = [name for slug in part.slugs for name in files.ids(slug) if (folder / file_of(name)).exists()]
    held = {name: encode(files.key(name)).decode("ascii").strip() for name in names}
    if part.name != APART:
        held[SIGNER] = encode_signing_key(files.signer())
    _written(folder, held, passphrase, cost)
    for name in held:
        forget_file(folder / file_of(name))
    return len(held)


def _written(folder: Path, held: dict[str, str], passphrase: str, cost: Cost) -> None:
    """Write a keystore, in its place only after it was read back."""
    new = folder / f"{KEYSTORE}.new"
    write_whole(new, keystore.created(held, passphrase, cost).text)
    back = keystore.read(new.read_bytes())
    if back.content(back.root_from_passphrase(passphrase)) != held:
        raise Unavailable("keystore.not_written")
    new.replace(folder / KEYSTORE)
    sync_folder(folder)


def separate(folder: Path, held_by: KeystoreCustody, passphrase: str, cost: Cost = DEFAULT) -> int:
    """Move the keys of ``APART`` out of an opened keystore into one of their own; return how many they are.

    They go from the first only after the second was read back and holds each. Broken off in between, the first opens no more
    until this was done again with the same passphrase.

    Args:
        held_by: The keystore of ``folder`` that holds every level, opened.
        passphrase: Of the new keystore.
    Raises:
        Refused: ``keystore.exists``: that level has its own already.
    """
    held, beside = held_by.of_level(APART), apart(folder)
    if not held:
        raise Refused("keystore.exists")
    make_folder(beside)
    if (beside / KEYSTORE).exists():
        kept = keystore.read((beside / KEYSTORE).read_bytes())
        if kept.content(kept.root_from_passphrase(passphrase)) != held:
            raise Refused("keystore.exists")
    else:
        _written(beside, held, passphrase, cost)
    held_by.drop(APART)
    return len(held)
