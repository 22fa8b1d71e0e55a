"""Nothing of an export's cells is found outside ``protected/``, nor in Prefect's database, logs or errors.

Every mapped column, and one that is not mapped, holds a text or number found nowhere else; the main job
and its failures are then run, and every byte that was written or printed is searched.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tiny_agency import TinyAgency

PERSON, ROLE, NAME = "CANARYPERSON77", "CANARYROLE88", "CANARYNAME99"
HOURS, START, LAST = "31.8125", "1987-11-23", "2026-02-17"
CANARIES = (
    PERSON, ROLE, NAME, HOURS, START,
    "CANARYKIND", "CANARYREASON", "CANARYUNIT", "CANARYCASES", "CANARYSTRANGER",
)  # fmt: skip
CASES_AND_EXPOSURE = """
[exports.caseload]
file = "caseload.csv"
covers = ["2026-01", "2026-03"]
[exports.caseload.columns]
person_id = "Who"
date = "Day"
open_cases = "Open"
trauma_cases = "Trauma"
[exports.exposure]
file = "exposure.csv"
covers = ["2026-01", "2026-03"]
[exports.exposure.columns]
person_id = "Who"
date = "Day"
direct_hours = "Direct"
indirect_hours = "Indirect"
critical_incidents = "Calls"
"""


def spoiled(root: Path) -> TinyAgency:
    agency = TinyAgency.at(root)
    staff = agency.files["exports/staff.csv"].replace("Person,Unit", "Person,Name,Unit", 1)
    head, *rows = staff.splitlines()
    rows = [row.replace(",", ",x,", 1) for row in rows]
    rows.append(f"{PERSON},{NAME},NORTH,{ROLE},{START},,{HOURS},N")
    rows.append(f"{PERSON},{NAME},CANARYUNIT,{ROLE},{START},,{HOURS},N")
    agency.files["exports/staff.csv"] = "\n".join([head, *rows, ""])
    agency.files["exports/leavers.csv"] += f"{PERSON},{LAST},voluntary\n{PERSON},{LAST},CANARYREASON\n"
    agency.files["exports/absences.csv"] += (
        f"{PERSON},2026-01-12,2026-01-16,{HOURS},sickness\n"
        f"{PERSON},2026-03-12,2026-03-10,{HOURS},CANARYKIND\n"
    )
    agency.files["config/mapping.toml"] += CASES_AND_EXPOSURE
    agency.files["exports/caseload.csv"] = (
        f"Who,Day,Open,Trauma\n{PERSON},2026-01-31,487,263\n{PERSON},2026-02-28,CANARYCASES,1\n"
    )
    agency.files["exports/exposure.csv"] = (
        f"Who,Day,Direct,Indirect,Calls\n{PERSON},2026-01-01,{HOURS},{HOURS},1\nCANARYSTRANGER,2026-01-01,1,1,1\n"
    )
    return agency


def found(text: bytes) -> list[str]:
    return [canary for canary in CANARIES if canary.encode() in text]


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> TinyAgency:
    return spoiled(tmp_path_factory.mktemp("canaries")).begin()


@pytest.fixture(scope="module")
def runs(agency: TinyAgency) -> list[subprocess.CompletedProcess[str]]:
    """The main job; then one whose warehouse step fails with an error of another make."""
    good = agency.leeward("run", str(agency.exports))
    assert good.returncode == 0, good.stderr
    warehouse = agency.home / "protected" / "warehouse.duckdb"
    kept = warehouse.read_bytes()
    warehouse.write_bytes(b"no database " + PERSON.encode())
    broken = agency.leeward("run", str(agency.exports))
    assert broken.returncode != 0
    warehouse.write_bytes(kept)
    return [good, broken, agency.leeward("ingest", str(agency.exports), "--dry-run")]


def test_nothing_is_printed(runs: list[subprocess.CompletedProcess[str]]) -> None:
    for run in runs:
        assert not found((run.stdout + run.stderr).encode()), run.args
        assert "Traceback" not in run.stderr


def test_nothing_lies_outside_the_protected_zone(
    agency: TinyAgency, runs: list[subprocess.CompletedProcess[str]]
) -> None:
    outside = [
        path
        for path in agency.root.rglob("*")
        if path.is_file()
        and not path.is_relative_to(agency.home / "protected")
        and not path.is_relative_to(agency.exports)
    ]
    assert len(outside) > 20
    assert {str(path): found(path.read_bytes()) for path in outside if found(path.read_bytes())} == {}


def test_nothing_lies_in_prefects_database_or_logs(
    agency: TinyAgency, runs: list[subprocess.CompletedProcess[str]]
) -> None:
    files = [path for path in (agency.home / "protected" / "prefect").rglob("*") if path.is_file()]
    assert any(path.name.startswith("prefect.db") for path in files)
    assert {str(path): found(path.read_bytes()) for path in files if found(path.read_bytes())} == {}


def test_ids_are_not_in_the_warehouse_either(
    agency: TinyAgency, runs: list[subprocess.CompletedProcess[str]]
) -> None:
    warehouse = (agency.home / "protected" / "warehouse.duckdb").read_bytes()
    assert PERSON.encode() not in warehouse and NAME.encode() not in warehouse


def test_the_search_itself_finds_a_canary(agency: TinyAgency) -> None:
    assert found((agency.exports / "staff.csv").read_bytes())


def test_rows_set_aside_are_named_by_line_and_rule_alone(
    agency: TinyAgency, runs: list[subprocess.CompletedProcess[str]]
) -> None:
    aside = b"".join(path.read_bytes() for path in (agency.home / "protected" / "set_aside").iterdir())
    assert b"unknown-unit" in aside and not found(aside)
