"""The edition: one year's parameters, and the folders in which that edition lives."""

from kvarn.edition._accepted import Acceptance, Checks
from kvarn.edition._correcting import correct_edition
from kvarn.edition._correction import Notice
from kvarn.edition._coverage import Coverage
from kvarn.edition._disclosure_rules import CellKey, Disclosure, Dominance, Keyed, Sensitive
from kvarn.edition._due import MONTHS_IN_YEAR, due_date, first_year_of_due_dates, last_day
from kvarn.edition._empty import WrittenParameters
from kvarn.edition._floor import Below, Floor, below_floor, lowered, weaker_than
from kvarn.edition._model import STANDARD_YEAR, Contact, Data, Edition, Previous, Publication, Quality, Words
from kvarn.edition._next import newest_parameters, next_edition
from kvarn.edition._notebook_limits import NotebookLimits
from kvarn.edition._order import COUNTED_BY, Order, check_years, read_order
from kvarn.edition._parameters import read_parameters
from kvarn.edition._population import POPULATION, POPULATION_RECORD, population_files
from kvarn.edition._profiles import Profile, Similar
from kvarn.edition._public_rules import cell_key_description, cell_key_note, is_public_key, limits_in_words
from kvarn.edition._read import load_edition
from kvarn.edition._release_rules import ReleaseRules, embargoed, moment_of_publication, required_roles
from kvarn.edition._stated import Correction, Signature, Stated, not_stated
from kvarn.edition._workspace import TRIALS, VERIFICATIONS, Workspace, find_workspace, project_root

__all__ = [
    "COUNTED_BY",
    "MONTHS_IN_YEAR",
    "POPULATION",
    "POPULATION_RECORD",
    "STANDARD_YEAR",
    "TRIALS",
    "VERIFICATIONS",
    "Acceptance",
    "Below",
    "CellKey",
    "Checks",
    "Contact",
    "Correction",
    "Coverage",
    "Data",
    "Disclosure",
    "Dominance",
    "Edition",
    "Floor",
    "Keyed",
    "NotebookLimits",
    "Notice",
    "Order",
    "Previous",
    "Profile",
    "Publication",
    "Quality",
    "ReleaseRules",
    "Sensitive",
    "Signature",
    "Similar",
    "Stated",
    "Words",
    "Workspace",
    "WrittenParameters",
    "below_floor",
    "cell_key_description",
    "cell_key_note",
    "check_years",
    "correct_edition",
    "due_date",
    "embargoed",
    "find_workspace",
    "first_year_of_due_dates",
    "is_public_key",
    "last_day",
    "limits_in_words",
    "load_edition",
    "lowered",
    "moment_of_publication",
    "newest_parameters",
    "next_edition",
    "not_stated",
    "population_files",
    "project_root",
    "read_order",
    "read_parameters",
    "required_roles",
    "weaker_than",
]
