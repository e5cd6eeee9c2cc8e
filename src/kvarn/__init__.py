"""kvarn: from a year of register deliveries to the annual statistical report.

What a notebook needs has its name here: ``from kvarn import open_register, rate, save_table``. docs/api.md tells of each, with an
example. A name is imported when it is first asked for, so that a present notebook reads nothing of the rooms of microdata.
"""

import importlib as _importlib

__version__ = "0.1.0"

# Each public name, and the module that has it. Their types stand in __init__.pyi.
PUBLIC = {
    # Compute notebooks: the register, counts and what is made of them, tables.
    "NOT_APPLICABLE": "kvarn.analyse",
    "NOT_AVAILABLE": "kvarn.analyse",
    "codelist": "kvarn.metadata",
    "deliveries_by_municipality": "kvarn.evaluate",
    "deliveries_by_year": "kvarn.evaluate",
    "mean": "kvarn.analyse",
    "open_collection": "kvarn.evaluate",
    "open_register": "kvarn.analyse",
    "rate": "kvarn.analyse",
    "save_table": "kvarn.analyse",
    "share": "kvarn.analyse",
    "standardised": "kvarn.analyse",
    "years_of": "kvarn.analyse",
    # Present notebooks: protected tables, as tables of the text and as charts.
    "meanings": "kvarn.disseminate.explained",
    "open_revisions": "kvarn.disseminate.revisions",
    "open_tables": "kvarn.disseminate.protected",
    "revisions_table": "kvarn.disseminate.revisions",
    "text_table": "kvarn.disseminate.text_tables",
    "Chart": "kvarn.disseminate.charts",
    "assessing_treating": "kvarn.disseminate.charts",
    "counties": "kvarn.disseminate.charts",
    "delivered_months": "kvarn.disseminate.charts",
    "joint_procedures": "kvarn.disseminate.charts",
    "late_files": "kvarn.disseminate.charts",
    "months_by_age": "kvarn.disseminate.charts",
    "municipalities": "kvarn.disseminate.charts",
    "new_and_continuing": "kvarn.disseminate.charts",
    "persons_by_age": "kvarn.disseminate.charts",
    "persons_by_month": "kvarn.disseminate.charts",
    "persons_by_year": "kvarn.disseminate.charts",
    "persons_per_1000": "kvarn.disseminate.charts",
    "persons_with_procedure": "kvarn.disseminate.charts",
    "procedure_groups": "kvarn.disseminate.charts",
    "procedures_by_age": "kvarn.disseminate.charts",
    "procedures_by_county": "kvarn.disseminate.charts",
    "procedures_by_month": "kvarn.disseminate.charts",
    "procedures_by_weekday": "kvarn.disseminate.charts",
    "professions": "kvarn.disseminate.charts",
    "standardised_counties": "kvarn.disseminate.charts",
    "unit_non_response": "kvarn.disseminate.charts",
}

__all__ = sorted(PUBLIC)


def __getattr__(name: str) -> object:
    if name not in PUBLIC:
        raise AttributeError(f"module 'kvarn' has no attribute {name!r}")
    found = getattr(_importlib.import_module(PUBLIC[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *PUBLIC})
