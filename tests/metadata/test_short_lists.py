"""A part of a list is not taken for the whole of it: every other code would be called wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.cli import main
from kvarn.errors import CodeListError
from kvarn.metadata._imported import read_lists
from kvarn.metadata._short_lists import LEAST

KMA = [f"{first}{second}{number:03}" for first in "AB" for second in "ABCDE" for number in range(1, 301)]
KKA = [f"{first}{second}D{number:02}" for first in "AB" for second in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for number in range(100)]
MUNICIPALITIES = [row["code"] for row in metadata.own_codelist("municipality").rows if row["code"].isdecimal()]
PROFESSIONS = list(metadata.own_codelist("profession").leaves)


def import_(
    project: Path, codes: list[str], *, name: metadata.Importable = "procedure", year: int = 2023, **options: object
) -> metadata.ImportedList:
    source = project / f"{name}.csv"
    source.write_text("kod;titel\n" + "".join(f"{code};Titel {code}\n" for code in codes), encoding="utf-8")
    return metadata.import_codelist(source, name=name, year=year, into=project / metadata.CODELISTS, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "codes", "part"),
    [
        ("procedure", KMA[:3], "KMÅ has 3 codes"),
        ("procedure", KMA[:1], "KMÅ has 1 code,"),
        ("procedure", KKA[:3], "KKÅ has 3 codes"),
        ("procedure", KMA + KKA[:3], "KKÅ has 3 codes"),
        ("procedure", KMA[: LEAST["KMÅ"] - 1], "KMÅ has 1,999 codes, and at least 2,000"),
        ("procedure", KMA[:3] + KKA[:3], "KKÅ has 3 codes.*KMÅ has 3 codes"),
        ("municipality", MUNICIPALITIES[:3], r"the list \(municipality\) has 3 codes"),
        ("profession", PROFESSIONS[:3], r"the list \(profession\) has 3 codes"),
    ],
)
def test_what_is_far_too_short_is_refused(project: Path, name: metadata.Importable, codes: list[str], part: str) -> None:
    with pytest.raises(CodeListError, match=f"too short to be the list of 2023: .*{part}") as caught:
        import_(project, codes, name=name)
    assert caught.value.file == project / f"{name}.csv" and "--short WHY" in str(caught.value.remedy)
    assert not (project / metadata.CODELISTS).exists(), "nothing has been written"


@pytest.mark.parametrize(("name", "codes"), [("procedure", KMA), ("municipality", MUNICIPALITIES), ("profession", PROFESSIONS)])
def test_a_whole_list_needs_no_reason_and_one_that_is_given_is_not_kept(
    project: Path, name: metadata.Importable, codes: list[str]
) -> None:
    took = import_(project, codes, name=name, short="not needed")
    assert took.short is None and "short" not in json.loads(took.path.with_suffix(".json").read_text(encoding="utf-8"))


def test_codes_that_do_not_hold_in_the_year_do_not_count(project: Path) -> None:
    source = project / "k.csv"
    rows = [f"{code};t;{'2023' if number < 3 else '2020'}\n" for number, code in enumerate(KMA)]
    source.write_text("kod;titel;valid_to\n" + "".join(rows), encoding="utf-8")
    with pytest.raises(CodeListError, match="KMÅ has 3 codes"):
        metadata.import_codelist(source, name="procedure", year=2023, into=project / metadata.CODELISTS)


def test_half_of_what_the_year_before_had_is_too_short(project: Path) -> None:
    more = [*KMA, *(f"{first}F{number:03}" for first in "ABCDEFG" for number in range(1, 900))]
    import_(project, more, year=2022)
    with pytest.raises(CodeListError, match="the list of 2022 has"):
        import_(project, KMA, year=2023)


def test_a_part_that_joins_is_held_to_its_own_size(project: Path) -> None:
    import_(project, KMA)
    with pytest.raises(CodeListError, match="KKÅ has 3 codes"):
        import_(project, KKA[:3])


def test_a_reason_is_kept_and_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    took = import_(project, KMA[:3], short=" Only these are reported here. ")
    assert json.loads(took.path.with_suffix(".json").read_text(encoding="utf-8"))["short"] == "Only these are reported here."
    assert any("Only these are reported here." in said for said in took.summary())
    # Imported once more, the reason stands; another short list needs a reason of its own.
    assert import_(project, KMA[:3]).short == "Only these are reported here."
    with pytest.raises(CodeListError, match="too short"):
        import_(project, KMA[:4], replace=True)
    with pytest.raises(SystemExit):
        main(["codelists", "list"])
    assert "Only these are reported here." in capsys.readouterr().out


@pytest.mark.parametrize("reason", ["", "  ", "a\u202eb", "a\nb", "x" * 2000])
def test_a_reason_says_something_on_one_line(project: Path, reason: str) -> None:
    with pytest.raises(CodeListError):
        import_(project, KMA[:3], short=reason)


def test_a_short_list_that_another_version_took_in_is_not_read(project: Path) -> None:
    took = import_(project, KMA[:3], short="for the test")
    record = took.path.with_suffix(".json")
    told = json.loads(record.read_text(encoding="utf-8"))
    del told["short"]
    record.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    with pytest.raises(CodeListError, match="too short to be the list of 2023") as caught:
        read_lists(project / metadata.CODELISTS)
    assert "--replace" in str(caught.value.remedy) and "--short" in str(caught.value.remedy)


def test_the_command_refuses_a_list_of_three_codes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "kva.csv").write_text("kod;titel\nDT019;a\nQA011;b\nTKC20;c\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["codelists", "import", str(project / "kva.csv"), "--year", "2023"])
    said = capsys.readouterr().err
    assert ended.value.code and "too short" in said and "kva.csv" in said and "--short" in said
