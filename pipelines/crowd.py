"""What the checks look at: an export's typed rows, and counts over many people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from pipelines.coverage import Covers, kept_from
from pipelines.exports import PERSON, Export
from pipelines.warehouse import statement

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Crowd:
    """Counts over many people, one table a question; none holds a pseudonym.

    ``months``: one row per covered month, column rows. ``person_months``: one row per person and
    month in which a row begins, column rows. ``files``: one row per file, column set_aside_percent.
    """

    months: pd.DataFrame
    person_months: pd.DataFrame
    files: pd.DataFrame


def typed_rows(warehouse: duckdb.DuckDBPyConnection, export: Export) -> pd.DataFrame:
    """The accepted rows of the files just staged, in the declared columns."""
    columns = ", ".join(export.stored_names)
    return warehouse.execute(statement("ingest_typed_rows", columns=columns)).df()


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
    covered = {"from": max(covers.first.first_day, kept.first_day), "to": covers.last.first_day}
    person_months = statement("ingest_person_month_rows", export=export.name, first=first, person=PERSON)
    return Crowd(
        months=warehouse.execute(months, covered).df(),
        person_months=warehouse.execute(person_months).df(),
        files=pd.DataFrame({"set_aside_percent": set_aside}),
    )
