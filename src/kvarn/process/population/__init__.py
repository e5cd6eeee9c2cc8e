"""The population on 31 December by municipality, sex and single age, as downloaded from Statistics Sweden.

Reading knows the layouts (`_text`, `_workbook` and `_json` give rows to `_grid`; `_px` and `_json` cubes to `_cube`); checking
(`_checked`, `_totals`) knows what must be there and is the same for all of them.
"""

from typing import TYPE_CHECKING

from kvarn.base.late_imports import when_asked_for

if TYPE_CHECKING:
    from kvarn.process.population._cells import PopulationFile
    from kvarn.process.population._import import ImportedYear, import_population
    from kvarn.process.population._records import is_synthetic, record_of
    from kvarn.process.population._take_in import Paths, read_files, read_population, write_population

__all__ = [
    "ImportedYear",
    "Paths",
    "PopulationFile",
    "import_population",
    "is_synthetic",
    "read_files",
    "read_population",
    "record_of",
    "write_population",
]

__getattr__ = when_asked_for(
    __name__,
    {
        "PopulationFile": "kvarn.process.population._cells",
        "ImportedYear": "kvarn.process.population._import",
        "import_population": "kvarn.process.population._import",
        "is_synthetic": "kvarn.process.population._records",
        "record_of": "kvarn.process.population._records",
        "Paths": "kvarn.process.population._take_in",
        "read_files": "kvarn.process.population._take_in",
        "read_population": "kvarn.process.population._take_in",
        "write_population": "kvarn.process.population._take_in",
    },
)
