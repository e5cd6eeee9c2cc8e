"""The place that a passage is about although it does not name it: that of its heading, list or term, or of the block before it.

"Only one person received care" below the heading "Bjurholm" says what "In Bjurholm only one person" says. So a place is carried
on: from a heading to all that stands below it until the next one of the same or a higher level; from the title of a callout to
its end; from a line that stands as a label, a term, an item of a list or a paragraph that ends in a colon to what hangs on it;
and from any block to the next one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kvarn.base.files import text_in
from kvarn.disseminate.narrative._ones import goes_on, ones_beside, ones_told
from kvarn.disseminate.narrative._reading import Passage, blocks_of, body_of
from kvarn.disseminate.narrative._regions_named import regions_named
from kvarn.disseminate.shortcodes import shortcodes_in

__all__ = ["Carried", "Carrying", "Places", "carried_in_chapters", "named_in"]

# Each place as the codes that its name can be, or as what tells of a figure that names one.
Places = tuple[object, ...]
_HEADING = re.compile(r"\s{0,3}(?:>\s*)*(#{1,6})\s")
_UNDERLINE = re.compile(r"^\s{0,3}(=+|-+)\s*$", re.MULTILINE)
_FENCE = re.compile(r"\s*(?:>\s*)*:::+\s*(\S?)")
_TITLE = re.compile(r"""title\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TITLE_OF_ALL = re.compile(r"^(?:title|subtitle):[ \t]*(.*)$", re.MULTILINE)
_ITEM = re.compile(r"(\s*)(?:>\s*)*[-*+]\s")
_DEFINITION = re.compile(r"\s*(?:>\s*)*[:~]\s")
_TABLE = re.compile(r"\s*(?:>\s*)*\|")
_INDENTED = re.compile(r"\s{2,}\S")
_END = (".", "!", "?")
# So many words alone on a line are its label, and no sentence.
_LABEL = 5


@dataclass(frozen=True)
class Carried:
    """What a block is about beside what it names itself.

    Attributes
    ----------
    places
        The places that it does not name.
    firmly
        Whether the block hangs on their name, or goes on about it; else it only follows a block that has it.
    """

    places: Places = ()
    firmly: bool = False

    def ones_in(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a block says one, both or none of those who are counted in the places."""
        if self.places and not regions_named(text):
            yield from ones_beside(text, of_place=True) if self.firmly else ones_told(text)

    @property
    def about(self) -> Places:
        """The places that the figures of the block are of, until it names another."""
        return self.places if self.firmly else ()


def named_in(block: Passage) -> Places:
    """The places that a block names in its own words."""
    return regions_named(block.text)


@dataclass
class Carrying:
    """Goes through the blocks of documents or cells in their order, and knows what each is about.

    Attributes
    ----------
    named
        The places that a block names, by its words and by the figures that it prints.
    titles
        Those of the document's own title: what holds of each, and of the country, may be said below it.
    """

    named: Callable[[Passage], Places] = named_in
    titles: Places = ()
    headings: list[tuple[int, Places]] = field(default_factory=list)
    fences: list[Places] = field(default_factory=list)
    items: list[tuple[int, Places]] = field(default_factory=list)
    label: Places = ()
    term: Places = ()
    before: Places = ()

    def step(self, block: Passage) -> Carried:
        """What the next block is about."""
        own, written = self.named(block), block.source
        if self._heading(written, own) or self._fence(written, own):
            return self._of_what_it_hangs_on()
        item, defined = _ITEM.match(written), _DEFINITION.match(written)
        hangs = bool(item or defined or _TABLE.match(written) or _INDENTED.match(written))
        if item:
            indent = len(item[1].expandtabs())
            self.items = [one for one in self.items if one[0] < indent + (not own)]
            self.items += [(indent, own)] if own else []
        elif not hangs:
            self.items = []
        self.term = (self.term or self.before) if defined else (self.term if hangs else ())
        said = block.text.strip()
        turns = goes_on(said)
        carried = Carried(self.before, firmly=True) if turns and self.before and not own else self._of_what_it_hangs_on()
        if own and not hangs and (said.endswith(":") or _is_label(said)):
            self.label = own
        self.before = own or (carried.places if turns else ())
        return carried

    @property
    def firm(self) -> Places:
        """The places on whose name the next block hangs."""
        held = (self.items[-1][1] if self.items else (), self.term, self.label, *self.fences[::-1])
        return next(filter(None, (*held, *(places for _, places in self.headings[::-1]))), ())

    def _of_what_it_hangs_on(self) -> Carried:
        return Carried(self.firm, firmly=True) if self.firm else Carried(self.before or self.titles)

    def _heading(self, written: str, own: Places) -> bool:
        marked, underlined = _HEADING.match(written), _UNDERLINE.search(written)
        if not marked and not (underlined and written[: underlined.start()].strip()):
            return False
        level = len(marked[1]) if marked else 1 + (underlined is not None and underlined[1].startswith("-"))
        self.headings = [*(one for one in self.headings if one[0] < level), (level, own)]
        self.items, self.label, self.term, self.before = [], (), (), own
        return True

    def _fence(self, written: str, own: Places) -> bool:
        fence = _FENCE.match(written)
        if fence is None:
            return False
        if fence[1]:
            title = _TITLE.search(written)
            self.fences.append(regions_named(title[1] or title[2] or "") if title else ())
        elif self.fences:
            self.fences.pop()
        self.items, self.term = [], ()
        self.before = own or self.before
        return True


def carried_in_chapters(folder: Path, named: Callable[[Passage], Places] = named_in) -> Mapping[tuple[Path, int], Carried]:
    """What each block of the chapters in a folder is about, by file and first line, as the documents include them."""
    found: dict[tuple[Path, int], Carried] = {}
    files = sorted(folder.glob("*.qmd"))
    # Chapters that no document includes are read by themselves.
    for file in [*(one for one in files if not one.name.startswith("_")), *files]:
        if not any(path == file for path, _ in found):
            _follow(file, Carrying(named), found, ())
    return found


def _follow(file: Path, carrying: Carrying, found: dict[tuple[Path, int], Carried], above: tuple[Path, ...]) -> None:
    if file in above or not file.is_file():
        return
    text = text_in(file)
    body, first = body_of(text)
    titles = regions_named(" \n".join(_TITLE_OF_ALL.findall(text[: len(text) - len(body)])))
    carrying.titles = carrying.titles or titles
    for block in blocks_of(body, first):
        for one in shortcodes_in(block.source):
            if one.kind == "include":
                _follow(file.parent / one.name, carrying, found, (*above, file))
        carried = carrying.step(block)
        if not found.get((file, block.first), Carried()).firmly:
            found[file, block.first] = carried


def _is_label(said: str) -> bool:
    """Whether a line stands alone above what it is about: a name and few words, and no sentence."""
    words = re.findall(r"[^\W\d_]+", said)
    return len(words) <= 2 or (len(words) <= _LABEL and not said.endswith(_END))
