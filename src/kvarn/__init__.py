"""kvarn: from a year of register deliveries to the annual statistical report."""

__version__ = "0.1.0"
