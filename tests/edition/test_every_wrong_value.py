"""Every key of every file of parameters, with every kind of wrong value: an error of ours with file, line, key and remedy."""

import contextlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kvarn.edition import load_edition, read_order
from kvarn.errors import EditionError
from kvarn.process.extracts import read_request

PROJECT = Path(__file__).parents[2]
# JSON has no dates.
_DATE = re.compile(r'"(\d{4}-\d\d-\d\d)"')
_HERE = "the wrong value stands here"

# As they are written in the file, since half of them cannot be written from a value.
WRONG = {
    "null": "null",
    "empty": '""',
    "nothing": "",
    "text": '"some words"',
    "list": "[1, two]",
    "empty list": "[]",
    "section": "{some: thing}",
    "nested": "{a: {b: {c: [{d: e}]}}}",
    "negative": "-1",
    "huge": "9" * 39,
    "too huge": "9" * 4_400,
    "hexadecimal": "0x" + "f" * 4_000,
    "fraction": "0.1234567",
    "nan": ".nan",
    "infinity": "-.inf",
    "date": "2024-01-31",
    "no date": "2024-02-30",
    "true": "true",
    "control": '"bell \\a and \\e[31m red"',
    "long": "x" * 5_000,
    "long path": "a/" * 800,
    "long name": "b" * 300,
    "folder": "folder",
    "pipe": "pipe",
    "device": "/dev/zero",
    "absolute": "/nowhere/at/all",
    "above": "../../nowhere",
    "pattern": "[a-",
    "cycle": "&again [*again]",
    "bomb": "[&a [x, x], &b [*a, *a], &c [*b, *b], &d [*c, *c]]",
    "tag": "!!python/object:os.system {}",
    "binary": "!!binary aGVq",
    "deep": "[" * 500 + "]" * 500,
    "equals": "=",
    "merge": "{<<: {a: b}}",
    "complex key": "{[a, b]: c}",
    "number key": "{1: 2}",
}

EDITION = """\
reference_year: 2023
first_year: 2017
stage: preliminary
languages: [sv, en]
synthetic: false
official_statistics: false
notebook_wall: required
renderer: auto
engine: duckdb
data:
  deliveries: deliveries
  population: [population.csv]
  population_noise: 0
  procedures: procedures.csv
  deaths: deaths.csv
  persons: persons.csv
  as_of: 2024-05-01
  care: reported
publication:
  series: {sv: Serie, en: Series}
  title: {sv: Titel, en: Title}
  publisher: {sv: Myndigheten, en: The Office}
  published: 2024-09-03
  scheduled: 2024-09-01
  final: 2024-12-01
  product_code: XX0000
  licence: https://example.org/
  contact: {name: Någon, email: someone@example.org, telephone: "+46 00 000"}
  previous: {title: {sv: Titel, en: Title}, published: 2023-09-05, address: "https://example.org/a"}
disclosure:
  method: suppression
  public: method
  cell_key: {greatest: 5, variance: 3.0}
  threshold: 4
  contributors: 4
  quantile_persons: 20
  width: 3
  singletons: true
  municipalities: false
  amount_width_per_cent: 20
  taken_for_sums: 0.02
  dominance: {n: 2, per_cent: 85}
  p_per_cent: 10
  sensitive: {procedure_group: {codes: [medicines], threshold: 10, contributors: 10, group: true}}
  withheld_at_most: 0.5
  floor: {threshold: 4, contributors: 4, width: 3, amount_width_per_cent: 20, taken_for_sums: 0.02, quantile_persons: 10,
    singletons: true, variance: 1.0}
  earlier: ["2022"]
quality: {rejected_rows: 0.05, fewer_rows: 0.5, fewer_rows_least: 20, reserve_numbers: false}
checks:
  population_municipality: 0.1
  population_municipality_sex: 0.15
  population_country: 0.02
  population_country_sex: 0.03
  population_least: 100
  country_least: 8000000
  country_most: 15000000
  municipality_least: 1000
  municipality_most: 1500000
  persons_times: 2.0
  persons_least: 100
  procedures_times: 10.0
  procedures_least: 1000
  days_from_schedule: 31
accepted:
- what: population-jump
  where: "2023, 0114"
  at: "46000 to 52000"
  why: A reason.
  by: Somebody
  shown: {sv: Ord., en: Words.}
notebooks: {persons: {smoothing: 3}}
notebook_limits: {cell_seconds: 3600, seconds: 14400, memory_gib: 12, output_mib: 50}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    for folder in ("notebooks", "params", "deliveries", "folder"):
        (root / folder).mkdir()
    for file in ("_quarto.yml", "population.csv", "procedures.csv", "deaths.csv", "persons.csv"):
        (root / file).touch()
    os.mkfifo(root / "pipe")
    return root


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a file, sections and lists among them."""
    if above:
        yield above
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield from places(part, (*above, name))


