"""Where the documents show a table: the numbers that the renderers print, told without rendering."""

from __future__ import annotations

from pathlib import Path

from kvarn.disseminate.where_shown import numbered_in, where_shown

DOCUMENT = """---
title: A report
---

# One

::: {#fig-a}
{{< embed notebooks/n.ipynb#chart-a >}}

A caption.
:::

::: {.callout-note}
A note.
:::

{{< include _more.qmd >}}

::: {#tbl-b}
| a | b |
|---|---|
| c | d |

Another caption.
:::

::: {#fig-b}
{{< embed notebooks/n.ipynb#chart-b >}}

A third.
:::
"""
CHAPTER = """## More

::: {#tbl-a}
{{< embed notebooks/n.ipynb#table-a >}}

A caption.
:::
"""


def written(folder: Path) -> Path:
    document = folder / "annual-report" / "en" / "annual-report.qmd"
    document.parent.mkdir(parents=True)
    document.write_text(DOCUMENT, encoding="utf-8")
    (document.parent / "_more.qmd").write_text(CHAPTER, encoding="utf-8")
    return document


def test_figures_and_tables_are_counted_through_the_chapters(tmp_path: Path) -> None:
    found = [(one.kind, one.number, one.label) for one in numbered_in(written(tmp_path))]
    assert found == [("fig", 1, "fig-a"), ("tbl", 1, "tbl-a"), ("tbl", 2, "tbl-b"), ("fig", 2, "fig-b")]


def test_a_table_is_told_of_by_each_figure_and_table_that_shows_it(tmp_path: Path) -> None:
    written(tmp_path)
    shows = {("n", "chart-a"): ("persons",), ("n", "table-a"): ("persons",), ("n", "chart-b"): ("deaths", "persons")}
    said = where_shown(tmp_path, ["annual-report"], "en", shows)
    assert said["persons"] == "Shown in Annual statistical report (figure\u00a01, table\u00a01 and figure\u00a02)."
    assert said["deaths"] == "Shown in Annual statistical report (figure\u00a02)."
