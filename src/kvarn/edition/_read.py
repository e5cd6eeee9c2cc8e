"""Reading an edition's YAML."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from kvarn.edition._empty import refuse_empty
from kvarn.edition._model import Edition
from kvarn.edition._overrides import apply_override
from kvarn.edition._parameters import Kind, explain, parse
from kvarn.edition._sources import require_sources

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
    written = parse(file, _EDITION)
    root, values, lines = written.root, written.values, written.lines
    for override in overrides:
        apply_override(override, values, lines)
    given = frozenset(key for key, line in lines.items() if line is None)
    refuse_empty(root, file, Edition, filled=given)
    try:
        edition = Edition.model_validate(values)
    except ValidationError as error:
        raise explain(error, file, lines, _EDITION) from None
    require_sources(edition, file, lines, made=published)
    return edition
