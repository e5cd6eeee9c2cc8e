"""Values that are of the right type and cannot be meant are refused, with their key and what to write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kvarn.edition import load_edition
from kvarn.errors import EditionError

PARAMS = Path(__file__).parents[2] / "params" / "2023.yml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("notebooks", "params/population", "restricted/deliveries"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "params" / "population" / "population-2023.csv").touch()
    return tmp_path


def written(project: Path, line: str, more: str = "") -> Path:
    """The project's parameters with one line written otherwise, or added to its section."""
    text = PARAMS.read_text(encoding="utf-8")
    key = line.split(":")[0]
    changed, found = re.subn(rf"^{key}:.*$", lambda _: line, text, count=1, flags=re.MULTILINE)
    file = project / "params" / "2023.yml"
    file.write_text(f"{changed if found else f'{text}{line}'}\n{more}", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("line", "key", "said"),
    [
        ("checks: {population_municipality: 10}", "checks.population_municipality", "1.0 or less"),
        ("checks: {population_municipality_sex: 15}", "checks.population_municipality_sex", "1.0 or less"),
        ("checks: {population_country: 2}", "checks.population_country", "1.0 or less"),
        ("checks: {population_country_sex: 3}", "checks.population_country_sex", "1.0 or less"),
        ("  population_noise: 5", "data.population_noise", "from 2025 on"),
        ("  deliveries: [restricted/deliveries]", "data.deliveries", "should be one path"),
        ("  width: 3\n  dominance: {n: 1, per_cent: 0.85}", "disclosure.dominance.per_cent", "should be 1.0 or more"),
        ("  width: 3\n  p_per_cent: 0.1", "disclosure.p_per_cent", "should be 1.0 or more"),
        (
            "  width: 3\n  sensitive: {procedure_group: {threshold: 3}}",
            "disclosure.sensitive.procedure_group.threshold",
            "weaker",
        ),
        (
            "  width: 3\n  sensitive: {procedure_group: {threshold: 10, contributors: 2}}",
            "disclosure.sensitive.procedure_group.contributors",
            "weaker",
        ),
        ("  published: 2023-09-03", "publication.published", "2023 cannot be published on 2023-09-03, before it has ended"),
    ],
)
def test_a_slip_is_refused_with_its_key(project: Path, line: str, key: str, said: str) -> None:
    with pytest.raises(EditionError) as caught:
        load_edition(written(project, line))
    assert caught.value.key == key and said in str(caught.value) and caught.value.line


@pytest.mark.parametrize(
    "line",
    [
        "checks: {population_municipality: 0.5}",
        "  width: 3\n  dominance: {n: 1, per_cent: 85}",
        "  width: 3\n  sensitive: {procedure_group: {threshold: 10}}",
        "  population_noise: 0",
    ],
)
def test_what_is_meant_is_taken(project: Path, line: str) -> None:
    load_edition(written(project, line))
