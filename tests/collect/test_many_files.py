"""Many small files cost as much each as few do: counted in the deliveries that are gone through, not in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.collect import take_in
from kvarn.collect._deliveries import Delivery
from kvarn.collect._reading import Parcel

from .conftest import person, rows, terms, with_check_digit


def gone_through(folder: Path, rounds: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many deliveries are gone through in parcels, of two municipalities' months and so many corrections of each."""
    numbers = 0
    listed = Parcel.deliveries.fget
    assert listed is not None

    def counted(parcel: Parcel) -> list[Delivery]:
        nonlocal numbers
        found: list[Delivery] = listed(parcel)
        numbers += len(found)
        return found

    paths = [folder / f"{number:02}" for number in range(rounds)]
    for number, path in enumerate(paths):
        path.mkdir(parents=True)
        who = with_check_digit(f"19400228{number + 10:03}")
        for municipality in ("0114", "0180"):
            for month in range(1, 13):
                file = path / f"KHSL1_{municipality}_2023{month:02}.txt"
                file.write_bytes(rows(person(who, municipality=municipality, month=f"{month:02}")))
    with monkeypatch.context() as patched:
        patched.setattr(Parcel, "deliveries", property(counted))
        outcome = take_in(paths, folder / "store", terms=terms())
    assert outcome.rows("accepted") == len(outcome.entries) == 24 * rounds
    assert len(outcome.replaced) == 24 * (rounds - 1)
    assert {one.gone for one in outcome.replaced.values()} == {1}
    return numbers


def test_four_times_the_files_are_gone_through_as_often_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (gone_through(tmp_path / str(rounds), rounds, monkeypatch) for rounds in (2, 8))
    assert few <= 3 * 24 * 2
    assert many == 4 * few
