"""Working ahead: the next batches of files are read and judged in threads while what came of the one before is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from kvarn.programme import as_held_here

__all__ = ["ahead", "worked_ahead"]

_T = TypeVar("_T")
_R = TypeVar("_R")
_WORKERS = 2


def ahead(things: Iterator[_T]) -> Iterator[_T]:
    """The same things in the same order, the next one being made in a thread while the last one is used."""
    end = object()

    @as_held_here
    def following() -> _T | object:
        return next(things, end)

    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(following)
        while (thing := coming.result()) is not end:
            coming = reader.submit(following)
            yield thing  # type: ignore[misc]


def worked_ahead(things: Iterator[_T], work: Callable[[_T], _R], workers: int = _WORKERS) -> Iterator[tuple[_T, Future[_R]]]:
    """The same things in the same order, each with what `work` makes of it, done in threads while the ones before are used.

    So many things as there are `workers` are in memory beside the one that is used and the next one. An error of `work` is
    raised by the future's ``result``, so that the one who uses the thing may try again.
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[tuple[_T, Future[_R]]] = deque()
        try:
            for thing in ahead(things):
                waiting.append((thing, pool.submit(as_held_here(work), thing)))
                if len(waiting) > workers:
                    yield waiting.popleft()
            while waiting:
                yield waiting.popleft()
        finally:
            for _, future in waiting:
                future.cancel()
