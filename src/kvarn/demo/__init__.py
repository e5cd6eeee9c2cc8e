"""A synthetic register: delivery files with realistic sizes, shapes and faults."""

from kvarn.demo._faults import DEFAULT_FAULTS, FAULTS, Fault
from kvarn.demo._write import PROCEDURES_PER_PERSON, add_year, write_demo

__all__ = ["DEFAULT_FAULTS", "FAULTS", "PROCEDURES_PER_PERSON", "Fault", "add_year", "write_demo"]
