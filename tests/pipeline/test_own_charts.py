"""Charts of a statistician's own: published where a wall stood and the cell says what it shows, and refused otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.analyse.disclosure.written.audit import Published
from kvarn.disseminate.own_charts import NARROW_SVG
from kvarn.disseminate.rendering.source_lines import with_sources
from kvarn.errors import DisclosureError, NotebookError
from kvarn.kernel import landlock, seccomp
from kvarn.pipeline.attack._own import OwnOutputs
from kvarn.pipeline.attack._page import Drawing
from kvarn.pipeline.own_outputs import check_declared, own_outputs, wrong_output
from kvarn.pipeline.walls import SWITCH

Writer = Callable[..., Path]
EVERY = [table.name for table in metadata.tables()]
OPEN = 'from kvarn.disseminate.protected import open_tables\ntables = open_tables(edition)\nby_month = tables["persons-by-month"]'
DECLARED = '#| shows: persons-by-month\n#| fig-alt: "Rising"\n'
DRAW = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.bar(['a', 'b'], [1, 2], hatch='/')\nplt.show()"
PNG = "%config InlineBackend.figure_formats = ['png']\n"
FORGED = (
    "display({'image/svg+xml': '<svg/>'}, raw=True, metadata={'image/svg+xml': {'kvarn': 'x'}})",
    "from kvarn.disseminate.charts import Chart\nChart('x', 'sv', '<svg/>')",
    "from kvarn.disseminate.charts import Chart, persons_by_age\n"
    "persons_by_age = lambda: Chart('x', 'sv', '<svg/>')\npersons_by_age()",
)
NEVER = (
    "from IPython.display import HTML\nHTML('<svg><path d=\"M0 0\"/></svg>')",
    "from IPython.display import HTML\nHTML('<table style=\"height: 30px\"><tr><td>a</td></tr></table>')",
    "from IPython.display import Markdown\nMarkdown('![](data:image/png;base64,AAAA)')",
    "from IPython.display import Markdown\nMarkdown('```{=typst}\\n#rect()\\n```')",
    "display({'application/pdf': 'AAAA'}, raw=True)",
)

needs_a_wall = pytest.mark.skipif(not (landlock.abi() and seccomp.is_there()), reason="this system keeps no wall")


@needs_a_wall
@pytest.mark.parametrize(("before", "kind"), [("", "image/svg+xml"), (PNG, "image/png")])
def test_a_declared_chart_is_kept_with_its_wall_and_comes_out_the_same_again(
    present: Callable[..., Path], before: str, kind: str
) -> None:
    executed = present(*filter(None, [before]), DECLARED + DRAW)
    (own,) = own_outputs(executed)
    assert (own.kind, own.tables, own.walled) == (kind, ("persons-by-month",), True)
    first = executed.read_bytes()
    assert present(*filter(None, [before]), DECLARED + DRAW).read_bytes() == first


@pytest.mark.parametrize("cell", [DECLARED + DRAW, PNG + DRAW, *FORGED])
def test_the_same_is_refused_where_no_wall_stood(
    present: Callable[..., Path], cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, "none")
    with pytest.raises(NotebookError, match="no wall stood") as caught:
        present(cell)
    assert caught.value.cell == "cell-0" and "kvarn.disseminate.charts" in str(caught.value.remedy)


@needs_a_wall
@pytest.mark.parametrize(
    "part", ["<script>alert()</script>", '<image href="https://example.org/a.png"/>', '<g onload="alert()"/>']
)
def test_a_drawing_with_more_than_shapes_is_refused_whatever_it_says_of_itself(present: Callable[..., Path], part: str) -> None:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg">{part}</svg>'
    plain = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    in_the_narrow_one = f"{{'image/svg+xml': {{'kvarn': 'a', {NARROW_SVG!r}: {drawing!r}}}}}"
    with pytest.raises(NotebookError, match=r"The drawing has .* which no published drawing may have"):
        present(f"{DECLARED}display({{'image/svg+xml': {plain!r}}}, raw=True, metadata={in_the_narrow_one})")
    for said in ("{}", "{'image/svg+xml': {'kvarn': {}}}"):
        with pytest.raises(NotebookError, match=r"The drawing has .* which no published drawing may have") as caught:
            present(f"{DECLARED}display({{'image/svg+xml': {drawing!r}}}, raw=True, metadata={said})")
        assert caught.value.cell == "cell-0"


@needs_a_wall
def test_a_chart_that_declares_nothing_or_says_nothing_is_refused(present: Callable[..., Path]) -> None:
    with pytest.raises(NotebookError, match="does not say which protected table") as caught:
        present(DRAW)
    assert caught.value.cell == "cell-0" and "#| shows:" in str(caught.value.remedy)
    with pytest.raises(NotebookError, match="no alternative text"):
        present("#| shows: persons-by-month\n" + DRAW)


@needs_a_wall
@pytest.mark.parametrize("cell", NEVER)
def test_what_is_neither_read_nor_a_figure_is_refused_even_if_declared(present: Callable[..., Path], cell: str) -> None:
    with pytest.raises(NotebookError, match="The cell shows"):
        present(DECLARED + cell)


@needs_a_wall
def test_a_plain_table_of_pandas_needs_no_declaration(present: Callable[..., Path]) -> None:
    assert list(own_outputs(present("import pandas as pd\npd.DataFrame({'a': ['b']})"))) == []


def test_a_notebook_cannot_say_itself_that_a_wall_stood(present: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "none")
    executed = present("1")
    content = json.loads(executed.read_text(encoding="utf-8"))
    assert content["metadata"]["kvarn"] == {"wall": False}
    assert wrong_output(executed, False) is None


@pytest.mark.parametrize(
    ("shows", "published", "what"),
    [
        ("persons-by-mont", EVERY, "no table of the programme"),
        ("persons-by-month", [], "does not publish"),
        ("rates-by-municipality", EVERY, "does not open"),
        ("persons-by-month, rates-by-municipality", EVERY, "does not open"),
        ("", EVERY, "names no table"),
    ],
)
def test_what_a_cell_declares_is_published_and_opened(
    write_notebook: Writer, shows: str, published: list[str], what: str
) -> None:
    with pytest.raises(NotebookError, match=what) as caught:
        check_declared(write_notebook(OPEN, f"#| shows: {shows}\n1"), EVERY, published)
    assert caught.value.cell == "cell-1" and caught.value.remedy
    check_declared(write_notebook(OPEN, "#| shows: persons-by-month\n1"), EVERY, EVERY)


def test_on_a_page_no_other_picture_stands_and_no_other_number_in_a_declared_drawing() -> None:
    published = Published()
    published.figures["persons", 2023, (("month", "01"),)] = "1234"
    published.figures["population", 2023, (("region", "01"),)] = "77"
    own = OwnOutputs({"known": ("persons-by-month",)}, published, "en")
    own.require_picture("known", "page, picture 1")
    with pytest.raises(DisclosureError, match="cannot be read") as caught:
        own.require_picture("another", "page, picture 1")
    assert caught.value.where == "page, picture 1"
    fine = ["0", "500", "1,000", "2023", "January", "1,234", "X"]
    assert own.require_drawing(Drawing(fine, "known"), frozenset(), "page, drawing 1")
    assert not own.require_drawing(Drawing(["Dorotea 3"], "another"), frozenset(), "page, drawing 1")
    for wrong in ("3", "Dorotea 3", "77", "Dorotea ³"):
        with pytest.raises(DisclosureError, match="persons-by-month"):
            own.require_drawing(Drawing([*fine, wrong], "known"), frozenset(), "page, drawing 1")


@pytest.mark.parametrize(("language", "word"), [("sv", "tabellen Personer"), ("en", "the table Persons")])
def test_the_words_about_the_data_stand_below_the_chart_for_quarto_too(language: str, word: str) -> None:
    cell = {"cell_type": "code", "source": DECLARED + DRAW, "outputs": [{"output_type": "display_data", "data": {}}]}
    for to in ("html", "pdf"):
        shown = with_sources({"cells": [cell]}, language, to=to, sheets={"persons-by-month": 7})["cells"][0]["outputs"][-1][
            "data"
        ]["text/markdown"]
        assert word in shown and f"](../data/{language}/persons-by-month.csv)" in shown
        assert "](../data/persons-by-month.csv)" in shown if to == "html" else "PX" not in shown
        assert re.search(rf" 7\]\(\.\./{language}/tables\.xlsx\)", shown)
        # Whoever reads on paper is told the file; a page has a link for each format.
        assert ("persons\\-by\\-month\\.csv]" in shown) == (to == "pdf")
        assert ("](../database/persons-by-month.px)" in shown) == (to == "html")
    assert len(cell["outputs"]) == 1
