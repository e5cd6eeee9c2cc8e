"""What has to be said of a table wherever it is shown: its own notes, and that its figures were changed where they were."""

from __future__ import annotations

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTable
from kvarn.edition import Edition

__all__ = ["table_notes"]


def table_notes(table: ProtectedTable, edition: Edition, language: str) -> list[str]:
    """The notes of a table in one language, without those on symbols and on synthetic data.

    With ``disclosure.method: cell-key`` every table with figures about somebody says that they are changed and do not add up.
    What looks wrong and has been accepted comes last.
    """
    own = table.definition.notes.get(language, "")
    notes = [own] if own else []
    rules = edition.disclosure
    about_somebody = any(metadata.measure(name).subject != "public" for name in table.definition.measures)
    if rules.method == "cell-key" and about_somebody:
        notes.append(metadata.text("cell-key.note", language, **rules.cell_key_words))
    return [*notes, *table.remarks(language)]
