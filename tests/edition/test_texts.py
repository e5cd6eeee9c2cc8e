"""What no text of an edition may hold is refused with its key and line, whichever text it is."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from kvarn.edition import Edition, load_edition
from kvarn.errors import EditionError

PROJECT = Path(__file__).parents[2]
VALUES: dict[str, Any] = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
VALUES["publication"]["contact"]["telephone"] = "+46 00 000 00 00"
VALUES["publication"]["previous"]["address"] = "https://www.example.org/statistik/2022?a=b&c=(d)"
VALUES["publication"] |= {"product_code": "XX0000", "licence": "https://creativecommons.org/publicdomain/zero/1.0/"}
VALUES["notebooks"] = {"persons": {"word": "a word"}}
VALUES["accepted"] = [
    {
        "what": "population-jump",
        "where": "2023, 0114",
        "at": "46000 to 52000",
        "why": "A new border.",
        "by": "A. Statistician",
        "shown": {"sv": "Ny gräns.", "en": "A new border."},
    }
]
# Chosen from a list, or a file's path.
NO_TEXTS = {("renderer",), ("engine",), ("stage",), ("languages",), ("data",), ("accepted", 0, "what"), ("accepted", 0, "where")}


def texts(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every text of an edition."""
    if above in NO_TEXTS:
        return
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts(part, (*above, key))
    elif isinstance(value, str):
        yield above


PLACES = list(texts(VALUES))


def changed(place: tuple[Any, ...], text: str) -> dict[str, Any]:
    values = copy.deepcopy(VALUES)
    inner: Any = values
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = text
    return values


def test_the_texts_are_found_and_the_edition_is_right_as_it_stands() -> None:
    assert len(PLACES) >= 18
    Edition.model_validate(VALUES)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
@pytest.mark.parametrize(
    "hidden",
    ["\0", "\x07", "\x1b[31m", "\n", "\r", "\u2028", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\ue000", "\u0085"],
    ids=lambda hidden: f"U+{ord(hidden[0]):04X}",
)
def test_nothing_unseen_stands_in_any_text(place: tuple[Any, ...], hidden: str) -> None:
    with pytest.raises(ValidationError):
        Edition.model_validate(changed(place, f"wo{hidden}rds"))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_no_text_is_endless(place: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError):
        Edition.model_validate(changed(place, "x" * 10_000))


@pytest.mark.parametrize("key", [("previous", "address"), ("licence",)])
@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://x.y",
        "data:text/html,<script>alert(1)</script>",
        "//example.org",
        "https://",
        "https://a b",
        'https://x.y/"onclick="alert(1)',
        "https://x.y/<script>",
        "https://user@example.org",
        "ftp://example.org",
        "file:///etc/passwd",
        "https://x.y/'",
        "https://x.y/`",
    ],
)
def test_only_an_address_of_the_web_becomes_a_link(key: tuple[str, ...], address: str) -> None:
    with pytest.raises(ValidationError, match="address on the web"):
        Edition.model_validate(changed(("publication", *key), address))


@pytest.mark.parametrize(
    "email", ["a@b", "a b@c.de", "a@b.c?subject=x", "a@b.cd&x", '"a"@b.cd', "a@b.cd,e@f.gh", "a@b.cd<script>", "@b.cd", "a@-b.cd"]
)
def test_only_an_address_of_mail_becomes_one(email: str) -> None:
    with pytest.raises(ValidationError, match="e-mail"):
        Edition.model_validate(changed(("publication", "contact", "email"), email))


def test_the_error_tells_file_line_and_key_and_shows_what_is_not_seen(tmp_path: Path) -> None:
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "notebooks").mkdir()
    params = tmp_path / "params.yml"
    written = (PROJECT / "params" / "demo.yml").read_text(encoding="utf-8").replace("name: Kvarn", 'name: "a\\u202Eb"  # Kvarn')
    params.write_text(
        written.replace("{name: ", "\n    name: ").replace(", email: demo@example.org}", "\n    email: demo@example.org")
    )
    with pytest.raises(EditionError) as refused:
        load_edition(params, published=True)
    assert refused.value.key == "publication.contact.name" and refused.value.line
    assert "U+202E" in str(refused.value) and "\u202e" not in str(refused.value)


# What could be a count beside words: digits by themselves, and small numbers behind zeros or letters.
NO_CODES = {
    ("publication", "product_code"): ("3", "X3", "XX 3", "3 XX", "XX-12"),
    ("publication", "article_number"): ("3", "0007-1", "003"),
    ("publication", "contact", "telephone"): ("3", "00003", "0-0-0-0-3", "000 00 3", "+0 0000 3"),
    ("publication", "contact", "email"): ("3@example.org",),
}


@pytest.mark.parametrize(("place", "value"), [(place, value) for place, values in NO_CODES.items() for value in values])
def test_a_code_has_the_form_of_one_and_could_be_no_count(place: tuple[str, ...], value: str) -> None:
    with pytest.raises(ValidationError, match=place[-1]):
        Edition.model_validate(changed(place, value))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("publication", "product_code"), "XX0000"),
        (("publication", "article_number"), "2024-9-9001"),
        (("publication", "contact", "telephone"), "020-00 00 00"),
        (("publication", "contact", "telephone"), "0046 00 000 00 00"),
        (("publication", "contact", "telephone"), "112 00"),
        (("publication", "contact", "email"), "1177a@example.org"),
    ],
)
def test_a_code_in_its_form_is_taken(place: tuple[str, ...], value: str) -> None:
    Edition.model_validate(changed(place, value))
