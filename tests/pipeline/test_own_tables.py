"""Tables of a statistician's own: their words are published as a table of the text, and their look is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kvarn.errors import NotebookError
from kvarn.pipeline.own_tables import table_of_text
from kvarn.pipeline.walls import SWITCH

FRAME = pd.DataFrame({"Månad": ["januari", "februari"], "Personer": [1234, 56]}).set_index("Månad")
# As great_tables 1.1.0 writes it, with most of its style left out.
GREAT = """<div id="czopdivakk" style="padding-left:0px;overflow-x:auto;width:auto;height:auto;">
<style>
#czopdivakk table { font-family: Roboto, sans-serif; }
 #czopdivakk .gt_asterisk { font-size: 100%; vertical-align: 0; }
</style>
<table class="gt_table" aria-labelledby="title" data-quarto-disable-processing="false" data-quarto-bootstrap="false">
<thead>
  <tr class="gt_heading">
    <td colspan="2" class="gt_heading gt_title gt_font_normal" id="title">Titel</td>
  </tr>
  <tr class="gt_heading">
    <td colspan="2" class="gt_heading gt_subtitle gt_font_normal gt_bottom_border" id="subtitle">3. under</td>
  </tr>
<tr class="gt_col_headings gt_spanner_row">
  <th class="gt_col_heading gt_columns_bottom_border gt_left" rowspan="2" colspan="1" scope="col">Månad</th>
  <th class="gt_center gt_columns_top_border gt_column_spanner_outer" rowspan="1" colspan="1" scope="col" id="Alla">
    <span class="gt_column_spanner">Alla</span>
  </th>
</tr>
<tr class="gt_col_headings">
  <th class="gt_col_heading gt_columns_bottom_border gt_right" rowspan="1" colspan="1" scope="col" id="Personer">Personer</th>
</tr>
</thead>
<tbody class="gt_table_body">
  <tr>
    <th scope="row" id="stub-1" class="gt_row gt_left gt_stub">januari</th>
    <td headers="stub-1 Alla Personer" class="gt_row gt_right" style="background-color: #ff0000;">1,234</td>
  </tr>
  <tr>
    <th scope="row" id="stub-2" class="gt_row gt_left gt_stub">februari</th>
    <td headers="stub-2 Alla Personer" class="gt_row gt_right">56</td>
  </tr>
</tbody>
<tfoot><tr class="gt_sourcenotes"><td class="gt_sourcenote" colspan="2"><span class="gt_from_md">Källa</span></td></tr></tfoot>
</table>

