"""SM2/SM3/SM4 behind functions that are hard to misuse; holds no keys, keeps nothing.

The software algorithms are commercial cryptography: integrity and defence in depth. State secrets need approved devices
behind a key provider (Cryptography Law Arts 6-8).
"""

from dingmi.engines.crypto.canonical import canonical
from dingmi.engines.crypto.container import (
    PENDING,
    Reader,
    Sealed,
    body_of,
    identity,
    is_container,
    key_ids,
    open_bytes,
    open_file,
    open_sealed,
    raw_cipher,
    read_label,
    rewrap_file,
    seal,
    seal_bytes,
    seal_file,
    settle,
    write_file,
)
from dingmi.engines.crypto.digests import SM3, equal, hkdf_sm3, hmac_sm3, keyed_sm3, sm3
from dingmi.engines.crypto.fields import (
    blind_bigrams,
    decrypt_bytes,
    decrypt_field,
    encrypt_bytes,
    encrypt_field,
    fold,
    matches,
    query_bigrams,
)
from dingmi.engines.crypto.keys import LevelKey
from dingmi.engines.crypto.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    inclusion_proofs,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from dingmi.engines.crypto.selftest import cipher_in_use, self_test

__all__ = [
    "PENDING",
    "SM3",
    "Frontier",
    "LevelKey",
    "Reader",
    "Sealed",
    "blind_bigrams",
    "body_of",
    "canonical",
    "cipher_in_use",
    "consistency_proof",
    "decrypt_bytes",
    "decrypt_field",
    "encrypt_bytes",
    "encrypt_field",
    "equal",
    "fold",
    "hkdf_sm3",
    "hmac_sm3",
    "identity",
    "inclusion_proof",
    "inclusion_proofs",
    "is_container",
    "key_ids",
    "keyed_sm3",
    "leaf_hash",
    "matches",
    "node_hash",
    "open_bytes",
    "open_file",
    "open_sealed",
    "query_bigrams",
    "raw_cipher",
    "read_label",
    "rewrap_file",
    "root",
    "seal",
    "seal_bytes",
    "seal_file",
    "self_test",
    "settle",
    "sm3",
    "verify_consistency",
    "verify_inclusion",
    "write_file",
]
