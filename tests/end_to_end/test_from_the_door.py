"""From `kvarn intake` to the register: what is in force on the edition's day, deaths, reserve numbers, tracing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.errors import InputError
from kvarn.pipeline import Production, open_edition, run_steps
from kvarn.pipeline.register_steps import register_steps
from tests.commands import kvarn


def with_check_digit(eleven: str) -> str:
    products = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(eleven[2:])]
    return eleven + str(-sum(product // 10 + product % 10 for product in products) % 10)


ANNA, BERTIL, RESERVE = with_check_digit("19400229002"), with_check_digit("19350115001"), "19500101A123"


@pytest.fixture
def project(tmp_path: Path, small: Production, make_project: Callable[[Path, Path], Path]) -> Iterator[Path]:
    """With a population; each test has deliveries of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    make_project(folder, small.root / "source")
    yield folder
    metadata.use_project(None)


def deliver(project: Path, folder: str, *rows: str, name: str = "KHSL1_0114_202301.txt") -> Path:
    place = project / "restricted" / "in" / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return place


def intake(project: Path, *arguments: str | Path) -> CompletedProcess[str]:
    return kvarn("intake", *arguments, "--into", "restricted/register", "--receipts", "receipts", folder=project)


def register_of(project: Path, *overrides: str, name: str | None = None) -> Production:
    fixed = ("data.deliveries=null", "data.intake=restricted/register", "first_year=2023", "renderer=builtin")
    production = open_edition(project / "params" / "demo.yml", overrides=(*fixed, *overrides), name=name)
    run_steps(list(register_steps(production)), production.workspace.build)
    return production


def persons_in(production: Production) -> int:
    return len(pd.read_parquet(production.workspace.register / "person_months" / "year=2023" / "data.parquet")["person"].unique())


def test_an_edition_works_with_what_was_in_force_on_its_day(project: Path) -> None:
    first = deliver(project, "a", f"0114;{ANNA};2023;01")
    corrected = deliver(project, "b", f"0114;{ANNA};2023;01", f"0114;{BERTIL};2023;01")
    assert intake(project, first, "--arrived", "2023-03-31").returncode == 0
    assert intake(project, corrected, "--arrived", "2023-05-02").returncode == 0
    assert persons_in(register_of(project)) == 2, "final"
    assert persons_in(register_of(project, "data.as_of=2023-04-30", "stage=preliminary", name="preliminary")) == 1
    told = intake(project, "--history", "--as-of", "2023-04-30")
    assert told.stdout.splitlines()[1].split("\t")[1:4] == ["KHSL1_0114_202301.txt", "2023-03-31", "accepted"]
    assert len(told.stdout.splitlines()) == 2
    assert [line.rsplit("\t", 1)[1] for line in intake(project, "--history").stdout.splitlines()[1:]] == ["no", "yes"]


def test_a_correction_after_the_edition_was_made_makes_what_depends_on_it_anew(project: Path) -> None:
    intake(project, deliver(project, "a", f"0114;{ANNA};2023;01"), "--arrived", "2023-03-31")
    production = register_of(project)
    steps = list(register_steps(production))
    assert {outcome.result for outcome in run_steps(steps, production.workspace.build)} == {"up to date"}
    intake(project, deliver(project, "b", f"0114;{ANNA};2023;01", f"0114;{BERTIL};2023;01"), "--arrived", "2023-05-02")
    assert persons_in(register_of(project)) == 2


def test_an_edition_with_a_register_that_is_none_says_so(project: Path) -> None:
    (project / "restricted" / "register").mkdir()
    with pytest.raises(InputError, match="no register that deliveries"):
        register_of(project)


def test_exit_statuses_and_messages(project: Path) -> None:
    good = deliver(project, "good", f"0114;{ANNA};2023;01")
    bad = deliver(project, "bad", "nonsense", name="KHSL1_0114_202302.txt")
    accepted = intake(project, good)
    assert accepted.returncode == 0 and "1 row received = 1 accepted + 0 rejected." in accepted.stdout
    rejected = intake(project, good, bad)
    assert rejected.returncode == 1 and "rejected: KHSL1_0114_202302.txt" in rejected.stdout
    assert "1 of them taken in before" in rejected.stdout
    for wrong in (["nowhere"], [], [good, "--limit", "2"], [good, "--as-of", "2023-01-01"]):
        done = intake(project, *wrong)
        assert done.returncode == 2, done
        assert "Traceback" not in done.stderr
    history = kvarn("intake", "--history", "--into", "nowhere", folder=project)
    assert history.returncode == 1 and "no register that deliveries" in history.stderr


