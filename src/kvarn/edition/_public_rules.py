"""What readers are told of the rules of disclosure control: the method alone, or its limits too (`disclosure.public`).

Every product takes its words from here, so that a limit stands everywhere or nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from kvarn import metadata
from kvarn.edition._disclosure_rules import Disclosure, Sensitive
from kvarn.edition._model import Edition

__all__ = ["cell_key_description", "cell_key_note", "is_public_key", "limits_in_words"]

_RULES = "disclosure"
# Acceptances hold figures that looked wrong: the record tells of them what readers are told.
_ACCEPTED = "accepted"
# From where on something is a finding: what is told of one, with its limit, would be an inequality between figures.
_CHECKS = "checks"
_ALWAYS_PUBLIC = ("disclosure.method", "disclosure.public")
_ONLY_CELL_KEY = "disclosure.cell_key"
_ONLY_SUPPRESSION = (
    "width", "amount_width_per_cent", "taken_for_sums", "singletons", "municipalities", "dominance", "p_per_cent",
    "withheld_at_most",
)  # fmt: skip


def is_public_key(edition: Edition, key: str) -> bool:
    """Whether the record of a publication may tell the value of the parameter `key`, such as ``disclosure.threshold``.

    Of the rules the method is public, and with ``disclosure.public: limits`` those that the method goes by, and the limits of
    what looks wrong (``checks``). A section that is given as a whole (``disclosure``) is told by its parts.
    """
    if key in (_RULES, _CHECKS) or _is_or_is_below(key, _ACCEPTED):
        return False
    if _is_or_is_below(key, _CHECKS):
        return edition.disclosure.public == "limits"
    if not key.startswith(f"{_RULES}.") or key in _ALWAYS_PUBLIC:
        return True
    if edition.disclosure.public != "limits":
        return False
    if edition.disclosure.method == "cell-key":
        return not any(_is_or_is_below(key, f"{_RULES}.{name}") for name in _ONLY_SUPPRESSION)
    return not _is_or_is_below(key, _ONLY_CELL_KEY)


def _is_or_is_below(key: str, above: str) -> bool:
    return key == above or key.startswith(f"{above}.")


def cell_key_note(rules: Disclosure, language: str) -> str:
    """What stands at every table whose figures are changed by chance."""
    return metadata.text(f"cell-key.note{_variant(rules)}", language, **_cell_key_limits(rules, language))


def cell_key_description(rules: Disclosure, language: str) -> str:
    """The method cell-key as the methods and quality appendix describes it."""
    described = metadata.text(f"cell-key.description{_variant(rules)}", language, **_cell_key_limits(rules, language))
    return " ".join([described, *_of_categories(rules, language)])


def limits_in_words(rules: Disclosure, language: str) -> str:
    """The limits of suppression in sentences; empty where the method alone is public."""
    if rules.public != "limits" or rules.method != "suppression":
        return ""
    said = [metadata.text("limits.width", language, width=rules.width)]
    if rules.taken_for_sums:
        said.append(metadata.text("limits.sums", language, per_cent=_number(100 * rules.taken_for_sums, language)))
    if rules.threshold > 1:
        said.insert(0, metadata.text("limits.persons", language, most=rules.threshold - 1))
    said.append(metadata.text("limits.contributors", language, persons=rules.contributors))
    said.append(metadata.text("limits.amounts", language, per_cent=_number(rules.amount_width_per_cent, language)))
    said.append(metadata.text("limits.quantiles", language, persons=rules.quantile_persons))
    if rules.dominance is not None:
        many = "one" if rules.dominance.n == 1 else "two"
        said.append(metadata.text(f"limits.dominance-{many}", language, per_cent=_number(rules.dominance.per_cent, language)))
    if rules.p_per_cent is not None:
        said.append(metadata.text("limits.p-per-cent", language, per_cent=_number(rules.p_per_cent, language)))
    return " ".join([*said, *_of_categories(rules, language)])


def _of_categories(rules: Disclosure, language: str) -> Iterator[str]:
    """The stricter limits of sensitive categories."""
    if rules.public == "limits":
        for name, stricter in rules.sensitive.items():
            yield metadata.text(
                "limits.sensitive",
                language,
                variable=metadata.variable(name).label(language),
                categories=_categories(name, stricter, language),
                threshold=max(rules.threshold, stricter.threshold),
                contributors=max(rules.contributors, stricter.contributors),
            )
            if stricter.group:
                yield metadata.text("limits.group", language)


def _categories(name: str, stricter: Sensitive, language: str) -> str:
    if stricter.codes is None:
        return metadata.text("limits.every-category", language)
    return ", ".join(metadata.variable(name).category(code, language) for code in stricter.codes)


def _variant(rules: Disclosure) -> str:
    return "-limits" if rules.public == "limits" else ""


def _cell_key_limits(rules: Disclosure, language: str) -> dict[str, str]:
    """The figures in the words of the variant that has some."""
    if rules.public != "limits":
        return {}
    limits = {"greatest": rules.cell_key.greatest, "most": rules.smallest_shown - 1, "persons": rules.quantile_persons}
    return {name: str(limit) for name, limit in limits.items()} | {"variance": _number(rules.cell_key.variance, language)}


def _number(value: float, language: str) -> str:
    written = f"{value:g}"
    return written.replace(".", ",") if language == "sv" else written
