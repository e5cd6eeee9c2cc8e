from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.disseminate import rendering
from kvarn.disseminate.rendering import choose_renderer, find_quarto
from kvarn.errors import EnvironmentFault


def program(folder: Path, script: str) -> Path:
    file = folder / "quarto"
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


@pytest.fixture(autouse=True)
def no_quarto(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the machine's Quarto nor its package: only what a test puts there."""
    monkeypatch.delenv("QUARTO_PATH", raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setattr("shutil.which", lambda name: str(tmp_path / name) if (tmp_path / name).exists() else None)


def test_the_public_names_are_exactly_these() -> None:
    assert rendering.__all__ == sorted(rendering.__all__)
    assert all(hasattr(rendering, name) for name in rendering.__all__)


def test_without_quarto_auto_means_the_built_in_renderer() -> None:
    assert find_quarto() is None
    assert choose_renderer("auto").name == "builtin"


def test_quarto_on_the_path_is_found_with_its_version(tmp_path: Path) -> None:
    program(tmp_path, "echo 1.10.18")
    found = find_quarto()
    assert found is not None
    assert (found.version, found.origin, found.usable) == ("1.10.18", "PATH", True)
    assert choose_renderer("auto").name == "quarto"
    assert choose_renderer("quarto").version == "1.10.18"


def test_quarto_path_goes_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "echo 1.9.1")
    named = tmp_path / "named"
    named.mkdir()
    program(named, "echo 1.12.0")
    for value in (named, named / "quarto"):
        monkeypatch.setenv("QUARTO_PATH", str(value))
        found = find_quarto()
        assert found is not None
        assert (found.version, found.origin) == ("1.12.0", "QUARTO_PATH")


def test_quarto_path_that_names_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QUARTO_PATH", str(tmp_path / "nowhere"))
    with pytest.raises(EnvironmentFault, match="QUARTO_PATH names no Quarto that runs"):
        find_quarto()


def test_an_old_quarto_is_passed_over_unless_it_is_asked_for(tmp_path: Path) -> None:
    program(tmp_path, "echo 1.8.27")
    assert choose_renderer("auto").name == "builtin"
    with pytest.raises(EnvironmentFault, match=r"Quarto 1\.8\.27 is too old: at least 1\.9 is needed"):
        choose_renderer("quarto")


def test_a_quarto_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path, "exit 1")
    assert find_quarto() is None


def test_asking_for_a_quarto_that_is_not_there_tells_what_to_do() -> None:
    with pytest.raises(EnvironmentFault) as caught:
        choose_renderer("quarto")
    assert caught.value.remedy is not None
    assert "QUARTO_PATH" in caught.value.remedy
