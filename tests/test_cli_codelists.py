"""`kvarn codelists import` says which codes are new, gone and renamed, and which editions that makes out of date."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.cli import main
from kvarn.pipeline.engine import Step, run_steps, status_of
from kvarn.pipeline.nodes import file

IMPORT = ("codelists", "import", "list.csv", "--short", "for the test", "--year")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for folder in ("notebooks", "params"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.chdir(tmp_path)
    metadata.use_project(None)
    yield tmp_path
    metadata.use_project(None)


def imported(capsys: pytest.CaptureFixture[str], codes: Sequence[tuple[str, str]], *arguments: str) -> list[str]:
    Path("list.csv").write_text("kod;titel\n" + "".join(f"{code};{title}\n" for code, title in codes), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([*IMPORT, *arguments])
    assert not ended.value.code
    return capsys.readouterr().out.splitlines()


def test_the_codes_are_named_with_their_titles_ten_of_each_and_all_of_them_stand_in_a_file(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [(f"DA{place:03}", f"Titel {place}") for place in range(1, 31)]
    said = imported(capsys, before, "2023")
    assert not any(line.startswith("  new:") for line in said), "against kvarn's own list nearly all are new"
    own = project / "build" / "codelists" / "procedure-2023-against-own-list.csv"
    assert [line for line in said if line.startswith("All differences")] == [f"All differences: {own.relative_to(project)}"]
    assert "new,DA001,,Titel 1" in own.read_text(encoding="utf-8").splitlines()
    now = [*before[12:-1], ("DA030", "Annan titel"), *((f"DB{place:03}", f"Ny {place}") for place in range(1, 4))]
    said = imported(capsys, now, "2024")
    begins = said.index("against the list of 2023: 3 new, 12 gone, 1 with another title")
    assert said[begins + 1 : begins + 16] == [
        *(f"  new: DB{place:03} Ny {place}" for place in range(1, 4)),
        *(f"  gone: DA{place:03} Titel {place}" for place in range(1, 11)),
        "  gone: … and 2 more",
        "  another title: DA030 Annan titel (was: Titel 30)",
    ]
    kept = project / "build" / "codelists" / "procedure-2024-against-2023.csv"
    assert "All differences: build/codelists/procedure-2024-against-2023.csv" in said
    with kept.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["difference", "code", "title in the list of 2023", "title now"] and len(rows) == 17
    assert ["gone", "DA012", "Titel 12", ""] in rows and ["title", "DA030", "Titel 30", "Annan titel"] in rows


def test_a_title_shows_on_a_terminal_as_text_and_nothing_else(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(capsys, [("DA001", "Ett")], "2023")
    said = imported(capsys, [("DA002", "[red]Två[/red]")], "2024")
    assert "  new: DA002 [red]Två[/red]" in said


def test_the_editions_that_it_makes_out_of_date_are_named_as_status_says(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for year in (2022, 2023, 2024):
        (project / "params" / f"{year}.yml").touch()
    imported(capsys, [("DA001", "Ett")], "2022")
    lists = project / "params" / "codelists"

    def check(year: int) -> Step:
        made = project / f"made-{year}"
        return Step("check", "Process", [*map(file, sorted(lists.iterdir()))], [file(made)], lambda: made.write_text("") and None)

    # Two editions have been made, the third has not.
    for year in (2022, 2023):
        run_steps([check(year)], project / "build" / str(year))
    late = "Out of date because of it, as kvarn status says too: "
    said = imported(capsys, [("DA001", "Ett")], "2022")
    assert not any(line.startswith("Out of date") for line in said)
    said = imported(capsys, [("DA001", "Ett"), ("DA002", "Två")], "2022")
    assert f"{late}params/2022.yml, params/2023.yml" in said
    assert [one.up_to_date for one in status_of([check(2022)], project / "build" / "2022")] == [False]
    for year in (2022, 2023):
        run_steps([check(year)], project / "build" / str(year))
    # A list that none of them knew is one that they were made without.
    said = imported(capsys, [("DA001", "Ett")], "2023")
    assert f"{late}params/2022.yml, params/2023.yml" in said
    run_steps([check(2022)], project / "build" / "2022")
    said = imported(capsys, [("DA001", "Ett")], "2023")
    assert f"{late}params/2023.yml" in said
    # What cannot be read says nothing, and stops nothing.
    for damaged in ("", "task = 3", "[[task]]\nid = 'check'\n", "\x00"):
        (project / "build" / "2023" / "pytask.lock").write_text(damaged)
        assert not any(line.startswith("Out of date") for line in imported(capsys, [("DA001", "Ett")], "2023"))
