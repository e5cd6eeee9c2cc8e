"""A PDF is read back as pages are: whatever it shows must be accounted for, or be what the renderer counts."""

from __future__ import annotations

import base64
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import typst

from kvarn.disseminate.pdf_texts import pdf_texts
from kvarn.errors import DisclosureError
from kvarn.pipeline.attack._page import PageTable, read_page
from kvarn.pipeline.attack._pdf import _near, require_pdf
from kvarn.pipeline.attack._prose import Accounts

LIKE_OURS = """
#set document(title: "Statistics 2023", author: "The office")
#set text(lang: "en", hyphenate: true)
#set heading(numbering: "1.1")
#set page(width: 12cm, footer: context align(center, counter(page).display()))
#outline()
"""
WHOLE = """
= Persons
== Year by year
In 2023, 1\u00a0500 persons received municipal health care. The municipalities report under HSLF-FS 2017:67, which is a long
regulation about which one can write so many words that the line must break somewhere within HSLF-FS 2017:67 at last.
#figure(square[A drawing], alt: "The number was 1 500 in 2023.", caption: [Persons by year, 2023.])
#figure(kind: table, caption: [Persons, 2023.],
  table(columns: 2, table.header([Region], [Persons]), [Sweden], [1\u00a0500], [Bjurholm], [X]))
"""
TABLES = [PageTable(["Region", "Persons"], [["Sweden", "1\u00a0500"], ["Bjurholm", "X"]])]


@pytest.fixture
def accounts() -> Accounts:
    found = Accounts("en")
    for text in (
        "Statistics 2023",
        "In 2023, 1\u00a0500 persons received municipal health care.",
        "The municipalities report under HSLF-FS 2017:67, which is a long regulation.",
        "must break somewhere within HSLF-FS 2017:67 at last.",
        "The number was 1 500 in 2023.",
        "Persons by year, 2023.",
        "Persons, 2023.",
    ):
        found.add(text)
    return found


def pdf(folder: Path, text: str) -> Path:
    source = folder / "report.typ"
    source.write_text(LIKE_OURS + text, encoding="utf-8")
    typst.compile(str(source), output=str(folder / "report.pdf"), pdf_standards=["ua-1"])
    return folder / "report.pdf"


def test_what_is_accounted_for_passes_with_everything_that_the_renderer_counts(accounts: Accounts, tmp_path: Path) -> None:
    file = pdf(tmp_path, WHOLE + "#pagebreak()" * 12 + "\n== The last page")
    assert require_pdf(file, tmp_path, TABLES, accounts) > 15
    assert {"H1", "P", "TD", "TH", "Caption", "Alt", "Outline", "Info", "Artifact"} <= {text.kind for text in pdf_texts(file)}


HEADS = ["Kind of file", "2022", "Rows received, thousands"]
LONG = f"""
#figure(kind: table, caption: [Persons, 2023.], block(breakable: true)[#table(columns: (1fr, 1fr, 2.5cm),
  table.header({"".join(f"[{head}], " for head in HEADS)}),
  ..range(60).map(_ => ([One kind], [1\u00a0500], [–])).flatten())])
"""


def test_a_table_that_goes_on_over_pages_has_its_heads_again(accounts: Accounts, tmp_path: Path) -> None:
    """The renderer sets them outside the text on each further page, where nothing is a row of a table."""
    tables = [PageTable(HEADS, [["One kind", "1\u00a0500", "–"]])]
    file = pdf(tmp_path, "#show figure: set block(breakable: true)\n" + LONG)
    again = [text.text for text in pdf_texts(file) if text.kind == "Artifact" and HEADS[0] in text.text]
    assert again
    require_pdf(file, tmp_path, tables, accounts)


@pytest.mark.parametrize("foot", ["Bjurholm 2022", "Kind of file 2022 Bjurholm 3", "Rows received, thousands 3"])
def test_a_foot_that_is_no_heads_is_accounted_for_as_all_is(foot: str, accounts: Accounts, tmp_path: Path) -> None:
    tables = [PageTable(HEADS, [["One kind", "1\u00a0500", "–"]])]
    with pytest.raises(DisclosureError):
        require_pdf(pdf(tmp_path, f"#set page(footer: [{foot}])\n" + "Words."), tmp_path, tables, accounts)


@pytest.mark.parametrize(
    "planted",
    [
        "In Bjurholm 3 persons received municipal health care.",
        "In Bjurholm three persons received municipal health care.",
        "In Bjurholm #super[3] persons received care.",
        "In Bjurholm ③ persons received care.",
        "3",
        "== Bjurholm 3",
        "== 3 persons",
        "- 3 persons",
        "+ One\n+ Another",
        "Bjurholm#footnote[They were 3.]",
        '#figure(square[A drawing], alt: "In Bjurholm they were 3.", caption: [Persons, 2023.])',
        '#figure(square[A drawing], alt: "A chart.", caption: [Bjurholm 3.])',
        "#table(columns: 2, table.header([Region], [Persons]), [Bjurholm], [3])",
        "#table(columns: 2, table.header([Region], [Persons]), [Sweden], [3])",
        "#table(columns: 2, table.header([Bjurholm 3], [Persons]), [Sweden], [1\u00a0500])",
        '#link("https://example.org")[Bjurholm  3]',
        "#text(fill: white, size: 1pt)[Bjurholm 3 persons]",
        "#place(top)[Bjurholm 3]",
        "#pdf.artifact[Bjurholm 3]",
        "#set page(footer: [Bjurholm 3])\nText",
        "#set page(header: [3 persons])\nText",
        '#set document(title: "Bjurholm 3")\nText',
        '#set document(keywords: ("Bjurholm 3",))\nText',
    ],
)
def test_a_figure_anywhere_in_a_pdf_is_found(planted: str, accounts: Accounts, tmp_path: Path) -> None:
    text = planted + "\n" + WHOLE if planted.startswith("#set document") else WHOLE + "\n\n" + planted
    with pytest.raises(DisclosureError, match="nothing accounts for") as error:
        require_pdf(pdf(tmp_path, text), tmp_path, TABLES, accounts)
    assert "report.pdf, page" in str(error.value.where) and "3" not in str(error.value.where).partition(":")[2]


