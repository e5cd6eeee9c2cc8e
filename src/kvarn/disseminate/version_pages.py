"""The pages beside a publication that has been corrected: of all its versions, and of each that is not in front.

What was released has the bytes that it had: these pages lie beside it and lead to it. Only where an earlier version was put back
in front does the front page of the publication get a line, and its own bytes lie among the versions.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kvarn import metadata
from kvarn.disseminate.numbers import format_date
from kvarn.disseminate.stage import correction_notice
from kvarn.disseminate.templates import render, style, word
from kvarn.edition import Edition
from kvarn.errors import ReleaseError

__all__ = ["PutBack", "version_page", "versions_page", "with_put_back"]

_BODY = "<body>\n"


@dataclass(frozen=True)
class PutBack:
    """That a version was put back in front, and another one taken away from there."""

    version: int
    instead_of: int
    made: dt.date
    why: Mapping[str, str]


def versions_page(editions: Sequence[Edition], events: Sequence[int | PutBack], front: int, addresses: Mapping[int, str]) -> str:
    """Every version and every correction of a publication, in order.

    Parameters
    ----------
    editions
        The parameters of each version, the first one first.
    events
        What has happened since: the number of each version that corrected the one before, and what was put back.
    front
        The number of the version that is in front.
    addresses
        Where each version is, and under the number of a correction with a minus the file of what it changed, seen from the page.
    """
    return _page(
        editions[front - 1],
        lambda language: {
            "versions": [
                {"said": _said(number, one, front, language), "front": number == front, "address": addresses[number]}
                for number, one in enumerate(editions, 1)
            ],
            "events": [_event(one, editions, addresses, language) for one in events],
        },
    )


def version_page(editions: Sequence[Edition], number: int, event: int | PutBack, front: int, addresses: Mapping[str, str]) -> str:
    """What stands before a version that is in front no more: what took its place and why, and where that is.

    Parameters
    ----------
    event
        What took it away from the front.
    addresses
        Of the ``front``, of this version ``as_it_was`` and of the page of ``every`` version, seen from the page.
    """

    def half(language: str) -> dict[str, Any]:
        day = format_date(editions[number - 1].publication.published, language)
        return {
            "of_version": {
                "heading": word("versions.not-current", language, number=number),
                "why": _why(event, editions, language),
                "read": word("versions.as-it-was", language, number=number, date=day),
                **addresses,
            }
        }

    return _page(editions[front - 1], half)


def with_put_back(page: str, event: PutBack, languages: Sequence[str], address: str) -> str:
    """The front page of a version that was put back, with that above all else.

    Raises
    ------
    ReleaseError
        It is no page of kvarn's.
    """
    if page.count(_BODY) != 1:
        raise ReleaseError(
            "The front page of the version that is to be put back has no place for a notice.",
            where="index.html",
            remedy="Correct the publication instead, with kvarn correct.",
        )
    said = "".join(
        f'<span lang="{language}">{html.escape(_why(event, (), language))} '
        f'<a href="{html.escape(address)}">{html.escape(word("page.versions", language))}</a></span>\n'
        for language in languages
    )
    return page.replace(_BODY, f'{_BODY}<p class="notice" role="note">\n{said}</p>\n')


def _page(front: Edition, half: Any) -> str:
    words = front.publication
    return render(
        "versions.html.j2",
        style=style("page.css"),
        synthetic=front.synthetic,
        halves=[
            {
                "language": language,
                "name": metadata.text(f"language.{language}", language),
                "heading": word("versions.heading", language),
                "series": " · ".join(dict.fromkeys(words.series.label(one) for one in front.languages)),
                "title": f"{words.title.label(language)} {front.reference_year}",
                "publisher": words.publisher.label(language),
                "notice": metadata.text("synthetic.notice", language),
                "short_notice": metadata.text("synthetic.short", language),
                "of_version": None,
                **half(language),
            }
            for language in front.languages
        ],
    )


def _said(number: int, edition: Edition, front: int, language: str) -> str:
    said = word("versions.version", language, number=number, date=format_date(edition.publication.published, language))
    return word("versions.front", language, said=said) if number == front else said


def _event(
    event: int | PutBack, editions: Sequence[Edition], addresses: Mapping[int, str], language: str
) -> dict[str, str | int | None]:
    number, changes = (event.version, None) if isinstance(event, PutBack) else (event, addresses.get(-event))
    labelled = None if changes is None else changes.replace(".csv", f"-{language}.csv")
    return {"said": _why(event, editions, language), "number": number, "changes": labelled, "codes": changes}


def _why(event: int | PutBack, editions: Sequence[Edition], language: str) -> str:
    if not isinstance(event, PutBack):
        return correction_notice(editions[event - 1], language)
    return word(
        "versions.put-back",
        language,
        made=format_date(event.made, language),
        number=event.version,
        other=event.instead_of,
        why=event.why[language],
    )
