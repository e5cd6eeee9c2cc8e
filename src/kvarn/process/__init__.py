"""Process (GSBPM 5): accepted rows and the population become the register, in Parquet sorted by person."""

from typing import TYPE_CHECKING

from kvarn.base.late_imports import when_asked_for

if TYPE_CHECKING:
    from kvarn.process._accounts import accounts
    from kvarn.process._corrections import read_corrections
    from kvarn.process._keys import create_key, derived_key, key_for, read_key
    from kvarn.process._persons import number_persons
    from kvarn.process._register import register_year
    from kvarn.process._trace import trace
    from kvarn.process.population import (
        ImportedYear,
        PopulationFile,
        import_population,
        is_synthetic,
        read_files,
        read_population,
        record_of,
        write_population,
    )

__all__ = [
    "ImportedYear",
    "PopulationFile",
    "accounts",
    "create_key",
    "derived_key",
    "import_population",
    "is_synthetic",
    "key_for",
    "number_persons",
    "read_corrections",
    "read_files",
    "read_key",
    "read_population",
    "record_of",
    "register_year",
    "trace",
    "write_population",
]

__getattr__ = when_asked_for(
    __name__,
    {
        "accounts": "kvarn.process._accounts",
        "read_corrections": "kvarn.process._corrections",
        "create_key": "kvarn.process._keys",
        "derived_key": "kvarn.process._keys",
        "key_for": "kvarn.process._keys",
        "read_key": "kvarn.process._keys",
        "number_persons": "kvarn.process._persons",
        "register_year": "kvarn.process._register",
        "trace": "kvarn.process._trace",
        "ImportedYear": "kvarn.process.population",
        "PopulationFile": "kvarn.process.population",
        "import_population": "kvarn.process.population",
        "is_synthetic": "kvarn.process.population",
        "read_files": "kvarn.process.population",
        "read_population": "kvarn.process.population",
        "record_of": "kvarn.process.population",
        "write_population": "kvarn.process.population",
    },
)
