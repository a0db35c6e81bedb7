"""Where keys rest, and the port that every such place fills: key files, a keystore under a passphrase or shares, a device.

A key of a level is named ``jimi-1``, ``jimi-2`` …: new containers are sealed under the latest. From the first come the keys of
the level's fields and index, so it stays. Beside the level keys rests ``checkpoint``, the key that signs.
"""

from __future__ import annotations

import json
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Protocol

from dingmi.base.errors import Invalid, Refused, Tampered, Unavailable
from dingmi.engines.crypto import keystore, shares
from dingmi.engines.crypto.keys import LevelKey, WrappingKey, decode, encode, generate
from dingmi.engines.crypto.passphrase import DEFAULT, Cost
from dingmi.engines.crypto.signing import SigningKey, decode_signing_key, encode_signing_key, generate_signing_key
from dingmi.records.keys.places import (
    KEYSTORE,
    SIGNER,
    SLUGS,
    TOKEN,
    closed,
    numbered,
    publish,
    write_once,
    write_whole,
)
from dingmi.records.keys.token import TokenCustody


class Custody(Protocol):
    """A place where level keys rest. docs/keys.md says what a driver of an approved device has to do."""

    kind: ClassVar[str]  # files, keystore, token

    @property
    def is_software(self) -> bool:
        """Whether its keys are in software, which the law does not let protect state secrets."""
        ...

    def is_open(self) -> bool:
        """Say whether the keys can be used."""
        ...

    def ways(self) -> tuple[str, ...]:
        """Return what opens it: ``passphrase``, ``share``, ``pin``; nothing when it is always open."""
        ...

    def open(self, way: str, secret: str) -> None:
        """Take a passphrase, one share or a PIN; after enough of them the keys can be used.

        Raises:
            Refused: It opens nothing.
        """
        ...

    def close(self) -> None:
        """Forget every secret; nothing opens until it is opened again."""
        ...

    def given(self) -> tuple[int, int]:
        """Return how many shares were given so far, and how many are needed (0: none open it)."""
        ...

    def ids(self, slug: str) -> list[str]:
        """Return the names of a level's keys, oldest first."""
        ...

    def key(self, key_id: str) -> WrappingKey:
        """Return a key by its name.

        Raises:
            Unavailable: It is not there, or the place is closed.
        """
        ...

    def derive(self, slug: str, purpose: str) -> bytes:
        """Return the key of a level's fields or index, from its first key."""
        ...

    def signer(self) -> SigningKey:
        """Return the key that signs."""
        ...

    def add(self, key_id: str) -> None:
        """Make the key ``key_id`` where there is none of that name."""
        ...


def fresh() -> dict[str, str]:
    """Return the secrets of a new installation by their names."""
    named = {f"{slug}-1": encode(generate(f"{slug}-1")).decode("ascii").strip() for slug in SLUGS.values()}
    return named | {SIGNER: encode_signing_key(generate_signing_key())}


def prepare(folder: Path) -> None:
    """Create the key folder, what the pages need of it while the keys are closed, and key files where there is no other custody."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    write_once(folder / "ledger.key", secrets.token_hex(32))
    write_once(folder / "session.key", secrets.token_urlsafe(48))
    if (folder / KEYSTORE).exists() or (folder / TOKEN).exists():
        return
    for name, text in fresh().items():
        write_once(folder / file_of(name), text)
    publish(folder, decode_signing_key((folder / file_of(SIGNER)).read_text(encoding="ascii")))


def file_of(name: str) -> str:
    """Return the name of the file of a key: the first of a level bears the level's name alone."""
    return f"{name.removesuffix('-1')}.key"


@lru_cache(maxsize=64)
def _level_key(path: Path, stamp: int) -> LevelKey:
    return decode(path.read_bytes())


@lru_cache(maxsize=8)
def _signing_key(path: Path, stamp: int) -> SigningKey:
    return decode_signing_key(path.read_text(encoding="ascii"))


