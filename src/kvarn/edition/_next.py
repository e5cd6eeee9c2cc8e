"""Next year's parameters from this year's: what stays is kept as it is written, what must be new is left empty."""

from __future__ import annotations

import re
from pathlib import Path

from kvarn.base.files import replace_file
from kvarn.edition._empty import WrittenParameters, empty_keys
from kvarn.edition._model import Edition, Words
from kvarn.edition._read import load_edition
from kvarn.edition._rewriting import Rewriting
from kvarn.edition._workspace import Workspace, project_root
from kvarn.errors import EditionError

__all__ = ["newest_parameters", "next_edition"]

_ANEW: tuple[tuple[str, ...], ...] = (
    ("stage",),
    ("data", "as_of"),
    ("publication", "published"),
    ("publication", "scheduled"),
    ("publication", "final"),
    ("publication", "next"),
    ("publication", "address"),
    ("publication", "article_number"),
    ("publication", "isbn"),
    ("publication", "previous", "address"),
)
_PATHS = ("deliveries", "intake", "population", "deaths", "procedures", "persons")
_BY_HAND = "Write it by hand: cp {old} {new}, then edit it."


def newest_parameters(root: Path) -> Path:
    """The file of the latest year among ``params/<year>.yml``.

    Raises
    ------
    EditionError
        There is none.
    """
    found = sorted(path for path in (root / "params").glob("*.yml") if re.fullmatch(r"\d{4}", path.stem))
    if not found:
        raise EditionError(
            "There are no parameters of any year.",
            file=root / "params",
            remedy="Give the file to begin with: kvarn new YEAR --from params/demo.yml.",
        )
    return found[-1]


def next_edition(year: int, *, old: Path | None = None, name: str | None = None) -> WrittenParameters:
    """Write ``params/<name>.yml``, the parameters of a year, from those of the year before.

    Comments, order and everything that holds from year to year stay. The reference year is one more, and so is the year in
    titles; `publication.previous` is the old edition. What is out of that is protected together with the new one without being
    named. Dates, the stage, and paths with the old year in them are left empty, what was accepted is accepted no more:
    `load_edition` names what is to be filled in.

    Parameters
    ----------
    old
        The old edition's parameters; by default `newest_parameters`.
    name
        The new edition's name; by default the year.

    Raises
    ------
    EditionError
        The old edition is wrong or of another year than the one before, the new file is there already, or the old one is
        written in a way that cannot be carried over. Nothing has been written.
    """
    root = project_root(old.parent if old else None)
    path = root / "params" / f"{Workspace(root, name or str(year)).name}.yml"
    if path.exists():
        raise EditionError(
            "These parameters are there already, and stay as they are.", file=path, remedy="Edit them, or give another --name."
        )
    old = old or newest_parameters(root)
    edition = load_edition(old, published=True)
    following = edition.reference_year + 1
    if following != year:
        raise EditionError(
            f"This edition is about {edition.reference_year}, so that the next one is about {following}, not {year}.",
            file=old,
            key="reference_year",
            remedy=f"Run kvarn new {following}, or name the edition of {year - 1} with --from.",
        )
    try:
        written = _rewritten(old.read_bytes().decode("utf-8-sig"), edition)
    except ValueError as error:
        raise EditionError(
            f"These parameters cannot be carried over: {error}.", file=old, remedy=_BY_HAND.format(old=old, new=path)
        ) from None
    replace_file(path, written.encode("utf-8"), mode=0o666, usual=True)
    return WrittenParameters(path, empty_keys(written))


def _rewritten(text: str, edition: Edition) -> str:
    new = Rewriting(text)
    year = edition.reference_year
    of_year = re.compile(rf"(?<!\d){year}(?!\d)")
    title, published = edition.publication.title, edition.publication.published
    new.put(("reference_year",), year + 1)
    for section in ("series", "title"):
        for language in ("sv", "en"):
            new.renew(("publication", section, language), lambda words: of_year.sub(str(year + 1), words))
    _previous(new, {language: _with_year(title, language, year) for language in ("sv", "en")}, published)
    if new.has("correction"):
        new.remove("correction")
    for key in _ANEW:
        if new.has(*key):
            new.empty(key)
    for path in (("data", own) for own in _PATHS):
        _path(new, path, of_year)
    for listed in (("accepted",), ("publication", "corrections")):
        if new.has(*listed):
            new.clear(listed)
    return new.text()


def _with_year(title: Words, language: str, year: int) -> str:
    """The title as it tells the old edition from the others."""
    words = title.label(language)
    return words if str(year) in words else f"{words} {year}"


def _previous(new: Rewriting, title: dict[str, str], published: object) -> None:
    key = ("publication", "previous")
    if new.has(*key):
        for language, words in title.items():
            new.put((*key, "title", language), words)
        new.put((*key, "published"), published)
    elif "previous" in new.get("publication"):
        raise ValueError("publication.previous stands there without a value; take the line away")
    else:
        new.insert(("publication",), "previous", {"title": title, "published": published})


def _path(new: Rewriting, key: tuple[str, ...], of_year: re.Pattern[str]) -> None:
    """Leave a path empty that is one year's; a list gets an empty place for one more."""
    there = new.get(*key)
    if isinstance(there, list):
        if any(of_year.search(str(one)) for one in there):
            new.append(key, None)
    elif there is not None and of_year.search(str(there)):
        new.empty(key)
