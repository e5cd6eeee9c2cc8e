"""A lock is held by one process at a time, goes with it however it ends, and is nobody else's to read."""

import errno
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kvarn.base.locks import held
from kvarn.errors import EnvironmentFault

HOLDING = """
import sys, time
from pathlib import Path
from kvarn.base.locks import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_is_waited_for_said_once_and_goes_with_a_killed_process(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    with subprocess.Popen([sys.executable, "-c", HOLDING, str(lock)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        killer = threading.Timer(0.3, other.send_signal, [signal.SIGKILL])
        said: list[float] = []
        killer.start()
        with held(lock, waiting=lambda: said.append(time.monotonic())):
            assert other.wait(timeout=10) != 0, "whoever held it is dead"
        assert len(said) == 1


def test_threads_of_one_process_take_turns(tmp_path: Path) -> None:
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(5):
            with held(tmp_path / ".lock"):
                inside += 1
                most = max(most, inside)
                time.sleep(0.002)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert (most, inside) == (1, 0)


def test_a_lock_is_for_its_owner_alone_and_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError), held(tmp_path / ".lock"):
        assert (tmp_path / ".lock").stat().st_mode & 0o777 == 0o600
        raise KeyError
    with held(tmp_path / ".lock", waiting=lambda: pytest.fail("nobody holds it")):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_file_system_without_locks_is_an_error_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def none_here(*_: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", none_here)
    with pytest.raises(EnvironmentFault, match="keeps no locks") as caught, held(tmp_path / ".lock"):
        pytest.fail("held without a lock")
    assert caught.value.remedy
