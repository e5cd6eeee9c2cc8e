"""`kvarn intake` and `kvarn codelists`, as an office uses them before and after it has imported KVÅ."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.cli import main

PERSON = "193001011000"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "KHSL1_0114_202303.txt").write_text(f"0114;{PERSON};2023;03\n")
    (tmp_path / "d" / "KHSL2_0114_202303.txt").write_text(f"0114;{PERSON};20230301;QA011;XS914\n")
    monkeypatch.chdir(tmp_path)
    metadata.use_project(None)
    yield tmp_path
    metadata.use_project(None)


def kvarn(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    return int(ended.value.code or 0), told.out + told.err


def test_intake_says_that_kva_has_not_been_imported_until_it_has(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    take_in = ("intake", "d", "--into", "restricted/s", "--receipts", "receipts/r")
    status, said = kvarn(capsys, *take_in)
    assert status == 1 and "KVÅ 2023 has not been imported" in said and "1 file has other codes and waits" in said
    assert "kvarn codelists import FILES --year 2023" in said
    status, said = kvarn(
        capsys, "intake", "d", "--into", "restricted/of-nobody", "--receipts", "receipts/of-nobody", "--synthetic"
    )
    assert "KVÅ 2023 has not been imported" in said and "which the synthetic data are made from" in said
    (project / "kma.csv").write_text("kod;titel\nQA;Grupp\nQA011;Något\n", encoding="utf-8")
    (project / "kka.csv").write_text("kod;titel;Gällande period\nABC01;Annat;2023\n", encoding="utf-8")
    status, said = kvarn(capsys, "codelists", "import", "kma.csv", "--year", "2023", "--short", "for the test")
    assert status == 0 and "left out, headings of groups: 1 (QA)" in said and "Note: no code of KKÅ" in said
    status, said = kvarn(capsys, *take_in)
    assert status == 0 and "KKÅ 2023 has not been imported" in said and "no file has other codes" in said
    status, said = kvarn(capsys, "codelists", "import", "kka.csv", "--year", "2023", "--short", "for the test")
    assert status == 0 and "joined with the 1 code " in said and "'Gällande period' looks as if" in said
    status, said = kvarn(capsys, *take_in)
    assert status == 0 and "has not been imported" not in said
    (project / "less.csv").write_text("kod;titel\nABC01;Annat\nABC02;Mer\n", encoding="utf-8")
    status, said = kvarn(capsys, "codelists", "import", "less.csv", "--year", "2023", "--short", "for the test")
    assert status == 1 and "lack 1 of them (QA011), which would be gone" in said and "--replace" in said
    status, said = kvarn(capsys, "codelists", "import", "less.csv", "--year", "2023", "--short", "for the test", "--replace")
    assert status == 0 and metadata.valid_procedures(2023) == {"ABC01", "ABC02"}


def test_the_overview_of_a_year_under_way_calls_nothing_missing_before_it_is_due(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    today = dt.date.today()
    (project / "d" / f"KHSL1_0114_{today.year}01.txt").write_text(f"0114;{PERSON};{today.year};01\n")
    # A slip in a name: of that year nothing is accepted, so it is not what the office sees first.
    (project / "d" / f"KHSL1_0114_{today.year + 1}01.txt").write_text(f"0114;{PERSON};{today.year + 1};01\n")
    kvarn(capsys, "intake", "d", "--into", "restricted/s", "--receipts", "receipts/r")
    overview = pd.read_csv(project / "receipts" / "r" / "overview.csv", dtype={"municipality": str}, parse_dates=["due"])
    empty = overview[overview["file"].isna()]
    not_due = empty["due"] >= pd.Timestamp(today)
    assert set(empty.loc[not_due, "status"]) == {"not yet due"} and set(empty.loc[~not_due, "status"]) == {"missing"}
    shown = (project / "receipts" / "r" / "overview.html").read_bytes()
    assert shown == (project / "receipts" / "r" / f"overview-{today.year}.html").read_bytes()


def test_what_an_edition_lacks_is_said_by_status(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from kvarn.cli._codelists import tell_of_missing_lists

    tell_of_missing_lists({2022: ("KVÅ",), 2023: ("KVÅ",), 2021: ("KKÅ",)}, synthetic=False)
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("KVÅ 2022, 2023; KKÅ 2021 has not been imported") and "deliveries with other codes wait" in said
    tell_of_missing_lists({}, synthetic=False)
    assert capsys.readouterr().out == ""


HOSTILE = "KHSL1_0114_202303 [red]<script>alert(1)<!-- =1+1 {{x}}\u202e\x1b[31m [!].txt"


def test_a_file_whose_name_is_made_to_deceive_is_named_in_plain_text_everywhere(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "d" / HOSTILE).write_text(f"0114;{PERSON};2023;03\n", encoding="utf-8")
    status, said = kvarn(capsys, "intake", "d", "--into", "restricted/s", "--receipts", "receipts/r")
    assert status == 1 and "rejected: KHSL1_0114_202303 [red]<script>" in said
    _, history = kvarn(capsys, "intake", "--into", "restricted/s", "--history")
    pages = [
        path for path in (project / "receipts" / "r").rglob("*.html") if "&lt;script&gt;" in path.read_text(encoding="utf-8")
    ]
    assert pages, "its receipt"
    for text in (said, history, *(path.read_text(encoding="utf-8") for path in (project / "receipts" / "r").rglob("*.html"))):
        assert "\u202e" not in text and "\x1b" not in text
    for path in (project / "receipts" / "r").rglob("*.html"):
        assert "<script>alert" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("name", ["[red]a[bold]\x1b[31m\u202e.csv", "a[/nothing].csv"])
def test_an_error_names_a_file_in_plain_text(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Be it an error of kvarn's, of the system's or of nobody's: a name colours nothing, moves nothing and ends nothing."""
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text("code;title\nDT019;\n", encoding="utf-8")
    found = [kvarn(capsys, "codelists", "import", name, "--year", "2020", "--short", "for the test")]
    for error in (OSError(2, "No such file", name), ValueError(name)):

        def fails(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr("kvarn.cli._main.app", fails)
        found.append(kvarn(capsys, "intake"))
    for status, said in found:
        assert status == 1 and name.partition("\x1b")[0] in said and "\x1b" not in said and "\u202e" not in said


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_whatever_the_umask_what_intake_keeps_is_its_owners_alone_and_a_list_is_as_usual(
    project: Path, capsys: pytest.CaptureFixture[str], umask: int
) -> None:
    """The ledger, the rows, receipts and the overview; an imported list is for all."""
    (project / "kma.csv").write_text("kod;titel\nQA011;Något\n", encoding="utf-8")
    before = os.umask(umask)
    try:
        assert kvarn(capsys, "codelists", "import", "kma.csv", "--year", "2023", "--short", "for the test")[0] == 0
        assert kvarn(capsys, "intake", "d", "--into", "restricted/register")[0] == 0
        (project / "d" / "KHSL1_0114_202304.txt").write_text("not a row\n", encoding="utf-8")
        assert kvarn(capsys, "intake", "d", "--into", "restricted/register")[0] == 1
    finally:
        os.umask(before)
    kept = [project / "restricted", *(project / "restricted").rglob("*")]
    assert {path.name for path in kept} >= {"receipts", "overview.html"}
    for path in kept:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    lists = project / "params" / "codelists"
    assert stat.S_IMODE(lists.stat().st_mode) == 0o777 & ~umask
    assert {stat.S_IMODE(path.stat().st_mode) for path in lists.iterdir()} == {0o666 & ~umask}


def test_a_store_says_itself_whether_it_was_filled_from_a_synthetic_register(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "demo" / "deliveries").mkdir(parents=True)
    (project / "demo" / "SYNTHETIC.txt").write_text("SYNTHETIC DATA\n")
    shutil.copy(project / "d" / "KHSL1_0114_202303.txt", project / "demo" / "deliveries" / "KHSL1_0114_202304.txt")
    # A file that is rejected leaves a mark, and nothing else: what comes next decides.
    kvarn(capsys, "intake", "demo/deliveries", "--into", "restricted/of-demo")
    mark = project / "restricted/of-demo" / "SYNTHETIC.txt"
    assert mark.read_text() == "SYNTHETIC DATA\n" and mark.stat().st_mode & 0o077 == 0
    kvarn(capsys, "intake", "d", "--into", "restricted/real")
    assert not (project / "restricted/real" / "SYNTHETIC.txt").exists()
    for into, given, said in (
        ("restricted/of-demo", ("d",), "a synthetic register's (SYNTHETIC.txt); these deliveries are not"),
        ("restricted/real", ("demo/deliveries",), "and the others are not"),
        ("restricted/new", ("demo/deliveries", "d"), "and the others are not"),
    ):
        before = sorted((project / into).rglob("*"))
        status, told = kvarn(capsys, "intake", *given, "--into", into)
        assert status != 0 and said in " ".join(told.split()), told
        assert "stores of their own" in told and sorted((project / into).rglob("*")) == before
    assert kvarn(capsys, "intake", "demo/deliveries", "--into", "restricted/of-demo")[0] in (0, 1)
    # What the user says is synthetic has the mark as well, and comes to nothing that is real.
    kvarn(capsys, "intake", "d", "--into", "restricted/said", "--synthetic")
    assert "SYNTHETIC DATA" in (project / "restricted/said" / "SYNTHETIC.txt").read_text(encoding="utf-8")
    for into, further in (("restricted/said", ()), ("restricted/real", ("--synthetic",))):
        status, told = kvarn(capsys, "intake", "d", "--into", into, *further)
        assert status != 0 and "stores of their own" in told, told
