"""The faces of the PDF: Source Sans Pro and Source Serif Pro (SIL Open Font License), from the packages that have them.

The built-in renderer gives Typst these files and no others, so that a document has the same bytes on every machine;
where the packages are missing, Typst takes the face that is inside it. Quarto gets them by ``font-paths: theme/fonts``.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

__all__ = ["font_files", "lay_out_fonts"]

# The packages hold each face as OTF and as TTF: only one of the two may be given, or which is taken would be chance.
FACES = {
    "font_source_sans_pro": (
        "SourceSansPro-Regular.otf",
        "SourceSansPro-It.otf",
        "SourceSansPro-Semibold.otf",
        "SourceSansPro-SemiboldIt.otf",
        "SourceSansPro-Bold.otf",
        "SourceSansPro-BoldIt.otf",
    ),
    "font_source_serif_pro": ("SourceSerifPro-Regular.otf", "SourceSerifPro-Semibold.otf", "SourceSerifPro-Bold.otf"),
}


def font_files() -> tuple[Path, ...]:
    """The font files that are installed, in a fixed order; empty when the packages are missing."""
    found = []
    for package, names in FACES.items():
        specification = importlib.util.find_spec(package)
        for folder in (specification.submodule_search_locations or []) if specification else []:
            found += [Path(folder) / "files" / name for name in names if (Path(folder) / "files" / name).is_file()]
    return tuple(found)


def lay_out_fonts(folder: Path) -> None:
    """Copy the font files into a folder, which is made even when there are none."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in font_files():
        shutil.copyfile(file, folder / file.name)
