"""Every mistake in an order is an error with its line and a suggestion, before anything is counted."""

from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.edition import Workspace, read_order
from kvarn.errors import EditionError

PROJECT = Path(__file__).parents[2]
GOOD = """\
edition: demo
title: {sv: "Personer, {years}", en: "Persons, {years}"}
measures: [persons, share_of_persons]
by: [region, month]
years: [2022, 2023]
categories:
  month: ["T", "01"]
"""


def written(folder: Path, text: str = GOOD, name: str = "falls-2023.yml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_order_becomes_a_table_beside_the_programme(tmp_path: Path) -> None:
    order, _ = read_order(written(tmp_path))
    table = order.definition("falls-2023")
    assert (table.variables, table.measures, table.beside) == (("year", "region", "month"), order.measures, True)
    assert table.title("sv", order.years) == "Personer, 2022–2023"
    assert (table.order("month"), table.order("region")[:2]) == (("T", "01"), ("00", "01"))
    assert order.counts == ("persons", "persons_with_procedure")


def test_only_professions_that_deliveries_may_name_are_shown_unless_others_are_asked_for(tmp_path: Path) -> None:
    text = GOOD.replace("[persons, share_of_persons]", "[procedures]").replace("[region, month]", "[profession, month]")
    codes = read_order(written(tmp_path, text))[0].definition("x").order("profession")
    assert codes == metadata.table("procedures-by-profession").order("profession")


def test_the_example_is_read() -> None:
    order, _ = read_order(PROJECT / "params" / "orders" / "example.yml")
    assert order.edition == "demo"


@pytest.mark.parametrize(
    ("before", "after", "line", "key", "said"),
    [
        ("[region, month]", "[region, mnth]", 4, "by", "did you mean 'month'"),
        ("[region, month]", "[year, month]", 4, "by", "every table has"),
        ("[region, month]", "[month, month]", 4, "by", "each once"),
        ("[region, month]", "[month, kind]", 4, "by", "Persons cannot be counted by 'kind', only by region"),
        ("[region, month]", "[month, continuity]", 4, "by", "do not go together"),
        ("[persons, share", "[procedurs, share", 3, "measures", "did you mean 'procedures'"),
        ("[persons, share_of_persons]", "[]", 3, "measures", "at least one"),
        ("[persons, share_of_persons]", "[months_median]", 3, "measures", "cannot be ordered"),
        ("[persons, share_of_persons]", "[files_due]", 3, "measures", "cannot be ordered"),
        ("share_of_persons", "persons_per_1000", 4, "by", "is made of it"),
        ("[2022, 2023]", "[2018, 2023]", 5, "years", "reported from 2019"),
        ("[2022, 2023]", "[1999]", 5, "years", "2007"),
        ("[2022, 2023]", "[2023, 2023]", 5, "years", "each year once"),
        ("  month:", "  moon:", 7, "categories.moon", "is by region, month"),
        ('"01"]', '"13"]', 7, "categories.month", "not on its code list"),
        ('"01"]', "1]", 7, "categories.month", "text"),
        ("Persons, {years}", "Persons {x}", 2, "title", "no braces"),
        ("Persons, {years}", "Persons, {years", 2, "title", "no braces"),
        ("edition: demo\n", "", None, "edition", "'edition' is missing"),
        ("years:", "jahre: 1\nyears:", 5, "jahre", "no key 'jahre'"),
        ("categories:", "ordered: soon\ncategories:", 6, "ordered", "date"),
        ("categories:", "orderer: ''\ncategories:", 6, "orderer", "one line"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, before: str, after: str, line: int | None, key: str, said: str) -> None:
    assert before in GOOD
    with pytest.raises(EditionError) as caught:
        read_order(written(tmp_path, GOOD.replace(before, after, 1)))
    assert said in str(caught.value)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert caught.value.remedy


@pytest.mark.parametrize(("name", "said"), [("persons-by-month.yml", "has a table named"), ("Falls.yml", "name of an order")])
def test_an_order_is_named_by_its_file(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(EditionError, match=said):
        read_order(written(tmp_path, name=name))


@pytest.mark.parametrize("name", ["orders", "extracts"])
def test_no_edition_takes_the_folder_of_all_orders(tmp_path: Path, name: str) -> None:
    with pytest.raises(EditionError, match="cannot be the name"):
        Workspace(tmp_path, name)
