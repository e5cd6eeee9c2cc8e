"""From rows and columns to figures: headings, figures, and what stands above and below them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from kvarn.errors import CodeListError
from kvarn.process.population._cells import AS_DOWNLOADED, Cells, Member, Unknown
from kvarn.process.population._headings import Headings, Row, find_headings, line_of_headings
from kvarn.process.population._regions import Regions
from kvarn.process.population._words import about_something_else, age_of, contents_of, figure_of, is_total, sex_of, year_of

__all__ = ["BUFFER", "Grid", "PlaceOf", "read_grid"]

# How many rows are looked at to find out what the columns are.
BUFFER = 450
# From row and column to the line and field of an error.
PlaceOf = Callable[[int, int], tuple[int | None, str | None]]


@dataclass
class Grid:
    """The figures of a table, and what was noticed."""

    headings: Headings
    cells: Cells = field(default_factory=Cells)
    years: set[int] = field(default_factory=set)
    below: int = 0
    aside: int = 0

    @property
    def layout(self) -> str:
        """How the figures are laid out, in words."""
        if "year" in self.headings.roles.values():
            return "one figure a row"
        spread = [name for name in ("sex", "age") if name not in self.headings.roles.values()]
        return "a column for each " + " and ".join(["year", *spread])

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left alone."""
        notes = []
        if self.headings.aside:
            notes.append("columns left aside: " + ", ".join(repr(self.headings.names[place]) for place in self.headings.aside))
        if self.aside:
            rows = "1 row" if self.aside == 1 else f"{self.aside:,} rows"
            notes.append(f"{rows} of other contents left aside")
        if self.below:
            rows = "1 row" if self.below == 1 else f"{self.below:,} rows"
            notes.append(f"{rows} below the figures left alone (footnotes)")
        return tuple(notes)


def read_grid(
    rows: Iterator[Row],
    regions: Regions,
    path: Path,
    place_of: PlaceOf,
    *,
    wanted: Collection[int] | None,
    ragged: bool,
    told: Callable[[Headings], None],
) -> Grid:
    """The figures of a table of rows and columns.

    Parameters
    ----------
    wanted
        The years whose figures are wanted; all by default.
    ragged
        Whether rows may be shorter than the headings, as in workbooks.
    told
        Called with the headings as soon as they are known.
    """
    buffer = list(islice(rows, BUFFER))
    if not any(any(cell.strip() for cell in cells) for _, cells in buffer):
        raise CodeListError("The population file is empty.", file=path, remedy=AS_DOWNLOADED)
    try:
        headings = find_headings(buffer, regions)
        if about_something_else(headings.title):
            raise Unknown(
                f"These are not inhabitants on 31 December: {headings.title[:120]!r}.",
                "Download the population on 31 December by region, age and sex.",
            )
    except Unknown as unknown:
        line = line_of_headings(buffer)
        raise CodeListError(unknown.what, file=path, line=line, field="headings", remedy=unknown.remedy) from None
    told(headings)
    reading = _Reading(headings, regions, path, place_of, wanted, ragged)
    for row in chain(buffer[headings.rows :], rows):
        reading.take(row)
    if not reading.grid.years:
        raise CodeListError("Nothing stands below the headings.", file=path, remedy=AS_DOWNLOADED)
    return reading.grid


