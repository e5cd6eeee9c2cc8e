"""Reading ahead: the next batch of files is read while DuckDB works on the one before."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["ahead"]

_T = TypeVar("_T")


def ahead(things: Iterator[_T]) -> Iterator[_T]:
    """The same things in the same order, the next one being made in a thread while the last one is used."""
    end = object()
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, things, end)
        while (thing := coming.result()) is not end:
            coming = reader.submit(next, things, end)
            yield thing  # type: ignore[misc]
