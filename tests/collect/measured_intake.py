"""Take in one file of some bytes in a process of its own; print the most memory (MB) that it took, and what came of it."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from kvarn.collect import take_in
from tests.collect.conftest import WOMAN, person, procedure, terms

HEAD = f"{person()}\n".encode()
MB = 1024 * 1024


def repeated(piece: bytes, megabytes: int) -> bytes:
    return piece * (megabytes * MB // len(piece))


# What a file of so many megabytes may hold.
CONTENTS = {
    "line feeds": lambda size: repeated(b"\n", size),
    "line feeds and a row": lambda size: HEAD + repeated(b"\n", size) + HEAD,
    "carriage returns": lambda size: repeated(b"\r", size),
    "carriage returns before a line feed": lambda size: HEAD + b"\r\r\n" + repeated(b"\r", size) + b"x\n",
    "semicolons": lambda size: repeated(b";", size),
    "lines of semicolons": lambda size: repeated(b";;\n", size),
    "one line": lambda size: repeated(b"a", size),
    "one word before a digit": lambda size: repeated(b"a", size) + b"1;2",
    "a long line after a row": lambda size: HEAD + repeated("å".encode(), size) + b"\n",
    "quotation marks": lambda size: repeated(b'"', size),
    "NUL": lambda size: repeated(b"\0", size),
    "UTF-16": lambda size: b"\xff\xfe" + repeated(HEAD.decode().encode("utf-16-le"), size),
    "ISO 8859-1": lambda size: repeated(b"\xe5", size),
    "short rows": lambda size: repeated(b"x\n", size),
    "the same row": lambda size: repeated(HEAD, size),
    "rows of another kind": lambda size: repeated(f"{procedure()}\n".encode(), size),
    "quoted rows": lambda size: repeated(f'"{WOMAN}"\n'.encode(), size),
}


def main() -> None:
    what, size, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    name = "KHSL1_0114_202301.txt"
    (folder / "d").mkdir()
    (folder / "d" / name).write_bytes(CONTENTS[what](size) if size else HEAD)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    [entry] = take_in([folder / "d"], folder / "store", terms=terms(0.05), receipts=folder / "receipts").entries
    told = json.loads((folder / "receipts" / f"{name}.json").read_text(encoding="utf-8"))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "before": before // 1024,
                "most": most // 1024,
                "seconds": round(time.monotonic() - started, 1),
                "received": entry.received,
                "rules": sorted(fault["rule"] for fault in told["faults"]),
            }
        )
    )


if __name__ == "__main__":
    main()
