"""A run that may have too little says so at once: with less it waited for ever, or was ended by a library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_LIMITED = """
import resource, sys
from kvarn.cli import main
resource.setrlimit(getattr(resource, sys.argv[1]), (int(sys.argv[2]),) * 2)
main(["codelists", "list"])
"""
PROJECT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="Elsewhere some of these limits are not kept")
@pytest.mark.parametrize(
    ("limit", "value", "said", "raised"),
    [
        ("RLIMIT_AS", 400 << 20, "The run may have 400 MiB of memory, and needs 1,536 at least.", "ulimit -v unlimited"),
        ("RLIMIT_DATA", 400 << 20, "The run may have 400 MiB of memory, and needs 1,536 at least.", "ulimit -d unlimited"),
        ("RLIMIT_NOFILE", 40, "The run may have 40 open files, and needs 64 at least.", "ulimit -n 1024"),
    ],
)
def test_too_low_a_limit_is_told_with_how_it_is_raised(limit: str, value: int, said: str, raised: str) -> None:
    command = [sys.executable, "-c", _LIMITED, limit, str(value)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False, timeout=60)
    assert done.returncode == 1
    assert said in done.stderr and f"Raise the limit ({raised})" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="Elsewhere some of these limits are not kept")
@pytest.mark.parametrize(("limit", "value"), [("RLIMIT_AS", 1536 << 20), ("RLIMIT_DATA", 1536 << 20), ("RLIMIT_NOFILE", 64)])
def test_the_least_is_enough_to_begin(limit: str, value: int) -> None:
    command = [sys.executable, "-c", _LIMITED, limit, str(value)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
