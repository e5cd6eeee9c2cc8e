"""A store that was filled from a synthetic register carries its mark, and never holds real deliveries besides."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from kvarn.collect._ledger import FILE
from kvarn.collect._sources import NOTICE, of_a_synthetic_register
from kvarn.collect.safekeeping import private_folder
from kvarn.errors import DeliveryError

__all__ = ["keep_mark"]

_SAID = """\
SYNTETISKA DATA

Den som tog emot leveranserna har sagt att de är syntetiska (kvarn intake --synthetic). De avser inga verkliga personer.

SYNTHETIC DATA

Whoever took the deliveries in said that they are synthetic (kvarn intake --synthetic). They refer to no real persons.
"""


def keep_mark(paths: Sequence[Path], store: Path, *, synthetic: bool = False) -> None:
    """Give a new store the mark of what is to be taken in, and see that a store holds either real or synthetic deliveries.

    Parameters
    ----------
    synthetic
        Whether the user says that they are synthetic, where nothing beside them does.

    Raises
    ------
    DeliveryError
        Deliveries of a synthetic register and real ones would come together.
    """
    there = [path for path in paths if path.exists()]
    marked = [path for path in there if of_a_synthetic_register(path)]
    filled = (store / FILE).is_file()
    if not filled and not marked:
        (store / NOTICE).unlink(missing_ok=True)
    in_store = of_a_synthetic_register(store)
    if synthetic and there and not marked:
        if filled and not in_store:
            raise _mixed(store, "These deliveries are said to be synthetic (--synthetic); what has been taken in here is not.")
        if not filled:
            (private_folder(store) / NOTICE).write_text(_SAID, encoding="utf-8")
        return
    if marked and (len(marked) < len(there) or (filled and not in_store)):
        raise _mixed(marked[0], "These deliveries are a synthetic register's (SYNTHETIC.txt), and the others are not.")
    if in_store and there and not marked:
        raise _mixed(store, "What has been taken in here is a synthetic register's (SYNTHETIC.txt); these deliveries are not.")
    if marked and not filled:
        notice = next(found for folder in (marked[0], *marked[0].absolute().parents[:3]) if (found := folder / NOTICE).is_file())
        shutil.copyfile(notice, private_folder(store) / NOTICE)


def _mixed(place: Path, what: str) -> DeliveryError:
    return DeliveryError(what, file=place, remedy="Take real and synthetic deliveries into stores of their own (--into).")
