"""What the documents of an edition need besides their words, asked before any work."""

from __future__ import annotations

from kvarn import metadata
from kvarn.errors import InputError
from kvarn.pipeline.production import Production

__all__ = ["require_documents"]


def require_documents(production: Production) -> None:
    """Refuse an edition with a document that is not there in each of its languages, or has no name, or without the theme.

    Raises
    ------
    InputError
        Naming the file that is missing, or the words.
    """
    for document in production.documents:
        for language in production.edition.languages:
            file = production.reports / document / language / f"{document}.qmd"
            if not file.is_file():
                raise InputError(
                    f"The edition has the language {language!r}, and the document {document} is not there in it.",
                    file=file,
                    remedy=f"Write it in that language, too, or take {language!r} out of the languages of the edition.",
                )
            # As which readers find it.
            metadata.text(f"product.{document}", language)
    theme = production.reports / "theme"
    if production.documents and not theme.is_dir():
        raise InputError("The theme of the documents is not there.", file=theme, remedy="Restore it from git.")
