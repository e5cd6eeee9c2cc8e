"""Of what is counted several times there is no more in a part than in the whole.

Persons in several months, kinds or municipalities are counted in each. What the parts of a division come to beyond the whole is
no less than what they come to beyond any part of it: where nobody has had two kinds of event no women have, and women's kinds add
up. The same holds of what each person has beyond the first event or month.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from kvarn import metadata
from kvarn.analyse._classification import listed, total, with_all_above
from kvarn.analyse.disclosure.written.key import Key, at
from kvarn.analyse.disclosure.written.line import Line

__all__ = ["beyond_the_first", "no_more_than_in_all"]


def no_more_than_in_all(beyond: Mapping[tuple[Key, str], Collection[Key]]) -> Iterator[Line[Key]]:
    """That what is counted beyond a whole is no less than what is counted beyond a part of it.

    Parameters
    ----------
    beyond
        What covers each whole, by the whole and the variable (or the measure) in which it is covered.
    """
    for (part, name), mine in beyond.items():
        for other, code in part[2]:
            if other == name or (other == "region" and ("continuity", "new") in part[2]):
                continue
            above = next((one for one in _above(part, other, code) if (one, name) in beyond), None)
            if above is None:
                continue
            terms: dict[Key, float] = {}
            for key, entry in (
                *((one, 1.0) for one in beyond[above, name]),
                (above, -1.0),
                *((one, -1.0) for one in mine),
                (part, 1.0),
            ):
                terms[key] = terms.get(key, 0.0) + entry
            yield Line({key: entry for key, entry in terms.items() if entry}, exact=False)


def beyond_the_first(keys: Collection[Key]) -> dict[tuple[Key, str], Collection[Key]]:
    """The persons of each place with what is counted of them: a person has that once or more."""
    found: dict[tuple[Key, str], Collection[Key]] = {}
    for key in keys:
        behind = metadata.measure(key[0]).behind
        if behind is not None and (persons := (behind, *key[1:])) in keys:
            found[persons, key[0]] = (key,)
    return found


def _above(key: Key, name: str, code: str) -> Iterator[Key]:
    """A cell in each category that its own is a part of, the nearest first."""
    chain = with_all_above(name, code)[1:] if code in listed(name).by_code else (str(total(name)),)
    yield from (at(key, name, one if one != total(name) else None) for one in chain)
