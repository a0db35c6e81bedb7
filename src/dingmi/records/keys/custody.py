"""Where keys rest, and the port that every such place fills: key files, a keystore under a passphrase or shares, a device.

A key of a level is named ``jimi-1``, ``jimi-2`` …: new containers are sealed under the latest. From the first come the keys of
the level's fields and index, so it stays. Beside the level keys rests ``checkpoint``, the key that signs.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Protocol

from dingmi.base.errors import Invalid, Refused, Tampered, Unavailable
from dingmi.engines.crypto import keystore, shares
from dingmi.engines.crypto.keys import LevelKey, WrappingKey, decode, encode, generate
from dingmi.engines.crypto.signing import SigningKey, decode_signing_key, encode_signing_key, generate_signing_key
from dingmi.records.keys.places import (
    APART,
    KEYSTORE,
    SIGNER,
    SLUGS,
    TOKEN,
    Part,
    apart,
    closed,
    forget_file,
    level_of,
    make_folder,
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
    settle(folder)
    if (folder / KEYSTORE).exists() or (folder / TOKEN).exists():
        return
    beside = apart(folder)
    make_folder(beside)
    for name, text in fresh().items():
        place = beside if level_of(name) == APART else folder
        if not (place / KEYSTORE).exists():
            write_once(place / file_of(name), text)
    publish(folder, decode_signing_key((folder / file_of(SIGNER)).read_text(encoding="ascii")))


def settle(folder: Path) -> None:
    """Move the key files of ``APART`` out of the key folder into the one beside it; a move that was broken off goes on.

    Until the first of them stands there none has gone from here, and that one is written last: no moment knows only some.

    Raises:
        Tampered: ``key.damaged``: another key of that name is there already.
    """
    if not _to_move(folder) and not _gone(folder):
        return
    beside = apart(folder)
    make_folder(beside)
    with _alone(folder):
        moving = _to_move(folder)
        if (beside / KEYSTORE).exists():
            return  # told by ``dingmi check``: which of the two is the key is for people to say
        for path in moving:
            if not (beside / path.name).exists():
                write_whole(beside / path.name, path.read_bytes())
            if (beside / path.name).read_bytes() != path.read_bytes():
                raise Tampered("key.damaged", (), key=path.name)
        for path in moving:
            path.rename(path.with_name(f"{path.name}.gone"))  # no half overwritten key bears the name of one
        for path in _gone(folder):
            forget_file(path)


def _gone(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{APART}*.key.gone"))


def _to_move(folder: Path) -> list[Path]:
    """Return the key files of ``APART`` that are in the key folder, the first key last."""
    return [*sorted(folder.glob(f"{APART}-*.key")), *folder.glob(f"{APART}.key")]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from moving keys of this folder meanwhile."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


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
    """All keys of a part in one file under a root key, which is in memory alone and only after the keystore was opened."""

    kind: ClassVar[str] = "keystore"
    is_software: ClassVar[bool] = True

    def __init__(self, folder: Path, slugs: tuple[str, ...] = tuple(SLUGS.values())) -> None:
        """Look at the keystore in ``folder``; it is not opened while it holds keys of another level than ``slugs``."""
        self._path, self._slugs = folder / KEYSTORE, slugs
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
        if any(name != SIGNER and level_of(name) not in self._slugs for name in held):
            raise Unavailable("keystore.half_apart")
        for name in held:
            decode_signing_key(held[name]) if name == SIGNER else decode(held[name].encode())
        self._root, self._held, self._shares = root, held, []

    def close(self) -> None:
        """Forget root key, keys and shares."""
        self._root, self._held, self._shares = None, {}, []

    def ids(self, slug: str) -> list[str]:
        """Return the names of a level's keys."""
        self._require_open()
        return numbered(slug, [name for name in self._held if level_of(name) == slug])

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

    def of_level(self, slug: str) -> dict[str, str]:
        """Return the secrets of one level, to be moved."""
        self._require_open()
        return {name: text for name, text in self._held.items() if level_of(name) == slug}

    def drop(self, slug: str) -> None:
        """Write the keystore without the keys of one level."""
        root, gone = self._require_open(), self.of_level(slug)
        held = {name: text for name, text in self._held.items() if name not in gone}
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
            raise closed(self._slugs)
        return self._root


def custody(part: Part) -> Custody:
    """Return the custody of a part of the keys: what is in its folder says which."""
    if (part.folder / TOKEN).exists():
        return TokenCustody(part.folder)
    if (part.folder / KEYSTORE).exists():
        return KeystoreCustody(part.folder, part.slugs)
    return FileCustody(part.folder)
