"""What looks wrong is told by `kvarn status`, and stops `kvarn publish`, before anything is taken in or computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.errors import FindingError
from kvarn.pipeline import Production, open_edition
from kvarn.pipeline.checking import report, require_right_parameters

from .test_findings import EDITION

MUNICIPALITIES = sorted(metadata.own_codelist("municipality").leaves)
# So many in each municipality, sex and single age make a country like Sweden.
EACH = 180


def population(file: Path, each: dict[int, int], jump: int = 1) -> None:
    """Everywhere as many, and in one municipality `jump` times as many in the last year."""
    last = max(each)
    lines = ["region,age,sex," + ",".join(map(str, each))]
    for code in MUNICIPALITIES:
        row = ",".join(str(number * (jump if code == "0114" and year == last else 1)) for year, number in each.items())
        lines += [f"{code},{age if age < 100 else '100+'},{sex},{row}" for age in range(101) for sex in (1, 2)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def opened(tmp_path: Path) -> Production:
    for folder in ("notebooks", "params", "d"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "p.csv").touch()
    text = EDITION.replace("checks: {country_least: 0, municipality_least: 0}", "")
    (tmp_path / "params" / "2023.yml").write_text(text, encoding="utf-8")
    return open_edition(tmp_path / "params" / "2023.yml")


@pytest.mark.parametrize(
    ("each", "jump", "found"),
    [
        ({2022: EACH, 2023: EACH}, 1, []),
        ({2022: EACH, 2023: EACH}, 2, ["population-jump at 2023, 0114"]),
        ({2022: EACH, 2023: 26 * EACH}, 1, ["population-jump", "population-size at 2023, country"]),
        ({2022: EACH // 10, 2023: EACH // 10}, 1, ["population-size at 2022, country", "population-size at 2023, country"]),
        ({2022: 26 * EACH, 2023: 26 * EACH}, 1, ["population-size at 2022, country", "population-size at 2023, country"]),
    ],
)
def test_a_population_that_cannot_be_is_told_before_the_register_is_made(
    opened: Production, each: dict[int, int], jump: int, found: list[str]
) -> None:
    population(opened.root / "p.csv", each, jump)
    told = report(opened)
    assert not (opened.workspace.register / "population.parquet").exists()
    said = {f"{one.what} at {one.where}" for one, _ in told.judged.awaiting}
    assert all(any(one.startswith(wanted) for one in said) for wanted in found) and (not said) == (not found)
    assert (told.error is not None) == bool(found)
    if found:
        with pytest.raises(FindingError, match=found[0].partition(" ")[0]):
            require_right_parameters(opened)
    else:
        require_right_parameters(opened)


def test_a_population_that_cannot_be_read_is_told_by_status_with_its_place(opened: Production) -> None:
    (opened.root / "p.csv").write_text("region,age,sex,2022,2023\n0114,0,1,5,x\n", encoding="utf-8")
    lines = report(opened).lines
    assert any("The population cannot be checked: " in line and "p.csv" in line for line in lines)


def test_what_is_accepted_of_the_population_and_not_found_is_told_before_the_register_is_made(opened: Production) -> None:
    accepted = (
        'accepted:\n  - {what: population-jump, where: "2023, 0114", at: "1 to 2", why: Meant., by: A. A., shown: false}\n'
        "  - {what: persons-jump, where: '2023, 0114', at: y, why: Meant., by: A. A., shown: false}\n"
    )
    opened.params.write_text(opened.params.read_text(encoding="utf-8") + accepted, encoding="utf-8")
    edition = open_edition(opened.params)
    assert report(edition).judged.unmatched == (), "of a population that cannot be read nothing is known"
    population(opened.root / "p.csv", {2022: EACH, 2023: EACH})
    # What is in the register is not known yet.
    assert [one.what for one in report(edition).judged.unmatched] == ["population-jump"]


def test_slips_in_the_parameters_and_in_the_population_are_told_at_once(opened: Production) -> None:
    population(opened.root / "p.csv", {2022: EACH, 2023: EACH}, jump=2)
    text = opened.params.read_text(encoding="utf-8").replace("scheduled: 2024-09-03", "scheduled: 2026-09-03")
    opened.params.write_text(text, encoding="utf-8")
    with pytest.raises(FindingError) as stopped:
        require_right_parameters(open_edition(opened.params))
    assert "- what: date-unlikely" in str(stopped.value) and "- what: population-jump" in str(stopped.value)
