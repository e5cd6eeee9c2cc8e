"""An intake takes little memory, whatever a file holds: measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .measured_intake import CONTENTS

ROOT = Path(__file__).parents[2]
SIZE = 20
# Ten times what a file of 20 MB is. Before, one of nothing but line feeds took 1,800 MB.
GROWTH = 200
# Files of rows that must all be judged, and each told of: what the engine needs for them is within its own limit.
ROWS = {"the same row": 900, "rows of another kind": 900, "quoted rows": 900}


def measured(what: str, size: int, folder: Path) -> dict[str, object]:
    folder.mkdir()
    run = subprocess.run(
        [sys.executable, "-m", "tests.collect.measured_intake", what, str(size), str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    told: dict[str, object] = json.loads(run.stdout)
    return told


@pytest.fixture(scope="module")
def of_a_small_file(tmp_path_factory: pytest.TempPathFactory) -> int:
    return int(str(measured("the same row", 0, tmp_path_factory.mktemp("small") / "0")["most"]))


QUICK = ("line feeds and a row", "carriage returns before a line feed", "short rows", "ISO 8859-1")


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=[] if what in QUICK else [pytest.mark.long]) for what in sorted(CONTENTS)]
)
def test_the_memory_of_an_intake_is_bounded_whatever_a_file_holds(tmp_path: Path, of_a_small_file: int, what: str) -> None:
    told = measured(what, SIZE, tmp_path / "one")
    assert int(str(told["most"])) - of_a_small_file < ROWS.get(what, GROWTH), told
    assert told["rules"], "each of them is told what is wrong"
