"""What may be right and may be a slip: found, told without secrets, and accepted exactly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from kvarn import metadata
from kvarn.edition import Acceptance, Checks, Disclosure, Floor, weaker_than
from kvarn.errors import EditionError, FindingError
from kvarn.pipeline import Production, open_edition
from kvarn.pipeline.checking import require_right_parameters
from kvarn.pipeline.findings import CHECKS, Finding, as_parameters, find, found_beside, judge, value_without_ratio
from kvarn.pipeline.findings._fingerprint import fingerprint, how_many
from kvarn.pipeline.findings._population import jumps, sizes
from tests.analyse.test_release_history import enter

EDITION = """\
reference_year: 2023
first_year: 2022
synthetic: false
data: {deliveries: d, population: p.csv}
publication:
  series: {sv: Serie, en: Series}
  title: {sv: Titel, en: Title}
  publisher: {sv: Myndigheten, en: The Office}
  published: 2024-09-03
  scheduled: 2024-09-03
  contact: {name: Någon, email: someone@example.org, telephone: "+46 00 000 00 00"}
  previous: {title: {sv: Titel 2022, en: Title 2022}, published: 2023-09-05}
  licence: https://example.org/licence
  next: 2099-09-01
  signed: {name: Någon, title: {sv: Chef, en: Head}}
  stated:
    preservation: {sv: Så är det., en: So it is.}
    reporting: {sv: Så är det., en: So it is.}
    users: {sv: Så är det., en: So it is.}
    orders: {sv: Så är det., en: So it is.}
    accessibility: {sv: Så är det., en: So it is.}