class _Reading:
    """Goes down the rows: figures, an empty line, footnotes."""

    def __init__(
        self,
        headings: Headings,
        regions: Regions,
        path: Path,
        place_of: PlaceOf,
        wanted: Collection[int] | None,
        ragged: bool,
    ) -> None:
        self.grid = Grid(headings)
        self._path, self._place_of, self._wanted, self._ragged = path, place_of, wanted, ragged
        self._readers: dict[str, Callable[[str], int]] = {
            "region": regions.of,
            "age": age_of,
            "sex": sex_of,
            "year": year_of,
        }
        # Errors name the first wrong field from the left in the order of a download, not of the file.
        order = ("region", "sex", "age", "year")
        self._roles = sorted(
            ((place, name) for place, name in headings.roles.items() if name != "contents"), key=lambda one: order.index(one[1])
        )
        self._contents = [place for place, name in headings.roles.items() if name == "contents"]
        self._above: dict[int, str] = {}
        self._begun = self._interrupted = self._ended = False

    def take(self, row: Row) -> None:
        """One row: figures, or what may stand among and below them."""
        line, cells = row
        if not any(cell.strip() for cell in cells):
            self._interrupted = self._begun
            # Nothing below an empty line continues what stands above it.
            self._above = {}
            return
        if not self._interrupted:
            self._begun = True
            self._read(line, cells)
            return
        try:
            figures = self._figures(line, cells)
        except CodeListError:
            self._ended = True
        else:
            if self._ended:
                raise self._error("Figures stand below the footnotes.", line, 0, "Give each download in a file of its own.")
            for about, value, column in figures:
                self._add(about, value, line, column)
            return
        self.grid.below += 1

    def _read(self, line: int, cells: list[str]) -> None:
        for about, value, column in self._figures(line, cells):
            self._add(about, value, line, column)

    def _add(self, about: Member, value: int, line: int, column: int) -> None:
        try:
            self.grid.cells.add(about, value, line, column)
        except Unknown as unknown:
            raise self._error(unknown.what, line, column, unknown.remedy) from None

    def _figures(self, line: int, cells: list[str]) -> list[tuple[Member, int, int]]:
        headings = self.grid.headings
        width = len(headings.names)
        beyond = any(cell.strip() for cell in cells[width:])
        if beyond or (len(cells) < width and not self._ragged):
            raise CodeListError(
                f"The row has {len(cells)} fields, the header {width}.", file=self._path, line=line, remedy=AS_DOWNLOADED
            )
        cells = cells + [""] * (width - len(cells))
        about = self._about(line, cells)
        if about is None:
            self.grid.aside += 1
            return []
        found = []
        for column, said in headings.figures.items():
            whole = about.with_(said)
            if whole is None:
                raise self._error("The row and the heading contradict each other.", line, column)
            assert whole.year is not None
            self.grid.years.add(whole.year)
            if self._wanted is not None and whole.year not in self._wanted:
                continue
            try:
                found.append((whole, figure_of(cells[column]), column))
            except Unknown as unknown:
                raise self._error(unknown.what, line, column, unknown.remedy) from None
        return found

    def _about(self, line: int, cells: list[str]) -> Member | None:
        """What the row's figures are about; None where they are other contents than the number of inhabitants."""
        said: dict[str, int] = {}
        for place, name in self._roles:
            # Workbooks write a region once, above its ages.
            text = cells[place].strip() or self._above.get(place, "")
            self._above[place] = text
            # Of two columns of codes and names one may be empty (totals have no code).
            if not text and len([other for _, other in self._roles if other == name]) > 1:
                continue
            try:
                found = self._readers[name](text)
            except Unknown as unknown:
                raise self._error(unknown.what, line, place, unknown.remedy, field=name) from None
            if said.setdefault(name, found) != found:
                raise self._error(f"{text!r} contradicts another column of the same row.", line, place, field=name)
        for place, name in self._roles:
            if name not in said:
                raise self._error("The field is empty.", line, place, field=name)
        for place in self.grid.headings.further:
            text = cells[place].strip()
            if text and not is_total(text):
                raise self._error(
                    f"The column {self.grid.headings.names[place]!r} is not understood: it has {text[:40]!r}.",
                    line,
                    place,
                    "Remove the column where it is only a remark; where it divides the inhabitants further (marital status, "
                    "country of birth), download the file without it.",
                )
        for place in self._contents:
            contents = contents_of(cells[place])
            if contents is None:
                raise self._error(f"{cells[place].strip()!r} is not the number of inhabitants.", line, place)
            if not contents:
                return None
        return Member.of(said)

    def _error(
        self, what: str, line: int, column: int, remedy: str = AS_DOWNLOADED, *, field: str | None = None
    ) -> CodeListError:
        number, where = self._place_of(line, column)
        # A text file's columns are known by what they are about, a workbook's by their letters.
        shown = where if field is None or self._ragged else field
        return CodeListError(what, file=self._path, line=number, field=shown, remedy=remedy)
