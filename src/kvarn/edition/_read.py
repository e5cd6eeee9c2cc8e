"""Reading an edition's YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from kvarn.edition._empty import refuse_empty
from kvarn.edition._model import Edition
from kvarn.edition._parameters import Kind, explain, parse
from kvarn.edition._population import population_files
from kvarn.edition._workspace import project_root
from kvarn.errors import CodeListError, EditionError

__all__ = ["load_edition"]

_EDITION = Kind(Edition, noun="edition", article="an", example="params/2023.yml", demonstration="params/demo.yml")


def load_edition(path: Path | str, overrides: Iterable[str] = (), *, published: bool = False) -> Edition:
    """Read and check an edition's parameters.

    Parameters
    ----------
    path
        The YAML file, such as ``params/2023.yml``.
    overrides
        ``key=value`` pairs of the command line's ``--set``, such as ``disclosure.threshold=10``.
    published
        Whether the edition has been made already: then its deliveries and other sources need not be there any more.

    Raises
    ------
    EditionError
        The file is missing or not YAML, a key is unknown, misspelt, given twice or left empty, a value has the wrong type or is
        impossible, or a file that it names does not exist. The error says which line.
    """
    file = Path(path)
    values, lines = parse(file, _EDITION)
    for override in overrides:
        _apply(override, values, lines)
    given = frozenset(key for key, line in lines.items() if line is None)
    refuse_empty(file.read_text(encoding="utf-8"), file, Edition, filled=given)
    try:
        edition = Edition.model_validate(values)
    except ValidationError as error:
        raise explain(error, file, lines, _EDITION) from None
    if not published:
        _require_files(edition, file, lines)
    return edition


def _apply(override: str, values: dict[str, Any], lines: dict[str, int | None]) -> None:
    key, equals, written = override.partition("=")
    key = key.strip()
    if not equals or not key:
        raise EditionError(
            f"{override!r} is not key=value.", file="--set", remedy="Write for example --set disclosure.threshold=10"
        )
    try:
        value = yaml.safe_load(written)
    except (yaml.YAMLError, ValueError):
        raise EditionError(f"{written!r} cannot be read as a value.", file="--set", key=key) from None
    place: dict[str, Any] = values
    *above, last = key.split(".")
    for name in above:
        place = place.setdefault(name, {})
        if not isinstance(place, dict):
            raise EditionError(f"{name!r} has no keys of its own.", file="--set", key=key)
    place[last] = value
    lines[key] = None


def _has_population(root: Path, path: Path) -> bool:
    try:
        return all(file.exists() for file in population_files(root, path))
    except CodeListError:
        return False


def _require_files(edition: Edition, file: Path, lines: Mapping[str, int | None]) -> None:
    root = project_root(file)
    wanted = {
        "data.deliveries": edition.data.deliveries,
        "data.intake": edition.data.intake,
        "data.procedures": edition.data.procedures,
        "data.deaths": edition.data.deaths,
        "data.persons": edition.data.persons,
    }
    missing = [(key, path) for key, path in wanted.items() if path is not None and not (root / path).exists()]
    missing += [("data.population", path) for path in edition.data.population if not _has_population(root, path)]
    for key, path in missing:
        put = "Import it (kvarn population FILE…), or " if key == "data.population" else "Put it there, or "
        demo = "`make report` makes the demonstration's; else " if edition.synthetic else put
        raise EditionError(
            f"There is nothing at {path}.",
            file=file if lines.get(key) else "--set",
            line=lines.get(key),
            key=key,
            remedy=f"{demo}correct the path; it is relative to the project's root.",
        )
