"""A level key from a passphrase, through Argon2id: for what must open where no key folder is, such as a backup."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw

from dingmi.base.errors import Invalid
from dingmi.engines.crypto.keys import SECRET_BYTES, LevelKey

SHORTEST = 12
_MOST = {"memory_kib": 4 * 1024 * 1024, "passes": 64, "lanes": 64}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs; CRYPTO §3: 256 MiB and three passes."""

    memory_kib: int = 256 * 1024
    passes: int = 3
    lanes: int = 2


DEFAULT = Cost()


def parameters(cost: Cost = DEFAULT) -> dict[str, Any]:
    """Return fresh parameters to keep, in clear, beside what the key protects."""
    return {"alg": "Argon2id", "salt": secrets.token_hex(16), **asdict(cost)}


def key_from_passphrase(passphrase: str, kept: dict[str, Any], *, key_id: str) -> LevelKey:
    """Return the key that a passphrase stands for under the parameters that were kept.

    Raises:
        Invalid: ``passphrase.too_short``; ``key.malformed`` for parameters that are none, or that would cost without bound.
    """
    text = unicodedata.normalize("NFKC", passphrase)
    if len(text) < SHORTEST:
        raise Invalid("passphrase.too_short", (), least=SHORTEST)
    try:
        salt = bytes.fromhex(kept["salt"])
        cost = {name: int(kept[name]) for name in _MOST}
        if kept["alg"] != "Argon2id" or any(not 1 <= cost[name] <= most for name, most in _MOST.items()):
            raise Invalid("key.malformed")
    except (KeyError, TypeError, ValueError):
        raise Invalid("key.malformed") from None
    try:
        secret = hash_secret_raw(
            text.encode(),
            salt,
            time_cost=cost["passes"],
            memory_cost=cost["memory_kib"],
            parallelism=cost["lanes"],
            hash_len=SECRET_BYTES,
            type=Type.ID,
        )
    except HashingError:  # a salt or a cost that the function does not take
        raise Invalid("key.malformed") from None
    return LevelKey(key_id, secret)
