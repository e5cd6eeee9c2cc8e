"""A notebook has limits: whoever reaches one is told which, where and what to do, and keeps what had run."""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from kvarn.edition import NotebookLimits
from kvarn.errors import NotebookError
from kvarn.pipeline import open_edition, steps_of
from kvarn.pipeline.kernel_ways import SWITCH
from kvarn.pipeline.nodes import Setting
from kvarn.pipeline.notebooks import run_notebook

Writer = Callable[..., Path]
ROOT = Path(__file__).parents[2]

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is watched on Linux alone")
SWALLOWING = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
IN_A_CHILD = (
    "import subprocess, sys\n"
    "subprocess.run([sys.executable, '-c', 'import time; held = bytearray(600 << 20); held[::4096] = b\"x\" * len(held[::4096]);"
    " time.sleep(60)'])"
)
REACHED = {
    "a cell's time": (NotebookLimits(cell_seconds=1.5), SWALLOWING, "cell had not ended after 1.5 seconds", "cell_seconds: 1.5"),
    "the time in all": (NotebookLimits(seconds=4), "import time\ntime.sleep(60)", "after 4 seconds in all", "seconds: 4"),
    "printing": (NotebookLimits(output_mib=1), "while True:\n    print('x' * 1000)", "more than 1 MiB", "output_mib: 1"),
    "one display": (
        NotebookLimits(output_mib=1),
        "from IPython.display import HTML\nHTML('x' * (2 << 20))",
        "more than 1 MiB",
        "output_mib: 1",
    ),
    "one output again and again": (
        NotebookLimits(output_mib=1),
        "from IPython.display import display\nshown = display('', display_id=True)\nwhile True:\n    shown.update('x' * 1000)",
        "more than 1 MiB",
        "output_mib: 1",
    ),
}
OF_MEMORY = {
    "memory": "import numpy, time\nheld = numpy.ones(600 << 17)\ntime.sleep(60)",
    "memory of a process of its own": IN_A_CHILD,
    "memory in small pieces": "held = []\nwhile True:\n    held.append('x' * 100_000 + str(len(held)))",
}
REACHED |= {
    name: (NotebookLimits(memory_gib=0.5), source, r"more than 0.5 GiB of memory", "memory_gib: 0.5")
    for name, source in (OF_MEMORY if sys.platform == "linux" else {}).items()
}


@pytest.mark.parametrize("name", REACHED)
def test_a_limit_that_is_reached_is_told_with_its_key_and_what_had_run_is_kept(
    name: str, write_notebook: Writer, tmp_path: Path
) -> None:
    limits, source, what, key = REACHED[name]
    notebook = write_notebook("print('so far')", source, "print('never')")
    with pytest.raises(NotebookError, match=what) as caught:
        run_notebook(notebook, tmp_path / "out" / "out.ipynb", {}, root=tmp_path, limits=limits, secret=True)
    wrong = caught.value
    assert f"notebook_limits.{key}" in wrong.what
    assert (wrong.notebook, wrong.cell) == ("toy.ipynb", "cell-1")
    assert "raise notebook_limits." in (wrong.remedy or "") and "out/out.failed.ipynb" in (wrong.remedy or "")
    cells = nbformat.read(tmp_path / "out" / "out.failed.ipynb", as_version=4).cells
    assert "so far" in "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["out.failed.ipynb"]


@pytest.mark.parametrize("way", ["spawn", "spawn-tcp"])
def test_limits_are_kept_whichever_way_kernels_are_had(
    way: str, write_notebook: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, way)
    with pytest.raises(NotebookError, match="cell_seconds"):
        run_notebook(
            write_notebook(SWALLOWING), tmp_path / "out.ipynb", {}, root=tmp_path, limits=NotebookLimits(cell_seconds=1.5)
        )


@ON_LINUX
def test_what_is_reserved_and_not_used_is_no_use_of_memory(write_notebook: Writer, tmp_path: Path) -> None:
    """numpy and DuckDB reserve more than they use, and a mapped file is the disk's."""
    reserving = (
        "import mmap, numpy, os\nheld = numpy.empty(4 << 27)\n"
        "with open(os.path.join(os.environ['TMPDIR'], 'big'), 'w+b') as file:\n"
        "    file.write(bytes(700 << 20))\n    file.flush()\n    seen = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)\n"
        "print(sum(seen[::4096]))\nimport time\ntime.sleep(1)"
    )
    run_notebook(write_notebook(reserving), tmp_path / "out.ipynb", {}, root=tmp_path, limits=NotebookLimits(memory_gib=0.5))


def test_cells_that_take_turns_are_each_within_the_limit_of_a_cell(write_notebook: Writer, tmp_path: Path) -> None:
    notebook = write_notebook(*(["import time\ntime.sleep(1.2)"] * 4))
    began = time.monotonic()
    run_notebook(notebook, tmp_path / "out.ipynb", {}, root=tmp_path, limits=NotebookLimits(cell_seconds=4))
    assert time.monotonic() - began > 4.5


@pytest.mark.parametrize("said", ["raise Exception()", "raise MemoryError", "assert False"])
@pytest.mark.parametrize("secret", [True, False])
def test_no_error_is_empty(said: str, secret: bool, write_notebook: Writer, tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"stopped with (Exception|MemoryError|AssertionError)") as caught:
        run_notebook(write_notebook(said), tmp_path / "out.ipynb", {}, root=tmp_path, secret=secret)
    assert ("more memory" in (caught.value.remedy or "")) == ("Memory" in said)


def test_a_changed_limit_makes_no_notebook_run_again(tmp_path: Path) -> None:
    root = tmp_path / "project"
    for name in ("notebooks", "reports", "params"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copytree(ROOT / "programme", root / "programme")
    shutil.copy(ROOT / "_quarto.yml", root)
    source = root / "restricted" / "demo" / "source"
    source.mkdir(parents=True)
    (source / "SYNTHETIC.txt").touch()
    limits = ("cell_seconds=7", "seconds=77", "memory_gib=0.7", "output_mib=7")

    def settings(*overrides: str) -> dict[str, list[str | None]]:
        production = open_edition(root / "params" / "demo.yml", overrides=overrides, published=True)
        steps = steps_of(production)
        return {step.name: [node.state() for node in step.needs if isinstance(node, Setting)] for step in steps}

    before = settings()
    after = settings(*(f"notebook_limits.{limit}" for limit in limits))
    assert [name for name in before if before[name] != after[name]] == ["publication"]
    assert len(before) > 20
