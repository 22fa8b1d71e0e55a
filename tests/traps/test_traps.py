"""Every trap of ``traps.toml`` ends as the table says: the rows and hours taken in, or one sentence."""

from __future__ import annotations

import csv
import io
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.append(str(Path(__file__).parents[1] / "integration"))

from ingest_folder import Agency, by_name

from privacy.errors import BadExport

TRAPS = tomllib.loads(Path(__file__).with_name("traps.toml").read_text(encoding="utf-8"))["trap"]
ROSTER = "Id,Unit,Job,From,To,Hours\n" + "".join(
    f"{person},U1,worker,2025-01-01,,37.5\n" for person in ("p1", "p2", "p3", "16")
)
MAPPING = """
[exports.staff]
file = "staff.csv"
id_format = "number"
covers = ["2026-01", "2026-03"]
[exports.staff.columns]
person_id = "Id"
unit_id = "Unit"
role = "Job"
start_date = "From"
end_date = "To"
weekly_hours = "Hours"
[exports.staff.constants]
is_supervisor = "false"
[exports.absences]
file = "{file}"
covers = ["2026-01", "2026-03"]
{map}
[exports.absences.columns]
person_id = "{id}"
{days}
{columns}
[exports.absences.constants]
kind = "sickness"
{tables}
"""
USUAL = {
    "file": "absences.csv", "map": "", "id": "Id", "start": "From", "end": "To", "columns": 'hours = "Lost"',
    "tables": "",
}  # fmt: skip


def lay_out(folder: Path, trap: Mapping[str, Any]) -> Agency:
    """A home with the roster and the trap's one file."""
    agency = Agency(folder)
    for path in agency.folder.iterdir():
        path.unlink()
    asked = {key: trap.get(key, usual) for key, usual in USUAL.items()}
    days = 'start_date = "{start}"\nend_date = "{end}"'.format(**asked)
    asked["days"] = "" if trap.get("is_grid") else days
    agency.map(MAPPING.format(**asked))
    agency.put("staff.csv", ROSTER)
    write(agency.folder / asked["file"], trap)
    return agency


def write(path: Path, trap: Mapping[str, Any]) -> None:
    if trap.get("as_text"):
        path.write_text(trap["text"], encoding="utf-8")
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in trap["members"].items():
                archive.writestr(name, content(name, text))
    else:
        path.write_bytes(content(path.name, trap["text"], trap.get("encoding", "utf-8")))


def content(name: str, text: str, encoding: str = "utf-8") -> bytes:
    """The bytes of a file of a name's kind that holds the table of a text."""
    if not name.endswith((".xlsx", ".parquet", ".zip")):
        return text.encode(encoding)
    rows = list(csv.reader(io.StringIO(text)))
    made = io.BytesIO()
    if name.endswith(".xlsx"):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(made)
    elif name.endswith(".parquet"):
        header, *data = rows
        pq.write_table(pa.table({name: [row[n] for row in data] for n, name in enumerate(header)}), made)
    else:
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("absences.csv", text)
    return made.getvalue()


@pytest.mark.parametrize("trap", TRAPS, ids=[trap["trap"] for trap in TRAPS])
def test_the_door_says_what_the_table_says(tmp_path: Path, trap: Mapping[str, Any]) -> None:
    agency = lay_out(tmp_path, trap)
    if "refused" in trap:
        with pytest.raises(BadExport) as refused:
            agency.ingest()
        assert trap["refused"] in str(refused.value)
        assert not agency.home.warehouse.exists() or not any(agency.stored().values())
        return
    report = by_name(agency.ingest())[trap.get("file", USUAL["file"])]
    found = agency.stored()["absences"]
    assert (report.rows_accepted, dict(report.by_rule)) == (trap["accepted"], trap.get("set_aside", {}))
    assert len(found) == trap["accepted"]
    assert sum((row[5] for row in found), Decimal(0)) == Decimal(str(trap["hours"]))


def test_there_are_traps_enough_and_each_is_told_once() -> None:
    names = [trap["trap"] for trap in TRAPS]
    assert len(names) == len(set(names)) >= 60
