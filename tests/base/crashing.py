"""Exchanges that are killed, or fail, at each single call to the system. Run as a program: it forks for each of them.

    python crashing.py FOLDER kill|fail one-stroke|renames

Prints how many calls were tried, and one line for each time that something was lost. With a fourth word, ``careless``, the old
folder is removed before the new one is moved, which must be noticed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from kvarn.base import exchange

FILES = ("a.csv", "sv/b.html", "sv/deeper/c.pdf")


def write(folder: Path, said: str) -> None:
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(said)


def held(place: Path) -> str:
    """``old`` or ``new`` where a whole one is there, ``nothing``, or what is wrong."""
    if not place.is_dir():
        return "nothing"
    found = {path.relative_to(place).as_posix(): path.read_text() for path in place.rglob("*") if path.is_file()}
    words = set(found.values())
    return words.pop() if set(found) == set(FILES) and len(words) == 1 else f"a part: {found}"


def put_new(place: Path) -> None:
    with exchange.replacing(place, durable=True) as folder:
        write(folder, "new")


def stopped_at(number: int, how: str, act: Callable[[], None]) -> bool:
    """Whether `act` was stopped at its call of this number, or had ended before it."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 3
    calls = itertools.count(1)
    reached = False

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal reached
        if (event == "open" or event.startswith("os.")) and not event.startswith("os.fork") and next(calls) == number:
            reached = True
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(5, "Input/output error")

    sys.addaudithook(hook)
    with contextlib.suppress(OSError):
        act()
    os._exit(3 if reached else 0)


def main(folder: Path, how: str, way: str) -> None:
    exchange.ONE_STROKE = way == "one-stroke"
    (folder / "publications").symlink_to(folder / "state")
    place, tried = folder / "publications" / "2023", 0
    seen: list[list[tuple[str, str]]] = []
    for number in itertools.count(1):
        shutil.rmtree(folder / "state", ignore_errors=True)
        (folder / "state").mkdir()
        write(place, "old")
        if not stopped_at(number, how, lambda: put_new(place)):
            break
        tried += 1
        now = held(place)
        allowed = {"old", "new"} | ({"nothing"} if how == "kill" and way == "renames" else set())
        if now not in allowed:
            print(f"at {number}: {now}")
        state = sorted((str(path), path.read_text() if path.is_file() else "") for path in (folder / "state").rglob("*"))
        if state in seen:
            continue
        seen.append(state)
        shutil.rmtree(folder / "kept", ignore_errors=True)
        shutil.copytree(folder / "state", folder / "kept")
        # From each state once: the next run is stopped in its turn, at each of its calls, and the one after puts all right.
        for again in itertools.count(1):
            shutil.rmtree(folder / "state")
            shutil.copytree(folder / "kept", folder / "state")
            stopped = stopped_at(again, how, lambda: exchange.put_back_below(place.parent) or exchange.recover(place))
            exchange.recover(place)
            if held(place) not in {"old", "new"} or (now != "nothing" and held(place) != now):
                print(f"at {number}, then {again}: {now}, then {held(place)}")
            if [path.name for path in place.parent.iterdir()] != ["2023"]:
                print(f"at {number}, then {again}: left over {sorted(path.name for path in place.parent.iterdir())}")
            if not stopped:
                break
            tried += 1
    print(f"tried {tried}, in the end {held(place)}")


def careless(new: Path, real: Path) -> None:
    shutil.rmtree(real)
    os.rename(new, real)


if __name__ == "__main__":
    if sys.argv[4:] == ["careless"]:
        exchange._by_two_renames = careless
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