@lru_cache(maxsize=64)
def _derived(key: LevelKey, purpose: str) -> bytes:
    return key.derive(purpose)


class FileCustody:
    """One file a key, mode 0600, in clear: for demonstrations and tests, or on a disk that is itself encrypted."""

    kind: ClassVar[str] = "files"
    is_software: ClassVar[bool] = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def is_open(self) -> bool:
        """Always."""
        return True

    def ways(self) -> tuple[str, ...]:
        """Nothing has to be opened."""
        return ()

    def open(self, way: str, secret: str) -> None:
        """Refuse: there is nothing to open."""
        raise Refused("key.nothing_to_open")

    def close(self) -> None:
        """Refuse: files stay readable."""
        raise Refused("key.cannot_close")

    def given(self) -> tuple[int, int]:
        """No shares."""
        return 0, 0

    def ids(self, slug: str) -> list[str]:
        """Return the names of the files of a level's keys."""
        later = numbered(slug, [path.stem for path in self._folder.glob(f"{slug}-*.key")])
        return [f"{slug}-1", *later]

    def key(self, key_id: str) -> LevelKey:
        """Return the key that a file holds."""
        path = self._folder / file_of(key_id)
        try:
            return _level_key(path, path.stat().st_mtime_ns)
        except OSError as error:
            raise Unavailable("key.missing", (), key=path.name) from error
        except Invalid as error:
            raise Tampered("key.damaged", (), key=path.name) from error

    def derive(self, slug: str, purpose: str) -> bytes:
        """Return a key derived from the level's first."""
        return _derived(self.key(f"{slug}-1"), purpose)

    def signer(self) -> SigningKey:
        """Return the signing key that a file holds."""
        path = self._folder / file_of(SIGNER)
        try:
            return _signing_key(path, path.stat().st_mtime_ns)
        except OSError as error:
            raise Unavailable("key.missing", (), key=path.name) from error
        except Invalid as error:
            raise Tampered("key.damaged", (), key=path.name) from error

    def add(self, key_id: str) -> None:
        """Write the file of a new key."""
        write_once(self._folder / file_of(key_id), encode(generate(key_id)).decode("ascii").strip())


