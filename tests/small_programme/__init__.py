"""A second register, as small as can be: deaths with a cause, one file type, three municipalities. No line in ``src/`` is for it.

What it declares lies beside this file as it lies in a project; its deliveries are made here.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

__all__ = ["FIRST_YEAR", "LAST_YEAR", "MUNICIPALITIES", "make_small_project", "write_small_deliveries"]

HERE, PROJECT = Path(__file__).parent, Path(__file__).parents[2]
FIRST_YEAR, LAST_YEAR = 2022, 2023
# How many die there in a month; and the causes, with how often each is one.
MUNICIPALITIES = {"0114": 12, "0115": 9, "0980": 16}
CAUSES = {"C": 25, "F": 10, "I": 35, "V": 4, "X": 26}


def make_small_project(folder: Path) -> Path:
    """A project with everything that `kvarn publish params/small.yml` needs."""
    folder.mkdir(parents=True)
    for name in ("programme", "params", "notebooks", "reports"):
        shutil.copytree(HERE / name, folder / name)
    shutil.copytree(PROJECT / "reports" / "theme", folder / "reports" / "theme")
    shutil.copy(PROJECT / "_quarto.yml", folder)
    (folder / "restricted").mkdir(mode=0o700)
    write_small_deliveries(folder / "restricted" / "source")
    return folder


def write_small_deliveries(folder: Path) -> None:
    """A file from each municipality for each month, the population, and the mark that nothing of it is real."""
    drawn = random.Random(11)
    deliveries = folder / "deliveries"
    deliveries.mkdir(parents=True)
    (folder / "SYNTHETIC.txt").write_text("Syntetiska data.\n\nSynthetic data.\n", encoding="utf-8")
    taken: set[str] = set()
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for month in range(1, 13):
            for municipality, deaths in MUNICIPALITIES.items():
                rows = [
                    f"{municipality};{_identity_number(drawn, year, taken)};{year};{month:02};{_cause(drawn)}\n"
                    for _ in range(deaths)
                ]
                name = f"DEATH_{municipality}_{year}{month:02}.txt"
                (deliveries / name).write_text("".join(rows), encoding="utf-8")
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    lines = [",".join(['"region"', '"ålder"', '"kön"', *(f'"X{year}"' for year in years)])]
    for place, (municipality, deaths) in enumerate(MUNICIPALITIES.items()):
        for age in range(101):
            for longer, sex in ((0, "män"), (age // 9, "kvinnor")):
                lived = ",".join(str(max(0, 9 * deaths - age + longer + (age + place + year) % 7)) for year in years)
                lines.append(f'"{municipality} {municipality}","{age if age < 100 else "100+"}","{sex}",{lived}')
    (folder / "population.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _cause(drawn: random.Random) -> str:
    return drawn.choices(list(CAUSES), list(CAUSES.values()))[0]


def _identity_number(drawn: random.Random, year: int, taken: set[str]) -> str:
    """A number that nobody here has yet, of somebody who died at 30 to 100: its last digit is a check digit (Luhn)."""
    while True:
        born = year - min(100, 30 + int(70 * drawn.betavariate(5, 2)))
        digits = f"{born:04}{drawn.randint(1, 12):02}{drawn.randint(1, 28):02}{drawn.randint(1, 999):03}"
        doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits[2:]))
        number = digits + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)
        if number not in taken:
            taken.add(number)
            return number
