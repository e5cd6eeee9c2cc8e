"""What is made from a synthetic register is synthetic, and nothing else is, whatever the edition says.

Real data under ``synthetic: true`` would have pseudonyms that anybody can compute, be held to no floor of disclosure control, and
be protected together with nothing that is real; synthetic ones under ``synthetic: false`` would be taken for official statistics.
So the data say it themselves: SYNTHETIC.txt lies beside what `kvarn demo` has made, and in a store that was filled from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kvarn.collect import of_a_synthetic_register
from kvarn.edition import Edition, population_files
from kvarn.errors import CodeListError, EditionError

__all__ = ["require_mark"]


def require_mark(edition: Edition, root: Path, params: Path) -> None:
    """See that the edition says of its data what they say of themselves.

    The population of a synthetic edition may be a real one, which is public.

    Raises
    ------
    EditionError
        The mark is missing, or is there and must not be.
    """
    for key, path in _microdata(edition, root):
        if edition.synthetic and not of_a_synthetic_register(path):
            raise EditionError(
                "The edition says that its data are synthetic, and nothing beside them does: SYNTHETIC.txt is missing.",
                file=params,
                key=f"data.{key}",
                remedy="Say synthetic: false of real data. A synthetic register is made by kvarn demo, which marks it; whoever "
                "copies one copies SYNTHETIC.txt, too.",
            )
    for key, path in (*_microdata(edition, root), *_population(edition, root)) if not edition.synthetic else ():
        if of_a_synthetic_register(path):
            raise EditionError(
                "The data are a synthetic register's: SYNTHETIC.txt lies beside them. The edition says that they are real.",
                file=params,
                key=f"data.{key}",
                remedy="Say synthetic: true, or give the real data.",
            )


def _microdata(edition: Edition, root: Path) -> Iterator[tuple[str, Path]]:
    for key, path in (("deliveries", edition.data.deliveries), ("intake", edition.data.intake)):
        if path is not None:
            yield key, root / path


def _population(edition: Edition, root: Path) -> list[tuple[str, Path]]:
    try:
        return [("population", path) for path in population_files(root, edition.data.population)]
    except CodeListError:
        # Of what was published long ago it may be gone; whoever reads it misses it.
        return []
