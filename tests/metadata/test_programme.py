"""The statistical programme as data hangs together, in both languages."""

import pytest

from kvarn import metadata
from kvarn.errors import CodeListError

LISTS = ["sex", "age", "region", "month", "kind", "procedure-group", "procedure", "profession", "file_type"]
LISTS += ["weekday", "cooperation", "continuity"]


@pytest.mark.parametrize("name", LISTS)
def test_every_category_has_both_labels_once_and_a_parent_that_exists(name: str) -> None:
    listed = metadata.codelist(name)
    assert len(set(listed.codes)) == len(listed.codes)
    for code in listed.codes:
        assert listed.label(code, "sv").strip() and listed.label(code, "en").strip()
        parent = listed.parent(code)
        assert parent is None or parent in listed.codes


def test_every_table_names_variables_measures_and_categories_that_exist() -> None:
    for table in metadata.tables():
        assert table.variables[0] == "year"
        for name in table.variables:
            metadata.variable(name)
        for name in table.measures:
            measure = metadata.measure(name)
            assert set(measure.unit) == set(measure.definition) == set(metadata.languages)
        for name, codes in table.categories.items():
            assert set(codes) <= set(metadata.variable(name).codes.codes)
        assert set(table.nil_left_out) <= set(table.variables) - set(table.categories), "a category not shown need not be nil"
        for language in metadata.languages:
            assert table.title(language, [2023]).endswith("2023")


def test_a_ratio_is_of_measures_that_exist() -> None:
    for table in metadata.tables():
        for name in table.measures:
            ratio = metadata.measure(name).ratio
            if ratio:
                metadata.measure(ratio.numerator)
                metadata.measure(ratio.denominator)


def test_every_count_that_needs_protection_says_who_can_be_counted_and_by_what_rule() -> None:
    counts = [metadata.measure(name) for table in metadata.tables() for name in table.measures]
    for measure in counts:
        if measure.subject == "public" or measure.is_function:
            continue
        assert measure.source and measure.population, measure.name
        assert set(measure.population) == set(metadata.languages)
        if measure.subject == "procedures":
            assert measure.behind and metadata.measure(measure.behind).subject == "persons"


def test_a_function_of_counts_stands_beside_the_counts_of_the_same_cell() -> None:
    for table in metadata.tables():
        for measure in map(metadata.measure, table.measures):
            assert [measure.ratio, measure.quantile, measure.standardised].count(None) >= 2
            if measure.quantile is not None:
                assert {measure.quantile.of, measure.quantile.among} <= set(table.measures)
                part, whole = measure.quantile.share
                assert 0 < part < whole
            if measure.standardised is not None:
                assert {measure.standardised.numerator, measure.standardised.denominator} <= set(table.measures)


def test_standardised_rates_are_made_of_ages_that_divide_everyone_and_stand_in_a_table() -> None:
    rows = {row["code"]: row for row in metadata.codelist("age").rows}
    rules = [metadata.measure(f"standardised_{part}").standardised for part in ("per_1000", "lower", "upper")]
    (shared,) = {tuple(rule.groups) for rule in rules if rule is not None}
    for age in range(0, 121):
        assert sum(int(rows[code]["from_age"]) <= age <= int(rows[code]["to_age"] or 200) for code in shared) == 1
    assert set(shared) <= set(metadata.table("persons-by-municipality-sex-age").order("age"))


def test_ages_cover_every_year_once() -> None:
    rows = {row["code"]: row for row in metadata.codelist("age").rows}
    leaves = metadata.codelist("age").leaves
    for age in range(0, 121):
        held = [code for code in leaves if int(rows[code]["from_age"]) <= age <= int(rows[code]["to_age"] or 200)]
        assert len(held) == 1, age


def test_there_are_21_counties_and_290_municipalities() -> None:
    regions = metadata.codelist("region")
    assert len(regions.children("00")) == 21
    assert len(regions.leaves) == 290
    assert len(regions.children("01")) == 26
    assert regions.label("0188", "sv") == "Norrtälje"


def test_what_is_not_there_is_said_so() -> None:
    with pytest.raises(CodeListError, match="no table"):
        metadata.table("persons-by-shoe-size")
    with pytest.raises(CodeListError, match="not on the code list"):
        metadata.codelist("sex").label("3", "sv")