def test_a_pdf_without_any_text_is_refused(accounts: Accounts, tmp_path: Path) -> None:
    source = tmp_path / "picture.typ"
    source.write_text("#rect()", encoding="utf-8")
    typst.compile(str(source), output=str(tmp_path / "report.pdf"))
    with pytest.raises(DisclosureError, match="No text can be read"):
        require_pdf(tmp_path / "report.pdf", tmp_path, TABLES, accounts)


def test_the_error_gives_the_words_of_a_number_that_has_none_beside_it(tmp_path: Path, accounts: Accounts) -> None:
    typst.compile((LIKE_OURS + WHOLE + "\n\nHaninge is a place of three.\n\n25").encode(), output=tmp_path / "report.pdf")
    with pytest.raises(DisclosureError) as error:
        require_pdf(tmp_path / "report.pdf", tmp_path, TABLES, accounts)
    assert "place of …" in str(error.value) and "three" not in str(error.value)
    assert "reports/figures.yml" in str(error.value.remedy)


@pytest.mark.parametrize(
    ("words", "before", "said", "given"),
    [
        ("place of …", "", "", "place of …"),
        ("…", "Haninge three", "25", "behind haninge"),
        ("… … …", "", "Haninge and a. 25 three others", "Haninge and a. others"),
        ("…", "", "25", "…"),
    ],
)
def test_the_words_near_a_number_never_hold_it(words: str, before: str, said: str, given: str) -> None:
    assert _near(words, before, said).casefold() == given.casefold()


@pytest.mark.parametrize(
    "said", ["In Bjurholm III persons.", "Bjurholm: xxx", "Bjurholm ● ● ●", "Bjurholm // persons", "Bjurholm iv"]
)
def test_a_number_without_digits_is_read_in_a_pdf_too(said: str, accounts: Accounts, tmp_path: Path) -> None:
    with pytest.raises(DisclosureError, match="without digits"):
        require_pdf(pdf(tmp_path, WHOLE + f"\n{said}\n".replace("//", "/\\/")), tmp_path, TABLES, accounts)


def test_a_numeral_that_is_accounted_for_stands_between_its_words_alone() -> None:
    found = Accounts("en")
    found.add("under annex III of the act")
    assert not list(found.unaccounted_without_digits("It is so under annex III of the act, see https://example.org."))
    assert list(found.unaccounted_without_digits("In Haninge III of the persons."))
    assert list(found.unaccounted_without_digits("Under annex III persons."))
    assert list(found.unaccounted_without_digits("III"))


def picture(file: Path, width: int) -> tuple[int, int]:
    """A picture with pixels of chance."""
    matplotlib.image.imsave(file, np.random.default_rng(width).random((20, width, 3)))
    return width, 20


@pytest.mark.parametrize(
    "planted",
    [
        '#image("drawn.png", alt: "A chart.")',
        '#figure(image("drawn.png", alt: "A chart."), caption: [Persons, 2023.])',
        '#box(clip: true, rotate(5deg, image("drawn.png", alt: "A chart.")))',
        '#image("drawing.svg", alt: "A chart.")',
        '#pdf.artifact(image("drawn.png"))',
    ],
)
def test_a_picture_that_the_page_does_not_have_is_refused(planted: str, accounts: Accounts, tmp_path: Path) -> None:
    for text in ("A chart.", "Persons, 2023."):
        accounts.add(text)
    size = picture(tmp_path / "drawn.png", 30)
    encoded = base64.b64encode((tmp_path / "drawn.png").read_bytes()).decode()
    within = f'<image width="30" height="20" href="data:image/png;base64,{encoded}"/>'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20">{within}</svg>'
    (tmp_path / "drawing.svg").write_text(drawing, encoding="utf-8")
    file = pdf(tmp_path, f"{WHOLE}\n\n{planted}")
    assert require_pdf(file, tmp_path, TABLES, accounts, [size]) > 0
    for pictures in ([], [(31, 20)]):
        with pytest.raises(DisclosureError, match="a picture that the page of the same document does not have") as error:
            require_pdf(file, tmp_path, TABLES, accounts, pictures)
        assert "report.pdf, page 1" in str(error.value)


def test_the_same_picture_twice_is_one_too_many(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add("A chart.")
    size = picture(tmp_path / "drawn.png", 30)
    file = pdf(tmp_path, WHOLE + '\n\n#image("drawn.png", alt: "A chart.")' * 2)
    with pytest.raises(DisclosureError, match="a picture that the page"):
        require_pdf(file, tmp_path, TABLES, accounts, [size])


def test_a_page_tells_the_size_of_its_pictures_and_of_those_within_drawings(tmp_path: Path) -> None:
    size = picture(tmp_path / "drawn.png", 30)
    encoded = base64.b64encode((tmp_path / "drawn.png").read_bytes()).decode()
    source = f"data:image/png;base64,{encoded}"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{source}"/></svg>'
    drawing = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    page = tmp_path / "page.html"
    page.write_text(f'<html><body><img src="{source}" alt=""><img src="{drawing}" alt=""></body></html>', encoding="utf-8")
    assert read_page(page).sizes == [size, size]
