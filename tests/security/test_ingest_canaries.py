"""Canaries: ids, names and values planted in every export never leave protected/, nor any message."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.home import Home
from pipelines.warehouse import connect

ID, NAME, WORD, NUMBER, DAY = "CANARYID77", "CANARYNAME77", "CANARYWORD77", "7731773", "2077-03-31"
CANARIES = (ID, NAME, WORD, NUMBER, DAY)
TABLES = {
    "staff": ("unit_id", "role", "start_date", "end_date", "weekly_hours", "is_supervisor"),
    "separations": ("date", "reason"),
    "absences": ("start_date", "end_date", "hours", "kind"),
    "caseload": ("date", "open_cases", "trauma_cases"),
    "exposure": ("date", "direct_hours", "indirect_hours", "critical_incidents"),
}
GOOD = {
    "unit_id": "U1", "role": "worker", "start_date": "2026-01-05", "end_date": "2026-01-06",
    "weekly_hours": "37.5", "is_supervisor": "false", "date": "2026-01-05", "reason": "other",
    "hours": "8", "kind": "other",
    "open_cases": "3", "trauma_cases": "1", "direct_hours": "5", "indirect_hours": "2",
    "critical_incidents": "0",
}  # fmt: skip
PLANTS = {"date": (DAY, WORD), "hours": (NUMBER, WORD), "cases": (NUMBER, WORD), "incidents": (NUMBER, WORD)}
RUN = """
import sys
from datetime import date
from pathlib import Path
from pipelines.home import Home
from pipelines.ingest import ingest
from privacy.errors import Refusal
dry = {"dry_run": True, "check": lambda *_: ()} if sys.argv[3] == "dry" else {}
try:
    report = ingest(Home(Path(sys.argv[1])), Path(sys.argv[2]), known_units=frozenset({"U1"}),
                    today=date(2026, 4, 1), **dry)
    print(report)
except Refusal as refusal:
    print(refusal, repr(refusal), file=sys.stderr)
    raise
"""


def plants(column: str) -> tuple[str, ...]:
    """What is planted in a column: for dates and numbers one that parses and one that does not."""
    return next((values for ending, values in PLANTS.items() if column.endswith(ending)), (WORD,))


def rows(columns: tuple[str, ...]) -> list[list[str]]:
    """A good row, then one row for each column and plant, for a known and an unknown person."""
    good = [GOOD[column] for column in columns]
    lines = [good]
    for place, column in enumerate(columns):
        lines += [[*good[:place], plant, *good[place + 1 :]] for plant in plants(column)]
    return [[person, NAME, *line] for person in (ID, ID + "X") for line in lines]


def write(root: Path, ending: str = "") -> tuple[Home, Path]:
    home, folder = Home(root / "home"), root / "exports"
    home.make_folders()
    folder.mkdir()
    mapping = ""
    for export, columns in TABLES.items():
        lines = [["Id", "Full name", *columns], *rows(columns)]
        text = "\n".join(",".join(line) for line in lines) + "\n" + ending
        (folder / f"{export}.csv").write_text(text, encoding="utf-8")
        mapping += f'[exports.{export}]\nfile = "{export}.csv"\ncovers = ["2026-01", "2026-03"]\n'
        mapping += f'[exports.{export}.columns]\nperson_id = "Id"\n'
        mapping += "".join(f'{column} = "{column}"\n' for column in columns)
    home.mapping.write_text(mapping)
    return home, folder


def run(home: Home, folder: Path, how: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-W", "default", "-c", RUN, str(home.root), str(folder), how],
        capture_output=True,
        check=False,
    )


def canaries_in(content: bytes) -> list[str]:
    return [canary for canary in CANARIES if canary.encode() in content]


def assert_nothing_leaks(home: Home, done: subprocess.CompletedProcess[bytes]) -> None:
    assert canaries_in(done.stdout) == [] and canaries_in(done.stderr) == []
    for path in home.root.rglob("*"):
        if path.is_file() and home.protected not in path.parents:
            assert canaries_in(path.read_bytes()) == [], path.name


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, subprocess.CompletedProcess[bytes]]:
    home, folder = write(tmp_path_factory.mktemp("canaries"))
    return home, run(home, folder, "real")


def test_nothing_planted_leaves_the_protected_zone(
    ingested: tuple[Home, subprocess.CompletedProcess[bytes]],
) -> None:
    home, done = ingested
    assert done.returncode == 0, done.stderr.decode()
    assert b"set_aside" in done.stdout and b"DataWarning" in done.stdout
    assert_nothing_leaks(home, done)


def test_a_dry_run_tells_nothing_planted_either(tmp_path: Path) -> None:
    home, folder = write(tmp_path)
    done = run(home, folder, "dry")
    assert done.returncode == 0, done.stderr.decode()
    assert_nothing_leaks(home, done)


def test_set_aside_rows_hold_no_planted_value_and_no_file_an_id_or_a_name(
    ingested: tuple[Home, subprocess.CompletedProcess[bytes]],
) -> None:
    home, _ = ingested
    found = {path.name: path.read_bytes() for path in home.protected.rglob("*") if path.is_file()}
    assert home.warehouse.name in found and any(name.endswith(".csv") for name in found)
    for name, content in found.items():
        assert ID.encode() not in content and NAME.encode() not in content
        assert not name.endswith(".csv") or canaries_in(content) == []


def test_every_person_in_the_warehouse_is_a_keyed_hash(
    ingested: tuple[Home, subprocess.CompletedProcess[bytes]],
) -> None:
    with connect(ingested[0]) as warehouse:
        for table in TABLES:
            people = {row[2] for row in warehouse.table(table).fetchall()}
            assert people and all(re.fullmatch("[0-9a-f]{64}", person) for person in people)


@pytest.mark.parametrize(
    "ending",
    [f"{ID},{NAME}\n", f'"{ID},{NAME}', f'"{ID}"{NAME},{WORD}\n', f"{ID}\0,{NAME}\n"],
    ids=["ragged", "unclosed", "broken-quote", "nul"],
)
def test_a_refused_file_is_told_without_its_content(tmp_path: Path, ending: str) -> None:
    home, folder = write(tmp_path, ending)
    done = run(home, folder, "real")
    assert done.returncode != 0 and b"BadExport" in done.stderr
    assert_nothing_leaks(home, done)
