"""The folder: the same bytes again, nothing half-written, nothing of the user's lost."""

import hashlib
from pathlib import Path

import pytest

from kvarn.demo import FAULTS, write_demo
from kvarn.errors import InputError


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def small(folder: Path, **arguments: object) -> Path:
    write_demo(folder, **{"persons": 400, "first_year": 2018, "last_year": 2018, "procedures_per_person": 4, **arguments})  # type: ignore[arg-type]
    return folder


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    first = bytes_of(small(tmp_path / "first", last_year=2019))
    assert first == bytes_of(small(tmp_path / "second", last_year=2019))
    assert len(first) > 1000


def test_another_seed_gives_another_register(tmp_path: Path) -> None:
    first, second = bytes_of(small(tmp_path / "first")), bytes_of(small(tmp_path / "second", seed=2))
    same = [name for name in first.keys() & second.keys() if first[name] == second[name]]
    assert not same


def test_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    folder = small(tmp_path / "demo", seed=2)
    small(folder)
    assert bytes_of(folder) == bytes_of(small(tmp_path / "fresh"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "fresh"]


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("unfinished")
    with pytest.raises(InputError, match="holds something else") as refused:
        small(tmp_path)
    assert refused.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_interrupted_run_leaves_nothing_half_written(tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(tmp_path / "demo", progress=interrupt)
    assert not list(tmp_path.iterdir())


def test_each_year_is_reported(tmp_path: Path) -> None:
    lines: list[str] = []
    small(tmp_path / "demo", first_year=2017, progress=lines.append)
    assert [line[:4] for line in lines] == ["2017", "2018"]


def test_full_scale_numbers_of_persons_can_be_given(tmp_path: Path) -> None:
    folder = small(
        tmp_path / "demo", first_year=2017, full_scale_persons={2017: 201_000, 2018: 402_000}, faults=dict.fromkeys(FAULTS, 0.0)
    )
    persons = {
        year: {line.split(";")[1] for file in folder.glob(f"deliveries/{year}/*") for line in file.read_text().split()}
        for year in (2017, 2018)
    }
    assert len(persons[2018]) == pytest.approx(2 * len(persons[2017]), rel=0.1)


@pytest.mark.parametrize(
    "arguments",
    [{"persons": 10}, {"procedures_per_person": 0.5}, {"first_year": 2007}, {"first_year": 2024}, {"last_year": 2090}],
)
def test_arguments_outside_their_range_are_refused_before_anything_is_written(
    tmp_path: Path, arguments: dict[str, float]
) -> None:
    with pytest.raises(InputError) as refused:
        small(tmp_path / "demo", **arguments)
    assert refused.value.remedy and refused.value.field
    assert not list(tmp_path.iterdir())


def test_a_register_where_microdata_lie_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "restricted" / "demo" / "source"
    write_demo(folder, persons=300, first_year=2023, last_year=2023, seed=1)
    modes = {path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
    assert modes == {0o700, 0o600}