</div>
"""
HEAD = "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>{}</tbody></table>"
# What is more than words, or of which a browser would make something else than is read.
NEVER = {
    "raised": HEAD.format("<tr><td>x</td><td>1<sup>2</sup></td></tr>"),
    "picture": HEAD.format("<tr><td>x</td><td><svg><path d='M0 0'/></svg></td></tr>"),
    "link": HEAD.format("<tr><td>x</td><td><a href='https://example.org'>1</a></td></tr>"),
    "form": HEAD.format("<tr><td>x</td><td><input value='3'></td></tr>"),
    "script": HEAD.format("<tr><td>x</td><td><script>1</script></td></tr>"),
    "too few cells": HEAD.format("<tr><td>x</td></tr>"),
    "too many cells": HEAD.format("<tr><td>x</td><td>1</td></tr><tr><td rowspan='2'>x</td><td>1</td></tr>"),
    "between cells": HEAD.format("<tr>3<td>x</td><td>1</td></tr>"),
    "two tables": HEAD.format("<tr><td>x</td><td>1</td></tr>") * 2,
    "a table within": HEAD.format("<tr><td>x</td><td><table><tr><td>1</td></tr></table></td></tr>"),
    "no head": "<table><tr><td>a</td></tr></table>",
    "left open": HEAD.format("<tr><td>x<td>1</tr>"),
    "no table": "<p>3 persons</p>",
    "declaration": "<!DOCTYPE html>" + HEAD.format("<tr><td>x</td><td>1</td></tr>"),
    "huge": HEAD.format("<tr><td>x</td><td colspan='9999'>1</td></tr>"),
}
STYLED = "import pandas as pd\npd.DataFrame({'a': ['x'], 'b': ['y']}).set_index('a').style.set_caption('c').bar(vmin=0)"


def lines(html: str) -> list[str]:
    return [line for line in (table_of_text(html) or "").splitlines() if line and not set(line) <= set("|:- ")]


def test_a_plain_frame_and_a_styled_one_say_the_same() -> None:
    styled = FRAME.style.background_gradient(vmin=0)
    assert lines(FRAME.to_html()) == ["| Månad | Personer |", "| januari | 1234 |", "| februari | 56 |"]
    assert "background-color" in styled.to_html() and lines(styled.to_html()) == lines(FRAME.to_html())
    assert lines(FRAME.style.format(thousands="\u00a0").to_html())[1] == "| januari | 1\u00a0234 |"


def test_heads_of_several_rows_are_joined_and_labels_that_go_over_several_rows_repeated() -> None:
    index = pd.MultiIndex.from_product([["Båda"], ["0–64 år", "65 år eller äldre"]], names=["Kön", "Ålder"])
    columns = pd.MultiIndex.from_product([["Personer", "Andel"], ["2022", "2023"]])
    frame = pd.DataFrame([[1, 2, 3, 4], [5, 6, 7, 8]], index=index, columns=columns)
    for html in (frame.to_html(), frame.style.to_html()):
        assert lines(html) == [
            "| Kön | Ålder | Personer, 2022 | Personer, 2023 | Andel, 2022 | Andel, 2023 |",
            "| Båda | 0–64 år | 1 | 2 | 3 | 4 |",
            "| Båda | 65 år eller äldre | 5 | 6 | 7 | 8 |",
        ]


def test_a_table_of_great_tables_has_its_titles_above_and_its_notes_below() -> None:
    assert lines(GREAT) == [
        "&#84;itel",
        # No list that begins at three: its number would be written by the browser, and read by nobody.
        "&#51;. under",
        "| Månad | Alla, Personer |",
        "| januari | 1,234 |",
        "| februari | 56 |",
        "&#75;älla",
    ]


def test_words_of_a_table_are_no_markup() -> None:
    frame = pd.DataFrame({"a|b": ["![](x.png)", "<b>3</b>", "`3` $3$ [^3]"]}, index=["{=html}", "::: x", "- 3"])
    said = str(table_of_text(frame.to_html()))
    assert not {*"`[]{}<>$!^"} & {*said}
    assert said.count("|") == 3 * 5


@pytest.mark.parametrize("case", NEVER)
def test_what_is_more_than_the_words_of_one_table_is_none(case: str) -> None:
    assert table_of_text(NEVER[case]) is None


@pytest.fixture
def shown(present: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    """Runs a cell in a present notebook without a wall, and returns what it shows."""
    monkeypatch.setenv(SWITCH, "none")

    def run(source: str) -> dict[str, Any]:
        (output,) = json.loads(present(source).read_text(encoding="utf-8"))["cells"][-1]["outputs"]
        data: dict[str, Any] = output["data"]
        return data

    return run


def test_a_styled_table_needs_no_wall_and_loses_its_look(shown: Callable[[str], dict[str, Any]]) -> None:
    data = shown(STYLED)
    assert "text/html" not in data
    assert "".join(data["text/markdown"]) == "&#99;\n\n| a | b |\n| :--- | ---: |\n| x | y |\n"


@pytest.mark.parametrize("case", ["raised", "picture", "link"])
def test_a_table_with_more_than_words_is_refused_with_the_remedy(shown: Callable[[str], dict[str, Any]], case: str) -> None:
    with pytest.raises(NotebookError, match="more than a plain table") as caught:
        shown(f"from IPython.display import HTML\nHTML({NEVER[case]!r})")
    assert caught.value.cell == "cell-0" and "text_table" in str(caught.value.remedy)


def test_what_is_shown_beside_the_words_of_a_table_is_not_kept(shown: Callable[[str], dict[str, Any]]) -> None:
    html = HEAD.format("<tr><td style='width: 30px'>x</td><td>y</td></tr>")
    data = shown(f"display({{'text/html': {html!r}, 'text/markdown': 'said'}}, raw=True)")
    assert "text/html" not in data and "".join(data["text/markdown"]) == "said"
