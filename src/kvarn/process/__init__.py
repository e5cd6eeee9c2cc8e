"""Process (GSBPM 5): validated deliveries and the population become the register, in Parquet sorted by person."""

from kvarn.process._keys import create_key, derived_key, read_key
from kvarn.process._population import read_population, write_population
from kvarn.process._register import number_persons, register_year

__all__ = [
    "create_key",
    "derived_key",
    "number_persons",
    "read_key",
    "read_population",
    "register_year",
    "write_population",
]
