"""Release folders: immutable, written whole or not at all, a function of the ledger alone."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from metrics.blanks import Blank
from metrics.indicators import INDICATORS
from metrics.measures import MEASURES
from metrics.rules import ReadingRules
from metrics.totals import Totals
from pipelines.home import Home
from pipelines.tables import Cell, Table, release_tables
from privacy.accounting import Delta, Rho, epsilon_of, total
from privacy.errors import Refusal
from privacy.ledger import Ledger, export
from privacy.periods import BudgetYear, Period
from privacy.records import Records
from privacy.witness import Witness

SCHEMA_VERSION = 1
FILE_MODE, FOLDER_MODE = 0o640, 0o750
CERTIFICATE = "certificate.json"


@dataclass(frozen=True)
class Published:
    """One release that lies in its folder."""

    id: str
    period: Period
    folder: Path


def publish_pending(home: Home, ledger: Ledger, witness: Witness) -> Published | None:
    """Publish what was drawn since the last release, or finish a release that was interrupted."""
    records = ledger.records
    last_release = max((entry.seq for entry in records.of("release")), default=0)
    last_draw = max((m.seq for m in records.measurements), default=0)
    if last_draw > last_release:
        return _publish(home, ledger, witness, records.up_to(last_draw))
    if last_release and not (home.releases / _newest_id(records)).exists():
        return _publish(home, ledger, witness, records.up_to(last_draw))
    if last_release:
        _show(home, ledger, _newest_id(records))
    return None


def unpublished_month(records: Records) -> Period | None:
    """The newest month of which something was drawn after the last release."""
    last = max((entry.seq for entry in records.of("release")), default=0)
    fresh = [m.period for m in records.measurements if m.seq > last]
    return max(fresh, key=lambda month: month.index, default=None)


def _show(home: Home, ledger: Ledger, release_id: str) -> None:
    """Bring what readers look at up to the ledger: the newest release and the published entries."""
    latest = home.releases / "latest"
    if not latest.is_symlink() or latest.readlink() != Path(release_id):
        _point_latest(home, release_id)
    known = Records.from_file(home.ledger_lines).head if home.ledger_lines.exists() else None
    if known != ledger.records.head:
        export(ledger, home.ledger_lines)


def _newest_id(records: Records) -> str:
    *_, newest = records.of("release")
    return str(newest.body["release"])


def _publish(home: Home, ledger: Ledger, witness: Witness, records: Records) -> Published:
    period = max((m.period for m in records.measurements), key=lambda month: month.index)
    release_id = f"{period}-{records.head.seq:06d}"
    draft = home.releases / f".{release_id}.draft"
    body = _entered(ledger.records, release_id)
    if body is None or _hashes(draft) != body["files"]:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=FOLDER_MODE, parents=True)
        write_files(draft, release_id, period, records)
    if body is None:
        body = {"release": release_id, "period": str(period), "files": _hashes(draft)}
        ledger.append("release", body)
    elif _hashes(draft) != body["files"]:
        raise Refusal(
            f"Release {release_id} was entered before it could be published, and other library versions now "
            "write it differently; install the versions of requirements.txt and run again."
        )
    witness.see(ledger.records)
    _write(draft / CERTIFICATE, _json(certificate(ledger.records, body)))
    folder = home.releases / release_id
    draft.chmod(FOLDER_MODE)
    draft.rename(folder)
    _show(home, ledger, release_id)
    return Published(release_id, period, folder)


def _entered(records: Records, release_id: str) -> Mapping[str, Any] | None:
    """The ledger's entry of a release whose publication was interrupted, if it got so far."""
    return next((entry.body for entry in records.of("release") if entry.body["release"] == release_id), None)


def _hashes(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        return {}
    return {path.name: hash_of(path) for path in sorted(folder.iterdir()) if path.name != CERTIFICATE}


def write_files(folder: Path, release_id: str, period: Period, records: Records) -> None:
    """Write everything of a release that its ledger entry hashes."""
    year = budget_year(records, period)
    rules = ReadingRules.from_signed(records.plan_in_force(year).body["policy"])
    tables = release_tables(Totals(records, rules))
    for table in tables:
        _write(folder / f"{table.name}.csv", as_csv(table))
        _write_parquet(folder / f"{table.name}.parquet", table)
    _write(folder / "datapackage.json", _json(_package(release_id, period, records, tables, rules)))


def certificate(records: Records, body: Mapping[str, Any]) -> dict[str, Any]:
    """What an auditor holds in hand: the promise, the loss so far, the files, the head after the entry."""
    entry = max(
        (entry for entry in records.of("release") if dict(entry.body) == dict(body)), key=lambda e: e.seq
    )
    shown = records.up_to(entry.seq)
    period = Period.parse(str(body["period"]))
    year = budget_year(shown, period)
    policy = shown.plan_in_force(year).body["policy"]
    delta = Delta.parse(policy["delta"])
    started = [each for each in shown.years if each.first.index <= year.first.index]
    return {
        "schema_version": SCHEMA_VERSION,
        "organisation": shown.organisation,
        "release": body["release"],
        "period": body["period"],
        "date": entry.time[:10],
        "head": str(shown.head),
        "files": body["files"],
        "promise": {key: policy[key] for key in ("epsilon", "delta", "rho_pico")},
        "budget_year": str(year),
        "loss_this_year": _loss(shown.committed(year), delta),
        "loss_in_total": _loss(total(shown.committed(each) for each in started), delta),
        "policy": policy["fingerprint"],
        "statement": (
            "Whether any one person's records were in the exports or not changes the chance of every "
            "outcome published for a budget year by at most the factor e^epsilon, but for delta."
        ),
    }


def _loss(rho: Rho, delta: Delta) -> dict[str, Any]:
    return {"rho_pico": rho.pico, "epsilon": math.ceil(epsilon_of(rho, delta) * 1e4) / 1e4}


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


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _settle(path)


def _settle(path: Path) -> None:
    path.chmod(FILE_MODE)
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"


def _point_latest(home: Home, release_id: str) -> None:
    link = home.releases / ".latest.draft"
    link.unlink(missing_ok=True)
    link.symlink_to(release_id)
    link.replace(home.releases / "latest")


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
                "windows": list(indicator.windows),
            }
            for indicator in INDICATORS.values()
        ],
        "resources": [_resource(table) for table in tables],
    }


def _standards(records: Records, period: Period) -> dict[str, dict[str, float]]:
    """The standard of each service line, in cases or hours."""
    return {
        item.measure: {line: standard / quantity.scale for line, standard in item.standard}
        for item in records.open_items(budget_year(records, period))
        if (quantity := MEASURES[item.measure].standard_in) is not None
    }


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
