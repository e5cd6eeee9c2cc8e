"""What names a count, to whoever has only what was published."""

from __future__ import annotations

__all__ = ["Key", "at"]

# measure, year, and (variable, code) of each category that is no total, in order
Key = tuple[str, int, tuple[tuple[str, str], ...]]


def at(key: Key, name: str, code: str | None) -> Key:
    """The same count in another category of one variable; None means its total."""
    kept = [pair for pair in key[2] if pair[0] != name]
    return key[0], key[1], tuple(sorted([*kept, (name, code)] if code is not None else kept))
