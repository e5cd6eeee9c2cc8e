"""How quick `kvarn serve` is: requests a second and the slowest of a hundred for some 160 cells, beside a plain file.

    python benchmarks/api.py [--seconds 10] [--connections 16]

The tables are the tests' own, with every municipality; `wrk` asks from the same machine (Debian: ``apt install wrk``).
The plain file has the bytes of the first answer, and is sent by the same server.
"""

from __future__ import annotations

import argparse
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from kvarn import metadata
from kvarn.serve.app import listen, make_app
from kvarn.serve.database import PREFIX, Database

PROJECT = Path(__file__).parents[1]
TABLE = "rates-by-municipality-2023"
# 20 regions, 8 measures of one year and one age would be 160 cells; the table has fewer measures, so more regions.
REGIONS = 40
SCRIPT = """
done = function(summary, latency)
  io.write(string.format("%.3f %.3f %.3f %d\\n", latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


def main() -> None:
    """Print a table: requests a second, milliseconds of the median, of the slowest of a hundred and of the slowest."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--seconds", type=int, default=10)
    given.add_argument("--connections", type=int, default=16)
    asked = given.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("No wrk is found.")
    metadata.use_project(PROJECT)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "wrk.lua").write_text(SCRIPT, encoding="utf-8")
        conftest = runpy.run_path(str(PROJECT / "tests" / "serve" / "conftest.py"))
        database = Database(conftest["write_publications"](root))
        queries = chosen(database)
        (root / "files").mkdir()
        for name, query in queries.items():
            (root / "files" / name).write_bytes(database.answer("GET", f"tables/{TABLE}/data", query).content())
        print(f"{'':<34} |    kB | requests/s | median ms |  p99 ms |  max ms")
        with served(make_app(database)) as address:
            for name, query in queries.items():
                size = (root / "files" / name).stat().st_size
                told(name, size, f"{address}{PREFIX}/tables/{TABLE}/data?{query}", root, asked)
            told("the list of tables", 0, f"{address}{PREFIX}/tables", root, asked)
        with served(Starlette(routes=[Mount("/", StaticFiles(directory=root / "files"))])) as address:
            first = next(iter(queries))
            told("a plain file", (root / "files" / first).stat().st_size, f"{address}/{first}".replace(" ", "%20"), root, asked)


def chosen(database: Database) -> dict[str, str]:
    """What is asked for."""
    table = database.table(TABLE)
    codes = {one.name: one.codes for one in table.variables}
    regions = ",".join(codes["region"][-REGIONS:])
    measures = codes["measure"][: 160 // REGIONS]
    cells = REGIONS * len(measures)
    query = f"valueCodes[region]={regions}&valueCodes[year]=TOP(1)&valueCodes[measure]={','.join(measures)}"
    whole = "&".join(f"valueCodes[{name}]=*" for name in codes)
    return {
        f"{cells} cells as JSON-stat": query,
        f"{cells} cells as CSV": f"{query}&outputFormat=csv",
        f"{table.cells} cells as JSON-stat": whole,
    }


@contextmanager
def served(app: Any) -> Iterator[str]:
    """A server on a free port of this machine."""
    listening = listen("127.0.0.1", 0)
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    running.should_exit = True
    thread.join(timeout=20)


def told(name: str, size: int, address: str, root: Path, asked: SimpleNamespace | argparse.Namespace) -> None:
    """Print a row."""
    command = ["wrk", "-t1", f"-c{asked.connections}", f"-d{asked.seconds}s", "-s", root / "wrk.lua", address]
    said = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert rate is not None, said
    median, slow, slowest, errors = said.splitlines()[-1].split()
    if errors != "0":
        sys.exit(f"{errors} requests of {name} failed.")
    shown = f"{size / 1000:>5.1f}" if size else "    –"
    print(f"{name:<34} | {shown} | {float(rate[1]):>10,.0f} | {median:>9} | {slow:>7} | {slowest:>7}")


if __name__ == "__main__":
    main()
