"""What only the publisher can say: an edition of real data has it, and a synthetic one says that it is a demonstration."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from kvarn.disseminate.text_figures._edition_words import edition_words
from kvarn.edition import Edition, not_stated
from kvarn.errors import EditionError
from kvarn.pipeline.stated import require_stated

PROJECT = Path(__file__).parents[2]
PARAMS = Path("params") / "2023.yml"
REQUIRED = (
    "publication.contact.telephone",
    "publication.licence",
    "publication.next",
    "publication.signed",
    *(f"publication.stated.{name}" for name in ("preservation", "reporting", "users", "orders", "accessibility")),
)


SHIPPED = (PROJECT / PARAMS).read_text(encoding="utf-8")
_SAID = "telephone|licence|next|signed|  name|  title|stated|  preservation|  reporting|  users|  orders|  accessibility"


def given() -> dict[str, Any]:
    """The example of a real edition, with all that it only shows."""
    values: dict[str, Any] = yaml.safe_load(re.sub(rf"^( +)# (?=(?:{_SAID}): ?)", r"\1", SHIPPED, flags=re.MULTILINE))
    return values


def without(key: str) -> Edition:
    values = given()
    *above, last = key.split(".")
    section = values
    for name in above:
        section = section[name]
    del section[last]
    return Edition.model_validate(values)


def test_the_example_of_a_real_edition_shows_everything_and_says_nothing_of_it() -> None:
    """Whoever copies it is stopped until it says what is true of the office."""
    assert list(not_stated(Edition.model_validate(yaml.safe_load(SHIPPED)))) == list(REQUIRED)
    require_stated(Edition.model_validate(given()), PARAMS)


@pytest.mark.parametrize("key", REQUIRED)
def test_a_real_edition_is_stopped_by_each_that_is_missing_and_told_which(key: str) -> None:
    with pytest.raises(EditionError, match=f"leaves out {key}") as caught:
        require_stated(without(key), PARAMS)
    assert caught.value.key == key


def test_everything_that_is_missing_is_told_at_once() -> None:
    values = given()
    for name in ("licence", "next", "signed", "stated"):
        del values["publication"][name]
    del values["publication"]["contact"]["telephone"]
    assert list(not_stated(Edition.model_validate(values))) == list(REQUIRED)


def test_preliminary_figures_say_when_the_final_ones_come() -> None:
    values = given() | {"stage": "preliminary"}
    assert list(not_stated(Edition.model_validate(values))) == ["publication.final"]


def test_a_synthetic_edition_needs_none_of_it() -> None:
    values = given() | {"synthetic": True}
    del values["publication"]["stated"]
    require_stated(Edition.model_validate(values), PARAMS)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("issn", ("0317-8471", "2434-561X"), ("0317-8472", "03178471", "some")),
        ("isbn", ("978-0-306-40615-7", "9780306406157"), ("978-0-306-40615-8", "0-306-40615-2", "some")),
        ("article_number", ("2024-9-9001", "20249"), ("three persons", "2024-", "12")),
    ],
)
def test_a_number_of_the_report_is_one_of_its_kind(name: str, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    for number in (*right, *wrong):
        values = given()
        values["publication"][name] = number
        if number in right:
            assert edition_words(Edition.model_validate(values), "sv")[name].words == number
        else:
            with pytest.raises(ValueError, match="should be"):
                Edition.model_validate(values)


def test_the_next_edition_comes_after_this_one() -> None:
    values = given()
    values["publication"]["next"] = values["publication"]["published"]
    with pytest.raises(ValueError, match=r"publication\.next: the next edition comes after this one"):
        Edition.model_validate(values)


def test_corrections_are_told_with_their_days() -> None:
    values = given()
    values["publication"]["corrections"] = [{"made": dt.date(2024, 10, 1), "what": {"sv": "En rubrik.", "en": "A heading."}}]
    said = edition_words(Edition.model_validate(values), "en")["corrections"]
    assert said.words == "1 October 2024: A heading." and not said.missing