class KeystoreCustody:
    """All keys in one file under a root key, which is in memory alone and only after the keystore was opened."""

    kind: ClassVar[str] = "keystore"
    is_software: ClassVar[bool] = True

    def __init__(self, folder: Path) -> None:
        self._path = folder / KEYSTORE
        self._root: bytes | None = None
        self._held: dict[str, str] = {}
        self._shares: list[shares.Share] = []

    def stored(self) -> keystore.Keystore:
        """Return the keystore as its file stands.

        Raises:
            Unavailable: It is not there.
            Tampered: ``keystore.damaged``.
        """
        try:
            return keystore.read(self._path.read_bytes())
        except OSError as error:
            raise Unavailable("key.missing", (), key=self._path.name) from error

    def is_open(self) -> bool:
        """Say whether the root key is in memory."""
        return self._root is not None

    def ways(self) -> tuple[str, ...]:
        """Return ``passphrase``, ``share`` or both."""
        kept = self.stored()
        return (*(("passphrase",) if kept.passphrase else ()), *(("share",) if kept.shares else ()))

    def given(self) -> tuple[int, int]:
        """Return how many shares were given and how many are needed."""
        kept = self.stored().shares
        return len(self._shares), int(kept["need"]) if kept else 0

    def open(self, way: str, secret: str) -> None:
        """Open with the passphrase, or take one share more."""
        kept = self.stored()
        if way == "passphrase":
            self._take(kept, kept.root_from_passphrase(secret))
            return
        if way != "share":
            raise Refused("key.other_way", (), ways="、".join(self.ways()))
        share = shares.read(secret)
        if kept.shares is None or kept.shares["set"] != share.set.hex():
            raise Refused("keystore.other_shares")
        shares.require_fits(share, self._shares)
        self._shares.append(share)
        if len(self._shares) >= share.need:
            given, self._shares = self._shares, []
            self._take(kept, kept.root_from_shares(shares.combine(given)))

    def _take(self, kept: keystore.Keystore, root: bytes) -> None:
        held = kept.content(root)
        for name in held:
            decode_signing_key(held[name]) if name == SIGNER else decode(held[name].encode())
        self._root, self._held, self._shares = root, held, []

    def close(self) -> None:
        """Forget root key, keys and shares."""
        self._root, self._held, self._shares = None, {}, []

    def ids(self, slug: str) -> list[str]:
        """Return the names of a level's keys."""
        self._require_open()
        return numbered(slug, [name for name in self._held if name.rpartition("-")[0] == slug])

    def key(self, key_id: str) -> LevelKey:
        """Return a key that the keystore holds."""
        self._require_open()
        if key_id not in self._held:
            raise Unavailable("key.missing", (), key=key_id)
        return decode(self._held[key_id].encode())

    def derive(self, slug: str, purpose: str) -> bytes:
        """Return a key derived from the level's first."""
        return self.key(f"{slug}-1").derive(purpose)

    def signer(self) -> SigningKey:
        """Return the signing key."""
        self._require_open()
        return decode_signing_key(self._held[SIGNER])

    def add(self, key_id: str) -> None:
        """Write the keystore with one key more."""
        root = self._require_open()
        if key_id in self._held:
            return
        held = self._held | {key_id: encode(generate(key_id)).decode("ascii").strip()}
        write_whole(self._path, self.stored().holding(root, held).text)
        self._held = held

    def split(self, *, need: int, of: int, keeps_passphrase: bool) -> tuple[str, ...]:
        """Let a new set of shares open it; return their texts, which are kept nowhere."""
        root = self._require_open()
        changed, made = self.stored().with_shares(root, need=need, of=of, keeps_passphrase=keeps_passphrase)
        write_whole(self._path, changed.text)
        return tuple(share.text for share in made)

    def change_passphrase(self, old: str, new: str) -> None:
        """Let ``new`` open it, and ``old`` no longer; it opens nothing that is closed.

        Raises:
            Unavailable: ``key.sealed``: it is closed.
            Refused: ``keystore.wrong_passphrase``.
        """
        root, kept = self._require_open(), self.stored()
        kept.root_from_passphrase(old)
        write_whole(self._path, kept.with_passphrase(root, new).text)

    def _require_open(self) -> bytes:
        if self._root is None:
            raise closed()
        return self._root


def custody(folder: Path) -> Custody:
    """Return the custody whose keys are in ``folder``: what is there says which."""
    if (folder / TOKEN).exists():
        return TokenCustody(folder)
    return KeystoreCustody(folder) if (folder / KEYSTORE).exists() else FileCustody(folder)


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


def protect(folder: Path, passphrase: str, cost: Cost = DEFAULT) -> int:
    """Move the key files of ``folder`` into a keystore under a passphrase; return how many keys it holds.

    The files go only after the keystore was read back and holds every one of them.

    Raises:
        Refused: ``keystore.exists``.
    """
    if (folder / KEYSTORE).exists():
        raise Refused("keystore.exists")
    files = FileCustody(folder)
    names = [name for slug in SLUGS.values() for name in files.ids(slug) if (folder / file_of(name)).exists()]
    held = {name: encode(files.key(name)).decode("ascii").strip() for name in names}
    held[SIGNER] = encode_signing_key(files.signer())
    part = folder / f"{KEYSTORE}.new"
    write_whole(part, keystore.created(held, passphrase, cost).text)
    back = keystore.read(part.read_bytes())
    if back.content(back.root_from_passphrase(passphrase)) != held:
        raise Unavailable("keystore.not_written")
    part.replace(folder / KEYSTORE)
    for name in held:
        _forget(folder / file_of(name))
    return len(held)


def _forget(path: Path) -> None:
    """Overwrite a key file before it goes; what the disk keeps of it besides is beyond a program."""
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
