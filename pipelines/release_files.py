"""The files of a release: tables as CSV and Parquet, their Data Package; functions of the ledger alone."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from metrics.blanks import Blank
from metrics.indicators import INDICATORS
from metrics.measures import MEASURES, Measure
from metrics.rules import ReadingRules
from metrics.totals import Totals
from pipelines.tables import Cell, Table, release_tables
from privacy.periods import BudgetYear, Period
from privacy.plan import PlanItem
from privacy.records import Records

SCHEMA_VERSION = 2
FILE_MODE = 0o640
CERTIFICATE, WITHDRAWN = "certificate.json", "withdrawn.json"
BESIDE = frozenset({CERTIFICATE, WITHDRAWN})
"""What lies in a release's folder without being hashed into its entry."""


def write_files(folder: Path, release_id: str, period: Period, records: Records) -> None:
    """Write everything of a release that its ledger entry hashes."""
    year = budget_year(records, period)
    rules = ReadingRules.from_signed(records.plan_in_force(year).body["policy"])
    tables = release_tables(Totals(records, rules))
    for table in tables:
        write_text(folder / f"{table.name}.csv", as_csv(table))
        _write_parquet(folder / f"{table.name}.parquet", table)
    write_text(folder / "datapackage.json", json_text(_package(release_id, period, records, tables, rules)))


def hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file that a release's entry names; empty where there is no folder."""
    if not folder.is_dir():
        return {}
    return {path.name: hash_of(path) for path in sorted(folder.iterdir()) if path.name not in BESIDE}


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula is written with a quote before it.

    >>> harmless("=1+1"), harmless("Team A"), harmless(-3)
    ("'=1+1", 'Team A', -3)
    """
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def as_csv(table: Table) -> str:
    """A table as CSV; an empty cell is a missing value, whose reason stands in its row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([_written(harmless(row[column])) for column in table.columns])
    return text.getvalue()


def _written(cell: Cell) -> Cell:
    return f"{cell:.6g}" if isinstance(cell, float) else cell


def _write_parquet(path: Path, table: Table) -> None:
    columns = {name: [row[name] for row in table.rows] for name in table.columns}
    pq.write_table(pa.table(columns), path)
    _settle(path)


def write_text(path: Path, text: str) -> None:
    """Write a file that readers may read, and see it on the disk."""
    path.write_text(text, encoding="utf-8")
    _settle(path)


def _settle(path: Path) -> None:
    path.chmod(FILE_MODE)
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def json_text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"


def _package(
    release_id: str, period: Period, records: Records, tables: tuple[Table, ...], rules: ReadingRules
) -> dict[str, Any]:
    """The Frictionless Data Package: what each table and column is, and the definition of each indicator."""
    return {
        "profile": "tabular-data-package",
        "name": f"leeward-{release_id}",
        "title": f"{records.organisation}: workforce wellness indicators to {period}",
        "schema_version": SCHEMA_VERSION,
        "organisation": records.organisation,
        "period": str(period),
        "date": records.entries[-1].time[:10],
        "minimum_group": rules.minimum_group,
        "standards": _standards(records, period),
        "blanks": {blank.code: blank.sentence for blank in Blank},
        "indicators": [
            {
                "id": indicator.id,
                "title": indicator.title,
                "words": indicator.words,
                "numerator": indicator.numerator,
                "denominator": indicator.denominator,
                "unit": indicator.reading.unit,
                "family": indicator.family.value,
                "direction": indicator.direction.value,
                "source": indicator.source,
                "windows": list(rules.windows(indicator)),
            }
            for indicator in INDICATORS.values()
        ],
        "resources": [_resource(table) for table in tables],
    }


def _standards(records: Records, period: Period) -> dict[str, dict[str, float]]:
    """The standard of each service line for a month, in cases or hours."""
    items = records.open_items(budget_year(records, period))
    return {item.measure: _standard(item, MEASURES[item.measure]) for item in items if item.standard}


def _standard(item: PlanItem, measure: Measure) -> dict[str, float]:
    unit = (measure.standard_in or measure.quantity).scale * measure.months_in_column(item.cadence)
    return {line: standard / unit for line, standard in item.standard}


def _resource(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "path": f"{table.name}.csv",
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "schema": {
            "fields": [{"name": column, "type": _field_type(table, column)} for column in table.columns],
            "missingValues": [""],
        },
    }


def _field_type(table: Table, column: str) -> str:
    kinds = {type(row[column]) for row in table.rows} - {type(None)}
    if kinds == {int}:
        return "integer"
    return "number" if kinds and kinds <= {int, float} else "string"


def budget_year(records: Records, period: Period) -> BudgetYear:
    """The budget year of a period, among those planned."""
    return next(year for year in records.years if year.holds(period))
