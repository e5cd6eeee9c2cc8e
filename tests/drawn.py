"""How many examples a test draws: some in every run of the tests, and so many times as many in `make test-long`."""

from __future__ import annotations

import os

__all__ = ["examples"]

TIMES = int(os.environ.get("KVARN_EXAMPLES", "1"))


def examples(some: int) -> int:
    """As many as every run draws, times ``KVARN_EXAMPLES``."""
    return some * TIMES
