"""The key that decides what is withheld beside the secret cells, and what is withheld that need not be."""

from __future__ import annotations

import hashlib

from kvarn import process
from kvarn.edition import Disclosure, Workspace
from kvarn.errors import InputError

__all__ = ["PATTERN_KEY", "pattern_key", "pattern_key_state"]

PATTERN_KEY = "the key of the pattern"

_PURPOSE = "kvarn: the pattern of what is suppressed"


def pattern_key(work: Workspace, rules: Disclosure, *, synthetic: bool) -> bytes:
    """Made from the key of the pseudonyms, so that it lasts as long as the register; empty where the rules let it decide nothing,
    and the key need not be at hand. Of synthetic data there is nothing to hide.

    Raises
    ------
    InputError
        The key is missing, damaged, or can be read by others.
    """
    if not rules.keyed.decides:
        return b""
    secret = process.derived_key("kvarn demo") if synthetic else process.read_key(work.pseudonym_key)
    return process.key_for(_PURPOSE, secret)


def pattern_key_state(work: Workspace, rules: Disclosure, *, synthetic: bool) -> str | None:
    """The fingerprint of the key; None where it cannot be read, which the steps that need it say themselves."""
    try:
        return hashlib.sha256(pattern_key(work, rules, synthetic=synthetic)).hexdigest()
    except InputError:
        return None