def with_wrong(values: dict[str, Any], way: tuple[Any, ...], written: str) -> str:
    """The file with one value put in, each key of the top on a line of its own."""

    def put(value: Any, left: tuple[Any, ...]) -> Any:
        if not left:
            return _HERE if way else value
        if isinstance(value, dict):
            return {name: put(part, left[1:]) if name == left[0] else part for name, part in value.items()}
        return [put(part, left[1:]) if place == left[0] else part for place, part in enumerate(value)]

    lines = [f"{key}: {json.dumps(value, default=str, ensure_ascii=False)}" for key, value in put(values, way).items()]
    return _DATE.sub(r"\1", "\n".join(lines)).replace(f'"{_HERE}"', written) + "\n"


def is_sentence(what: str) -> bool:
    """Whether a finding of pydantic's reads as a sentence, in our words and with the key named as it is written."""
    if "[key]" in what or re.search(
        r"\b(input|tuple|string|literal|validation|mapping|NoneType)s? (should|must|after|keys)", what
    ):
        return False
    said = re.match(r"Invalid value.* for [a-z_. ]+[a-z_]: it (?P<rest>.*)", what, re.DOTALL)
    return said is None or re.match(r"(should|must|is|has|names|cannot) ", said["rest"]) is not None


def rewrite(file: Path, text: str) -> None:
    """Write a file anew; to empty it first takes longer than all the rest."""
    with file.open("r+", encoding="utf-8") as opened:
        opened.write(text)
        opened.truncate()


def try_all(project: Path, read: Callable[[Path], object], text: str, *, accepted: dict[str, set[str]]) -> None:
    """Put every wrong value in every place, and say what goes otherwise than it should."""
    values = yaml.safe_load(text)
    file = project / "params" / "tried.yml"
    file.write_text(with_wrong(values, (), ""), encoding="utf-8")
    read(file)
    found, taken = [], {name: set[str]() for name in WRONG}
    for way in places(values):
        key = ".".join(map(str, way))
        line = list(values).index(way[0]) + 1
        for name, written in WRONG.items():
            rewrite(file, with_wrong(values, way, written))
            began, clock = time.process_time(), time.monotonic()
            try:
                read(file)
                taken[name].add(key)
            except EditionError as error:
                said = str(error)
                good = error.remedy and error.exit_status == 2 and len(said) < 2500 and "tried.yml" in said
                good = good and is_sentence(error.what)
                # What belongs together may be told at the other key.
                placed = error.line == line or (error.line is not None and error.key and error.key.split(".")[0] != way[0])
                if not (good and placed):
                    found.append(f"{key} = {name}: {said[:300]!r}, on line {line}")
            except Exception as error:
                found.append(f"{key} = {name}: {type(error).__name__}: {str(error)[:200]}")
            # Of the processor: other tests run at the same time. What takes long does so each time, unlike a pause for garbage.
            if (took := time.process_time() - began) > 2 or time.monotonic() - clock > 30:
                began, clock = time.process_time(), time.monotonic()
                with contextlib.suppress(Exception):
                    read(file)
                if time.process_time() - began > 2 or time.monotonic() - clock > 30:
                    found.append(f"{key} = {name} takes {took:.1f} s")
    for name, keys in taken.items():
        unexpected = keys - accepted.get(name, set())
        found += [f"{key} = {name} is taken" for key in sorted(unexpected)]
        found += [f"{key} = {name} is refused" for key in sorted(accepted.get(name, set()) - keys)]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


