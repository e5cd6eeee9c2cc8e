"""What holds for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from kvarn.programme import FOLDER, Programme, open_programme, programme_held, use_project

# How long an example takes says how busy the machine is, and nothing of the code: speed is measured in benchmarks/.
settings.register_profile("kvarn", deadline=None)
settings.load_profile("kvarn")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes minutes come first, so that the workers end together."""
    items.sort(key=lambda item: "end_to_end" not in item.path.parts)


@pytest.fixture(scope="module", autouse=True)
def programme() -> Iterator[Programme]:
    """The repository's programme, in whatever folder a test works; a test of a whole project has the project's own."""
    use_project(None)
    with programme_held(open_programme(Path(__file__).parents[1] / FOLDER)) as held:
        yield held
    # What is made for the whole run is made before this is asked for again: in the repository, and not in a test's project.
    use_project(None)
