"""Charts of the report, in one house style. Each takes a protected table and a language, and returns a `Chart`."""

from kvarn.disseminate.charts.bars import (
    persons_by_age,
    persons_per_1000,
    procedure_groups,
    professions,
)
from kvarn.disseminate.charts.columns import persons_by_month, procedures_by_month, procedures_by_weekday
from kvarn.disseminate.charts.coverage import delivered_months
from kvarn.disseminate.charts.intervals import months_by_age, procedures_by_age
from kvarn.disseminate.charts.joint import joint_procedures
from kvarn.disseminate.charts.lines import (
    assessing_treating,
    late_files,
    new_and_continuing,
    persons_by_year,
    persons_with_procedure,
    unit_non_response,
)
from kvarn.disseminate.charts.map import municipalities
from kvarn.disseminate.charts.regions import counties, procedures_by_county, standardised_counties
from kvarn.disseminate.charts.style import Chart

__all__ = [
    "Chart",
    "assessing_treating",
    "counties",
    "delivered_months",
    "joint_procedures",
    "late_files",
    "months_by_age",
    "municipalities",
    "new_and_continuing",
    "persons_by_age",
    "persons_by_month",
    "persons_by_year",
    "persons_per_1000",
    "persons_with_procedure",
    "procedure_groups",
    "procedures_by_age",
    "procedures_by_county",
    "procedures_by_month",
    "procedures_by_weekday",
    "professions",
    "standardised_counties",
    "unit_non_response",
]
