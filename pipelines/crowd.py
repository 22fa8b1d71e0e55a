"""What the checks look at: an export's typed rows, and counts over many people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from pipelines.coverage import Covers, kept_from
from pipelines.exports import PERSON, Export
from pipelines.relations import relations_of
from pipelines.warehouse import statement

if TYPE_CHECKING:
    import pandas as pd

VECTORS_A_BATCH = 100  # of 2,048 rows


@dataclass(frozen=True)
class Crowd:
    """Counts over many people, one table a question; none holds a pseudonym.

    ``months``: one row per covered month, column rows. ``person_months``: one row per person and
    month in which a row begins, column rows. ``files``: one row per file, column set_aside_percent.
    """

    months: pd.DataFrame
    person_months: pd.DataFrame
    files: pd.DataFrame


def typed_rows(warehouse: duckdb.DuckDBPyConnection, export: Export) -> Iterator[pd.DataFrame]:
    """The accepted rows of the files just staged, in the declared columns, a batch at a time."""
    columns = ", ".join(export.stored_names)
    return _batches(warehouse, statement("ingest_typed_rows", columns=columns))


def relation_rows(warehouse: duckdb.DuckDBPyConnection, export: Export) -> Iterator[pd.DataFrame]:
    """Of each accepted row just staged whether each of its relations holds, a batch at a time."""
    relations = ", ".join(f"{each.holds} as {each.name}" for each in relations_of(export))
    return _batches(warehouse, statement("ingest_relations", relations=relations))


def _batches(warehouse: duckdb.DuckDBPyConnection, query: str) -> Iterator[pd.DataFrame]:
    """The rows of a query, of which only one batch is in memory; one that is empty where there are none."""
    result = warehouse.execute(query)
    batch = result.fetch_df_chunk(VECTORS_A_BATCH)
    yield batch
    while len(batch := result.fetch_df_chunk(VECTORS_A_BATCH)):
        yield batch


def crowd_of(
    warehouse: duckdb.DuckDBPyConnection,
    export: Export,
    covers: Covers,
    set_aside: tuple[float, ...],
) -> Crowd:
    """Count what is stored of an export; ``set_aside`` holds each file's share in percent."""
    import pandas as pd

    first, last = export.spell
    months = statement("ingest_month_rows", export=export.name, first=first, last=last)
    kept = kept_from(warehouse, export.name) or covers.first
    covered = {
        "from": max(covers.first.first_day, kept.first_day),
        "to": covers.last.first_day,
        "without": [month.first_day for month in covers.without],
    }
    person_months = statement("ingest_person_month_rows", export=export.name, first=first, person=PERSON)
    return Crowd(
        months=warehouse.execute(months, covered).df(),
        person_months=warehouse.execute(person_months).df(),
        files=pd.DataFrame({"set_aside_percent": set_aside}),
    )
