"""Who vouches for a mark: the signature in its label, held against the keys that the reader trusts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from dingmi.base.errors import Invalid
from dingmi.engines import documents
from dingmi.engines.crypto import signing

Trusted = Mapping[str, bytes]  # public keys by their name
AGREES = ("valid", "superseded")


def trusted_key(text: str) -> Trusted:
    """Return a public key as it is handed out (64 bytes, Base64).

    Raises:
        Invalid: ``key.malformed``.
    """
    try:
        public = base64.b64decode(text.strip(), validate=True)
    except (ValueError, binascii.Error):
        public = b""
    if len(public) != 64:
        raise Invalid("key.malformed")
    return {signing.key_id(public): public}


def standing(stated: documents.Statement, trusted: Trusted) -> str:
    """Return ``valid``, ``altered-mark`` (a trusted key did not sign this) or ``signer-untrusted``."""
    public = trusted.get(stated.key_id)
    if public is None or not stated.signature:
        return "signer-untrusted"
    return "valid" if signing.mark_is_signed(public, stated.text, stated.signature) else "altered-mark"


def judged(word: str, label: Mapping[str, Any] | None, trusted: Trusted, *, registered: bool) -> str:
    """Return the verdict with the signature counted: what the file itself has against it comes first.

    Args:
        registered: The copy is known by its number, so that no signature is needed for it.
    """
    if word not in AGREES or label is None or (registered and not label.get("signature")):
        return word
    signed = standing(documents.stated(dict(label)), trusted)
    return word if signed == "valid" else signed