# What is no mistake: words where words belong, numbers within the limits, true and false, null for what may be left out.
WORDS = {
    *(f"accepted.0.{name}" for name in ("why", "by", "shown.sv", "shown.en")),
    *(
        f"publication.{name}.{language}"
        for name in ("series", "title", "publisher", "previous.title")
        for language in ("sv", "en")
    ),
    "publication.contact.name",
}
ANYTHING = {"accepted.0.at", "notebooks.persons.smoothing"}
AS_PATHS = dict.fromkeys(("above", "absolute", "device", "text"), WORDS | ANYTHING)
AS_NAMES = {name: WORDS | ANYTHING | {"publication.product_code"} for name in ("pipe", "text", "long name", "folder")}
EDITION_TAKES = AS_PATHS | AS_NAMES | {
    "folder": AS_NAMES["folder"] | {"data.deliveries", "disclosure.earlier.0"},
    "pipe": AS_NAMES["pipe"] | {"disclosure.earlier.0"},
    "empty": {"notebooks.persons.smoothing"},
    "negative": ANYTHING,
    "huge": ANYTHING,
    # Between brackets nothing is written: an empty list.
    "nothing": {"accepted", "accepted.0", "disclosure.earlier.0", "languages.1"},
    "empty list": {"accepted", "disclosure.earlier"},
    "section": {"notebooks.persons"},
    "date": {
        *("accepted.0.at", "data.as_of"),
        *(f"publication.{name}" for name in ("published", "scheduled", "previous.published")),
    },
    "fraction": {
        *ANYTHING,
        *(f"checks.population_{name}" for name in ("country", "country_sex", "municipality", "municipality_sex")),
        *(f"disclosure.{name}" for name in ("cell_key.variance", "floor.variance")),  # of per_cent less than one is a share
        *(f"notebook_limits.{name}" for name in ("cell_seconds", "memory_gib", "output_mib", "seconds")),
        *(f"disclosure.{name}" for name in ("taken_for_sums", "withheld_at_most")),
        *("quality.rejected_rows", "quality.fewer_rows"),
    },
    "true": {
        *(f"disclosure.{name}" for name in ("floor.singletons", "municipalities", "singletons")),
        *("disclosure.sensitive.procedure_group.group", "notebooks.persons.smoothing", "official_statistics"),
        *("quality.reserve_numbers", "synthetic"),
    },
    "null": {
        *(f"data.{name}" for name in ("as_of", "deaths", "persons", "procedures")),
        *(f"disclosure.{name}" for name in ("dominance", "p_per_cent", "sensitive.procedure_group.codes")),
        *(f"publication.{name}" for name in ("final", "licence", "previous", "previous.address", "product_code")),
        *("accepted", "accepted.0.shown", "notebook_limits.memory_gib", "notebook_wall", "publication.contact.telephone"),
    },
}  # fmt: skip
AS_TEXT = ("text", "long name", "folder", "pipe", "device", "absolute", "above")
ORDER_WORDS = {"title.sv", "title.en", "notes.sv", "notes.en", "orderer", "purpose"}
ORDER_LEFT_OUT = {"notes", "ordered", "orderer", "purpose"}
ORDER_TAKES = dict.fromkeys(AS_TEXT, ORDER_WORDS) | {
    "folder": ORDER_WORDS | {"edition"},
    "pipe": ORDER_WORDS | {"edition"},
    "null": ORDER_LEFT_OUT,
    "nothing": ORDER_LEFT_OUT | {"by.1", "categories.region.21", "measures.2"},
    "date": {"ordered"},
}
EXTRACT_WORDS = {"recipient", "purpose", "decision", "conditions.sv.0", "conditions.en.0"}
EXTRACT_LEFT_OUT = {"coarsening.date", "coarsening.municipality", "conditions"}
EXTRACT_TABLES = {"variables.persons", "variables.person_months", "variables.procedures"}
EXTRACT_TAKES = dict.fromkeys(AS_TEXT, EXTRACT_WORDS) | {
    "folder": EXTRACT_WORDS | {"edition", "project"},
    "pipe": EXTRACT_WORDS | {"edition", "project"},
    "null": EXTRACT_LEFT_OUT,
    "nothing": EXTRACT_LEFT_OUT
    | {"only.procedure.1", "variables.person_months.2", "variables.persons.1", "variables.procedures.4", "years.2"},
    "empty list": EXTRACT_TABLES,
    "date": {"decided"},
}


def test_of_an_edition(project: Path) -> None:
    try_all(project, load_edition, EDITION, accepted=EDITION_TAKES)


def test_of_an_order(project: Path) -> None:
    text = (PROJECT / "params" / "orders" / "example.yml").read_text(encoding="utf-8")
    try_all(project, read_order, text, accepted=ORDER_TAKES)


def test_of_an_extract(project: Path) -> None:
    import datetime as dt

    text = (PROJECT / "params" / "extracts" / "example.yml").read_text(encoding="utf-8")
    try_all(project, lambda file: read_request(file, dt.date(2024, 12, 1)), text, accepted=EXTRACT_TAKES)
