"""Who is in an extract, under pseudonyms that are the project's own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pyarrow as pa

from kvarn.edition import Workspace
from kvarn.errors import InputError
from kvarn.process._keys import derived_key, read_key
from kvarn.process.variables import parquet

__all__ = ["key_of_register", "name_people", "project_key", "project_pseudonym"]

# The name of the key of synthetic registers, which hide nobody.
SYNTHETIC = "kvarn demo"
PSEUDONYM_BYTES = 16
_TRIED = 1000
_BATCH = 100_000

_KNOWN = """
    SELECT identity_number, pseudonym
    FROM {identity_numbers}
    JOIN {persons} USING (person)
    WHERE municipality IS NULL
    ORDER BY identity_number
    LIMIT {tried}
"""


def key_of_register(database: duckdb.DuckDBPyConnection, workspace: Workspace) -> tuple[bytes, bool]:
    """The key with which the register was made, and whether it is synthetic.

    The register's own pseudonyms tell: those of a synthetic one are made with the key of synthetic data. So nobody can
    mark a real register as synthetic by mistake, or forget to mark a synthetic one.

    Raises
    ------
    InputError
        The key is missing, or is not the one that the register was made with: the pseudonyms would not be the project's.
    """
    register = workspace.register
    known: list[tuple[str, str]] = database.execute(
        _KNOWN.format(
            identity_numbers=parquet(register / "identity_numbers.parquet"),
            persons=parquet(register / "persons.parquet"),
            tried=_TRIED,
        )
    ).fetchall()
    synthetic = derived_key(SYNTHETIC)
    if _made_with(synthetic, known):
        return synthetic, True
    key = read_key(workspace.pseudonym_key)
    if not _made_with(key, known):
        raise InputError(
            "The register was not made with this pseudonym key.",
            file=workspace.pseudonym_key,
            remedy="Put the key that the edition was made with in its place: the project's pseudonyms hang on it.",
        )
    return key, False


def _made_with(key: bytes, known: list[tuple[str, str]]) -> bool:
    """Whether a pseudonym is this key's. Not all need be: a person with two numbers has the pseudonym of one."""
    return any(
        hashlib.blake2b(number.encode(), digest_size=PSEUDONYM_BYTES, key=key).hexdigest() == pseudonym
        for number, pseudonym in known
    )


def project_key(key: bytes, project: str) -> bytes:
    """A key of the project's own. It tells nothing of the secret key, nor of another project's."""
    return hashlib.blake2b(project.encode(), digest_size=32, key=key, person=b"kvarn extract").digest()


def project_pseudonym(key: bytes, pseudonym: str) -> str:
    """The person's pseudonym in a project: keyed BLAKE2b, 128 bits, of the register's pseudonym; 32 hexadecimal digits."""
    return hashlib.blake2b(pseudonym.encode(), digest_size=PSEUDONYM_BYTES, key=key).hexdigest()


def name_people(database: duckdb.DuckDBPyConnection, register: Path, key: bytes) -> int:
    """Give everybody in the table ``cohort`` a pseudonym of the project's; returns how many they are.

    Makes the table ``people``: ``person``, ``project_person``, ``place`` (in the order of the project's pseudonyms, so that order
    tells nothing of the register's), ``sex``, ``birth_year``, ``followable``.

    Raises
    ------
    InputError
        Two persons have got the same pseudonym (a collision; chance 10⁻²⁶ for a million persons).
    """
    database.execute(
        f"CREATE TEMPORARY TABLE known AS SELECT * FROM {parquet(register / 'persons.parquet')} "
        "WHERE person IN (SELECT person FROM cohort)"
    )
    database.execute("CREATE TEMPORARY TABLE named (person INTEGER, project_person VARCHAR)")
    pseudonyms = database.sql("SELECT person, pseudonym FROM known ORDER BY person").to_arrow_table()
    for batch in pseudonyms.to_batches(_BATCH):
        named = [project_pseudonym(key, one) for one in batch.column("pseudonym").to_pylist()]
        database.register(
            "incoming", pa.table({"person": batch.column("person"), "project_person": pa.array(named, pa.string())})
        )
        database.execute("INSERT INTO named SELECT person, project_person FROM incoming")
        database.unregister("incoming")
    counted = database.execute("SELECT count(*), count(DISTINCT project_person) FROM named").fetchall()[0]
    if counted[0] != counted[1]:
        raise InputError("Two persons have the same pseudonym.", file=register, remedy="Report it: a longer pseudonym is needed.")
    database.execute(
        "CREATE TEMPORARY TABLE people AS SELECT person, project_person, row_number() OVER (ORDER BY project_person) AS place, "
        "sex, birth_year, followable FROM named JOIN known USING (person)"
    )
    return int(counted[0])
