"""What was accepted of the files that were due: counties and months, a field for each, darker the more is lacking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.charts.columns import short_month
from kvarn.disseminate.charts.series import Series, footnotes, read_series
from kvarn.disseminate.numbers import format_number
from kvarn.disseminate.protected import ProtectedTable

__all__ = ["delivered_months"]

_COUNTRY, _YEAR = "00", "T"
# Up to which share of the files due a field has the colour of its class (their words: `lacking.0` on).
_LIMITS = (0.05, 0.1, 0.25, 0.5, 1.0)
# The first class on which words are light. Words on a field keep their colour when the page is dark, as the field does.
_DARK = 4
_ON_LIGHT, _ON_DARK = "#050505", "#FDFDFD"
_ROW, _FRAME, _KEY = 0.19, 0.5, 0.55  # inches
_LETTERS, _FIGURES = 44, 7.5


@style.for_telephones_too
def delivered_months(table: ProtectedTable, *, language: str, year: int) -> style.Chart:
    """How many of the files due were not accepted, by county, month and file type (``deliveries-by-municipality``).

    A field for each county and month has the number of files that are lacking; it is the darker the larger a share of the files
    due they are. Where every file was accepted it is empty, and where none was due yet there is no field.
    """
    every = list(table.definition.order("file_type"))
    types = [kind for kind in every if _due(table, year, kind).values] or every
    regions = [_COUNTRY, *metadata.codelist("region").children(_COUNTRY)]
    months = [code for code in table.definition.order("month") if code != _YEAR]
    rows = len(types) if style.is_narrow() else 1
    shown: list[Series] = []
    with style.canvas(_KEY + rows * (_FRAME + _ROW * len(regions))) as (figure, whole):
        whole.remove()
        panels = figure.subplots(rows, len(types) // rows, squeeze=False)
        for place, (kind, axes) in enumerate(zip(types, panels.flat, strict=True)):
            due, lacking = _due(table, year, kind), _read(table, year, kind, "files_lacking")
            _fields(axes, lacking, due, regions, months, language)
            axes.set_title(metadata.variable("file_type").category(kind, language), loc="left", fontsize=style.SMALL, pad=4)
            axes.set_xticks(range(len(months)), [short_month(code, language) for code in months], rotation=90)
            named = [metadata.codelist("region").label(code, language) for code in regions]
            axes.set_yticks(range(len(regions)), named if style.is_narrow() or place == 0 else [""] * len(regions))
            axes.tick_params(labelsize=style.SMALL)
            shown.append(lacking)
        words = style.in_lines(style.words("lacking", language), _LETTERS)
        figure.suptitle(words, x=0.005, ha="left", fontsize=style.SMALL, color=style.MUTED)
        _key(panels[-1, 0], language)
        return style.finish(figure, name="delivered-months", language=language, footnotes=footnotes(shown, table, language))


def _due(table: ProtectedTable, year: int, kind: str) -> Series:
    """The files due, by region and month, where there are any."""
    read = _read(table, year, kind, "files_due")
    return replace(read, values={place: number for place, number in read.values.items() if number > 0})


def _read(table: ProtectedTable, year: int, kind: str, measure: str) -> Series:
    regions = [_COUNTRY, *metadata.codelist("region").children(_COUNTRY)]
    cells = table.where(year=year, file_type=kind, measure=measure, region=regions)
    cells = cells[cells["month"] != _YEAR]
    return read_series(cells.assign(place=cells["region"] + cells["month"]), "place", label="", colour=style.BLUE)


def _fields(axes: Axes, lacking: Series, due: Series, regions: Sequence[str], months: Sequence[str], language: str) -> None:
    axes.set(xlim=(-0.5, len(months) - 0.5), ylim=(len(regions) - 0.5, -0.5))
    axes.grid(visible=False)
    places: dict[int | None, list[Path]] = {}
    for down, region in enumerate(regions):
        for across, month in enumerate(months):
            number, symbol = lacking.value(region + month), lacking.symbols.get(region + month)
            whole = due.value(region + month)
            if whole is None and region + month not in due.symbols:
                continue
            level = _level(number / whole) if number and whole else None
            places.setdefault(level, []).append(_field(across, down))
            said = symbol if number is None else format_number(number, language=language) if number else ""
            ink = style.MUTED if level is None else _ON_DARK if level >= _DARK else _ON_LIGHT
            axes.text(across, down, said or "", ha="center", va="center_baseline", fontsize=_FIGURES, color=ink)

    # One shape a class: hundreds of fields would be as many elements of the page.
    for level, fields in places.items():
        colour = "none" if level is None else style.CLASSES[level]
        together = Path.make_compound_path(*fields)
        axes.add_patch(PathPatch(together, facecolor=colour, edgecolor=style.GRID, linewidth=0.6))


def _level(share: float) -> int:
    return next(place for place, limit in enumerate(_LIMITS) if share <= limit)


def _field(across: float, down: float) -> Path:
    left, right, above, below = across - 0.46, across + 0.46, down - 0.44, down + 0.44
    return Path([(left, above), (right, above), (right, below), (left, below), (left, above)], closed=True)


def _key(axes: Axes, language: str) -> None:
    """The classes below the fields: of how many of the files due each colour is."""
    handles = [Rectangle((0, 0), 1, 1, facecolor=colour, edgecolor=style.MUTED, linewidth=0.6) for colour in style.CLASSES]
    axes.legend(
        handles,
        [style.words(f"lacking.{level}", language) for level in range(len(handles))],
        loc="upper left",
        bbox_to_anchor=(-0.02, -0.09),
        ncols=2,
        frameon=False,
        fontsize=style.SMALL,
        handlelength=1.1,
        columnspacing=1.2,
        borderpad=0,
    )
