from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path

import pytest
from reading import page_text, pdf_facts, pdf_pages, pdf_text
from toy_report import NOTICE, code_cell, shown, toy_job, toy_text

from kvarn.disseminate.rendering import Builtin
from kvarn.disseminate.rendering.builtin import said_by_pandoc
from kvarn.errors import RenderingError
from kvarn.kernel import landlock


def rendered(folder: Path, language: str = "sv", to: str = "html", **changes: object) -> Path:
    job = toy_job(folder, language, to, **changes)  # type: ignore[arg-type]
    Builtin().render(job)
    return job.output


def test_figures_tables_and_sections_are_numbered_and_referred_to_in_swedish(tmp_path: Path) -> None:
    text = page_text(rendered(tmp_path))
    assert "Figur 1: Personer med insats år 2023." in text
    assert "Tabell 1: Personer efter kön, se Avsnitt 1 ." in text
    assert "Figur 2: Personer per månad." in text
    assert "Det framgår av Figur 1 och av Tabell 1 , som båda kommenteras i Avsnitt 2 ." in text
    assert "Se även 1 , bilden 2 och Figur 1 , Figur 2 ." in text
    assert "2.1 Personer" in text
    assert "2.2 Månader" in text


def test_the_pdf_has_the_same_numbers_in_english(tmp_path: Path) -> None:
    text = pdf_text(rendered(tmp_path, "en", "pdf"))
    assert "Figure 1: Persons with an intervention in 2023." in text
    assert "Table 1: Persons by sex, see Section 1." in text
    assert "see Figure 1 and Table 1, which are discussed in Section 2." in text
    assert "See also 1, the picture 2 and Figure 1, Figure 2." in text
    assert "2.1 Persons" in text
    assert "Figure 2: Persons by month." in text


def test_variables_stand_in_title_text_and_alternative_text(tmp_path: Path) -> None:
    page = rendered(tmp_path)
    assert "<title>Insatser inom kommunal hälso- och sjukvård 2023</title>" in page.read_text(encoding="utf-8")
    assert "fick 414 000 personer" in page_text(page)
    assert 'alt="Antalet personer ökade, &quot;mer än förr&quot;."' in page.read_text(encoding="utf-8")


def test_each_format_gets_the_content_that_is_meant_for_it(tmp_path: Path) -> None:
    page, pdf = page_text(rendered(tmp_path)), pdf_text(rendered(tmp_path, to="pdf"))
    assert "bara på webben" in page
    assert "bara på papper" not in page
    assert "bara på papper" in pdf
    assert "bara på webben" not in pdf


def test_a_callout_has_the_languages_word_or_its_own_title(tmp_path: Path) -> None:
    assert "Notera Uppgifterna avser hela året." in page_text(rendered(tmp_path))
    assert "Break in the series Do not compare" in page_text(rendered(tmp_path, "en"))


def test_a_table_has_row_and_column_headers_and_figures_to_the_right(tmp_path: Path) -> None:
    page = rendered(tmp_path).read_text(encoding="utf-8")
    assert re.search(r'<th[^>]*scope="col"[^>]*>Antal</th>', page)
    assert re.search(r'<th[^>]*scope="row"[^>]*>Kvinnor</th>', page)
    assert re.search(r'<td style="text-align: right;">61,1</td>', page)
    assert 'role="region"' in page


def test_a_column_of_figures_is_set_to_the_right_even_when_the_table_does_not_say_so(tmp_path: Path) -> None:
    table = "| Kön | Antal | Ord |\n|---|---|---|\n| Kvinnor | 1\u00a0252,5 | ja |\n| Män | X | 7 |\n"
    cells = [code_cell("#| label: table", shown(markdown=table))]
    text = toy_text("::: {#tbl-a}\n{{< embed notebooks/persons.ipynb#table >}}\n\nEn tabell.\n:::")
    page = rendered(tmp_path, text=text, cells=cells).read_text(encoding="utf-8")
    assert re.search(r'<td style="text-align: right;">1\s252,5</td>', page)
    assert re.search(r"<td>ja</td>", page)


def test_chapters_may_begin_at_the_first_or_the_second_level(tmp_path: Path) -> None:
    first = rendered(tmp_path / "a", text=toy_text("# One\n\n## Two\n\nText."))
    second = rendered(tmp_path / "b", text=toy_text("## One\n\n### Two\n\nText."))
    assert first.read_bytes() == second.read_bytes()
    assert first.read_text(encoding="utf-8").count("<h1") == 1


def test_a_table_may_be_html_on_the_web_and_not_on_paper(tmp_path: Path) -> None:
    text = toy_text("{{< embed notebooks/persons.ipynb#web-table >}}")
    assert "<td>1</td>" in rendered(tmp_path, text=text).read_text(encoding="utf-8")
    with pytest.raises(RenderingError, match="shows only text/html"):
        rendered(tmp_path, to="pdf", text=text)