# The registers of these tests are small.
checks: {country_least: 0, municipality_least: 0}
"""
BEFORE = EDITION.replace("2023", "2022").replace("2024", "2023").replace("Titel 2022", "Titel 2021").replace("-09-05", "-09-04")
Opened = Callable[..., Production]
# Of a floor that is no count.
HIGHER = {"taken_for_sums": 0.5}


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "params").mkdir()
    (tmp_path / "d").mkdir()
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "p.csv").touch()

    def opened(text: str = EDITION, *overrides: str, before: str | None = None) -> Production:
        if before is not None:
            (tmp_path / "params" / "2022.yml").write_text(before, encoding="utf-8")
        (tmp_path / "params" / "2023.yml").write_text(text, encoding="utf-8")
        return open_edition(tmp_path / "params" / "2023.yml", overrides=overrides)

    return opened


def found(production: Production) -> list[tuple[str, str, str]]:
    return [(one.what, one.where, one.at) for one in find(production, about=("parameters",))]


def test_each_kind_has_words_in_both_languages_a_remedy_figures_and_a_check() -> None:
    kinds = metadata.finding_kinds()
    assert list(kinds) == sorted(kinds, key=list(CHECKS).index)
    assert set(kinds) == set(CHECKS)
    for kind in kinds.values():
        assert kind.label("sv") != kind.label("en") and kind.remedy
        assert all(metadata.measure(name) for name in kind.measures)
        # What is in the data stands at figures; what is in the parameters at a key.
        assert bool(kind.measures) != (kind.about == "parameters")
        assert bool(kind.places) == (kind.about == "parameters")


def test_an_edition_without_a_slip_has_no_findings(opened: Opened) -> None:
    assert found(opened()) == []
    right = BEFORE.replace("published: 2023-09-03", "published: 2023-09-05").replace(
        "scheduled: 2023-09-03", "scheduled: 2023-09-05"
    )
    assert found(opened(before=right)) == []
    # An edition of the same year, of another kind, or one that cannot be read, is none of the year before.
    assert found(opened(before=EDITION)) == []
    assert found(opened(before=BEFORE.replace("synthetic: false", "synthetic: true"))) == []
    assert found(opened(before="a: [")) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Titel 2022", "Titel 2021", ("previous-edition", "publication.previous.title", "2021, 2022")),
        ("published: 2023-09-05", "published: 2022-09-05", ("previous-edition", "publication.previous.published", "2022-09-05")),
        ("published: 2023-09-05", "published: 2024-09-03", ("date-unlikely", "publication.previous.published", "2024-09-03")),
        ("published: 2024-09-03\n  s", "published: 2024-02-28\n  s", ("date-unlikely", "publication.published", "2024-02-28")),
        ("scheduled: 2024-09-03", "scheduled: 2024-01-15", ("date-unlikely", "publication.scheduled", "2024-01-15; ")),
        ("scheduled: 2024-09-03", "scheduled: 2025-09-03", ("date-unlikely", "publication.scheduled", "2025-09-03, published ")),
        ("p.csv}", "p.csv, as_of: 2024-09-04}\nstage: final", ("date-unlikely", "data.as_of", "2024-09-04")),
        ("p.csv}", "p.csv, as_of: 2023-12-31}\nstage: final", ("date-unlikely", "data.as_of", "2023-12-31")),
        ("p.csv}", "p.csv, as_of: 2024-01-01}\nstage: preliminary", ("date-unlikely", "data.as_of", "2024-01-01")),
        ("p.csv}", "p.csv, as_of: 2024-02-29}\nstage: preliminary", ("date-unlikely", "data.as_of", "2024-02-29")),
        ("title: {sv: Titel,", "title: {sv: Titel 2022,", ("title-year", "publication.title", "2022")),
    ],
)
def test_a_slip_in_the_parameters_is_found(opened: Opened, before: str, after: str, expected: tuple[str, str, str]) -> None:
    what, where, at = expected
    slips = found(opened(EDITION.replace(before, after)))
    assert any((one[0], one[1]) == (what, where) and one[2].startswith(at) for one in slips)


def test_the_day_after_the_last_file_was_due_is_no_slip(opened: Opened) -> None:
    assert found(opened(EDITION.replace("p.csv}", "p.csv, as_of: 2024-03-01}\nstage: preliminary"))) == []


def test_dates_copied_from_the_year_before_are_found_all_at_once_and_accepted_one_by_one(opened: Opened) -> None:
    copied = BEFORE.replace("reference_year: 2022", "reference_year: 2022").replace("2023-09-03", "2024-09-03")
    production = opened(before=copied)
    with pytest.raises(FindingError) as stopped:
        require_right_parameters(production)
    said = str(stopped.value)
    assert {key for _, key, _ in found(production)} >= {"publication.published", "publication.scheduled"}
    assert said.count("- what: date-copied") == 2 and "params/2022.yml" in said
    pasted = said[said.index("accepted:\n") :].replace('why: ""', "why: Meant.").replace('by: ""', "by: A. A.")
    require_right_parameters(opened(EDITION + pasted, before=copied))
    other = EDITION.replace("published: 2024-09-03\n", "published: 2024-09-03\n") + pasted.replace("2024-09-03", "2024-09-02")
    with pytest.raises(FindingError, match="has been accepted at '2024-09-02', and is another value now"):
        require_right_parameters(opened(other, before=copied))


def test_a_previous_publication_that_is_left_out_is_found_where_there_is_one(opened: Opened) -> None:
    alone = "\n".join(line for line in EDITION.splitlines() if "previous:" not in line) + "\n"
    assert found(opened(alone)) == []
    assert ("previous-edition", "publication.previous", "left out") in found(opened(alone, before=BEFORE))


def test_a_file_of_another_edition_that_changes_no_finding_is_no_input(opened: Opened) -> None:
    production = opened()
    before = found_beside(production)
    folder = production.params.parent
    consistent = BEFORE.replace("published: 2023-09-03", "published: 2023-09-05").replace(
        "scheduled: 2023-09-03", "scheduled: 2023-09-04"
    )
    others = {
        "same-year.yml": EDITION,
        "later.yml": EDITION.replace("2023", "2024"),
        "synthetic.yml": BEFORE.replace("synthetic: false", "synthetic: true"),
        "broken.yml": "reference_year: [",
        "2022.yml": consistent,
    }
    for name, text in others.items():
        (folder / name).write_text(text, encoding="utf-8")
        assert found_beside(production) == before, name
    # One that says something against it is.
    (folder / "2022.yml").write_text(BEFORE, encoding="utf-8")
    assert found_beside(production) != before


def test_the_previous_publication_has_the_day_that_its_own_edition_says(opened: Opened) -> None:
    assert ("previous-edition", "publication.previous.published", "2023-09-05") in found(opened(before=BEFORE))


def test_the_final_edition_of_the_year_before_goes_before_its_preliminary_one(opened: Opened) -> None:
    final = BEFORE.replace("published: 2023-09-03", "published: 2023-09-05").replace(
        "scheduled: 2023-09-03", "scheduled: 2023-09-05"
    )
    production = opened(before=final)
    preliminary = final.replace("2023-09-05", "2023-04-03") + "stage: preliminary\n"
    (production.params.parent / "2022-preliminary.yml").write_text(preliminary, encoding="utf-8")
    assert found(production) == []
    alone = "\n".join(line for line in EDITION.splitlines() if "previous:" not in line) + "\n"
    [left_out] = [one for one in find(opened(alone, before=final), about=("parameters",)) if one.what == "previous-edition"]
    assert "params/2022.yml is the edition for 2022" in left_out.said
    # Who names the day of the preliminary figures is told that the final ones have been published since.
    named = EDITION.replace("published: 2023-09-05", "published: 2023-04-03")
    assert ("previous-edition", "publication.previous.published", "2023-04-03") in found(opened(named, before=final))


def people(numbers: dict[tuple[int, int], tuple[int, int]]) -> pd.DataFrame:
    """Men and women by year and municipality."""
    rows = [
        {"year": year, "municipality": place, "sex": sex, "age": 40, "population": by_sex[sex - 1]}
        for (year, place), by_sex in numbers.items()
        for sex in (1, 2)
    ]
    return pd.DataFrame(rows)


LARGE = (500_000, 500_000)


def jumped(
    now: tuple[int, int], *, before: tuple[int, int] = (1_200, 1_200), large: tuple[int, int] = LARGE
) -> list[tuple[str, str]]:
    table = people({(2022, 114): before, (2023, 114): now, (2022, 180): LARGE, (2023, 180): large})
    return [(one.where, one.at) for one in jumps(table, Checks())]


def test_municipalities_that_shrink_and_grow_as_real_ones_do_are_no_finding() -> None:
    for now in ((1_150, 1_160), (1_250, 1_290), (1_330, 1_200), (1_080, 1_330)):
        assert jumped(now) == []
    # A demonstration has municipalities of a dozen inhabitants.
    assert jumped((9, 3), before=(4, 5)) == []


def test_a_jump_of_a_municipality_of_one_sex_and_of_the_country_is_found_up_and_down_alike() -> None:
    assert jumped((1_400, 1_390)) == [("2023, 0114", "2400 to 2790")]
    assert jumped((1_080, 1_080)) == [("2023, 0114", "2400 to 2160")]
    assert jumped((0, 1_200)) == [("2023, 0114", "2400 to 1200")]
    assert jumped((1_000, 1_400)) == [("2023, 0114, men", "1200 to 1000"), ("2023, 0114, women", "1200 to 1400")]
    assert ("2023, country", "1002400 to 1024400") in jumped((1_200, 1_200), large=(511_000, 511_000))
    of_sex = jumped((1_200, 1_200), large=(520_000, 484_000))
    assert {where for where, _ in of_sex} == {"2023, country, men", "2023, country, women"}


def test_only_years_that_follow_one_another_are_compared() -> None:
    table = people({(2021, 114): (10_000, 10_000), (2023, 114): (90_000, 90_000)})
    assert list(jumps(table, Checks())) == []


def test_sexes_that_change_places_between_files_are_found_where_they_differ() -> None:
    table = people({(2022, 114): (30_000, 40_000), (2023, 114): (40_000, 30_000)})
    assert [one.where.rsplit(", ", 1)[1] for one in jumps(table, Checks())] == ["men", "women"] * 2


def test_an_acceptance_is_of_one_value() -> None:
    finding = Finding("population-jump", "2023, 0114", "46300 to 52200", "Said.")
    accepted = Acceptance(what=finding.what, where=finding.where, at=finding.at, why="So.", by="A.", shown=False)
    gone = accepted.model_copy(update={"where": "2022, 0114"})
    judged = judge([finding], [accepted, gone])
    assert (judged.awaiting, judged.accepted, judged.unmatched) == ((), ((finding, accepted),), (gone,))
    other = replace(finding, at="46300 to 52201")
    assert judge([other], [accepted]).awaiting == ((other, "46300 to 52200"),)
    assert judge([other], [accepted]).unmatched == ()
    told = replace(finding, stops=False)
    assert judge([told], []).told == (told,) and judge([told], [accepted]).accepted == ((told, accepted),)


def test_an_acceptance_with_a_ratio_still_accepts_the_same_rows_and_no_others() -> None:
    finding = Finding("persons-jump", "2023, 0114", "39a7196c1757", "Said.")
    earlier = Acceptance(what=finding.what, where=finding.where, at="0.49 times, 39a7196c1757", why="So.", by="A.", shown=False)
    assert judge([finding], [earlier]).accepted == ((finding, earlier),)
    assert value_without_ratio(earlier) == finding.at
    assert value_without_ratio(earlier.model_copy(update={"at": finding.at})) is None
    others = replace(finding, at="39a7196c1758")
    assert judge([others], [earlier]).awaiting == ((others, earlier.at),)


def test_what_is_printed_can_be_pasted() -> None:
    tricky = [
        Finding("title-year", "publication.title", 'a "b": c # d', "Said."),
        Finding("population-jump", "2023", "1 to 2", "S."),
    ]
    pasted = yaml.safe_load("\n".join(as_parameters(tricky)))["accepted"]
    assert [(one["what"], one["where"], one["at"]) for one in pasted] == [(one.what, one.where, one.at) for one in tricky]
    there = Acceptance(what="title-year", where="publication.title", at=tricky[0].at, why="So.", by="A.", shown=False)
    first, second = ("\n".join(lines) + "\n" for lines in (as_parameters(tricky[:1]), as_parameters(tricky[1:], [there])))
    assert yaml.safe_load(first + second)["accepted"] == pasted, "what is pasted below the key that is there joins it"


def test_small_numbers_of_persons_are_not_told() -> None:
    told: Sequence[str] = [how_many(number, 4) for number in (0, 1, 3, 4, 1200)]
    assert told == ["no", "some", "some", "4", "1,200"]
    prints = {fingerprint([("ab", 114, month)]) for month in range(1, 13)}
    assert len(prints) == 12 and all(re.fullmatch("[0-9a-f]{12}", one) for one in prints)


WEAK = EDITION + "disclosure: {threshold: 2, floor: {threshold: 2}}\n"
WHO = """\
accepted:
  - what: floor-lowered
    where: disclosure.floor.threshold
    at: "2"
    why: The office has decided so for this year.
    by: A. Andersson, 2024-05-14
    shown: false
