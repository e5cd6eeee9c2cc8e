"""A small demo edition, published once for all tests of this folder."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kvarn.base.locks import held
from kvarn.demo import DEFAULT_FAULTS, write_demo
from kvarn.pipeline import Production, open_edition, run_steps, steps_of
from kvarn.programme import use_project
from tests.end_to_end.few_places import let_deliveries_have_few_places, write_few_places
from tests.end_to_end.few_tables import let_programme_have_few_tables
from tests.small_programme import make_small_project
from tests.without_profiles import without_profiles

PROJECT = Path(__file__).parents[2]
FIRST_YEAR, REFERENCE_YEAR = 2017, 2023
# Of the whole country: with the break between 2018 and 2019, and years before and after. Each year is 6,960 files.
# With fewer persons nearly every figure is withheld, which takes longer to protect; with more hardly any place reports nobody.
YEARS, PERSONS = (2018, 2020), 4000
SET: tuple[str, ...] = ()


def _make_project(folder: Path, source: Path, of: Path = PROJECT) -> Path:
    """A project as it is cloned, with the demo's source data in place; or one like another one that has been made."""
    for name in ("notebooks", "reports", "params"):
        shutil.copytree(of / name, folder / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "codelists"))
    shutil.copytree(of / "programme", folder / "programme")
    shutil.copy(of / "_quarto.yml", folder)
    params = folder / "params" / "demo.yml"
    text = without_profiles(params.read_text(encoding="utf-8")) if of == PROJECT else params.read_text(encoding="utf-8")
    params.write_text(text.replace("renderer: auto", "renderer: builtin"), encoding="utf-8")
    (folder / "restricted" / "demo").mkdir(parents=True)
    (folder / "restricted" / "demo" / "source").symlink_to(source)
    return folder


def _let_params_be_of(years: tuple[int, int], project: Path) -> None:
    """The years of the edition, and the days and the edition before that go with them."""
    first, last = years
    params = project / "params" / "demo.yml"
    text = params.read_text(encoding="utf-8")
    changed = {
        f"first_year: {FIRST_YEAR}": f"first_year: {first}",
        f"reference_year: {REFERENCE_YEAR}": f"reference_year: {last}",
    }
    changed |= {f"{REFERENCE_YEAR + 1}-": f"{last + 1}-", f"{REFERENCE_YEAR}-": f"{last}-"}
    changed |= {f"{words} {REFERENCE_YEAR - 1}\n": f"{words} {last - 1}\n" for words in ("sjukvård", "health care")}
    for old, new in changed.items():
        assert old in text, old
        text = text.replace(old, new)
    params.write_text(text, encoding="utf-8")


def _publish(project: Path, *overrides: str, name: str | None = None) -> Production:
    production = open_edition(project / "params" / "demo.yml", overrides=(*SET, *overrides), name=name)
    run_steps(steps_of(production), production.workspace.build)
    return production


