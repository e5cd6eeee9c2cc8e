"""Parameters of an edition that corrects another: what goes together, and how they are made from those of before."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
import yaml

from kvarn.edition import correct_edition, load_edition, next_edition
from kvarn.errors import EditionError

SMALL = Path(__file__).parents[1] / "small_programme"
NOTICE = """stage: corrected
correction:
  corrects: 2022
  since: 2024-06-04
  what: {sv: Något var fel., en: Something was wrong.}
  tables: [one]
"""


@pytest.fixture
def params(tmp_path: Path) -> Path:
    for name in ("programme", "params", "notebooks"):
        shutil.copytree(SMALL / name, tmp_path / name)
    (tmp_path / "_quarto.yml").touch()
    return tmp_path / "params" / "small.yml"


def written(params: Path, more: str) -> Path:
    file = params.with_name("tried.yml")
    file.write_text(params.read_text(encoding="utf-8") + more, encoding="utf-8")
    return file


def corrected(params: Path, name: str = "small-corrected", *, of: Path | None = None, preliminary: bool = False) -> Path:
    file = params.with_name(f"{name}.yml")
    correct_edition(of or params, file, corrects="small", since=dt.date(2024, 6, 4), preliminary=preliminary)
    return file


def test_an_edition_is_called_by_a_year_or_by_words(params: Path) -> None:
    notice = load_edition(written(params, NOTICE), published=True).correction
    assert notice is not None and (notice.corrects, notice.tables) == ("2022", ("one",))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("stage: corrected\n", "corrects another has stage: corrected and the notice"),
        (NOTICE.replace("stage: corrected\n", ""), "corrects another has stage: corrected and the notice"),
        (NOTICE.replace("[one]", "[one, one]"), "name each table once"),
        (NOTICE.replace("  since: 2024-06-04\n", ""), "The key 'since' is missing"),
    ],
)
def test_what_does_not_go_together_is_refused(params: Path, more: str, said: str) -> None:
    with pytest.raises(EditionError, match=said):
        load_edition(written(params, more), published=True)


def test_corrected_figures_can_be_preliminary_still(params: Path) -> None:
    more = NOTICE.replace("  tables:", "  preliminary: true\n  tables:")
    assert load_edition(written(params, more), published=True).provisional
    assert not load_edition(written(params, NOTICE), published=True).provisional


def test_everything_stays_but_the_days_the_stage_and_the_notice(params: Path) -> None:
    file = corrected(params)
    old, new = (one.read_text(encoding="utf-8").splitlines() for one in (params, file))
    assert [line for line in old if line not in new] == ["  published: 2024-06-04", "  scheduled: 2024-06-04"]
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert told["stage"] == "corrected" and told["correction"]["corrects"] == "small"
    assert told["correction"]["since"] == dt.date(2024, 6, 4) and "preliminary" not in told["correction"]
    with pytest.raises(EditionError) as refused:
        load_edition(file, published=True)
    for key in ("publication.published", "correction.what.sv", "correction.what.en", "correction.tables"):
        assert key in str(refused.value)


def test_of_a_correction_the_notice_is_written_anew(params: Path) -> None:
    first = written(params, NOTICE)
    second = corrected(params, "again", of=first, preliminary=True)
    told = yaml.safe_load(second.read_text(encoding="utf-8"))
    assert second.read_text(encoding="utf-8").count("correction:\n") == 1
    # Of the notice that is taken away nothing stays, and what stands above another key does.
    third = corrected(params, "third", of=second.with_name(second.name), preliminary=True)
    assert third.read_text(encoding="utf-8").count("# What readers are told.") == 1
    assert told["correction"] == {
        "corrects": "small",
        "since": dt.date(2024, 6, 4),
        "preliminary": True,
        "what": {"sv": None, "en": None},
        "tables": None,
    }


def test_parameters_that_are_there_stay(params: Path) -> None:
    there = params.with_name("small-corrected.yml")
    there.write_text("mine", encoding="utf-8")
    with pytest.raises(EditionError, match="there already"):
        corrected(params)
    assert there.read_text(encoding="utf-8") == "mine"


def test_next_year_corrects_nothing(params: Path) -> None:
    made = next_edition(2024, old=written(params, NOTICE), name="following")
    assert "correction" not in yaml.safe_load(made.path.read_text(encoding="utf-8"))
