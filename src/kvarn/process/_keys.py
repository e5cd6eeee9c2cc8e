"""The key of the pseudonyms: made once, kept secret, never replaced in silence."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from kvarn.base.system_faults import naming
from kvarn.collect.safekeeping import OWNER_ONLY_FILE, private_folder
from kvarn.errors import InputError

__all__ = ["create_key", "derived_key", "key_for", "read_key"]

LENGTH = 32


def create_key(path: Path) -> None:
    """Make a random key, readable by its owner alone.

    Raises
    ------
    InputError
        There is one already: with another key every person would become somebody else.
    """
    private_folder(path.parent)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE)
    except FileExistsError:
        raise InputError(
            "There is a pseudonym key already.", file=path, remedy="Keep it: another would re-key every person."
        ) from None
    try:
        with naming(path), os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(LENGTH))
    except BaseException:
        # Half a key would stand in the way of a whole one.
        path.unlink(missing_ok=True)
        raise


def read_key(path: Path) -> bytes:
    """The pseudonym key.

    Raises
    ------
    InputError
        It is missing, damaged, or readable by others. It is never made anew: every person would become somebody else.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise InputError("The pseudonym key can be read by others.", file=path, remedy=f"chmod 600 {path}")
        key = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            "The pseudonym key is missing.",
            file=path,
            remedy="Put the key of earlier years in its place. For the very first edition only, create one: kvarn key",
        ) from None
    if len(key) != LENGTH:
        raise InputError(f"The pseudonym key should be {LENGTH} bytes, and is {len(key)}.", file=path, remedy="Restore it.")
    return key


def derived_key(name: str) -> bytes:
    """A key for synthetic data, which hide nobody: the same for the same name, so that a rerun gives the same bytes."""
    return hashlib.blake2b(name.encode(), digest_size=LENGTH, person=b"kvarn synthetic").digest()


def key_for(purpose: str, key: bytes) -> bytes:
    """A key of its own for another purpose than pseudonyms, made from the secret one: neither tells the other.

    HKDF with SHA-256 (RFC 5869), of one block.
    """
    extracted = hmac.new(b"kvarn", key, hashlib.sha256).digest()
    return hmac.new(extracted, purpose.encode() + b"\x01", hashlib.sha256).digest()
