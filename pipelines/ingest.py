"""The door: HR exports from a folder into the warehouse, all of them or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from pipelines import checks
from pipelines.arrivals import Arrival, arrivals_in, check_whole, hash_of, reader_hash
from pipelines.checks import DataWarning
from pipelines.conversion import IS_FAULT, Conversion, convert
from pipelines.coverage import declare, kept_from
from pipelines.crowd import crowd_of, relation_rows, typed_rows
from pipelines.exports import STAFF, Export
from pipelines.home import Home
from pipelines.ingest_report import FileReport, Finding, IngestReport
from pipelines.loads import Load, charged_months, remove, store, stored_loads, write_set_aside
from pipelines.mended import apply_mended, count_mended, digest_of_texts, mended_hash
from pipelines.pseudonyms import Pseudonyms, keep_id_format, pseudonyms_for
from pipelines.reading import content_hash
from pipelines.report_page import write_page
from pipelines.staging import StagedFile, stage
from pipelines.warehouse import connect, connect_copy, statement
from privacy.bounding import transaction
from privacy.errors import Refusal


@dataclass(frozen=True)
class _Door:
    """What stays the same during one ingest."""

    warehouse: duckdb.DuckDBPyConnection
    pseudonyms: Pseudonyms
    known_units: frozenset[str]
    charged_periods: frozenset[str]
    today: date
    check: checks.Check
    present: tuple[str, ...]  # every file of the folder, as export/name


def ingest(
    home: Home,
    folder: Path,
    *,
    known_units: frozenset[str],
    charged_periods: frozenset[str] = frozenset(),
    dry_run: bool = False,
    today: date,
    check: checks.Check = checks.check,
) -> IngestReport:
    """Load every mapped export of a folder in one transaction.

    Args:
        known_units: the unit ids of the organisation register.
        charged_periods: months and quarters, as texts, of which anything is charged.
        dry_run: report what would happen and write nothing at all.
        today: entered as the day of loading.

    Raises:
        BadExport: a file, the mapping or the manifest is not as declared; nothing is loaded then.
        Refusal: the key or the warehouse cannot be used.
    """
    arrivals = arrivals_in(home, folder)
    opened = connect_copy(home) if dry_run else connect(home)
    with opened as warehouse:
        pseudonyms = pseudonyms_for(home, warehouse, dry_run=dry_run)
        present = tuple(f"{each.export.name}/{path.name}" for each in arrivals for path in each.paths)
        door = _Door(warehouse, pseudonyms, known_units, charged_periods, today, check, present)
        with _in_one_transaction(warehouse):
            warehouse.execute(statement("ingest_absent"), {"present": present})
            keep_id_format(warehouse, next(a.mapping.id_format for a in arrivals if a.export is STAFF))
            reports = [_take_in(door, arrival) for arrival in arrivals]
        if not dry_run:
            for load in stored_loads(warehouse):
                write_set_aside(home, warehouse, load)
    files = tuple(file for files, _ in reports for file in files)
    report = IngestReport(files, tuple(warning for _, found in reports for warning in found), dry_run)
    return report if dry_run else replace(report, page=write_page(home, report, today))


@contextmanager
def _in_one_transaction(warehouse: duckdb.DuckDBPyConnection) -> Iterator[None]:
    try:
        with transaction(warehouse):
            yield
    except duckdb.Error as error:
        raise Refusal(
            f"The warehouse could not take the exports in ({type(error).__name__}), so nothing was loaded: "
            "see that disk and memory suffice and try again."
        ) from None


def _take_in(door: _Door, arrival: Arrival) -> tuple[list[FileReport], tuple[DataWarning, ...]]:
    """One export: nothing where reading all its files anew would change nothing, else all of them anew.

    That is so only where the last ingest was of just these files, read in just this way. Otherwise somebody's
    correction, which brings on a reading, could change what is stored of others.
    """
    name = arrival.export.name
    door.warehouse.execute(statement("ingest_restore_cover"), {"export": name})
    declare(door.warehouse, name, arrival.covers)
    stored = {load.file_name: load for load in stored_loads(door.warehouse) if load.export == name}
    wanted = _wanted(door, arrival, stored)
    if arrival.mapping.snapshots:
        check_whole(arrival, stored.keys())
    before = {load.load_id: load for load in stored.values()}
    if all(
        load.load_id in before and _with_mended(door, load).how == before[load.load_id].how for load in wanted
    ):
        return [_report(door, before[load.load_id], "unchanged") for load in wanted], ()
    loads, gone = _reload(door, arrival, wanted)
    reports = []
    for load in loads:
        store(door.warehouse, load)
        report = _report(door, load, _status(before.get(load.load_id), load))
        reports.append(replace(report, mended_gone=gone[load.load_id]))
    return reports, _warnings(door, arrival, reports)


def _wanted(door: _Door, arrival: Arrival, stored: dict[str, Load]) -> list[Load]:
    """The loads as they should stand; a known file name keeps its number."""
    mapping, setting = arrival.mapping, _setting_hash(door, arrival.export)
    fresh = max((load.load_id for load in stored_loads(door.warehouse)), default=0)
    first, last, without = arrival.covers.texts
    loads = []
    for path in arrival.paths:
        if path.name not in stored:
            fresh += 1
        loads.append(
            Load(
                load_id=stored[path.name].load_id if path.name in stored else fresh,
                export=arrival.export.name,
                file_name=path.name,
                content_hash=content_hash(path),
                mapping_hash=arrival.mapping_hash,
                setting_hash=setting,
                rows_read=0,
                rows_accepted=0,
                rows_collapsed=0,
                rows_set_aside=0,
                covers_from=first,
                covers_to=last,
                grain=mapping.grain,
                week_date=mapping.week_date,
                loaded_on=door.today,
                covers_without=without,
            )
        )
    return loads


def _with_mended(door: _Door, load: Load) -> Load:
    """The load with its mended rows among what decides on its rows."""
    mended = mended_hash(door.warehouse, load.load_id)
    return replace(load, setting_hash=hash_of([load.setting_hash, mended])) if mended else load


def _setting_hash(door: _Door, export: Export) -> str:
    """What beside the file decides on its rows: reader, files it came with, units or roster."""
    if export is STAFF:
        return hash_of([reader_hash(), *door.present, "units", *sorted(door.known_units)])
    roster = [load for load in stored_loads(door.warehouse) if load.export == STAFF.name]
    return hash_of(
        [
            reader_hash(),
            *door.present,
            "roster",
            *sorted("".join((load.file_name, *load.how)) for load in roster),
        ]
    )


def _reload(door: _Door, arrival: Arrival, wanted: list[Load]) -> tuple[list[Load], Counter[int]]:
    """Replace the rows of an export's files; returns the loads with their counts, and mended rows gone."""
    warehouse, export = door.warehouse, arrival.export
    for load in wanted:
        remove(warehouse, export.name, load.load_id)
    files = [
        StagedFile(load.load_id, place, path)
        for place, (load, path) in enumerate(zip(wanted, arrival.paths, strict=True), start=1)
    ]
    warehouse.execute(statement("ingest_known_units"), {"units": sorted(door.known_units)})
    stage(warehouse, arrival.mapping, files, door.pseudonyms)
    gone = apply_mended(warehouse, arrival.mapping, [load.load_id for load in wanted])
    read = dict(warehouse.execute(statement("ingest_stage_counts")).fetchall())
    first = kept_from(warehouse, export.name)
    conversion = Conversion(
        arrival.mapping, arrival.covers.first.first_day, first.first_day if first else None
    )
    convert(warehouse, conversion)
    _file_rows(warehouse, conversion)
    loads = [_counted(warehouse, load, read.get(load.load_id, 0)) for load in wanted]
    return [_with_mended(door, load) for load in loads], gone


