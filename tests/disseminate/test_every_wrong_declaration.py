"""Whatever stands in figures.yml and in the list of numbers is read, or refused with its line: nothing else."""

from pathlib import Path

import pytest

from kvarn.disseminate.narrative import read_allowed
from kvarn.disseminate.text_figures import read_declaration
from kvarn.errors import InputError

FIGURES = """\
figures:
  persons: {table: persons-by-month, measure: persons, year: 2023, where: {sex: T}, format: count, decimals: 0}
  change: {change: persons, since: 2019}
  largest: {largest: region, table: persons-by-month, measure: persons, give: label, among: [a], place: 1}
  rank: {rank: persons, over: region, among: leaves}
texts:
  words: {sv: "Ord {persons}", en: "Words {persons}"}
  sign: {by_sign: change, sv: {up: a, unchanged: b, down: c}, en: {up: a, unchanged: b, down: c}}
  word: {by_word: persons, sv: {a: b}, en: {a: c}}
alt:
  chart: {sv: a, en: b}
"""
WRONG = ("null", "", '""', "x", "[1]", "[[]]", "{a: b}", "{1: 2}", "-1", "9" * 39, "9" * 5000, ".nan", "2023-01-01", "2023-02-30",
         "true", '"\\e"', "y" * 5000, "&a [*a]", "!!set {a}", "[" * 500, "=", "{<<: {a: b}}", "no")  # fmt: skip


def places() -> list[tuple[int, int]]:
    """Where a value begins and ends: behind each colon and in each list."""
    found = []
    for at, sign in enumerate(FIGURES):
        if sign == ":" and FIGURES[at + 1] in " \n" and FIGURES[at + 1] != "\n":
            start, depth = at + 2, 0
            for end in range(start, len(FIGURES)):
                if FIGURES[end] in "[{":
                    depth += 1
                elif (FIGURES[end] in "]}," and depth == 0) or FIGURES[end] == "\n":
                    found.append((start, end))
                    break
                elif FIGURES[end] in "]}":
                    depth -= 1
    return found


def test_of_the_figures(tmp_path: Path) -> None:
    file = tmp_path / "figures.yml"
    file.write_text(FIGURES.replace("largest:", "greatest:", 1), encoding="utf-8")
    wrong = []
    for start, end in places():
        for written in WRONG:
            file.write_text(FIGURES[:start] + written + FIGURES[end:], encoding="utf-8")
            try:
                read_declaration(file)
            except InputError as error:
                if not (error.line and error.remedy and len(str(error)) < 2000):
                    wrong.append(f"{FIGURES[start - 12 : end]!r} = {written[:40]}: {str(error)[:200]}")
            except Exception as error:
                wrong.append(f"{FIGURES[start - 12 : end]!r} = {written[:40]}: {type(error).__name__} {str(error)[:100]}")
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


@pytest.mark.parametrize("written", [one for one in WRONG if one not in ("x", "y" * 5000)])
@pytest.mark.parametrize("text", ["sv: WRONG\n", 'sv:\n  "HSLF-FS 2017:67": WRONG\n', "code:\n  figsize: WRONG\n"])
def test_of_the_list_of_numbers(tmp_path: Path, text: str, written: str) -> None:
    file = tmp_path / "allowed-digits.yml"
    file.write_text(text.replace("WRONG", written), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_allowed(file)
    assert caught.value.line and caught.value.remedy
