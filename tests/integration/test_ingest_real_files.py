"""Public HR files come through the same door with the mappings kept in the project, to known answers."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from ingest_folder import no_checks

from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.ingest_report import IngestReport
from pipelines.warehouse import connect

ROOT = Path(__file__).parents[2]
MAPPINGS, SHARED = ROOT / "data" / "mappings", ROOT.parent / "shared" / "data"


def units_of(name: str) -> list[dict[str, str]]:
    with (MAPPINGS / name / "register.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def take_in(name: str, root: Path) -> tuple[Home, IngestReport]:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the public data set {name} is not beside the repository, in shared/data")
    home = Home(root)
    home.make_folders()
    shutil.copy(MAPPINGS / name / "mapping.toml", home.mapping)
    units = frozenset(row["unit_id"] for row in units_of(name))
    return home, ingest(home, folder, known_units=units, today=date(2026, 11, 1), check=no_checks)


def rows(home: Home, query: str) -> list[tuple]:
    with connect(home) as warehouse:
        return warehouse.execute(query).fetchall()


def test_hrdataset_gives_its_known_people_and_leavers(tmp_path: Path) -> None:
    facts = json.loads((SHARED / "hrdataset_v14" / "facts.json").read_text()) if SHARED.is_dir() else {}
    home, report = take_in("hrdataset_v14", tmp_path)
    staff, separations = report.files
    assert (staff.rows_read, staff.rows_accepted) == (facts["rows"], 311)
    assert (separations.rows_accepted, dict(separations.by_rule)) == (facts["terminated"], {"skipped": 207})
    reasons = dict(rows(home, "select reason, count(*) from separations group by reason"))
    assert reasons == {"voluntary": facts["voluntary"], "involuntary": facts["for_cause"]}


def test_hrdataset_opens_and_closes_each_year_with_the_known_head_count(tmp_path: Path) -> None:
    home, _ = take_in("hrdataset_v14", tmp_path)
    facts = json.loads((SHARED / "hrdataset_v14" / "facts.json").read_text())
    spells = rows(home, "select start_date, end_date from staff")
    leavings = [day for (day,) in rows(home, "select date from separations")]
    for year, known in facts["by_year"].items():
        last = date(int(year), 12, 31)
        in_post = sum(start <= last and (end is None or end > last) for start, end in spells)
        left = sum(day.year == int(year) for day in leavings)
        assert (in_post, left) == (known["close"], known["sep"])


def test_viva_gives_a_row_for_each_person_and_week(tmp_path: Path) -> None:
    home, report = take_in("viva_insights", tmp_path)
    staff, exposure = report.files
    assert (staff.rows_read, staff.rows_accepted, staff.rows_collapsed) == (10_500, 300, 10_200)
    assert (exposure.rows_accepted, exposure.rows_set_aside) == (300 * 35, 0)
    assert rows(home, "select count(distinct person), count(distinct date) from exposure") == [(300, 35)]
    assert rows(home, "select distinct dayname(date) from exposure") == [("Sunday",)]
    assert rows(home, "select grain, week_date from load where export = 'exposure'") == [("week", "start")]


@pytest.mark.parametrize("name", ["hrdataset_v14", "viva_insights"])
def test_the_hand_written_registers_hold_round_posts_and_one_root(name: str) -> None:
    units = units_of(name)
    assert [unit["unit_id"] for unit in units if not unit["parent_id"]] == ["ORG"]
    assert {unit["parent_id"] for unit in units[1:]} == {"ORG"}
    assert all(int(unit["authorised_posts"]) % 5 == 0 for unit in units)
