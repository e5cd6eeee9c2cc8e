"""`kvarn intake` and `kvarn codelists`, as an office uses them before and after it has imported KVÅ."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.cli import main

PERSON = "193001011000"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "KHSL1_0114_202303.txt").write_text(f"0114;{PERSON};2023;03\n")
    (tmp_path / "d" / "KHSL2_0114_202303.txt").write_text(f"0114;{PERSON};20230301;QA011;XS914\n")
    monkeypatch.chdir(tmp_path)
    metadata.use_project(None)
    return tmp_path


def kvarn(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    return int(ended.value.code or 0), told.out + told.err


def test_intake_says_that_kva_has_not_been_imported_until_it_has(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    take_in = ("intake", "d", "--into", "s", "--receipts", "r")
    status, said = kvarn(capsys, *take_in)
    assert status == 1 and "KVÅ 2023 has not been imported" in said and "1 file has other codes and waits" in said
    assert "kvarn codelists import FILES --year 2023" in said
    status, said = kvarn(capsys, *take_in, "--synthetic")
    assert "KVÅ 2023 has not been imported" in said and "which the synthetic data are made from" in said
    (project / "kma.csv").write_text("kod;titel\nQA;Grupp\nQA011;Något\n", encoding="utf-8")
    (project / "kka.csv").write_text("kod;titel;Gällande period\nABC01;Annat;2023\n", encoding="utf-8")
    status, said = kvarn(capsys, "codelists", "import", "kma.csv", "--year", "2023")
    assert status == 0 and "left out, headings of groups: 1 (QA)" in said and "Note: no code of KKÅ" in said
    status, said = kvarn(capsys, *take_in)
    assert status == 0 and "KKÅ 2023 has not been imported" in said and "no file has other codes" in said
    status, said = kvarn(capsys, "codelists", "import", "kka.csv", "--year", "2023")
    assert status == 0 and "joined with the 1 codes" in said and "'Gällande period' looks as if" in said
    status, said = kvarn(capsys, *take_in)
    assert status == 0 and "has not been imported" not in said
    (project / "less.csv").write_text("kod;titel\nABC01;Annat\nABC02;Mer\n", encoding="utf-8")
    status, said = kvarn(capsys, "codelists", "import", "less.csv", "--year", "2023")
    assert status == 1 and "lack 1 of them (QA011), which would be gone" in said and "--replace" in said
    status, said = kvarn(capsys, "codelists", "import", "less.csv", "--year", "2023", "--replace")
    assert status == 0 and metadata.valid_procedures(2023) == {"ABC01", "ABC02"}


def test_what_an_edition_lacks_is_said_by_status(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from kvarn.cli._codelists import tell_of_missing_lists

    tell_of_missing_lists({2022: ("KVÅ",), 2023: ("KVÅ",), 2021: ("KKÅ",)}, synthetic=False)
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("KVÅ 2022, 2023; KKÅ 2021 has not been imported") and "deliveries with other codes wait" in said
    tell_of_missing_lists({}, synthetic=False)
    assert capsys.readouterr().out == ""
