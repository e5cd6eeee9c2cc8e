"""The fields of the delivery files, from the layouts by which intake reads them."""

from __future__ import annotations

from kvarn import metadata
from kvarn.collect import Field, Layout, layouts
from kvarn.metadata import register_tables
from kvarn.process.variables._listed import Listed, ListedTable
from kvarn.process.variables._words import word

__all__ = ["listed_deliveries"]


def listed_deliveries() -> tuple[ListedTable, ...]:
    """One table a file type, its fields in the order of the file."""
    return tuple(_listed(layout) for layout in layouts().values())


def _listed(layout: Layout) -> ListedTable:
    languages = metadata.languages
    return ListedTable(
        name=layout.type,
        titles=layout.title,
        definition={
            language: word(
                "delivery.definition", language, type=layout.type, source=layout.source, separator=f"”{layout.separator}”."
            )
            for language in languages
        },
        file=word("delivery.file", "sv", type=layout.type),
        key=(),
        variables=tuple(_field(layout, number, field) for number, field in enumerate(layout.fields, 1)),
    )


def _field(layout: Layout, number: int, field: Field) -> Listed:
    kind = "delivery.repeated" if field.repeat else "delivery.field"
    becomes = ", ".join(
        f"{table.name}.{column.name}"
        for table in register_tables()
        for column in table.columns
        if column.fields.get(layout.type) == field.role
    )
    definition: dict[str, str] = {}
    for language in metadata.languages:
        said = word(kind, language, number=number, length=field.length, repeat=field.repeat)
        definition[language] = f"{said} {word('delivery.becomes', language, columns=becomes)}" if becomes else said
    return Listed(
        name=field.role,
        titles={"sv": field.sv, "en": field.en},
        definition=definition,
        type="text",
        source=dict.fromkeys(metadata.languages, field.source),
        valid_from=layout.first_year,
        pattern=field.pattern,
    )
