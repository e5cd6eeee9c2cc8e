"""Charts of the report, in one house style. Each takes a protected table and a language, and returns a `Chart`."""

from kvarn.disseminate.charts.bars import (
    persons_by_age,
    persons_by_month,
    persons_per_1000,
    procedure_groups,
    professions,
)
from kvarn.disseminate.charts.lines import (
    assessing_treating,
    late_files,
    persons_by_year,
    persons_with_procedure,
    unit_non_response,
)
from kvarn.disseminate.charts.map import municipalities
from kvarn.disseminate.charts.regions import counties
from kvarn.disseminate.charts.style import Chart

__all__ = [
    "Chart",
    "assessing_treating",
    "counties",
    "late_files",
    "municipalities",
    "persons_by_age",
    "persons_by_month",
    "persons_by_year",
    "persons_per_1000",
    "persons_with_procedure",
    "procedure_groups",
    "professions",
    "unit_non_response",
]
