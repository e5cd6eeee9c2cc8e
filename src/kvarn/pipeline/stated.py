"""An edition of real data says what only the publisher can say; a synthetic one says what would stand there."""

from __future__ import annotations

from pathlib import Path

from kvarn.edition import Edition, not_stated
from kvarn.errors import EditionError

__all__ = ["require_stated"]


def require_stated(edition: Edition, params: Path) -> None:
    """See that an edition of real data leaves nothing for readers to ask its publisher.

    Raises
    ------
    EditionError
        It does. The error names every key.
    """
    missing = list(not_stated(edition))
    if missing and not edition.synthetic:
        raise EditionError(
            f"An edition of real data says what only its publisher can say, and this one leaves out {', '.join(missing)}.",
            file=params,
            key=missing[0],
            remedy="Write them: docs/parameters.md says what each is. Readers see them on the cover, in the preface and in the "
            "appendix.",
        )
