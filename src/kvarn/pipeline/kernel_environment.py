"""The environment of a kernel: nothing of the user's, so that results are the same for every user, and no secret is in it.

A user's profile (IPython's start-up files and configuration, Jupyter's, matplotlib's, ``PYTHONSTARTUP``, ``PYTHONPATH``, the
packages in the home folder) does not reach a notebook: home is the kernel's own temporary folder, and Python is isolated
(``-I``).
"""

from __future__ import annotations

import compileall
import functools
import os
import sys
import threading
from pathlib import Path

import kvarn
from kvarn.base.programs import run_program
from kvarn.base.temporary import own_folder

__all__ = ["font_folder", "kernel_environment"]

_KEPT = ("PATH", "LD_LIBRARY_PATH", "SOURCE_DATE_EPOCH", "JAVA_HOME", "SYSTEMROOT")
_KEPT_THAT_BEGIN_WITH = ("KVARN_", "OMP_", "OPENBLAS_", "MKL_", "SPARK_", "PYSPARK_", "HADOOP_")

_looking = threading.Lock()
_prepared: list[Path] = []


def kernel_environment(private: Path | None = None) -> dict[str, str]:
    """The environment of a kernel whose temporary folder is `private`, or (None) of the process that kernels are forked from."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_THAT_BEGIN_WITH)}
    kept |= {"LC_ALL": "C.UTF-8", "MPLCONFIGDIR": str(_folder_of_fonts())}
    if private is None:
        return kept
    own = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(private))
    own |= {name: str(private / "jupyter") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    return {**kept, **own, "IPYTHONDIR": str(private / "ipython"), "USER": "kvarn", "LOGNAME": "kvarn", "USERNAME": "kvarn"}


def font_folder(*, forked: bool) -> Path:
    """matplotlib's list of the machine's fonts, made once a run: a kernel that made its own would spend a second on it.

    Nor can a kernel within its wall keep what it has compiled: that is done here too, or by the process that kernels are forked
    from.
    """
    folder = _folder_of_fonts()
    with _looking:
        if not _prepared:
            _prepared.append(folder)
            if not sys.dont_write_bytecode:
                compileall.compile_dir(Path(kvarn.__file__).parent, quiet=2)
            if not forked:
                _import_once(folder)
    return folder


def _import_once(folder: Path) -> None:
    run_program([sys.executable, "-I", "-c", "import kvarn.kernel.warm"], folder=folder, environment=kernel_environment())


@functools.cache
def _folder_of_fonts() -> Path:
    folder = own_folder() / "fonts"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