@pytest.mark.skipif(not landlock.abi(), reason="this system has no Landlock: pandoc has no wall here")
@pytest.mark.parametrize(
    "way", ["![A picture]({})", '<p><img alt="A picture" src="{}"></p>', '<link rel="stylesheet" href="{}">']
)
@pytest.mark.parametrize("by", ["markdown", "html", "text"])
def test_what_a_notebook_names_and_could_not_open_is_not_put_into_a_page(tmp_path: Path, way: str, by: str) -> None:
    secret = tmp_path / "restricted" / "numbers.png"
    secret.parent.mkdir()
    secret.write_text("191212121212")
    named = way.format(secret)
    cells = [code_cell("#| label: table", shown(**{by if by != "text" else "markdown": named}))]
    text = toy_text(named if by == "text" else "{{< embed notebooks/persons.ipynb#table >}}")
    try:
        page = rendered(tmp_path, text=text, cells=cells).read_text(encoding="utf-8")
    except RenderingError:
        return
    assert "191212121212" not in page and base64.b64encode(b"191212121212").decode() not in page


@pytest.mark.parametrize("to", ["html", "pdf"])
def test_what_has_been_corrected_stands_at_the_front_as_it_is_written(tmp_path: Path, to: str) -> None:
    said = 'Rättad den 20 juni 2024. Fel i *en* [tabell](x), "5 %" & <b>.'
    job = replace(toy_job(tmp_path, to=to), correction=said)
    Builtin().render(job)
    front = page_text(job.output) if to == "html" else pdf_pages(job.output)[0]
    assert "".join(said.split()) in "".join(front.split())


def test_the_synthetic_notice_stands_on_every_page_and_on_none_of_a_real_edition(tmp_path: Path) -> None:
    pages = pdf_pages(rendered(tmp_path / "synthetic", to="pdf"))
    assert len(pages) > 2
    assert all(NOTICE["sv"] in page for page in pages)
    real = rendered(tmp_path / "real", to="pdf", notice="")
    assert "yntetisk" not in pdf_text(real)
    assert "yntetisk" not in page_text(rendered(tmp_path / "real", notice=""))


def test_the_pdf_is_titled_and_dated_by_the_publication(tmp_path: Path) -> None:
    facts = pdf_facts(rendered(tmp_path, to="pdf"))
    assert facts["Title"] == "Insatser inom kommunal hälso- och sjukvård 2023"
    assert facts["Author"] == "Exempelmyndigheten"
    assert facts["CreationDate"] == "D:20240620000000Z"


def test_the_date_of_publication_is_written_out_in_the_language(tmp_path: Path) -> None:
    assert "Publicerad 20 juni 2024" in page_text(rendered(tmp_path))
    assert "Published 20 June 2024" in pdf_text(rendered(tmp_path, "en", "pdf"))


def test_a_heading_that_titles_a_callout_takes_no_number(tmp_path: Path) -> None:
    text = toy_text("::: {.callout-important}\n## Mind this\n\nText.\n:::\n\n# One\n\n## Two\n\nText.")
    assert "Mind this Text. 1 One 1.1 Two" in page_text(rendered(tmp_path, text=text))


@pytest.mark.parametrize("to", ["html", "pdf"])
def test_the_same_document_gives_the_same_bytes(tmp_path: Path, to: str) -> None:
    once, again = rendered(tmp_path / "once", to=to), rendered(tmp_path / "again and elsewhere", to=to)
    assert once.read_bytes() == again.read_bytes()


def test_a_failed_render_leaves_what_was_there(tmp_path: Path) -> None:
    job = toy_job(tmp_path, text=toy_text("What?? Nobody knows."))
    job.output.parent.mkdir(parents=True)
    job.output.write_text("last year's", encoding="utf-8")
    with pytest.raises(RenderingError, match="something was not found"):
        Builtin().render(job)
    assert [file.name for file in job.output.parent.iterdir()] == [job.output.name]
    assert job.output.read_text(encoding="utf-8") == "last year's"


def test_a_figure_without_a_caption_is_refused(tmp_path: Path) -> None:
    text = toy_text("::: {#fig-a}\n{{< embed notebooks/persons.ipynb#table-sex >}}\n:::")
    with pytest.raises(RenderingError, match="fig-a has no caption"):
        rendered(tmp_path, text=text)


def test_a_picture_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for to in ("html", "pdf"):
        with pytest.raises(RenderingError, match=r"nowhere\.png"):
            rendered(tmp_path, to=to, text=toy_text('![](nowhere.png){fig-alt="A picture"}'))


def test_pandocs_errors_name_what_is_wrong_and_no_place_on_this_machine() -> None:
    filtered = (
        "Error running filter /home/who/build/theme/builtin.lua:\n"
        "/home/who/build/theme/builtin.lua:125: kvarn: fig-x has no caption\n"
        "stack traceback:\n\t/home/who/build/theme/builtin.lua:125: in function <x>"
    )
    assert said_by_pandoc(filtered) == "fig-x has no caption"
    haskell = (
        "Error parsing YAML metadata at line 3: unknown\nfile /tmp/a/b/report.md\n"
        "HasCallStack backtrace:\n  error, called at src/Text/Pandoc.hs:1:2"
    )
    assert said_by_pandoc(haskell) == "Error parsing YAML metadata at line 3: unknown file report.md"