def _file_rows(warehouse: duckdb.DuckDBPyConnection, conversion: Conversion) -> None:
    """Staged rows that count go to the export's table, the others to ``set_aside``."""
    warehouse.execute(statement("ingest_failures"))
    for place, failure in enumerate(conversion.failures):
        row = [place, failure.rule, failure.column, failure.reason, conversion.choice(failure).value]
        warehouse.execute(statement("ingest_store_failure"), row)
    export = conversion.mapping.export
    columns = ", ".join(export.stored_names)
    warehouse.execute(statement("ingest_accept", export=export.name, columns=columns))
    warehouse.execute(
        statement("ingest_set_aside", is_fault=IS_FAULT, digest=digest_of_texts(conversion.mapping))
    )
    warehouse.execute(statement("ingest_doubted"))


def _counted(warehouse: duckdb.DuckDBPyConnection, load: Load, read: int) -> Load:
    """The load with its counts. Raises RuntimeError unless every line read is accounted for."""
    query = statement("ingest_counts", export=load.export)
    accepted, collapsed, set_aside = warehouse.execute(query, {"load_id": load.load_id}).fetchone() or ()
    if accepted + collapsed + set_aside != read:
        raise RuntimeError(f"load {load.load_id}: accepted, collapsed and set aside are not the lines read")
    return replace(
        load, rows_read=read, rows_accepted=accepted, rows_collapsed=collapsed, rows_set_aside=set_aside
    )


def _status(before: Load | None, load: Load) -> str:
    if before is None:
        return "new"
    return "rechecked" if before.how[:2] == load.how[:2] else "replaced"


def _report(door: _Door, load: Load, status: str) -> FileReport:
    found = door.warehouse.execute(statement("ingest_rules"), {"load_id": load.load_id}).fetchall()
    months = () if status == "unchanged" else charged_months(load.months, door.charged_periods)
    return FileReport(
        export=load.export,
        file_name=load.file_name,
        status=status,
        load_id=load.load_id,
        rows_read=load.rows_read,
        rows_accepted=load.rows_accepted,
        rows_collapsed=load.rows_collapsed,
        rows_set_aside=load.rows_set_aside,
        findings=tuple(Finding(*row) for row in found),
        covers=str(load.covers),
        charged_months=months,
        rows_mended=count_mended(door.warehouse, load.load_id),
    )


def _warnings(door: _Door, arrival: Arrival, reports: list[FileReport]) -> tuple[DataWarning, ...]:
    percents = tuple(report.set_aside_percent for report in reports)
    crowd = crowd_of(door.warehouse, arrival.export, arrival.covers, percents)
    rows, relations = (each(door.warehouse, arrival.export) for each in (typed_rows, relation_rows))
    return door.check(arrival.export, rows, relations, crowd)