"""


def test_a_floor_that_is_lowered_stops_real_data_until_somebody_answers_for_it(opened: Opened) -> None:
    with pytest.raises(FindingError, match=r"disclosure.floor.threshold is 2, and kvarn's own 4"):
        require_right_parameters(opened(WEAK))
    with pytest.raises(FindingError):
        require_right_parameters(opened(EDITION, "disclosure.threshold=2", "disclosure.floor.threshold=2"))
    require_right_parameters(opened(WEAK + WHO))
    with pytest.raises(FindingError):
        require_right_parameters(opened(WEAK.replace("floor: {threshold: 2}", "floor: {threshold: 1}") + WHO))


STRICT = """\
disclosure:
  threshold: 10
  width: 9
  dominance: {n: 1, per_cent: 80}
  p_per_cent: 20
  sensitive: {kind: {threshold: 12}}
  floor: {threshold: 10}
"""
GONE = ["threshold", "width", "dominance", "p_per_cent", "sensitive", "floor.threshold"]
ACCEPTED = """\
accepted:
  - what: rules-weaker
    where: disclosure.threshold
    at: 10 to 4
    why: The office has decided so for this year.
    by: A. Andersson, 2024-05-14
    shown: false
"""


def released(root: Path, production: Production, name: str) -> None:
    kept = root / "restricted" / name / "disclosure"
    kept.mkdir(parents=True)
    rules = production.edition.disclosure.model_dump(mode="json")
    (kept / "certificate.json").write_text(json.dumps({"rules": rules, "cells_sha256": name}))
    enter(root, name)


def weaker(production: Production) -> dict[str, str]:
    return {where.removeprefix("disclosure."): at for what, where, at in found(production) if what == "rules-weaker"}


def test_rules_and_floors_that_the_edition_released_last_had_and_this_one_leaves_out_stop_it(
    opened: Opened, tmp_path: Path
) -> None:
    assert not weaker(opened(EDITION))
    released(tmp_path, opened(EDITION + STRICT), "2022")
    left_out = opened(EDITION)
    assert sorted(weaker(left_out)) == sorted(GONE)
    assert weaker(left_out)["p_per_cent"] == "20 to left out" and weaker(left_out)["threshold"] == "10 to 4"
    with pytest.raises(FindingError, match=r"disclosure.floor.threshold is 4, and was 10 in the edition 2022"):
        require_right_parameters(left_out)
    assert not weaker(opened(EDITION + STRICT)) and not weaker(opened(EDITION + STRICT.replace("width: 9", "width: 11")))
    accepting = opened(EDITION + ACCEPTED)
    accepted = judge(find(accepting, about=("parameters",)), accepting.edition.accepted).accepted
    assert [one.where for one, _ in accepted] == ["disclosure.threshold"]


def test_an_edition_that_is_released_is_held_to_its_own_rules_and_a_synthetic_one_is_told_alone(
    opened: Opened, tmp_path: Path
) -> None:
    released(tmp_path, opened(EDITION + STRICT), "2022")
    synthetic = opened(EDITION.replace("synthetic: false", "synthetic: true"))
    assert not weaker(synthetic), "another register"
    released(tmp_path, opened(EDITION), "2023")
    assert not weaker(opened(EDITION)) and sorted(weaker(opened(EDITION + "disclosure: {quantile_persons: 15}\n"))) == [
        "quantile_persons"
    ]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"dominance": {"n": 1, "per_cent": 80.0}}, {"dominance": {"n": 2, "per_cent": 80.0}}),
        ({"dominance": {"n": 1, "per_cent": 80.0}}, {"dominance": {"n": 1, "per_cent": 90.0}}),
        ({"p_per_cent": 20.0}, {"p_per_cent": 10.0}),
        ({"municipalities": True}, {}),
        ({"method": "cell-key", "cell_key": {"greatest": 5, "variance": 4.0}}, {"method": "cell-key"}),
        ({}, {"method": "cell-key"}),
        ({"sensitive": {"sex": {"threshold": 9}}}, {"sensitive": {"sex": {"threshold": 9, "codes": ("1",)}}}),
        ({"sensitive": {"sex": {"group": True}}}, {"sensitive": {"sex": {"group": False}}}),
        *(
            ({"floor": {name: HIGHER.get(name, value + 1)}}, {})
            for name, value in Floor().model_dump().items()
            if name != "singletons"
        ),
        ({}, {"floor": {"singletons": False}}),
    ],
)
def test_each_rule_that_is_weaker_is_seen_and_none_that_is_stricter(before: dict[str, object], now: dict[str, object]) -> None:
    then, rules = Disclosure.model_validate(before), Disclosure.model_validate(now)
    assert len(list(weaker_than(rules, then))) == 1 and not list(weaker_than(then, then))
    # Of one contributor and of two, and of two methods, neither rule is the stricter one.
    if rules.method == then.method and (rules.dominance and rules.dominance.n) == (then.dominance and then.dominance.n):
        assert not list(weaker_than(then, rules))


def test_weak_rules_of_synthetic_data_are_told_and_stop_nothing(opened: Opened) -> None:
    production = opened(EDITION.replace("synthetic: false", "synthetic: true") + "disclosure: {threshold: 1, contributors: 1}\n")
    require_right_parameters(production)
    told = judge(find(production, about=("parameters",)), ()).told
    assert [one.where for one in told] == ["disclosure.threshold", "disclosure.contributors"]
    assert all(one.said.startswith("warning: ") and "With real data" in one.said for one in told)


def test_weak_rules_of_real_data_are_refused_with_key_and_line(opened: Opened) -> None:
    with pytest.raises(EditionError, match="weaker than the office's floor") as refused:
        opened(EDITION + "disclosure:\n  contributors: 1\n")
    assert (refused.value.key, refused.value.line) == ("disclosure.contributors", EDITION.count("\n") + 2)


def of_size(country: int, stockholm: int = 980_000, bjurholm: int = 2_400, year: int = 2023) -> pd.DataFrame:
    others = country - stockholm - bjurholm
    parts = {180: stockholm, 2403: bjurholm, **{1400 + number: others // 12 for number in range(12)}}
    parts[1411] += others - 12 * (others // 12)
    return pd.DataFrame(
        [(year, place, number) for place, number in parts.items()], columns=["year", "municipality", "population"]
    )


@pytest.mark.parametrize(
    ("population", "at"),
    [
        (of_size(10_550_000), []),
        (of_size(9_180_000), []),
        (of_size(274_300_000), ["2023, country"]),
        (of_size(1_055_000, 98_000, 240), ["2023, country"]),
        (of_size(10_550, 980, 2), ["2023, country"]),
        (of_size(10_550_000, bjurholm=240), ["2023, 2403"]),
        (of_size(10_550_000, stockholm=2_000_000), ["2023, 0180"]),
        (pd.concat([of_size(10_550_000), of_size(105_500_000, year=2022)]), ["2022, country"]),
    ],
)
def test_a_population_that_cannot_be_is_a_finding(population: pd.DataFrame, at: list[str]) -> None:
    found = list(sizes(population, Checks()))
    assert [one.where for one in found] == at and all(one.what == "population-size" and one.stops for one in found)
    for one in found:
        assert "are expected" in one.said and re.search(r"checks\.(country|municipality)_least", one.said)
        accepted = Acceptance(what=one.what, where=one.where, at=one.at, why="It is so.", by="A. A.", shown=None)
        assert not judge([one], [accepted]).awaiting
        # Another size at the same place is another finding.
        assert judge([replace(one, at="1")], [accepted]).awaiting
    assert not list(sizes(population, Checks(country_least=0, country_most=10**9, municipality_least=0, municipality_most=10**9)))


def test_a_publication_long_after_its_year_is_asked_about(opened: Opened) -> None:
    slipped = EDITION.replace("published: 2024-09-03", "published: 2042-09-03").replace(
        "scheduled: 2024-09-03", "scheduled: 2042-09-03"
    )
    places = [(where, at) for what, where, at in found(opened(slipped)) if what == "date-unlikely"]
    assert ("publication.published", "2042-09-03") in places and ("publication.scheduled", "2042-09-03") in places
    later = EDITION.replace("2024-09-03", "2025-12-31")
    assert not [one for one in found(opened(later)) if one[0] == "date-unlikely"]
