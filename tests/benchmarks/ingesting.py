"""What an ingest of absences costs beside a bare all-text load of the same file into a DuckDB table on disk.

Run by ``make bench-ingest``. The file is generated into a temporary folder; each step runs in a process of
its own, one after the other, and says its seconds and the most memory that a process took.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import duckdb

from pipelines import checks
from pipelines.home import Home
from pipelines.ingest import ingest

DAYS_OF_A_PERSON = 200
TODAY = date(2026, 11, 22)
UNITS = 50
COVERS = '["2024-07", "2026-06"]'
MAPPING = f"""
[exports.staff]
file = "staff.csv"
covers = {COVERS}
[exports.staff.columns]
person_id = "Id"
unit_id = "Unit"
role = "Job"
start_date = "From"
weekly_hours = "Hours"
[exports.staff.constants]
is_supervisor = "false"
[exports.absences]
file = "absences.csv"
covers = {COVERS}
[exports.absences.columns]
person_id = "Id"
start_date = "From"
end_date = "To"
hours = "Lost"
kind = "Kind"
"""
ABSENCES = """
select
    'P' || lpad((i % {people})::varchar, 6, '0') as "Id", day as "From", day as "To",
    7.5 as "Lost", 'sickness' as "Kind"
from (select i, date '2024-07-01' + (3 * (i // {people}))::integer as day from range({rows}) t(i))
"""
STAFF = """
select
    'P' || lpad(i::varchar, 6, '0') as "Id", 'U' || (i % {units}) as "Unit", 'worker' as "Job",
    date '2020-01-01' as "From", 37.5 as "Hours"
from range({people}) t(i)
"""


def generate(folder: Path, rows: int) -> None:
    """Single days of absence by date, of people who each have as many in two years; and their roster."""
    people = max(1, rows // DAYS_OF_A_PERSON)
    with duckdb.connect() as engine:
        for name, query in (("absences", ABSENCES), ("staff", STAFF)):
            wanted = query.format(people=people, rows=rows, units=UNITS)
            engine.execute(f"copy ({wanted}) to '{folder}/exports/{name}.csv' (header)")


def bare(folder: Path) -> None:
    with duckdb.connect(str(folder / "bare.duckdb"), config={"threads": "2"}) as engine:
        engine.execute(
            "create table absences as from read_csv(?, all_varchar = true, header = true)",
            [str(folder / "exports" / "absences.csv")],
        )


def without_checks(folder: Path) -> None:
    _ingest(folder, lambda *_, **__: ())


def with_checks(folder: Path) -> None:
    _ingest(folder, checks.check)


def _ingest(folder: Path, check: Callable[..., tuple[()]]) -> None:
    home = Home(folder / "home")
    shutil.rmtree(home.root, ignore_errors=True)
    home.make_folders()
    home.mapping.write_text(MAPPING, encoding="utf-8")
    units = frozenset(f"U{number}" for number in range(UNITS))
    report = ingest(home, folder / "exports", known_units=units, today=TODAY, check=check)
    assert all(file.rows_accepted == file.rows_read for file in report.files)


def _timed(step: Callable[[Path], None], folder: Path, told: Path) -> None:
    os.environ["TMPDIR"] = str(folder)
    began = time.perf_counter()
    step(folder)
    seconds = time.perf_counter() - began
    memory = max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    told.write_text(f"{seconds} {memory / 1024}")


def measured(step: Callable[[Path], None], folder: Path) -> tuple[float, float]:
    """Seconds, and MiB of the process that took most, of a step in a process of its own."""
    told = folder / "told"
    process = get_context("spawn").Process(target=_timed, args=(step, folder, told))
    process.start()
    process.join()
    seconds, memory = map(float, told.read_text().split())
    told.unlink()
    return seconds, memory


def main(rows: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="leeward-bench-"))
    try:
        (folder / "exports").mkdir()
        generate(folder, rows)
        size = (folder / "exports" / "absences.csv").stat().st_size >> 20
        print(f"{rows:,} absences, {size} MiB, {os.cpu_count()} processors")
        baseline = 0.0
        for step in (bare, without_checks, with_checks):
            seconds, memory = measured(step, folder)
            baseline = baseline or seconds
            name = step.__name__.replace("_", " ")
            print(f"{name:<15} {seconds:8.1f} s  {seconds / baseline:6.1f} x  {memory:8,.0f} MiB", flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
