"""`python -I -m kvarn.kernel.typeset SOURCE PDF FONTS TIMESTAMP`: a PDF from a Typst source, in the folder that it is run in.

Typst runs what stands in its source, which a notebook may have written: it can read files, attach them and fetch packages. So
it is run within a wall (`kvarn.kernel.within`), with the folder of the render and no network.
"""

from __future__ import annotations

import sys

import typst

__all__ = ["typeset"]


def typeset(source: str, pdf: str, fonts: str, timestamp: int) -> str | None:
    """Set the PDF; what Typst says where it cannot."""
    try:
        typst.compile(
            source,
            output=pdf,
            root=".",
            font_paths=[fonts],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=timestamp,
        )
    except typst.TypstError as error:
        return str(error)
    return None


if __name__ == "__main__":
    said = typeset(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
    if said is not None:
        sys.exit(said)
