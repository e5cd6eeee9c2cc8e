"""The project's own documents and notebooks, and a copy of them to write into."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from kvarn.disseminate.narrative import Allowed, check_narrative, read_allowed
from kvarn.disseminate.narrative import _check as _check_module
from kvarn.disseminate.narrative._faults import Fault, error_of
from kvarn.errors import EditionError, InputError
from tests.allowed_numbers import allow_what_the_programme_says

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def allowed() -> Allowed:
    return read_allowed(PROJECT / "reports" / "allowed-digits.yml")


def _write(folder: Path) -> Path:
    ignored = shutil.ignore_patterns(".ipynb_checkpoints", "fonts")
    shutil.copytree(PROJECT / "reports", folder / "reports", ignore=ignored)
    shutil.copytree(PROJECT / "notebooks" / "present", folder / "notebooks" / "present", ignore=ignored)
    return folder


def _check(project: Path) -> None:
    check_narrative(project / "reports", tuple(sorted((project / "notebooks" / "present").glob("*.ipynb"))))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A project with documents and present notebooks, the test's own."""
    return _write(tmp_path)


@pytest.fixture(scope="session")
def _without_documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = _write(tmp_path_factory.mktemp("brief"))
    for folder in (project / "reports").iterdir():
        if folder.is_dir() and folder.name != "theme":
            shutil.rmtree(folder)
    (project / "reports" / "figures.yml").write_text("figures: {}\ntexts: {}\n", encoding="utf-8")
    for notebook in (project / "notebooks" / "present").iterdir():
        notebook.unlink()
    shutil.copytree(PROJECT / "programme", project / "programme")
    allow_what_the_programme_says(project)
    return project


@pytest.fixture
def brief(_without_documents: Path, tmp_path: Path) -> Path:
    """A project without documents and present notebooks, which take half a second to read, in which nothing is wrong."""
    project = Path(shutil.copytree(_without_documents, tmp_path / "brief"))
    _check(project)
    return project


@pytest.fixture
def check() -> Callable[[Path], None]:
    return _check


@pytest.fixture(scope="module")
def told_of_each(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Mapping[str, str]]]:
    """What is told of each of some words, which all stand at the end of a chapter in both languages and are read at once.

    Each has a chapter of its own, which begins as that about the report does: a check of all documents takes half a second.
    """
    every: list[Fault] = []

    def collect(faults: list[Fault], params: Path | None = None) -> InputError | EditionError:
        every.extend(faults)
        return error_of(faults, params)

    def told(said: Sequence[str], declare: Callable[[Path], None] = lambda project: None) -> Mapping[str, str]:
        project = _write(tmp_path_factory.mktemp("each"))
        declare(project)
        for language in ("sv", "en"):
            folder = project / "reports" / "annual-report" / language
            before = (folder / "_about.qmd").read_text(encoding="utf-8")
            for number, words in enumerate(said):
                (folder / f"_case-{number}.qmd").write_text(f"{before}\n{words}\n", encoding="utf-8")
        every.clear()
        with pytest.raises(InputError):
            _check(project)
        of_file: dict[str, list[Fault]] = {}
        for fault in every:
            of_file.setdefault(fault.file.name, []).append(fault)
        assert set(of_file) <= {f"_case-{number}.qmd" for number in range(len(said))}
        found = {words: of_file.get(f"_case-{number}.qmd") for number, words in enumerate(said)}
        return {words: str(error_of(faults)) if faults else "" for words, faults in found.items()}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_check_module, "error_of", collect)
        yield told
