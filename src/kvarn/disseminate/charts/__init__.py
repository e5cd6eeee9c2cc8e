"""Charts of the report, in one house style. Each takes a protected table and a language, and returns a `Chart`."""

from typing import TYPE_CHECKING

from kvarn.base.late_imports import when_asked_for

if TYPE_CHECKING:
    from kvarn.disseminate.charts.bars import (
        persons_by_age,
        persons_per_1000,
        procedure_groups,
        professions,
    )
    from kvarn.disseminate.charts.columns import persons_by_month, procedures_by_month, procedures_by_weekday
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

__getattr__ = when_asked_for(
    __name__,
    {
        "Chart": "kvarn.disseminate.charts.style",
        "assessing_treating": "kvarn.disseminate.charts.lines",
        "counties": "kvarn.disseminate.charts.regions",
        "joint_procedures": "kvarn.disseminate.charts.joint",
        "late_files": "kvarn.disseminate.charts.lines",
        "months_by_age": "kvarn.disseminate.charts.intervals",
        "municipalities": "kvarn.disseminate.charts.map",
        "new_and_continuing": "kvarn.disseminate.charts.lines",
        "persons_by_age": "kvarn.disseminate.charts.bars",
        "persons_by_month": "kvarn.disseminate.charts.columns",
        "persons_by_year": "kvarn.disseminate.charts.lines",
        "persons_per_1000": "kvarn.disseminate.charts.bars",
        "persons_with_procedure": "kvarn.disseminate.charts.lines",
        "procedure_groups": "kvarn.disseminate.charts.bars",
        "procedures_by_age": "kvarn.disseminate.charts.intervals",
        "procedures_by_county": "kvarn.disseminate.charts.regions",
        "procedures_by_month": "kvarn.disseminate.charts.columns",
        "procedures_by_weekday": "kvarn.disseminate.charts.columns",
        "professions": "kvarn.disseminate.charts.bars",
        "standardised_counties": "kvarn.disseminate.charts.regions",
        "unit_non_response": "kvarn.disseminate.charts.lines",
    },
)
