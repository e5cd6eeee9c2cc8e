"""The house style of charts: colours, type, sizes, and how a finished figure becomes SVG.

Colours start from Okabe and Ito's palette for every kind of colour vision (*Color Universal Design*, 2008), darkened
until each has a contrast of at least 4.5:1 against white, so that a label may have the colour of its line (WCAG 2.1
asks 4.5:1 of text and 3:1 of graphics). The classes of the map are one hue from light to dark; there the outlines carry
the contrast.
"""

from __future__ import annotations

import functools
import importlib.util
import io
import re
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from kvarn import metadata
from kvarn.base.package_files import words_in
from kvarn.disseminate.chart_colours import CHART, COLOURS
from kvarn.disseminate.own_charts import DRAWN_BY, NARROW_SVG, SVG

__all__ = [
    "BLUE",
    "CLASSES",
    "GREEN",
    "GRID",
    "INK",
    "MUTED",
    "ORANGE",
    "PURPLE",
    "SEX_COLOURS",
    "SEX_HATCHES",
    "SEX_MARKERS",
    "SMALL",
    "WIDTH",
    "Chart",
    "canvas",
    "finish",
    "for_telephones_too",
    "in_lines",
    "is_narrow",
    "label_axis",
    "synthetic_footnote",
    "words",
    "wrapped",
]

P = ParamSpec("P")

INK, MUTED, GRID = (COLOURS[name] for name in ("ink", "muted", "grid"))
BLUE, ORANGE, GREEN, PURPLE = (COLOURS[name] for name in ("blue", "orange", "green", "purple"))
SEX_COLOURS = {"T": INK, "2": ORANGE, "1": BLUE}
# Orange and blue are alike in grey print: women and men differ in their marks and the pattern of their bars too.
SEX_MARKERS = {"T": "^", "2": "o", "1": "s"}
SEX_HATCHES = {"2": "", "1": "////"}
CLASSES = ("#E3EDF6", "#B3CFE5", "#76A9D0", "#3A7DB3", "#0B4C7F")

WIDTH = 6.7  # inches: the text width of an A4 page, and of a column of text on a screen
NARROW = 3.75  # the same for a telephone, where letters are to be as large
_width: ContextVar[float] = ContextVar("width", default=WIDTH)
_SIZE = 10.0
SMALL = 8.5
_FAMILY = "kvarn sans"
_NARROW_TITLE = 34  # letters of a line above the axes


_NUMBER = re.compile(r"-?\d+\.\d+")
_PATH = re.compile(r'(?<=\sd=")[^"]+(?=")')
_IDENTIFIER = re.compile(r'(\bid="|url\(#|href="#)')


@dataclass(frozen=True)
class Chart:
    """A finished chart. A notebook's cell that ends with it shows it as SVG.

    Attributes
    ----------
    name
        The label of its cell without ``chart-``.
    language
        ``sv`` or ``en``.
    svg
        One SVG element, text as paths, its identifiers beginning with `name`, so that many charts can share a page.
    narrow
        The same chart drawn for a telephone.
    """

    name: str
    language: str
    svg: str = field(repr=False)
    narrow: str = field(default="", repr=False)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        return {SVG: self.svg}, {SVG: {DRAWN_BY: self.name, NARROW_SVG: self.narrow}}


def for_telephones_too(draw: Callable[P, Chart]) -> Callable[P, Chart]:
    """A function that draws a chart, drawing it once more as narrow as a telephone."""

    @functools.wraps(draw)
    def both(*arguments: P.args, **named: P.kwargs) -> Chart:
        chart = draw(*arguments, **named)
        before = _width.set(NARROW)
        try:
            return replace(chart, narrow=draw(*arguments, **named).svg)
        finally:
            _width.reset(before)

    return both


# Stands for the space within a number while words are laid in lines.
_WITHIN_NUMBER = "\ue000"


def is_narrow() -> bool:
    """Whether what is being drawn is for a telephone."""
    return _width.get() == NARROW


def wrapped(words_: str, letters: int) -> list[str]:
    """Words in lines of so many letters; a number is not broken at the space between its thousands."""
    whole = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", _WITHIN_NUMBER, words_)
    return [line.replace(_WITHIN_NUMBER, " ") for line in textwrap.wrap(whole, letters, break_long_words=False)]


def in_lines(words_: str, letters: int) -> str:
    """Words in lines of so many letters where the drawing is narrow."""
    return "\n".join(wrapped(words_, letters)) if is_narrow() else words_


