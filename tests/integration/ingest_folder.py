"""A tiny invented agency for the ingest tests: four people, all five exports, and what to say of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.ingest_report import FileReport, IngestReport
from pipelines.warehouse import connect

UNITS = frozenset({"U1", "U2"})
KEY = bytes(range(32))  # of the pseudonyms, where a test has to tell whose a row is
# What a roster without ends says, for the mappings of tests about other exports.
ROSTER_COLUMNS = """
[exports.staff.columns]
person_id = "Id"
unit_id = "Unit"
role = "Job"
start_date = "From"
[exports.staff.constants]
weekly_hours = "37.5"
is_supervisor = "false"
"""
MAPPING = """
[exports.staff]
file = "staff*.csv"
[exports.staff.columns]
person_id = "Id"
unit_id = "Unit"
role = "Job"
start_date = "From"
end_date = "To"
weekly_hours = "Hours"
[exports.staff.constants]
is_supervisor = "false"
[exports.separations]
file = "leavers.csv"
delimiter = ";"
date_format = "%d.%m.%Y"
[exports.separations.columns]
person_id = "Id"
date = "Last day"
reason = "Why"
[exports.separations.values.reason]
"Resigned" = "voluntary"
[exports.separations.skip]
"Why" = ["n/a"]
[exports.absences]
file = "absence *.csv"
[exports.absences.columns]
person_id = "Id"
start_date = "From"
end_date = "To"
hours = "Lost"
[exports.absences.constants]
kind = "sickness"
[exports.caseload]
file = "cases.csv"
distinct = true
[exports.caseload.columns]
person_id = "Id"
date = "Census"
open_cases = "Open"
trauma_cases = "Trauma"
[exports.exposure]
file = "exposure.csv"
decimal_mark = ","
delimiter = ";"
grain = "week"
week_date = "end"
[exports.exposure.columns]
person_id = "Id"
date = "Week"
direct_hours = "Direct"
indirect_hours = "Indirect"
[exports.exposure.constants]
critical_incidents = "0"
"""
MANIFEST = "[covers]\n" + "".join(
    f'{name} = ["2026-01", "2026-03"]\n'
    for name in ("staff", "separations", "absences", "caseload", "exposure")
)
FILES = {
    "staff.csv": """Id,Unit,Job,From,To,Hours
p1,U1,worker,2025-01-01,,37.5
p2,U1,worker,2025-01-01,2026-02-10,20
p2,U2,worker,2025-01-01,2026-02-10,10
p3,U2,lead,2025-01-01,2025-12-31,37.5
p3,U2,lead,2026-01-01,,30
p4,U9,worker,2025-01-01,,37.5
""",
    "leavers.csv": """Id;Last day;Why
p2;10.02.2026;Resigned
p1;;n/a
p3;31.02.2026;Resigned
""",
    "absence 1.csv": """Id,From,To,Lost
p1,2026-01-05,2026-01-06,15
p1,2026-01-06,2026-01-07,15
p2,2026-01-05,2026-01-04,8
p9,2026-01-05,2026-01-05,8
""",
    "absence 2.csv": """Id,From,To,Lost
p1,2026-01-05,2026-01-06,15
p3,2026-02-02,2026-02-02,NaN
p3,2026-03-02,2026-03-02,7.5
""",
    "cases.csv": """Id,Census,Open,Trauma
p1,2026-01-31,15,6
p1,2026-01-31,15,6
p3,2026-01-31,12,13
p3,2026-02-28,12,3
""",
    "exposure.csv": """Id;Week;Direct;Indirect
p1;2026-01-10;20,25;3
p3;2026-01-10;160;8,01
p3;2026-01-17;-1;3
""",
}
TABLES = ("staff", "separations", "absences", "caseload", "exposure")


def no_checks(*_: object) -> tuple[()]:
    """In place of Great Expectations, whose import takes seconds."""
    return ()


class Agency:
    """A home and an exports folder under a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.home, self.folder = Home(root / "home"), root / "exports"
        self.home.make_folders()
        self.folder.mkdir()
        self.map(MAPPING)
        for name, text in (FILES | {"manifest.toml": MANIFEST}).items():
            self.put(name, text)

    @classmethod
    def empty(cls, root: Path, mapping: str) -> Agency:
        """One whose folder holds nothing, whose mapping is another and whose key is known."""
        root.mkdir(exist_ok=True)
        agency = cls(root)
        for path in agency.folder.iterdir():
            path.unlink()
        agency.map(mapping)
        agency.keep_key()
        return agency

    def keep_key(self) -> None:
        self.home.pseudonym_key.write_bytes(KEY)
        self.home.pseudonym_key.chmod(0o400)

    def put(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.put(name, text.replace(old, new))

    def map(self, text: str) -> None:
        self.home.mapping.write_text(text, encoding="utf-8")

    def ingest(self, **options: Any) -> IngestReport:
        options = {"known_units": UNITS, "today": date(2026, 4, 1), "check": no_checks} | options
        return ingest(self.home, self.folder, **options)

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with connect(self.home) as warehouse:
            yield warehouse

    def stored(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every table of exports, loads and rows set aside, in a fixed order."""
        with self.warehouse() as warehouse:
            tables = (*TABLES, "load", "set_aside", "doubted", "withdrawn_cover")
            return {name: sorted(warehouse.table(name).fetchall(), key=repr) for name in tables}

    def files(self) -> dict[str, tuple[bytes, int]]:
        """Content and time of change of every file of the home."""
        paths = [path for path in self.home.root.rglob("*") if path.is_file()]
        return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def by_name(report: IngestReport) -> dict[str, FileReport]:
    return {file.file_name: file for file in report.files}