def test_care_after_a_known_death_is_rejected_and_no_message_names_the_person(project: Path) -> None:
    place = deliver(project, "a", f"0114;{ANNA};2023;01", *[f"0114;{BERTIL};2023;01"])
    deaths = project / "restricted" / "deaths.csv"
    deaths.write_text(f"identity_number,died\n{ANNA},2022-12-24\n", encoding="utf-8")
    done = intake(project, place, "--deaths", deaths, "--limit", "0.6")
    receipt = json.loads((project / "receipts" / "KHSL1_0114_202301.txt.json").read_text(encoding="utf-8"))
    assert [(fault["rule"], fault["lines"]) for fault in receipt["faults"]] == [("row-care-after-death", [1])]
    deaths.write_text(f"identity_number,died\n{ANNA},on Christmas Eve\n", encoding="utf-8")
    refused = intake(project, place, "--deaths", deaths)
    assert refused.returncode == 1 and "line 2" in refused.stderr
    assert ANNA not in done.stdout + done.stderr + refused.stdout + refused.stderr


def test_a_person_with_a_reserve_number_is_counted_and_not_followed(project: Path) -> None:
    rows = [deliver(project, "a", f"0114;{RESERVE};2023;{month}", name=f"KHSL1_0114_2023{month}.txt") for month in ("01", "02")]
    assert intake(project, rows[0]).returncode == 1, "not without being asked"
    assert intake(project, rows[0], "--reserve-numbers").returncode == 0
    production = register_of(project)
    persons = pd.read_parquet(production.workspace.register / "persons.parquet")
    assert persons["followable"].tolist() == [False, False]
    assert persons["birth_year"].tolist() == [1950, 1950]


def test_a_row_of_the_register_is_traced_to_its_line_and_back(project: Path) -> None:
    intake(project, deliver(project, "a", f"0114;{ANNA};2023;01", f"0114;{BERTIL};2023;01"))
    production = register_of(project)
    arguments = ["--year", "2023", "--delivery", "KHSL1_0114_202301.txt", "--line", "2"]
    # The edition is what its file says: what `register_of` has overridden is written there for the command.
    told = production.params.read_text(encoding="utf-8").replace("first_year: 2017", "first_year: 2023")
    told = told.replace("deliveries: restricted/demo/source/deliveries", "intake: restricted/register")
    production.params.write_text(told, encoding="utf-8")
    done = kvarn("trace", production.params, *arguments, folder=project)
    header, row = (line.split("\t") for line in done.stdout.splitlines())
    told = dict(zip(header, row, strict=True))
    assert (told["delivery"], told["line"], told["municipality"]) == ("KHSL1_0114_202301.txt", "2", "0114")
    back = ["--year", "2023", "--table", "person_months", "--pseudonym", told["pseudonym"]]
    again = kvarn("trace", production.params, *back, folder=project)
    assert again.stdout.splitlines()[1].split("\t") == row
    assert BERTIL not in done.stdout + again.stdout


def test_a_line_of_two_gigabytes_is_refused_by_its_size(project: Path) -> None:
    place = deliver(project, "a", f"0114;{ANNA};2023;01")
    with (place / "KHSL1_0114_202302.txt").open("wb") as huge:
        huge.truncate(2 * 1024**3)
    assert intake(project, place).returncode == 1
    receipt = json.loads((project / "receipts" / "KHSL1_0114_202302.txt.json").read_text(encoding="utf-8"))
    assert [fault["rule"] for fault in receipt["faults"]] == ["file-size"]
    assert json.loads((project / "receipts" / "KHSL1_0114_202301.txt.json").read_text(encoding="utf-8"))["verdict"] == "accepted"
    shutil.rmtree(place)
