"""docs/parameters.md, to which messages send the reader: every key of every kind of parameters file, with its default."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from kvarn.edition._model import Edition
from kvarn.edition._order import Order
from kvarn.process.extracts._request import Request

PAGE = Path(__file__).parents[2] / "docs" / "parameters.md"
KINDS = {"An edition": Edition, "An order": Order, "An extract": Request}
# What a mapping goes by that is not by classification variables.
BY = {"profiles": "notebook"}
REQUIRED, NONE = "—", "*none*"


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that a value may be, or hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from models_in(argument)


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, object]]:
    """The dotted keys of a model with their defaults; a section that must be there, or has a default of its own, is no key."""
    for name, field in model.model_fields.items():
        key, below = prefix + name, list(models_in(field.annotation))
        default = REQUIRED if field.is_required() else field.get_default(call_default_factory=True)
        if not (below and (isinstance(default, BaseModel) or (default == REQUIRED and name != "shown"))):
            yield key, default
        by_name = typing.get_origin(field.annotation) is Mapping
        for one in below:
            yield from keys(one, f"{key}.<{BY.get(key, 'classification')}>." if by_name else f"{key}.")


def rows(heading: str) -> dict[str, str]:
    """The keys of a section of the page with what stands as their default; ``.en`` after ``a.sv`` is ``a.en``."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found: dict[str, str] = {}
    for line in section.splitlines():
        if line.startswith("| `"):
            named, default = line.split(" | ")[:2]
            written = re.findall("`([^`]+)`", named)
            each = default.split(", ") if default.count("`") > 2 else [default] * len(written)
            before = written[0].rpartition(".")[0]
            for key, value in zip(written, each, strict=True):
                full = f"{before}{key}" if key.startswith(".") else key
                assert full not in found, f"{full} stands twice"
                found[full] = value
    return found


@pytest.mark.parametrize("heading", KINDS)
def test_every_key_stands_on_the_page_and_no_other(heading: str) -> None:
    assert set(rows(heading)) == {key for key, _ in keys(KINDS[heading])}


@pytest.mark.parametrize("heading", KINDS)
def test_the_defaults_are_those_that_count(heading: str) -> None:
    told = rows(heading)
    for key, default in keys(KINDS[heading]):
        assert read(told[key]) == plain(default), key


def read(told: str) -> Any:
    return told if told in (REQUIRED, NONE) else yaml.safe_load(told.strip("`"))


def plain(default: object) -> object:
    if default is None:
        return NONE
    return list(default) if isinstance(default, tuple) else default
