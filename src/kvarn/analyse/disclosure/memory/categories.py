"""Categories of what is out, as the lists have them now: one that no list has is tied to nothing, and guarded by nothing.

Two orders whose ages overlap, the list changed between them, tell by their difference of an age that neither shows. Disclosure
control adds up what the lists say, so what is out must stand on them, and mean what it meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kvarn import metadata
from kvarn.analyse._classification import codes_within
from kvarn.base.damaged import damage_told, kept_json
from kvarn.errors import InputError
from kvarn.metadata import CodeList

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CATEGORIES", "meanings", "require_categories"]

CATEGORIES = "categories"
_CERTIFICATE = "certificate.json"
_SHOWN = 5


def meanings(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, list[str]]]:
    """What the categories of these tables mean, by variable and code: the ages, the codes of a group, the codes within one.

    Of lists that official ones extend nothing is kept: their codes keep their meaning, and new ones come every year.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for variable, codes in _codes_in(tables.values()):
        listed = metadata.classification(variable)
        if listed is not None and listed.name not in metadata.FROM_OFFICIAL:
            found.setdefault(variable, {}).update(_meanings(variable, listed, codes))
    return {variable: dict(sorted(codes.items())) for variable, codes in sorted(found.items())}


def require_categories(name: str, folder: Path, kept: Mapping[str, pd.DataFrame]) -> None:
    """Refuse to go on where something that is out has a category that is on no list any more, or means something else now.

    Parameters
    ----------
    name, folder, kept
        What is out, where it is kept, and its tables.

    Raises
    ------
    InputError
        Naming what is out, the list and the categories.
    """
    for variable, codes in _codes_in(kept.values()):
        listed = metadata.classification(variable)
        gone = sorted(code for code in codes if listed is not None and code not in listed.by_code)
        if listed is not None and gone:
            raise _refused(name, variable, listed, gone, "on no list any more")
    for variable, meant in _meant(folder).items():
        listed = metadata.classification(variable)
        other = (
            []
            if listed is None
            else _changed(meant, _meanings(variable, listed, meant), of_events=_is_of_events(variable, listed))
        )
        if listed is not None and other:
            raise _refused(name, variable, listed, other, "something else now than when it went out")


def _codes_in(tables: Iterable[pd.DataFrame]) -> list[tuple[str, set[str]]]:
    """The codes of each classification variable that stand in tables."""
    known = set(metadata.variables())
    found: dict[str, set[str]] = {}
    for table in tables:
        for name in table.columns:
            if name in known:
                found.setdefault(name, set()).update(map(str, table[name].unique()))
    return sorted(found.items())


def _meanings(variable: str, listed: CodeList, codes: Iterable[str]) -> dict[str, list[str]]:
    """What categories mean; of groups that codes are put into, that of all, since one that has left them is in another."""
    if _is_of_events(variable, listed):
        return {code: sorted(codes_within(variable, code)) for code in listed.codes}
    return {code: _meaning(listed, code) for code in codes if code in listed.by_code}


def _is_of_events(variable: str, listed: CodeList) -> bool:
    return any(codes_within(variable, code) for code in listed.leaves)


def _changed(then: Mapping[str, list[str]], now: Mapping[str, list[str]], *, of_events: bool) -> list[str]:
    """The categories that mean something else. New codes come every year, and their groups are no others for that."""
    if not of_events:
        return sorted(code for code, meant in then.items() if now.get(code) != meant)
    group = {one: code for code, within in now.items() for one in within}
    moved = [(code, group.get(one)) for code, within in then.items() for one in within]
    return sorted({one for before, after in moved if before != after for one in (before, after) if one is not None})


def _meaning(listed: CodeList, code: str) -> list[str]:
    row = listed.by_code[code]
    if "from_age" in row:
        return [row["from_age"], row["to_age"]]
    below, found = [code], list[str]()
    while below:
        one = below.pop()
        below += listed.children(one)
        found += [] if listed.children(one) else [one]
    return sorted(found)


def _meant(folder: Path) -> Mapping[str, Mapping[str, list[str]]]:
    certificate = folder / _CERTIFICATE
    if not certificate.is_file():
        return {}
    with damage_told(certificate):
        found: Mapping[str, Mapping[str, list[str]]] = kept_json(certificate).get(CATEGORIES, {})
        return found


def _refused(name: str, variable: str, listed: CodeList, codes: list[str], why: str) -> InputError:
    named = ", ".join(codes[:_SHOWN]) + (f" and {len(codes) - _SHOWN} more" if len(codes) > _SHOWN else "")
    return InputError(
        f"{name} is out, with categories of {variable} that are {why}: {named}.",
        file=f"programme/codelists/{listed.name}.csv",
        field="code",
        remedy="Let the list have them as they were; a category may stand on a list and in no table. What others have in common "
        "with them could not be guarded, and what is out stays out.",
    )
