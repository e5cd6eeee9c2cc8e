"""Names of a package that are imported when they are asked for are those that it says, and no others."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

PACKAGES = (
    "kvarn.analyse",
    "kvarn.analyse.disclosure",
    "kvarn.collect",
    "kvarn.disseminate",
    "kvarn.disseminate.narrative",
    "kvarn.disseminate.rendering",
    "kvarn.disseminate.text_figures",
    "kvarn.process",
    "kvarn.process.population",
)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_is_there_and_no_other(package: str) -> None:
    module = importlib.import_module(package)
    assert all(getattr(module, name) is not None for name in module.__all__)
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'protect_nothing'"):
        getattr(module, "protect_nothing")  # noqa: B009


def test_the_libraries_of_protection_and_of_serving_are_read_by_nothing_that_does_not_need_them() -> None:
    said = "import sys, kvarn.cli, kvarn.pipeline; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    heavy = {
        "highspy",
        "scipy",
        "matplotlib",
        "nbconvert",
        "papermill",
        "pytask",
        "sqlalchemy",
        "starlette",
        "uvicorn",
        "kvarn.serve",
    }
    assert not heavy & set(done.stdout.split())
