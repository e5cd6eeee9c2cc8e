"""Process (GSBPM 5): accepted rows and the population become the register, in Parquet sorted by person."""

from kvarn.process._accounts import accounts
from kvarn.process._corrections import read_corrections
from kvarn.process._keys import create_key, derived_key, read_key
from kvarn.process._persons import number_persons
from kvarn.process._population import read_population, write_population
from kvarn.process._register import register_year
from kvarn.process._trace import trace

__all__ = [
    "accounts",
    "create_key",
    "derived_key",
    "number_persons",
    "read_corrections",
    "read_key",
    "read_population",
    "register_year",
    "trace",
    "write_population",
]
