"""Work done ahead comes in order, and an error comes with the thing that it belongs to."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from kvarn.collect._ahead import worked_ahead


def test_work_is_done_in_other_threads_and_handed_out_in_order() -> None:
    together = threading.Barrier(2)

    def work(thing: int) -> tuple[int, int]:
        # Two are under way at the same time, or this would never end.
        together.wait(timeout=30)
        return thing * thing, threading.get_ident()

    found = [(thing, *done.result()) for thing, done in worked_ahead(iter(range(8)), work)]
    assert [(thing, square) for thing, square, _ in found] == [(thing, thing * thing) for thing in range(8)]
    assert threading.get_ident() not in {thread for *_, thread in found}


def test_no_more_is_read_ahead_than_there_are_workers_and_the_one_in_use_and_the_next() -> None:
    read: list[int] = []

    def reading() -> Iterator[int]:
        for number in range(20):
            read.append(number)
            yield number

    ahead = worked_ahead(reading(), lambda thing: thing, workers=2)
    assert next(ahead)[0] == 0
    assert len(read) <= 4
    ahead.close()
    assert len(read) <= 4


def test_an_error_is_raised_where_the_result_is_asked_for_and_the_rest_goes_on() -> None:
    def work(thing: int) -> int:
        if thing == 1:
            raise OSError("no room")
        return thing

    results = []
    for thing, done in worked_ahead(iter(range(3)), work):
        if thing == 1:
            with pytest.raises(OSError, match="no room"):
                done.result()
        else:
            results.append(done.result())
    assert results == [0, 2]
