"""The types of the public names."""

from kvarn.analyse import (
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    mean,
    open_register,
    rate,
    save_table,
    share,
    standardised,
    years_of,
)
from kvarn.disseminate.charts import (
    Chart,
    assessing_treating,
    counties,
    delivered_months,
    joint_procedures,
    late_files,
    months_by_age,
    municipalities,
    new_and_continuing,
    persons_by_age,
    persons_by_month,
    persons_by_year,
    persons_per_1000,
    persons_with_procedure,
    procedure_groups,
    procedures_by_age,
    procedures_by_county,
    procedures_by_month,
    procedures_by_weekday,
    professions,
    standardised_counties,
    unit_non_response,
)
from kvarn.disseminate.explained import (
    meanings,
)
from kvarn.disseminate.protected import (
    open_tables,
)
from kvarn.disseminate.revisions import (
    open_revisions,
    revisions_table,
)
from kvarn.disseminate.text_tables import (
    text_table,
)
from kvarn.evaluate import (
    deliveries_by_municipality,
    deliveries_by_year,
    open_collection,
)
from kvarn.metadata import (
    codelist,
)

__all__ = [
    "NOT_APPLICABLE",
    "NOT_AVAILABLE",
    "Chart",
    "assessing_treating",
    "codelist",
    "counties",
    "delivered_months",
    "deliveries_by_municipality",
    "deliveries_by_year",
    "joint_procedures",
    "late_files",
    "mean",
    "meanings",
    "months_by_age",
    "municipalities",
    "new_and_continuing",
    "open_collection",
    "open_register",
    "open_revisions",
    "open_tables",
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
    "rate",
    "revisions_table",
    "save_table",
    "share",
    "standardised",
    "standardised_counties",
    "text_table",
    "unit_non_response",
    "years_of",
]

__version__: str
PUBLIC: dict[str, str]
