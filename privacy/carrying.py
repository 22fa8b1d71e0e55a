"""Carrying the charged state along when the ids of people change: joined ids, a rotated key.

What counts against a person's caps is never started afresh: each fresh start would cost another ρ.
Every function here belongs in the caller's transaction.
"""

from __future__ import annotations

from importlib.resources import files

import duckdb


def join_people(warehouse: duckdb.DuckDBPyConnection, *, kept: str, gone: str) -> None:
    """Two pseudonyms turn out to be one person: their charged squares add up under the one kept.

    Together they may exceed a cap, since each id had a cap of its own (the two lost up to 4ρ); from now
    on nothing more is charged to them until windows have passed.
    """
    warehouse.execute("update charged set person = ? where person = ?", [kept, gone])
    warehouse.execute("delete from charged_before_join where person = ?", [gone])
    theirs = "select distinct person, charge_id from charged where person = ?"
    warehouse.execute(f"insert or ignore into charged_before_join {theirs}", [kept])


def rename_people(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Give everybody in the charged state the pseudonym that the temporary table ``renamed`` says."""
    for table in ("charged", "charged_before_join"):
        sql = files("privacy").joinpath("sql", "rename_people.sql").read_text(encoding="utf-8")
        warehouse.execute(sql.format(table=table))


def known_people(warehouse: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Every pseudonym in the charged state."""
    rows = warehouse.execute("select distinct person from charged").fetchall()
    return frozenset(row[0] for row in rows)
