"""Saved queries: ids that hold the query itself, so that nothing is kept and an id works wherever the same tables are.

An id is ``q`` and the query as JSON, deflated, in base64 for addresses. It is read within limits and checked like any other
query; whoever makes one up gets what everyone may have.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import Any

from kvarn.serve.problems import Problem, quoted

__all__ = ["id_of", "query_of"]

_LONGEST = 1 << 16
_LONGEST_ID = 8_000


def id_of(query: Mapping[str, Any]) -> str:
    """The id of a query.

    Raises
    ------
    Problem
        The query is too long to be part of an address.
    """
    written = json.dumps(query, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
    found = "q" + base64.urlsafe_b64encode(zlib.compress(written, 9)).rstrip(b"=").decode("ascii")
    if len(found) > _LONGEST_ID or len(written) > _LONGEST:
        raise Problem(
            400, "Query too long", "The query is too long to be saved; write expressions such as * in the place of codes."
        )
    return found


def query_of(id_: str) -> dict[str, Any]:
    """The query of an id.

    Raises
    ------
    Problem
        This is no id of a saved query.
    """
    missing = Problem(404, "Saved query not found", f"There is no saved query {quoted(id_)}.")
    try:
        packed = base64.b64decode(id_[1:] + "=" * (-(len(id_) - 1) % 4), altchars=b"-_", validate=True)
        unpacking = zlib.decompressobj()
        written = unpacking.decompress(packed, _LONGEST)
        found = json.loads(written) if unpacking.eof and not unpacking.unused_data else None
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        raise missing from None
    if not id_.startswith("q") or not isinstance(found, dict):
        raise missing
    return found
