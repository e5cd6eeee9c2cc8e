"""Every mistake in an edition is an error with its line and a suggestion, before anything runs."""

import re
from pathlib import Path

import pytest

from kvarn.edition import load_edition
from kvarn.errors import EditionError

GOOD = """\
reference_year: 2023
first_year: 2017
synthetic: true
data:
  deliveries: deliveries
  population: population.csv
publication:
  series: {sv: Serie, en: Series}
  title: {sv: Titel, en: Title}
  publisher: {sv: Myndigheten, en: The Office}
  published: 2024-09-03
  scheduled: 2024-09-01
  contact: {name: Någon, email: someone@example.org}
disclosure:
  threshold: 4
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "params").mkdir()
    (tmp_path / "deliveries").mkdir()
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "population.csv").touch()
    return tmp_path


def written(project: Path, text: str) -> Path:
    path = project / "params" / "2023.yml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(project: Path, text: str, *overrides: str) -> EditionError:
    with pytest.raises(EditionError) as caught:
        load_edition(written(project, text), overrides)
    return caught.value


def test_a_good_edition_is_read(project: Path) -> None:
    edition = load_edition(written(project, GOOD))
    assert edition.years == tuple(range(2017, 2024))
    assert edition.event_years == tuple(range(2019, 2024))
    assert edition.disclosure.contributors == 4


def test_with_a_day_of_deliveries_the_stage_must_be_stated(project: Path) -> None:
    as_of = GOOD.replace("  population:", "  as_of: 2024-03-31\n  population:")
    error = refused(project, as_of)
    assert error.key == "stage" and "preliminary" in str(error) and "as_of" in str(error)
    for stage in ("preliminary", "final"):
        assert load_edition(written(project, f"stage: {stage}\n{as_of}")).stage == stage
    assert load_edition(written(project, as_of), ["stage=preliminary"]).stage == "preliminary"
    assert load_edition(written(project, GOOD)).stage == "final"
    assert refused(project, f"stage: early\n{GOOD}").key == "stage"


@pytest.mark.parametrize(("stage", "final", "good"), [
    ("preliminary", "2024-12-03", True),
    ("preliminary", "2024-09-03", False),
    ("final", "2024-12-03", False),
])  # fmt: skip
def test_only_preliminary_figures_become_final_and_later(project: Path, stage: str, final: str, good: bool) -> None:
    text = f"stage: {stage}\n" + GOOD.replace("  scheduled:", f"  final: {final}\n  scheduled:")
    if good:
        assert str(load_edition(written(project, text)).publication.final) == final
    else:
        assert refused(project, text).key == "publication.final"


def test_an_unknown_key_is_refused_with_its_line_and_a_suggestion(project: Path) -> None:
    error = refused(project, GOOD.replace("threshold", "treshold"))
    assert error.line == 15
    assert error.key == "disclosure.treshold"
    assert "'threshold'" in str(error.remedy)


def test_a_misspelt_key_at_the_top_is_refused_although_another_is_missing(project: Path) -> None:
    error = refused(project, GOOD.replace("first_year", "frist_year"))
    assert error.key in {"frist_year", "first_year"}


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("reference_year: 2023", "reference_year: soon", 1, "whole number"),
        ("reference_year: 2023", "reference_year: 2023.5", 1, "whole number"),
        ("synthetic: true", "synthetic: perhaps", 3, "true or false"),
        ("published: 2024-09-03", "published: autumn", 11, "date"),
        ("published: 2024-09-03", "published: 2024-02-30", 11, ""),
        ("published: 2024-09-03", "published: 2023-02-03", 11, "before it has ended"),
        ("threshold: 4", "threshold: 0", 15, "it should be 1 or more"),
        ("email: someone@example.org", "email: nobody", 13, "an e-mail address"),
        ("first_year: 2017", "first_year: 2024", 2, "cannot begin"),
        ("population: population.csv", "population: popluation.csv", 6, "nothing at"),
        ("  deliveries: deliveries", "  deliveries: [", 5, "opened here and not closed"),
    ],
)
def test_a_wrong_value_is_refused_with_its_line(project: Path, before: str, after: str, line: int, said: str) -> None:
    error = refused(project, GOOD.replace(before, after))
    assert error.line == line
    assert said in error.what
    assert "2023.yml" in str(error.where)


def test_a_key_given_twice_is_refused(project: Path) -> None:
    error = refused(project, GOOD + "synthetic: false\n")
    assert error.line == 16
    assert "line 3" in str(error.remedy)


def test_a_missing_section_is_named(project: Path) -> None:
    error = refused(project, re.sub(r"data:\n.*\n.*\n", "", GOOD))
    assert "'data' is missing" in error.what


def test_synthetic_data_cannot_be_official_statistics(project: Path) -> None:
    error = refused(project, GOOD + "official_statistics: true\n")
    assert error.key == "official_statistics"
    assert "2001:99" in error.what


def test_a_missing_file_suggests_a_near_one(project: Path) -> None:
    written(project, GOOD)
    with pytest.raises(EditionError, match="Did you mean"):
        load_edition(project / "params" / "2032.yml")


@pytest.mark.parametrize("name", ["r", "old", "2", "revised"])
def test_a_missing_file_suggests_none_that_is_far(project: Path, name: str) -> None:
    """The ending that all have makes no two names near."""
    written(project, GOOD)
    for other in ("r", "demo"):
        if other != name:
            (project / "params" / f"{other}.yml").touch()
    with pytest.raises(EditionError) as caught:
        load_edition(project / "params" / f"{name}.yml")
    assert "Did you mean" not in str(caught.value) and "such as" in str(caught.value.remedy)


def test_an_override_is_applied_and_checked(project: Path) -> None:
    path = written(project, GOOD)
    assert load_edition(path, ["disclosure.threshold=10"]).disclosure.threshold == 10
    assert load_edition(path, ["quality.rejected_rows=0.5"]).quality.rejected_rows == 0.5
    with pytest.raises(EditionError, match="--set"):
        load_edition(path, ["disclosure.treshold=10"])
    with pytest.raises(EditionError, match="key=value"):
        load_edition(path, ["disclosure.threshold"])


def test_the_editions_that_ship_are_good_but_for_their_data(project: Path) -> None:
    shipped = Path(__file__).parents[2] / "params"
    for name in ("demo.yml", "2023.yml"):
        path = written(project, (shipped / name).read_text(encoding="utf-8"))
        edition = load_edition(path, ["data.deliveries=deliveries", "data.population=population.csv"])
        assert edition.reference_year == 2023
        assert not edition.official_statistics


def test_every_key_of_the_model_is_explained_in_the_annotated_edition() -> None:
    from kvarn.edition import Contact, Data, Disclosure, Edition, NotebookLimits, Previous, Publication, Quality

    shipped = (Path(__file__).parents[2] / "params" / "2023.yml").read_text(encoding="utf-8")
    for model in (Edition, Data, Publication, Contact, Previous, Disclosure, Quality, NotebookLimits):
        for key in model.model_fields:
            assert re.search(rf"^[# ]*{key}:", shipped, re.MULTILINE), f"{model.__name__}.{key} is not in params/2023.yml"


def test_corrections_of_persons_are_optional_and_must_exist(project: Path) -> None:
    assert load_edition(written(project, GOOD)).data.persons is None
    named = GOOD.replace("  population: population.csv\n", "  population: population.csv\n  persons: corrections.csv\n")
    error = refused(project, named)
    assert error.key == "data.persons"
    assert error.line == 7
    (project / "corrections.csv").touch()
    assert load_edition(written(project, named)).data.persons == Path("corrections.csv")


@pytest.mark.parametrize(
    ("override", "key", "said"),
    [
        ("disclosure.treshold=10", "disclosure.treshold", "Did you mean 'threshold'"),
        ("disclosur.threshold=10", "disclosur", "Did you mean 'disclosure'"),
        ("disclosure.floor.treshold=10", "disclosure.floor.treshold", "Did you mean 'threshold'"),
        (
            "disclosure.sensitive={procedure_group: {treshold: 10}}",
            "disclosure.sensitive.procedure_group.treshold",
            "'threshold'",
        ),
        ("disclosure.sensitive.procedure_grup.threshold=10", "disclosure.sensitive", "did you mean 'procedure_group'"),
        ("disclosure.sensitive={procedure_group: {codes: [medicin]}}", "disclosure.sensitive", "did you mean 'medicines'"),
        ("disclosure={threshold: many}", "disclosure.threshold", "whole number"),
        ("disclosure.threshold=", "disclosure.threshold", "whole number"),
        ("disclosure.threshold=[1", "disclosure.threshold", "cannot be read"),
        ("disclosure.threshold=&a [*a]", "disclosure.threshold", "anchor"),
        ("disclosure.threshold=" + "9" * 5000, "disclosure.threshold", "characters"),
        ("reference_year.x=1", "reference_year.x", "no keys of its own"),
        ("accepted={what: x}", "accepted", "list"),
        ("data.deaths=" + "x" * 300, "data.deaths", "255"),
        ("data.deaths=deliveries", "data.deaths", "a folder"),
        ("data.deliveries=population.csv", "data.deliveries", "no folder"),
        ("publication.published=2020-01-01", "publication.published", "before it has ended"),
        ("notebooks={persons: {a: [1]}}", "notebooks.persons.a", "Invalid value"),
        ("disclosure..threshold=1", None, "key=value"),
        ("=1", None, "key=value"),
    ],
)
def test_a_mistake_of_the_command_line_names_set(project: Path, override: str, key: str | None, said: str) -> None:
    error = refused(project, GOOD, override)
    assert error.file == "--set" and error.line is None
    assert error.key == key and said in str(error) and error.remedy


def test_a_suggestion_is_made_at_every_depth(project: Path) -> None:
    text = GOOD + "  floor: {treshold: 4}\n"
    assert refused(project, text).key == "disclosure.floor.treshold"
    for section, near in (("contact", "telefone"), ("series", "svv")):
        error = refused(project, re.sub(rf"({section}: {{)", rf"\1{near}: x, ", GOOD))
        assert "Did you mean" in str(error.remedy) and error.line == {"contact": 13, "series": 8}[section]


def test_a_pipe_in_the_place_of_any_file_stops_at_once(project: Path) -> None:
    import os

    os.mkfifo(project / "pipe")
    for key in ("data.population", "data.deaths", "data.persons", "data.procedures", "data.deliveries"):
        assert "pipe" in str(refused(project, GOOD, f"{key}=pipe"))
        # What an edition was made from need not be there any more, and must not be a pipe either.
        with pytest.raises(EditionError):
            load_edition(written(project, GOOD), [f"{key}=pipe"], published=True)
    with pytest.raises(EditionError, match="named pipe"):
        load_edition(project / "pipe")
