"""The synthetic register has the size and the shape of the published one."""

import pandas as pd
import pytest

from kvarn.metadata import codelist

PUBLISHED_PERSONS = {2020: 387_000, 2021: 388_000, 2022: 412_000, 2023: 414_000}
SCALE = 6000 / 414_000


def test_persons_grow_as_published_with_a_break_after_2018(persons: pd.DataFrame) -> None:
    by_year = persons.groupby("year")["identity"].nunique()
    assert by_year[2023] == 6000
    for year, published in PUBLISHED_PERSONS.items():
        assert by_year[year] == pytest.approx(published * SCALE, abs=1)
    assert by_year[2019] < 0.97 * by_year[2018]


@pytest.mark.parametrize(("year", "share"), [(2021, 0.82), (2022, 338 / 412), (2023, 342 / 414)])
def test_the_share_of_persons_aged_65_and_older_is_the_published_one(persons: pd.DataFrame, year: int, share: float) -> None:
    of_year = persons[persons["year"] == year].drop_duplicates("identity")
    assert (of_year["age"] >= 65).mean() == pytest.approx(share, abs=0.002)


def test_half_of_the_persons_are_women_aged_65_and_older(persons: pd.DataFrame) -> None:
    of_year = persons[persons["year"] == 2021].drop_duplicates("identity")
    old = of_year["age"] >= 65
    assert (old & of_year["woman"]).mean() == pytest.approx(0.50, abs=0.003)
    assert (old & ~of_year["woman"]).mean() == pytest.approx(0.32, abs=0.003)


def test_about_154_of_1000_inhabitants_aged_65_and_older_are_in_care(persons: pd.DataFrame, inhabitants: pd.DataFrame) -> None:
    old = inhabitants["ålder"].str.removesuffix("+").astype(int) >= 65
    of_year = persons[(persons["year"] == 2020) & (persons["age"] >= 65)]
    rate = 1000 * of_year["identity"].nunique() / inhabitants.loc[old, "X2020"].sum()
    assert rate == pytest.approx(154, abs=6)


def test_the_rate_in_care_rises_with_age(persons: pd.DataFrame, inhabitants: pd.DataFrame) -> None:
    age = inhabitants["ålder"].str.removesuffix("+").astype(int)
    of_year = persons[persons["year"] == 2023].drop_duplicates("identity")
    rates = [
        of_year["age"].between(low, high).sum() / inhabitants.loc[age.between(low, high), "X2023"].sum()
        for low, high in ((0, 17), (18, 64), (65, 69), (70, 74), (75, 79), (80, 84), (85, 89), (90, 120))
    ]
    assert rates == sorted(rates)
    assert rates[-1] < 1


def test_stockholm_county_but_norrtalje_has_fewer_in_care(persons: pd.DataFrame, inhabitants: pd.DataFrame) -> None:
    code = inhabitants["region"].str[:4]
    old = inhabitants["ålder"].str.removesuffix("+").astype(int) >= 65
    of_year = persons[(persons["year"] == 2023) & (persons["age"] >= 65)]

    def rate(selected: pd.Series, people: pd.Series) -> float:
        return of_year[people]["identity"].nunique() / inhabitants.loc[selected & old, "X2023"].sum()

    stockholm = rate(
        code.str.startswith("01") & (code != "0188"),
        of_year["municipality"].str.startswith("01") & (of_year["municipality"] != "0188"),
    )
    others = rate(~code.str.startswith("01"), ~of_year["municipality"].str.startswith("01"))
    norrtalje = rate(code == "0188", of_year["municipality"] == "0188")
    assert stockholm < 0.6 * others
    assert norrtalje > 1.3 * stockholm


@pytest.mark.parametrize(("year", "share"), [(2019, 0.75), (2022, 0.75), (2023, 0.82)])
def test_procedures_exist_for_the_published_share_of_persons(
    persons: pd.DataFrame, procedures: pd.DataFrame, year: int, share: float
) -> None:
    with_procedure = procedures.loc[procedures["year"] == year, "identity"].nunique()
    everybody = persons.loc[persons["year"] == year, "identity"].nunique()
    assert with_procedure / everybody == pytest.approx(share, abs=0.002)


@pytest.mark.parametrize(("year", "assessing", "treating"), [(2022, 0.81, 0.90), (2023, 0.82, 0.90)])
def test_assessing_and_treating_procedures_reach_the_published_shares(
    procedures: pd.DataFrame, year: int, assessing: float, treating: float
) -> None:
    of_year = procedures[procedures["year"] == year]
    kinds = of_year["procedure"].map(lambda code: codelist("procedure").by_code[code]["kind"])
    everybody = of_year["identity"].nunique()
    for kind, share in (("assessing", assessing), ("treating", treating)):
        assert of_year[kinds == kind]["identity"].nunique() / everybody == pytest.approx(share, abs=0.003)


def test_there_are_as_many_procedures_as_asked_for_and_they_are_skewed(procedures: pd.DataFrame) -> None:
    by_person = procedures[procedures["year"] == 2023].groupby("identity").size()
    assert by_person.mean() == pytest.approx(12, rel=0.04)
    assert by_person.max() > 15 * by_person.median()


def test_no_procedures_before_2019(procedures: pd.DataFrame) -> None:
    assert procedures["year"].min() == 2019


def test_a_code_is_used_only_while_it_is_valid(procedures: pd.DataFrame) -> None:
    assert procedures.loc[procedures["procedure"] == "AW020", "year"].min() == 2021


def test_persons_stay_for_years_leave_and_turn_up_in_two_municipalities(persons: pd.DataFrame) -> None:
    earlier = set(persons.loc[persons["year"] == 2022, "identity"])
    later = set(persons.loc[persons["year"] == 2023, "identity"])
    assert 0.6 < len(earlier & later) / len(earlier) < 0.95
    places = persons[persons["year"] == 2023].groupby("identity")["municipality"].nunique()
    assert 0.005 < (places > 1).mean() < 0.04


def test_some_municipalities_deliver_persons_only_and_fewer_of_them_in_2023(
    persons: pd.DataFrame, procedures: pd.DataFrame
) -> None:
    def without(year: int) -> set[str]:
        everywhere = set(persons.loc[persons["year"] == year, "municipality"])
        return everywhere - set(procedures.loc[procedures["year"] == year, "municipality"])

    assert 0 < len(without(2023)) < len(without(2022))


def test_the_population_is_in_proportion(inhabitants: pd.DataFrame) -> None:
    assert inhabitants.shape == (290 * 101 * 2, 3 + 6)
    assert inhabitants["X2019"].sum() == pytest.approx(10_327_589 * SCALE, rel=0.005)
    by_municipality = inhabitants.groupby(inhabitants["region"].str[:4])["X2019"].sum()
    assert by_municipality.idxmax() == "0180"
    assert by_municipality.max() == pytest.approx(974_073 * SCALE, rel=0.03)
    assert by_municipality.idxmin() == "2403"
