"""How quick the explorer of the statistics database is: its first view, and choices in a table of some 20,000 cells.

    python benchmarks/explorer.py [--times 20]

The tables are the tests' own, one for each of the programme; the browser is headless Chromium (Debian: ``apt install chromium``).
A choice is timed on the page, from the change of the query until the browser has laid out the result.
"""

from __future__ import annotations

import argparse
import runpy
import sys
import tempfile
from pathlib import Path

import yaml

from kvarn import metadata
from kvarn.disseminate.explorer import write_explorer
from kvarn.disseminate.protected import ProtectedTables
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[1]
TABLE = "persons-by-municipality-sex-age"
CHOICES = {
    "all cells of the table": f"table={TABLE}&region=*&sex=*&age=*&measure=*",
    "one measure, all regions": f"table={TABLE}&region=*&sex=*&age=*&measure=persons",
    "the municipalities of a county": f"table={TABLE}&region=CHILDREN(14)&sex=1,2&age=80%2B&measure=persons",
    "turned: regions as columns": f"table={TABLE}&region=*&sex=*&age=*&measure=persons&rows=sex,age&columns=region",
    "sorted, the first ten": f"table={TABLE}&region=LEVEL(2)&age=T&measure=persons&sort=down()&top=10",
    "bars": f"table={TABLE}&region=LEVEL(1)&sex=1,2&measure=persons&view=bar",
    "the map": f"table={TABLE}&region=LEVEL(2)&age=80%2B&measure=persons&view=map",
}
# The handler of the address runs at once; reading a height makes the browser lay out what was made.
CHANGE = """(address) => new Promise((done) => {
  const began = performance.now();
  addEventListener("hashchange", () => { document.body.offsetHeight; done(performance.now() - began); }, { once: true });
  location.hash = address;
})"""
FIRST = "performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)[0] || null"


def main() -> None:
    """Print a table of medians and slowest times in milliseconds."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--times", type=int, default=20)
    times = given.parse_args().times
    browser = runpy.run_path(str(PROJECT / "tests" / "disseminate" / "explorer" / "browser.py"))
    if browser["find_browser"]() is None:
        sys.exit("No Chromium is found.")
    metadata.use_project(PROJECT)
    edition = Edition.model_validate(yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        made = runpy.run_path(str(PROJECT / "tests" / "disseminate" / "make_protected.py"))
        protected = made["write_protected"](root / "protected")
        (page, *_) = write_explorer(ProtectedTables(protected), edition, root / "database")
        print(f"the page: {page.stat().st_size / 1000:.0f} kB")
        (root / "downloads").mkdir()
        with browser["Browser"](root / "profile", root / "downloads") as opened:
            first = []
            for _ in range(max(3, times // 4)):
                opened.open(page.as_uri())
                opened.wait(f"{FIRST} !== null")
                first.append(opened.run(FIRST))
            print(told("first view", first))
            for what, address in CHOICES.items():
                found = []
                for _ in range(times):
                    opened.run(f"({CHANGE})('#table={TABLE}&region=00')")
                    found.append(opened.run(f"({CHANGE})('#{address}')"))
                print(told(what, found))


def told(what: str, found: list[float]) -> str:
    """One row: the median and the slowest."""
    return f"{what}: median {sorted(found)[len(found) // 2]:.0f} ms, slowest {max(found):.0f} ms"


if __name__ == "__main__":
    main()
