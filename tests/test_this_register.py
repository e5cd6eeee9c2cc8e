"""Which modules still name the register that kvarn was written for, each with the reason. The list only shrinks.

Where the code is general its words are persons, events, periods and codes. A module that names this register anew is not merged,
and one that no longer does is taken off the list.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kvarn

PACKAGE = Path(kvarn.__file__).parent
# Its file types, the official list of procedures, what it counts besides persons, and the year in which that began.
NAMES = re.compile(r"KHSL|KV[ÅA](?![a-zåäö])|(?<![a-z])procedure|profession|(?<!u)2019", re.IGNORECASE)
READ = (".py", ".pyi", ".yml", ".json", ".j2", ".html", ".js", ".css", ".lua", ".typ")

COUNTS = "the counts of events are named by this register's events, in the API and in notebooks"
CLASSES = "what classifies events (kind, group, procedure, profession, cooperation) is written in code and not declared"
SECRECY = "disclosure control knows events by the subject `procedures`, and their codes by its lists"
CHARTS = "one function a chart of this register's report"
RULES = "the row rules of codes that come from KVÅ, and of professions, are written in code"
WAITS = "codes that could not be checked wait for the list of the year (KVÅ)"
LISTS = "the official lists that can be imported (KVÅ, professions) are written in code"
TABLE = "the register's table of events is called `procedures`"
CARE = "persons of whom an event is delivered and no period (data.care, procedures without care)"
DATA = "keys of an edition: data.procedures, data.care, checks.procedures_…, years: procedures"
EXTRACTS = "research extracts choose by procedure and profession"
DEMO = "the command that makes the synthetic register"
WORDS = "an example, a source, or words of documents and messages"

REASONS: dict[str, str] = {
    "__init__.py": COUNTS,
    "__init__.pyi": COUNTS,
    "analyse/_accepted_files.py": CARE,
    "analyse/_classification.py": CLASSES,
    "analyse/_columns.py": CARE,
    "analyse/_coverage.py": CARE,
    "analyse/_function_checks.py": CLASSES,
    "analyse/_memberships.py": CLASSES,
    "analyse/_order.py": COUNTS,
    "analyse/_procedures_alone.py": CARE,
    "analyse/_query.py": CLASSES,
    "analyse/_ratio.py": CLASSES,
    "analyse/_register.py": COUNTS,
    "analyse/_sources.py": COUNTS,
    "analyse/_tables.py": DATA,
    "analyse/_validate.py": CARE,
    "analyse/disclosure/links.py": SECRECY,
    "analyse/disclosure/perturbation/changes.py": SECRECY,
    "analyse/disclosure/perturbation/written.py": SECRECY,
    "analyse/disclosure/primary.py": SECRECY,
    "analyse/disclosure/shared.py": SECRECY,
    "analyse/disclosure/system.py": SECRECY,
    "analyse/disclosure/written/relations.py": SECRECY,
    "analyse/disclosure/written/secrecy.py": SECRECY,
    "analyse/disclosure/written/wholes.py": SECRECY,
    "cli/_codelists.py": LISTS,
    "cli/_machine.py": DEMO,
    "cli/_process.py": TABLE,
    "collect/__init__.py": CARE,
    "collect/_judge.py": RULES,
    "collect/_receipt_page.py": WAITS,
    "collect/_receipts.py": WAITS,
    "collect/_row_query.py": RULES,
    "collect/_row_words.py": RULES,
    "collect/_rows.py": RULES,
    "collect/_verdicts.py": WAITS,
    "collect/_without_care.py": CARE,
    "collect/pages/sources.yml": WORDS,
    "collect/pages/words.yml": WAITS,
    "disseminate/charts/__init__.py": CHARTS,
    "disseminate/charts/bars.py": CHARTS,
    "disseminate/charts/columns.py": CHARTS,
    "disseminate/charts/intervals.py": CHARTS,
    "disseminate/charts/joint.py": CHARTS,
    "disseminate/charts/lines.py": CHARTS,
    "disseminate/charts/regions.py": CHARTS,
    "disseminate/charts/words.yml": CHARTS,
    "disseminate/counted.py": CLASSES,
    "disseminate/narrative/_units.py": WORDS,
    "disseminate/narrative/words.yml": WORDS,
    "disseminate/text_figures/_edition_words.py": DATA,
    "disseminate/text_figures/_places.py": DATA,
    "edition/_accepted.py": DATA,
    "edition/_disclosure_rules.py": SECRECY,
    "edition/_model.py": DATA,
    "edition/_next.py": DATA,
    "edition/_order.py": COUNTS,
    "edition/_sources.py": DATA,
    "metadata/__init__.py": LISTS,
    "metadata/_codelists.py": LISTS,
    "metadata/_counted.py": COUNTS,
    "metadata/_headings.py": LISTS,
    "metadata/_import.py": LISTS,
    "metadata/_imported.py": LISTS,
    "metadata/_own_lists.py": LISTS,
    "metadata/_programme.py": DATA,
    "metadata/_published.py": LISTS,
    "metadata/_rules.py": LISTS,
    "metadata/_short_lists.py": LISTS,
    "pipeline/actions.py": CARE,
    "pipeline/checking.py": CARE,
    "pipeline/counted_again.py": COUNTS,
    "pipeline/findings/__init__.py": CARE,
    "pipeline/findings/_care.py": CARE,
    "pipeline/findings/_care_words.py": CARE,
    "pipeline/findings/_municipalities.py": CARE,
    "pipeline/narrative.py": DATA,
    "pipeline/ordering.py": CARE,
    "pipeline/public_figures.py": COUNTS,
    "pipeline/publishing.py": DATA,
    "pipeline/register_steps.py": TABLE,
    "pipeline/terms.py": WAITS,
    "pipeline/verification/_again.py": DATA,
    "process/_accounts.py": TABLE,
    "process/_register.py": TABLE,
    "process/_trace.py": TABLE,
    "process/extracts/_make.py": EXTRACTS,
    "process/extracts/_request.py": EXTRACTS,
    "process/extracts/_tables.py": EXTRACTS,
}


def naming() -> set[str]:
    """The modules, and the files beside them, that name this register; the synthetic register is this one's."""
    found = set()
    for file in PACKAGE.rglob("*"):
        place = file.relative_to(PACKAGE)
        if file.is_file() and file.suffix in READ and place.parts[0] != "demo" and NAMES.search(file.read_text(encoding="utf-8")):
            found.add(place.as_posix())
    return found


def test_no_module_names_this_register_but_those_that_are_listed_with_a_reason() -> None:
    assert naming() - REASONS.keys() == set()


def test_a_module_that_names_it_no_more_is_taken_off_the_list() -> None:
    assert REASONS.keys() - naming() == set()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ('if layout.type == "KHSL2":', True),
        ("the whole KVÅ of a year", True),
        ("KVA_PARTS", True),
        ("first_year_of_procedures", True),
        ("Procedures by profession", True),
        ("from 2019 on", True),
        ("what happened on a day is an event", False),
        ("a right mark \\u2019", False),
        ("kvarn", False),
    ],
)
def test_the_names_are_looked_for_as_they_are_written(words: str, named: bool) -> None:
    assert bool(NAMES.search(words)) == named
