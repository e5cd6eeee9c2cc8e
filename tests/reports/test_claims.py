"""No sentence has a direction of its own: what increased, who is largest and what the edition is are facts."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.revisions import Revisions
from kvarn.disseminate.templates import word
from kvarn.disseminate.text_figures import read_declaration, resolve_figures
from kvarn.disseminate.text_figures._cells import evaluate
from kvarn.disseminate.text_figures._edition_words import Said, edition_words
from kvarn.disseminate.text_figures._published_words import disclosure_words, revision_words, symbol_words
from kvarn.disseminate.text_figures._resolve import _say, _Texts
from kvarn.edition import Edition

LANGUAGES = ("sv", "en")
MakeTables = Callable[..., ProtectedTables]
MakeEdition = Callable[..., Edition]

# Words that compare. A sentence with one of them must be chosen by a figure, or be true whatever the figures are.
COMPARING = {
    "en": r"\b(?:more|fewer|less|most|least|higher|highest|lower|lowest|larger|largest|smaller|smallest|increas\w*|decreas\w*|"
    r"r[io]se[sn]?|fell|fallen|declin\w*|grow\w*|grew|doubl\w*|halv\w*|half|majority|minority|outnumber\w*|exceed\w*|"
    r"common\w*|often|older|younger|than|all but|nearly|almost|average)\b",
    "sv": r"\b(?:mer|mest|fler|flest|flesta|färre|mindre|minst|högre|högst|lägre|lägst|större|störst\w*|ök\w*|minsk\w*|steg|"
    r"stig\w*|sjönk\w*|sjunk\w*|växt\w*|dubbl\w*|halver\w*|hälften|majoritet\w*|överstig\w*|vanlig\w*|ofta|oftare|äldre|yngre|än|nästan)\b",
}
# What is true whatever the figures are, and why.
ALWAYS_TRUE = {
    "an age, a month or an amount that belongs to a definition": (
        r"\d+ or older|\d+ år eller äldre|at least (?:one|half|a quarter|three)|minst (?:en|hälften)",
        r"less than half|mindre än hälften|at most|högst|least number|minsta antal",
    ),
    "the median and the quartiles by their definition": (
        r"[Aa]t least (?:half|a quarter|three quarters)|[Mm]inst (?:hälften|en fjärdedel|tre fjärdedelar)",
        r"On average|on average|the average was",
        r"do not exceed|lower and upper quartile|undre och övre kvartil",
        r"affect the mean more than the median|påverkar medelvärdet mer än medianen",
    ),
    "names, and questions": (
        r"commonest(?= of the procedures)|The commonest procedures|tbl-commonest-\w+|[Vv]anligaste",
        r"most detailed|mest detaljerade",
        r"[Hh]ow common|[Hh]ur vanligt|half-yearly|Dubbletter",
    ),
    "other than, as in another care provider": (
        r"other than|other care provider than|any other .{0,20} than|annan .{0,30} än|annat .{0,20} än",
    ),
    "what may be, said as a possibility": (
        r"(?:can|could|may|kan|skulle kunna)\b[^.]*",
        r"[^.]*\b(?:bear in mind|How many|how many|hur mycket|Hur många|hur många|how much)\b[^.]*",
    ),
    "what holds of the register, by its regulation or history": (
        r"(?:At most|Högst) (?:twelve months|tolv månader)[^.]*|(?:with fewer than|med färre än) (?:twelve months|tolv månader)",
        r"Swedish municipalities are responsible for a part[^.]*|Kommunerna ansvarar för en del[^.]*",
        r"[^.]*(?:intervals|Intervallen|interval|konfidensintervall)[^.]*",
        r"In small municipalities[^.]*|I små kommuner[^.]*",
        r"A county where many[^.]*|Ett län där många[^.]*|A low rate[^.]*|Ett lågt tal[^.]*",
        r"When more municipalities deliver[^.]*|När fler kommuner lämnar[^.]*",
        r"Att fler kommuner lämnar[^.]*|That more municipalities[^.]*",
        r"The data on persons are judged[^.]*|Uppgifterna om personer bedöms[^.]*",
        r"The register holds more data[^.]*|Registret innehåller fler uppgifter[^.]*|want to know more|vill veta mer",
        r"[^.]*(?:at greater length|utförligare|least of all|bäst kända|best known)[^.]*",
        r"Rows that are equal[^.]*|someone who appears in several[^.]*|Statistiken är avsedd[^.]*|[^.]*how extensive[^.]*",
    ),
    "headings": (r"# More information[^\n]*|# Mer information[^\n]*",),
}  # fmt: skip


NAMED = {"Alfa": Decimal(1), "Alfa och Beta": Decimal(2)}


def fixed_sentences(reports: Path, language: str) -> Iterator[tuple[str, str]]:
    """Every sentence that stands whatever the figures are: in the documents, in plain texts and in the notebooks' words."""
    for file in sorted(reports.glob(f"*/{language}/*.qmd")):
        for line in file.read_text(encoding="utf-8").split("\n---\n")[-1].splitlines():
            yield from ((file.name, sentence) for sentence in re.split(r"(?<=[.;:]) ", re.sub(r"\{\{<.*?>\}\}", "…", line)))
    for name, text in read_declaration(reports / "figures.yml").texts.items():
        if text.rule in ("", "by_status"):
            for words in text.variants[language].values():
                yield from ((name, sentence) for sentence in re.split(r"(?<=[.;:]) ", re.sub(r"\{[^}]*\}", "…", words)))
    for table in metadata.tables():
        yield from ((table.name, note) for note in re.split(r"(?<=[.;]) ", table.notes.get(language, "")))
    if language == "en":
        for path in sorted((reports.parent / "notebooks" / "present").glob("*.ipynb")):
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                if cell["cell_type"] == "markdown":
                    yield from ((path.name, line.strip()) for line in cell["source"] if not line.startswith("#"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_that_compares_stands_whatever_the_figures_are(reports: Path, language: str) -> None:
    allowed = [pattern for patterns in ALWAYS_TRUE.values() for pattern in patterns]
    found = []
    for where, sentence in fixed_sentences(reports, language):
        left = sentence.replace("\u00a0", " ")
        for pattern in allowed:
            left = re.sub(pattern, " ", left)
        if re.search(COMPARING[language], left, re.IGNORECASE):
            found.append(f"{where}: {sentence}")
    assert not found, "\n".join(found)


class Told:
    """The declared texts of one edition, with what is known of single figures put in place of what its tables say."""

    def __init__(self, reports: Path, tables: ProtectedTables, edition: Edition, language: str) -> None:
        self.read, self.language = read_declaration(reports / "figures.yml"), language
        revisions = Revisions({("persons-by-month", 2022): 9}, {("persons-by-month", 2022): 0})
        self.words = {
            **edition_words(edition, language),
            **disclosure_words(edition, tables, language),
            **revision_words(revisions, edition, language),
            **symbol_words(edition, tables, revisions, language),
        }
        for name, figure in evaluate(self.read, tables, edition).items():
            self.words[name] = _say(self.read.figures[name], figure, language)

    def text(self, name: str, **known: Said) -> str:
        """One text, where the figures in `known` are these."""
        return _Texts(self.read, {**self.words, **known}, "synthetic", self.language).said(name).words


@pytest.fixture(scope="module", params=LANGUAGES)
def told(request: pytest.FixtureRequest, reports: Path, make_tables: MakeTables, make_edition: MakeEdition) -> Told:
    return Told(reports, make_tables(), make_edition(), str(request.param))


def test_every_text_about_a_difference_says_otherwise_when_it_is_reversed_and_when_there_is_none(told: Told) -> None:
    texts = [text for text in told.read.texts.values() if text.rule == "by_sign" and "." in text.chooser]
    assert len(texts) > 15
    for text in texts:
        said = {told.text(text.name, **{text.chooser: Said("7", sign=sign)}) for sign in (1, 0, -1)}
        # Some are silent of what needs no saying; none says the same of an increase and a decrease.
        up, down = (told.text(text.name, **{text.chooser: Said("7", sign=sign)}) for sign in (1, -1))
        assert up != down or not up, text.name
        assert len(said) == 3 or "" in said, text.name


def test_every_text_about_the_largest_names_one_or_several_in_good_grammar_or_says_something_else(told: Told) -> None:
    names = {name for name, figure in told.read.figures.items() if figure.names_a_category}
    texts = [text for text in told.read.texts.values() if text.chooser in names]
    assert {text.chooser for text in texts} == names, "each is printed by a text that can say otherwise"
    each = {"sv": r"vardera|i varje|i var och en|i vart och ett", "en": r"\beach\b"}[told.language]
    for text in texts:
        beside = {name: Said("7", Decimal(7)) for name in text.operands if name in told.read.figures}
        one, several = (told.text(text.name, **{**beside, text.chooser: Said(label, number)}) for label, number in NAMED.items())
        missing = told.text(text.name, **{text.chooser: Said("symbol", missing=True)})
        assert "Alfa" in one and "Alfa och Beta" in several, text.name
        assert "Alfa" not in missing and "symbol" not in missing, text.name
        first = several.split(". ")[0]
        # A name without a figure beside it leaves nothing to ask.
        assert beside.keys() <= names or re.search(each, first), f"{text.name}: whose is the figure? {first}"
        assert not re.search(each, one.split(". ")[0]), text.name


def test_what_is_true_of_the_figures_shown_alone_is_said_so_in_the_sentence_and_not_behind_a_name(told: Told) -> None:
    """``högst i Gotlands län (av de redovisade), 230,8`` reads as if it were of the county."""
    names = {name for name, figure in told.read.figures.items() if figure.names_a_category or figure.function == "rank"}
    shown = {"sv": r"\bredovisa(?:s|de?)\b", "en": r"\bshown\b"}[told.language]
    behind = word("text.partial", told.language)
    texts = [text for text in told.read.texts.values() if text.chooser in names]
    assert len(texts) > 20
    for text in texts:
        beside = {name: Said("7", Decimal(7)) for name in text.operands if name in told.read.figures}
        for label, number in NAMED.items():
            reserved = told.text(text.name, **{**beside, text.chooser: Said(label + behind, number, unreserved=label)})
            first = reserved.split(". ")[0] if "stockholm" not in text.name else reserved
            assert re.search(shown, first) and label in reserved and behind not in first, f"{text.name}: {first}"


def mirrored(tables: ProtectedTables, folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> ProtectedTables:
    """The same tables with their rows changed alike."""
    made = Path(shutil.copytree(tables.folder, folder))
    for file in sorted(made.glob("*.csv")):
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        change(frame).to_csv(file, index=False)
    return ProtectedTables(made)


def exchanged(column: str, one: str, other: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """What was said of one category is said of the other."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        if column in frame.columns and {one, other} <= set(frame[column]):
            frame[column] = frame[column].replace({one: other, other: one})
        return frame

    return change


def as_the_year_before(frame: pd.DataFrame) -> pd.DataFrame:
    """Nothing has changed since 2022."""
    keys = [name for name in frame.columns if name not in ("value", "status", "synthetic")]
    before = frame[frame["year"] == "2022"].assign(year="2023")
    return pd.concat([before, frame]).drop_duplicates(keys) if len(before) else frame


def test_with_the_years_exchanged_an_increase_becomes_a_decrease_and_without_a_change_it_is_none(
    reports: Path, make_tables: MakeTables, make_edition: MakeEdition, tmp_path: Path
) -> None:
    found: dict[str, dict[str, Any]] = {}
    for name, change in (("back", exchanged("year", "2022", "2023")), ("same", as_the_year_before)):
        # Tables of the reference year alone keep it.
        def changed(frame: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame] = change) -> pd.DataFrame:
            if frame["year"].nunique() > 1:
                return change(frame)
            # Of the deliveries they have the year's total too, which is another one now.
            return frame[frame["month"] != "T"] if "file_type" in frame.columns else frame

        found[name] = resolve_figures(
            reports / "figures.yml", mirrored(make_tables(), tmp_path / name, changed), make_edition(), "en"
        )
    forth = resolve_figures(reports / "figures.yml", make_tables(), make_edition(), "en")
    for section, text, up, down, none in (
        ("persons", "development", "more than in 2022, an increase", "fewer than in 2022, a decrease", "as many as in 2022"),
        ("procedures", "development", "more than in 2022", "fewer than in 2022", "as many as in 2022"),
        ("months", "december_development", "more than in December", "fewer than in December", "as many as in December"),
        ("continuity", "development", "higher than in 2022", "lower than in 2022", "as many new persons"),
        ("deliveries", "development", "has decreased by", "has increased by", "the same as in 2022"),
    ):
        assert up in forth[section][text], text
        assert down in found["back"][section][text], text
        assert none in found["same"][section][text], text


def test_with_the_sexes_exchanged_every_comparison_of_them_is_turned(
    reports: Path, make_tables: MakeTables, make_edition: MakeEdition, tmp_path: Path
) -> None:
    turned = mirrored(make_tables(), tmp_path / "turned", exchanged("sex", "1", "2"))
    for language, men, women in (("sv", "Männen var fler", "Kvinnorna var fler"), ("en", "Men outnumbered", "Women outnumbered")):
        before, after = (
            resolve_figures(reports / "figures.yml", tables, make_edition(), language) for tables in (make_tables(), turned)
        )
        assert women in before["persons"]["sexes"] and men in after["persons"]["sexes"]
        assert women in before["alt"]["persons_by_year"] and men in after["alt"]["persons_by_year"]
        for section, text in (("rates", "aged_90_sexes"), ("standardised", "sexes")):
            assert before[section][text] != after[section][text]
        assert before["persons"]["largest_ages_women"].split(",")[1:] == after["persons"]["largest_ages_men"].split(",")[1:]


def test_most_are_old_only_where_they_are(
    reports: Path, make_tables: MakeTables, make_edition: MakeEdition, tmp_path: Path
) -> None:
    young = mirrored(make_tables(), tmp_path / "young", exchanged("age", "0-64", "65+"))
    before, after = (
        resolve_figures(reports / "figures.yml", tables, make_edition(), "sv")["persons"]["mostly_old"]
        for tables in (make_tables(), young)
    )
    assert "var 65 år eller äldre" in before and "hade inte fyllt 65 år" in after
