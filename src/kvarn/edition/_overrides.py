"""Values that the command line puts in the place of those of the file: ``--set disclosure.threshold=10``."""

from __future__ import annotations

from typing import Any

from kvarn.base.yaml_files import YamlFault, read_document
from kvarn.errors import EditionError

__all__ = ["apply_override"]

_SOURCE = "--set"
_EXAMPLE = "Write for example --set disclosure.threshold=10."


def apply_override(override: str, values: dict[str, Any], lines: dict[str, int | None]) -> None:
    """Put the value of one ``key=value`` into `values`; a key whose value is not the file's has the line None in `lines`.

    Raises
    ------
    EditionError
        It is not a key and a value, the value cannot be read, or what the key leads through has no keys.
    """
    key, equals, written = override.partition("=")
    key = key.strip()
    if not equals or not all(key.split(".")):
        raise EditionError(f"{override!r} is not key=value.", file=_SOURCE, remedy=_EXAMPLE)
    try:
        value = read_document(written).values
    except YamlFault as fault:
        what = f"{written!r} cannot be read as a value. {fault.what}"
        raise EditionError(what, file=_SOURCE, key=key, remedy=fault.remedy) from None
    place: dict[str, Any] = values
    *above, last = key.split(".")
    for depth, name in enumerate(above, 1):
        if name not in place:
            lines[".".join(above[:depth])] = None
        place = place.setdefault(name, {})
        if not isinstance(place, dict):
            through = ".".join(above[:depth])
            what, remedy = f"{through!r} has no keys of its own.", f"Set the whole of it: --set {through}=VALUE."
            raise EditionError(what, file=_SOURCE, key=key, remedy=remedy)
    place[last] = value
    for below in [name for name in lines if name.startswith(f"{key}.")]:
        del lines[below]
    lines[key] = None
