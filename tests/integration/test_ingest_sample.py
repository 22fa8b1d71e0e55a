"""The committed sample exports come through the door; only rows broken on purpose stay out."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path

from ingest_folder import no_checks

from pipelines.home import Home
from pipelines.ingest import ingest

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
BROKEN_ON_PURPOSE = 12


def test_the_sample_loads_but_for_its_rows_broken_on_purpose(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make_folders()
    shutil.copy(SAMPLE / "mapping.toml", home.mapping)
    with (SAMPLE / "register.csv").open(encoding="utf-8") as file:
        units = frozenset(row["unit_id"] for row in csv.DictReader(file))
    report = ingest(home, SAMPLE / "exports", known_units=units, today=date(2026, 8, 5), check=no_checks)
    assert {file.export for file in report.files} == {
        "staff",
        "separations",
        "absences",
        "caseload",
        "exposure",
    }
    assert sum(file.rows_set_aside for file in report.files) == BROKEN_ON_PURPOSE