@contextmanager
def canvas(height: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure `height` inches high in the house style, and its axes.

    The figure belongs to no figure manager, and the settings hold inside the ``with`` block alone.
    """
    with matplotlib.rc_context(_settings()):
        figure = Figure(figsize=(_width.get(), height), layout="constrained")
        yield figure, figure.add_subplot()


def finish(figure: Figure, *, name: str, language: str, footnotes: list[str]) -> Chart:
    """The figure as a `Chart`, with its footnotes below it."""
    if footnotes:
        below = "\n".join(footnotes)
        figure.supxlabel(below, x=0.005, ha="left", fontsize=SMALL, color=MUTED, linespacing=1.35, parse_math=False)
    written = io.StringIO()
    # Without these four there is no metadata element, which would name the day and the version of matplotlib.
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    # `Figure.savefig` would draw all of it once more beforehand, for what is cropped to its contents; the bytes are the same.
    FigureCanvasSVG(figure).print_svg(written, metadata=nothing)  # type: ignore[no-untyped-call]
    return Chart(name, language, _tidy(written.getvalue(), f"{name}-narrow" if is_narrow() else name))


def label_axis(axes: Axes, words_: str) -> None:
    """Say above the axes, horizontally, what its values are."""
    axes.set_title(in_lines(words_[:1].upper() + words_[1:], _NARROW_TITLE), loc="left", fontsize=SMALL, color=MUTED, pad=8)


def words(key: str, language: str, **values: object) -> str:
    """Words for a chart, with ``{name}`` filled in from `values`."""
    return words_in("kvarn.disseminate.charts", "words.yml", key, language, values)


def synthetic_footnote(language: str) -> str:
    """The mark that every chart of synthetic data carries, since a picture travels without its page."""
    return metadata.text("synthetic.short", language)


@functools.cache
def _family() -> str:
    """Put the house's type where matplotlib finds it, under a name of our own that no font of the machine can have."""
    for path, weight in _font_files():
        entry = font_manager.FontEntry(fname=str(path), name=_FAMILY, weight=weight)
        font_manager.fontManager.ttflist.append(entry)
    return _FAMILY


def _font_files() -> list[tuple[Path, int]]:
    """Source Sans Pro (SIL Open Font License 1.1) where its package is installed, else matplotlib's own DejaVu Sans."""
    package = importlib.util.find_spec("font_source_sans_pro")
    if package is not None and package.origin is not None:
        folder = Path(package.origin).parent / "files"
        regular, bold = "SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf"
    else:
        folder, regular, bold = (
            Path(matplotlib.get_data_path()) / "fonts" / "ttf",
            "DejaVuSans.ttf",
            "DejaVuSans-Bold.ttf",
        )
    return [(folder / regular, 400), (folder / bold, 700)]


def _settings() -> dict[Any, Any]:
    """Every setting of matplotlib but the backend, so that no one's own settings can change a chart."""
    defaults: dict[Any, Any] = {key: value for key, value in matplotlib.rcParamsDefault.items() if "backend" not in key}
    return {
        **defaults,
        "axes.axisbelow": True,
        "axes.edgecolor": MUTED,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.labelcolor": INK,
        "axes.linewidth": 0.8,
        "axes.spines.left": False,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.unicode_minus": True,
        "figure.constrained_layout.h_pad": 0.06,
        "figure.constrained_layout.w_pad": 0.06,
        "figure.facecolor": "white",
        "font.family": [_family()],
        "font.size": _SIZE,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "hatch.linewidth": 0.6,
        "lines.linewidth": 2.2,
        "lines.markersize": 4.5,
        "lines.solid_capstyle": "round",
        "svg.fonttype": "path",
        "svg.hashsalt": "kvarn",
        "text.color": INK,
        # A label is text: a dollar sign begins no formula.
        "text.parse_math": False,
        "xtick.color": INK,
        "xtick.major.size": 0,
        "ytick.color": INK,
        "ytick.major.size": 0,
    }


def _tidy(svg: str, name: str) -> str:
    """From the SVG element on, tenths of a point are enough, and identifiers belong to this chart."""
    element = svg[svg.index("<svg") :].replace("<svg ", f'<svg class="{CHART}" ', 1)
    element = _PATH.sub(lambda path: _NUMBER.sub(_tenths, path[0]), element)
    return _IDENTIFIER.sub(rf"\g<1>{name}-", element)


def _tenths(number: re.Match[str]) -> str:
    shortened = f"{float(number[0]):.1f}".rstrip("0").rstrip(".")
    return "0" if shortened == "-0" else shortened
