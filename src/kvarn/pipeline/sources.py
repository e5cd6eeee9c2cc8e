"""What an edition is made from, looked into before any work: the key and the population."""

from __future__ import annotations

from collections.abc import Callable

from kvarn import process
from kvarn.base.at_once import at_once
from kvarn.pipeline.actions import KEY
from kvarn.pipeline.production import Production

__all__ = ["require_sources_in_order"]


def require_sources_in_order(production: Production) -> None:
    """Refuse a key or a population that a step would stop at.

    Raises
    ------
    InputError
        The key of real data is missing, damaged, or readable by others.
    CodeListError
        The files do not hold the population of every year of the edition.
    """
    checks: list[Callable[[], object]] = []
    if not production.edition.synthetic:
        checks.append(lambda: process.read_key(production.root / KEY))
    # A register that is there was made from a population that was right; another one makes its step anew, which says so at once.
    if not (production.workspace.register / "population.parquet").is_file():
        noise = production.edition.data.population_noise
        checks.append(lambda: process.read_population(production.population, production.edition.years, noise=noise))
    at_once(*checks)
