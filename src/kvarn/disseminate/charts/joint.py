"""Procedures that several professions carried out together: each profession's share of them."""

from __future__ import annotations

from matplotlib.axes import Axes

from kvarn import metadata
from kvarn.disseminate.charts import style
from kvarn.disseminate.charts.bars import draw_bar, label_rows
from kvarn.disseminate.charts.series import Series, footnotes, read_series
from kvarn.disseminate.numbers import NO_BREAK_SPACE, format_number
from kvarn.disseminate.protected import NIL, ProtectedTable

__all__ = ["joint_procedures"]

_TOTAL = "T"
_FRAME, _ROW = 1.0, 0.27


@style.for_telephones_too
def joint_procedures(table: ProtectedTable, *, language: str, year: int) -> style.Chart:
    """Of each profession's procedures, the per cent carried out jointly with others, the highest first (``procedures-joint``).

    The share is that of two published cells, which stand beside its bar. A profession without procedures is left out; one of
    whose two cells either is withheld has no bar.
    """
    cells = table.where(year=year, measure="procedures")
    every, joint = (
        read_series(cells[cells["cooperation"] == code], "profession", label="", colour=style.BLUE) for code in (_TOTAL, "joint")
    )
    professions = [code for code in table.definition.order("profession") if code != _TOTAL]
    there = [code for code in professions if every.value(code) or code in every.symbols]
    shares = {code: share for code in there if (share := _share(joint.value(code), every.value(code))) is not None}
    shown = sorted(there, key=lambda code: -shares.get(code, -1))
    with style.canvas(_FRAME + _ROW * len(shown)) as (figure, axes):
        label_rows(axes, [metadata.variable("profession").category(code, language) for code in shown])
        for place, code in enumerate(shown):
            if code in shares:
                draw_bar(axes, place, shares[code], 0.68, style.BLUE)
            _say(axes, _words(code, joint, every, language), shares.get(code), place)
        _scale(axes, language)
        style.label_axis(axes, style.words("joint", language))
        nil = every.shows_nil(shown) or joint.shows_nil(shown)
        notes = footnotes([_of(one, shown) for one in (every, joint)], table, language, nil=nil)
        return style.finish(figure, name="joint-procedures", language=language, footnotes=notes)


def _share(part: float | None, whole: float | None) -> float | None:
    """Per cent of the whole; none where either is not published."""
    return None if part is None or not whole else 100 * part / whole


def _words(profession: str, joint: Series, every: Series, language: str) -> str:
    """How many of how many, each a number or its symbol."""
    part, whole = (_number(one, profession, language) for one in (joint, every))
    return style.words("of", language, part=part, whole=whole).replace(" ", NO_BREAK_SPACE)


def _number(series: Series, profession: str, language: str) -> str:
    count = series.value(profession)
    if count is None:
        return series.symbols.get(profession, "")
    return NIL if profession in series.nil else format_number(count, language=language)


def _say(axes: Axes, words: str, share: float | None, place: int) -> None:
    axes.annotate(
        words,
        (share or 0, place),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        color=style.MUTED if share is None else style.INK,
        fontsize=style.SMALL + 0.5,
        annotation_clip=False,
    )


def _scale(axes: Axes, language: str) -> None:
    """Per cent of a whole, always to a hundred."""
    marks = range(0, 101, 25)
    axes.set_xlim(0, 100)
    axes.set_xticks(list(marks), [format_number(mark, language=language) for mark in marks])
    axes.grid(visible=True, axis="x")


def _of(series: Series, shown: list[str]) -> Series:
    return Series("", series.colour, {}, {code: series.symbols[code] for code in shown if code in series.symbols})
