"""What docs/deliveries.md says of delivery files is what the program reads: tables, limits, headings, and its own examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.collect import layouts, rules
from kvarn.collect._archives import MOST_BYTES, MOST_MEMBERS
from kvarn.collect._arrivals import _HEADER as ARRIVALS_HEADER
from kvarn.collect._deliveries import LARGEST_FILE, MOST_ROWS
from kvarn.collect._rows import DETAILED_ALL_THE_SAME, OLDEST
from kvarn.collect._rules import SHARE_OF_QUOTES
from kvarn.collect._sources import NAME
from kvarn.edition import Quality
from kvarn.metadata._headings import KNOWN
from kvarn.metadata._short_lists import LEAST
from kvarn.process._corrections import HEADER as CORRECTIONS_HEADER

from .conftest import Intake

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deliveries.md").read_text(encoding="utf-8")


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def as_markdown(text: str) -> str:
    """Text in which nothing is taken for a tag."""
    return text.replace("<", "\\<").replace(">", "\\>")


def fields_of(file_type: str) -> str:
    """The table of a layout, as it stands on the page."""
    rows, number = [], 1
    for field in layouts()[file_type].fields:
        last = number + (field.repeat or 1) - 1
        place = f"{number}" if last == number else f"{number}–{last}"
        form = field.pattern.replace("|", "\\|")
        rows.append(f"| {place} | {field.en} | {field.sv} | `{form}` | {field.length} |")
        number = last + 1
    return "\n".join(rows)


@pytest.mark.parametrize("file_type", ["KHSL1", "KHSL2"])
def test_the_fields_stand_there_as_they_are_declared(file_type: str) -> None:
    layout = layouts()[file_type]
    section = PAGE[PAGE.index(f"### {file_type}: ") :].partition("\n\n|")[2].partition("\n\n")[0]
    assert "\n".join(section.splitlines()[2:]) == fields_of(file_type)
    assert f"### {file_type}: " in PAGE and f"(from {layout.first_year})" in PAGE and layout.separator == ";"


def test_every_rule_that_rejects_a_file_stands_there() -> None:
    wanted = [
        f"| `{rule.code}` | {as_markdown(rule.en)} |"
        for rule in rules().values()
        if rule.severity == "error" and rule.code.startswith(("file-", "archive-"))
    ]
    section = PAGE[PAGE.index("| rule | what is wrong |") :].partition("\n\n")[0]
    assert section.splitlines()[2:] == wanted, "\n".join(wanted)


def test_the_headings_of_code_lists_stand_there() -> None:
    wanted = [f"| `{column}` | {', '.join(f'`{name}`' for name in names)} |" for column, names in KNOWN.items()]
    section = PAGE[PAGE.index("| column | headings") :].partition("\n\n")[0]
    assert section.splitlines()[2:] == wanted, "\n".join(wanted)


def test_the_limits_stand_there() -> None:
    text = flat(PAGE)
    for said in (
        f"at most {LARGEST_FILE // 2**20} MiB and {MOST_ROWS:,} rows a file",
        f"{MOST_MEMBERS:,} files of {MOST_BYTES // 2**30} GiB in all",
        f"no older than {OLDEST} years",
        f"but {' and '.join(DETAILED_ALL_THE_SAME)}",
        f"{Quality().rejected_rows:g} by default",
        f"`quality.fewer_rows` ({Quality().fewer_rows:g} by default)",
        f"`quality.fewer_rows_least` rows ({Quality().fewer_rows_least})",
        f"fewer than {LEAST['KKÅ']:,} of KKÅ, {LEAST['KMÅ']:,} of KMÅ, {LEAST['municipality']} municipalities or "
        f"{LEAST['profession']} professions",
        f"`{','.join(ARRIVALS_HEADER)}`",
        f"`{','.join(CORRECTIONS_HEADER)}`",
    ):
        assert said in text, said
    assert SHARE_OF_QUOTES == 0.5 and "it is half of the rows" in text


def test_the_examples_are_accepted_as_they_stand(intake: Intake) -> None:
    names = sorted(set(re.findall(r"`(KHSL[12]_\d{4}_\d{6}\.txt)`", PAGE)))
    assert names and all(NAME.fullmatch(name) for name in names)
    examples = re.findall(r"^ {4}(\d{4};\S+)", PAGE, re.MULTILINE)
    rows = {kind: [row for row in examples if (row.count(";") == 3) == (kind == "KHSL1")] for kind in ("KHSL1", "KHSL2")}
    assert len(rows["KHSL1"]) == 1 and len(rows["KHSL2"]) == 2
    known = {row["code"] for row in metadata.own_codelist("procedure").rows}
    assert all(row.split(";")[3] in known for row in rows["KHSL2"])
    taken = intake({f"{kind}_0114_202301.txt": "\n".join(lines).encode() for kind, lines in rows.items()})
    for kind in rows:
        told = taken.receipt(f"{kind}_0114_202301.txt")
        assert (told["verdict"], told["rejected"], told["faults"]) == ("accepted", 0, []), told["faults"]


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        # What the page says of lines, encodings and ends.
        (b"0114;193001011000;2023;01", set()),
        (b"0114;193001011000;2023;01\r\n", set()),
        (b"0114;193001011000;2023;01\r", set()),
        (b"0114;193001011000;2023;01\n\n  \n", set()),
        (b"0114;193001011000;2023;01\n;;;\n", {"file-empty-lines"}),
        (b"\n0114;193001011000;2023;01\n", {"file-empty-lines"}),
        (b"\xef\xbb\xbf0114;193001011000;2023;01\n", {"file-byte-order-mark"}),
        (b"", {"file-empty"}),
        (b"\n;;;\n", {"file-empty"}),
        (b"114;193001011000;2023;01\n", {"row-municipality-form"}),
        (b"0114;193001011000;2023;1\n", {"row-period-form"}),
        (b"0114;193001011000;2023;01;\n", {"row-trailing-semicolon"}),
        (b"0114;193001011000;2023;01\n0114;193001011000;2023;01\n", {"row-duplicate"}),
    ],
)
def test_what_it_says_of_lines_is_so(intake: Intake, content: bytes, faults: set[str]) -> None:
    assert intake({"KHSL1_0114_202301.txt": content}).rules("KHSL1_0114_202301.txt") == faults


def test_pages_that_messages_lead_to_are_there() -> None:
    sources = (path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py")))
    named = {page for source in sources for page in re.findall(r"docs/([\w-]+\.md)", source)}
    assert {"deliveries.md", "population.md", "accepted.md"} <= named
    assert [page for page in sorted(named) if not (ROOT / "docs" / page).is_file()] == []
