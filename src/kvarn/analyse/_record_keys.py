"""Every person's record key: secret, and the same in every table, year and edition.

It is derived from the pseudonym, which is itself made from the identity number with the register's secret key: so it
lasts as long as that key does, whoever has not the register cannot reckon it, and it does not lead back to the
pseudonym.
"""

from __future__ import annotations

import hmac

import pandas as pd
import pyarrow as pa

__all__ = ["KEYS", "record_key", "with_record_keys"]

# So many keys there are: a person's is one of them, and a cell's the sum modulo their number.
KEYS = 2**32
_PURPOSE = b"kvarn record key"
_BYTES = 4


def record_key(pseudonym: str) -> int:
    """The key of a person, evenly one of 2**32: HMAC-SHA256 under the pseudonym (32 hexadecimal digits)."""
    return int.from_bytes(hmac.digest(bytes.fromhex(pseudonym), _PURPOSE, "sha256")[:_BYTES], "big")


def with_record_keys(persons: pd.DataFrame) -> pa.Table:
    """The register's persons with ``record_key`` in place of ``pseudonym``, in the order of their numbers."""
    ordered = persons.sort_values("person", ignore_index=True)
    keys = pa.array([record_key(pseudonym) for pseudonym in ordered["pseudonym"]], pa.int64())
    return pa.Table.from_pandas(ordered.drop(columns="pseudonym"), preserve_index=False).append_column("record_key", keys)
