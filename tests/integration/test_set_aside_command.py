"""From the command line: what a dry run tells; rows set aside come out, are mended and come in again."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_agency import TinyAgency

# One process for all commands: Prefect's server starts once.
COMMANDS = """
import json, sys
from pipelines.cli import main
for line in sys.stdin:
    print("exit", main(json.loads(line)), flush=True)
"""
CANARIES = ("Canary01", "Canary02", "Canary03", "2026-02-31", "7771.25")
ROWS = [
    "Canary01,2026-02-02,2026-02-06,7771.25,sickness",
    "Canary02,2026-03-02,2026-02-31,7.5,sickness",
    "Canary03,2026-03-02,2026-03-02,7.5,sickness",
]


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> TinyAgency:
    agency = TinyAgency.at(tmp_path_factory.mktemp("mending"))
    agency.files["exports/absences.csv"] += "\n".join([*ROWS, ""])
    agency.files["exports/staff.csv"] += "".join(
        f"{person},NORTH,Case worker,2025-01-01,,37.5,N\n" for person in CANARIES[:2]
    )
    return agency.write()


class Terminal:
    """Runs commands of an agency; each must go well, and say no value and no id."""

    def __init__(self, agency: TinyAgency) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMANDS],
            env=agency.environment, cwd=agency.root, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def leeward(self, *command: str) -> str:
        assert self.process.stdin and self.process.stdout
        print(json.dumps(command), file=self.process.stdin, flush=True)
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith("exit "):
                break
        text = "".join(said)
        assert text.endswith("exit 0\n"), text
        assert not any(canary in text for canary in CANARIES)
        return text


@pytest.fixture
def terminal(agency: TinyAgency) -> Iterator[Terminal]:
    terminal = Terminal(agency)
    yield terminal
    try:
        terminal.process.communicate(timeout=60)  # ends by itself, and Prefect's server with it
    finally:
        terminal.process.kill()


def test_rows_set_aside_make_the_whole_round(agency: TinyAgency, terminal: Terminal) -> None:
    exports, protected = str(agency.exports), agency.home / "protected"
    terminal.leeward("init", "--from", str(agency.root / "config"))
    tried = terminal.leeward("ingest", exports, "--dry-run")
    assert "format, end_date: 1 rows, first line 23: no date of the form %Y-%m-%d (set-aside)" in tried
    assert "hours-beyond-days, hours: 1 rows, first line 22" in tried and "protected" not in tried

    loaded = terminal.leeward("ingest", exports)
    assert f"as a page: {protected / 'ingest-report.html'}" in loaded
    written = terminal.leeward("set-aside", "export", exports)
    (sheet,) = (protected / "set_aside" / "sheets").iterdir()
    assert f"absences.csv: 3 rows set aside; {sheet}" in written

    mend(sheet)
    mended = terminal.leeward("set-aside", "load", str(sheet), exports)
    assert "3 mended rows stand for those of absences.csv" in mended
    assert "absences.csv: rechecked, 22 of 23 rows accepted; set aside: unknown-person 1" in mended
    assert "unchanged, nothing loaded" in terminal.leeward("set-aside", "load", str(sheet), exports)
    assert "absences.csv: 1 rows set aside" in terminal.leeward("set-aside", "export", exports)
    listed = (protected / "set_aside" / sheet.name).read_text()
    assert "unknown-person" in listed and listed.count("\n") == 2
    check_nothing_kept_a_value(protected)


def mend(sheet: Path) -> None:
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][6], rows[2][5] = "37.5", "2026-03-02"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def check_nothing_kept_a_value(protected: Path) -> None:
    """The page, the list and Prefect's database hold no value and no id; the artifact is there."""
    kept = [protected / "ingest-report.html", *(protected / "set_aside").glob("*.csv")]
    kept += [path for path in (protected / "prefect").rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in kept)
    assert not [canary for canary in CANARIES if canary.encode() in content]
    with sqlite3.connect(protected / "prefect" / "prefect.db") as database:
        rows = database.execute("select data from artifact where key = 'ingest'").fetchall()
    counts = [count for (data,) in rows for count in json.loads(json.loads(data))]
    assert {"export": "absences", "file": "absences.csv", "rule": "format", "rows": 1} in counts
