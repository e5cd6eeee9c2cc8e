"""What the reports tell of revised figures: counts of published cells, and nothing of what they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.disseminate.revisions import Revisions, read_revisions, revisions_table
from kvarn.errors import InputError

LIST = """table,year,compared,revised
persons-by-month,2021,39,0
persons-by-month,2022,39,3
procedures-by-month,2021,26,1000
procedures-by-month,2022,26,2
"""


def written(folder: Path, text: str) -> Path:
    (folder / "revisions-by-table.csv").write_text(text, encoding="utf-8")
    return folder


def test_the_counts_are_read_by_table_and_year(tmp_path: Path) -> None:
    revisions = read_revisions(written(tmp_path, LIST))
    assert (revisions.all_compared, revisions.all_revised) == (130, 1005)
    assert revisions.years == (2021, 2022)
    assert revisions.of_table("persons-by-month") == {2022: 3}
    assert revisions.of_table("persons-by-year-sex-age") == {}


def test_the_table_has_all_tables_first_and_then_those_with_revised_figures(tmp_path: Path) -> None:
    table = revisions_table(read_revisions(written(tmp_path, LIST)), language="en")
    assert table.heads == ("Table", "Revised figures by year", "Figures compared", "Figures revised")
    assert table.lines[0] == ("All tables", "2021: 1,000; 2022: 5", "130", "1,005")
    assert [line[1:] for line in table.lines[1:]] == [("2022: 3", "78", "3"), ("2021: 1,000; 2022: 2", "52", "1,002")]
    assert "2021–2022" in table.lines[1][0]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_where_nothing_was_compared_no_nought_is_shown(language: str) -> None:
    table = revisions_table(Revisions({}, {}), language=language)
    assert [line[0] for line in table.lines] == [
        {"sv": "Ingen tabell har jämförts", "en": "No table has been compared"}[language]
    ]
    assert [line[1:] for line in table.lines] == [("..", "..", "..")]
    assert table.symbols == ("..",)


@pytest.mark.parametrize("text", [None, "table,year\nx,2020\n"])
def test_a_list_that_is_missing_or_another_file_is_told_of(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        written(tmp_path, text)
    with pytest.raises(InputError, match="list of revisions") as caught:
        read_revisions(tmp_path)
    assert caught.value.file == tmp_path / "revisions-by-table.csv"
    assert "kvarn publish" in str(caught.value.remedy)
