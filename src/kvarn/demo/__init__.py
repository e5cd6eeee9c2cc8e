"""A synthetic register: delivery files with realistic sizes, shapes and faults."""

from kvarn.demo._faults import FAULTS, Fault
from kvarn.demo._write import PROCEDURES_PER_PERSON, write_demo

__all__ = ["FAULTS", "PROCEDURES_PER_PERSON", "Fault", "write_demo"]