# Files that publish for themselves stand between those that wait for a shared publication, so that no worker idles.
_IN_TURN = (
    "test_attack",
    "test_office",
    "test_from_the_door",
    "test_next_year",
    "test_accepted",
    "test_interruption",
    "test_counted_again",
    "test_official_codes",
    "test_figures",
    "test_publication",
    "test_elsewhere",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of this folder in turn; all others stay where they are."""
    mine = [item for item in items if item.path.parent == Path(__file__).parent]
    place = {id(item): number for number, item in enumerate(items)}
    turn = {name: number for number, name in enumerate(_IN_TURN)}
    ordered = iter(sorted(mine, key=lambda item: (turn.get(item.path.stem, len(turn)), place[id(item)])))
    items[:] = [next(ordered) if item.path.parent == Path(__file__).parent else item for item in items]


@pytest.fixture(scope="module", autouse=True)
def programme() -> Iterator[None]:
    """Each project has its own, as an office's; the next file has another project."""
    yield
    use_project(None)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of one run of the tests have."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "end-to-end"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def _once(place: Path) -> Iterator[bool]:
    """Whether `place` has still to be made; other workers wait until it is, and make it anew if that failed."""
    done = place.with_name(f"{place.name}.done")
    with held(place.with_name(f"{place.name}.lock")):
        missing = not done.exists()
        if missing:
            shutil.rmtree(place, ignore_errors=True)
        yield missing
        done.touch()


# What has been made, and is only read from then on: another worker reads it at the same moment.
_MADE: list[str] = []
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _keep_as_it_is(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        touched = [arguments[0]] if (arguments[2] or 0) & _WRITES else []
    elif event in ("os.rename", "os.link", "os.symlink"):
        touched = list(arguments[:2])
    elif event in ("os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "shutil.rmtree"):
        touched = [arguments[0]]
    else:
        return
    for path in touched:
        if str(path).startswith(tuple(_MADE)):
            raise AssertionError(f"{path} is shared with other workers: copy the project, and change the copy")


def _made(project: Path) -> None:
    """Refuse from now on that a test changes the sources of a shared project, or what it published."""
    if not _MADE:
        sys.addaudithook(_keep_as_it_is)
    names = ("notebooks", "programme", "reports", "params", "publications", "_quarto.yml")
    _MADE.extend(str(project / name) for name in names if str(project / name) not in _MADE)


@pytest.fixture(scope="session")
def source(shared: Path) -> Path:
    """Deliveries of the whole country without any fault, so that a plain reading of the files gives the register."""
    folder = shared / "source"
    with _once(folder) as missing:
        if missing:
            write_demo(
                folder,
                persons=PERSONS,
                first_year=YEARS[0],
                last_year=YEARS[1],
                seed=7,
                procedures_per_person=8,
                faults=dict.fromkeys(DEFAULT_FAULTS, 0.0),
            )
    return folder


@pytest.fixture(scope="module")
def production(shared: Path, source: Path) -> Production:
    """The whole country and every table, in both languages; of single files that were due, those of few places."""
    project = shared / "project"
    with _once(project) as missing:
        if missing:
            project.mkdir()
            _let_params_be_of(YEARS, _make_project(project, source))
            let_deliveries_have_few_places(project)
            _publish(project)
    _made(project)
    return open_edition(project / "params" / "demo.yml", overrides=SET)


@pytest.fixture(scope="session")
def small(shared: Path) -> Production:
    """An edition of few places and tables, two years and one language, for what concerns the way and not the figures.

    Whoever would change it, or make another edition beside it, copies the project: steps are up to date in a copy.
    """
    project = shared / "small"
    with _once(project) as missing:
        if missing:
            source = project / "source"
            write_few_places(source, first_year=REFERENCE_YEAR - 1, last_year=REFERENCE_YEAR, seed=9)
            params = _make_project(project, source) / "params" / "demo.yml"
            let_programme_have_few_tables(project)
            text = params.read_text(encoding="utf-8")
            for old, new in {f"first_year: {FIRST_YEAR}": f"first_year: {REFERENCE_YEAR - 1}", "[sv, en]": "[en]"}.items():
                assert old in text
                text = text.replace(old, new)
            params.write_text(text, encoding="utf-8")
            _publish(project)
    _made(project)
    return open_edition(project / "params" / "demo.yml", overrides=SET)


@pytest.fixture(scope="session")
def deaths(shared: Path) -> Production:
    """The register of deaths, published in seconds: for what concerns any register. Who would change it copies it."""
    project = shared / "deaths"
    with _once(project) as missing:
        if missing:
            make_small_project(project)
        production = open_edition(project / "params" / "small.yml")
        if missing:
            run_steps(steps_of(production), production.workspace.build)
    # Whoever asks for it has another project.
    use_project(None)
    _made(project)
    return production


@pytest.fixture(autouse=True)
def programme_of_production(request: pytest.FixtureRequest) -> None:
    """A test of the whole country has its programme, whatever project a test before it had."""
    if "production" in request.fixturenames:
        use_project(request.getfixturevalue("production").root)


@pytest.fixture(scope="module")
def publication(production: Production) -> Path:
    return production.workspace.publication


@pytest.fixture(scope="session")
def make_project() -> Callable[[Path, Path], Path]:
    return _make_project


@pytest.fixture(scope="session")
def publish() -> Callable[..., Production]:
    return _publish
