"""One run at a time makes an edition; another says for whom it waits, and a lock goes with its process."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from kvarn.analyse.disclosure.memory.orders import alone

PARAMS = """\
reference_year: 2023
first_year: 2023
synthetic: true
data: {deliveries: d, population: p.csv}
publication:
  series: {sv: Serie, en: Series}
  title: {sv: Titel, en: Title}
  publisher: {sv: Myndigheten, en: The Office}
  published: 2024-09-03
  scheduled: 2024-09-03
  contact: {name: Någon, email: someone@example.org}
"""


def project(root: Path) -> Path:
    """A project in which nothing can be made: whoever begins stops at once."""
    for name in ("notebooks", "params", "d"):
        (root / name).mkdir()
    (root / "_quarto.yml").touch()
    (root / "p.csv").touch()
    (root / "params" / "small.yml").write_text(PARAMS, encoding="utf-8")
    return root


def publish(root: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kvarn", "publish", "params/small.yml", *more]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("more", "folder"), [((), "small"), (("--as", "try"), "trials/try/restricted")])
def test_the_second_waits_says_for_whom_and_goes_on_when_the_first_has_ended(
    tmp_path: Path, more: tuple[str, ...], folder: str
) -> None:
    root = project(tmp_path)
    held = root / "restricted" / folder
    held.mkdir(parents=True)
    with alone(held, work="the making of the edition small"):
        second = publish(root, *more)
        assert second.stderr is not None
        said = ""
        while "Waiting for" not in said:
            said = second.stderr.readline()
            assert said, "it did not wait"
        time.sleep(1)
        assert second.poll() is None
    assert "the making of the edition small (started by " in said and ", since " in said and ", process " in said
    second.communicate(timeout=60)
    assert second.returncode not in (None, 0)


def test_nobody_waits_for_a_run_that_was_killed(tmp_path: Path) -> None:
    root = project(tmp_path)
    held = root / "restricted" / "small"
    held.mkdir(parents=True)
    code = (
        "import sys, time; from pathlib import Path; from kvarn.analyse.disclosure.memory.orders import alone\n"
        "with alone(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    first = subprocess.Popen([sys.executable, "-c", code, str(held)], stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None and first.stdout.readline() == "held\n"
    first.kill()
    first.communicate()
    _, said = publish(root).communicate(timeout=60)
    assert "Waiting for" not in said
