"""Months come late, newest first, with gaps or half: each is measured once, when all it needs is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from house import PLAN, House, with_plan
from noise_free import Exact
from signatories import SECOND, TESTER
from tiny_agency import TinyAgency

TWO_SIGN = "plan = 2"
MONTHS = ("2026-01", "2026-02", "2026-03")
SEPARATIONS, ABSENCES = "left", "absent_hours"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> House:
    """A signed plan; of the exports only what a test puts there is covered."""
    return with_plan(House.begun(tmp_path, monkeypatch, capsys, TWO_SIGN))


def declare(agency: TinyAgency, covers: Mapping[str, str]) -> None:
    lines = [f"{export} = {months}" for export, months in covers.items()]
    (agency.exports / "manifest.toml").write_text("\n".join(["[covers]", *lines, ""]), encoding="utf-8")


def covering(months: str, **other: str) -> dict[str, str]:
    return {"staff": months, "separations": months, "absences": months, **other}


def drawn(house: House, measure: str) -> list[str]:
    """The months of a measure in the order in which they were drawn, each as often as it was."""
    levels = [m for m in house.records.measurements if m.item.measure == measure]
    return [str(m.period) for m in levels if m.level == "organisation"]


def totals(house: House, measure: str, level: str) -> dict[str, Mapping[str, int]]:
    """What was drawn of a measure without noise, by month and group."""
    found = [m for m in house.records.measurements if m.item.measure == measure and m.level == level]
    return {str(m.period): m.values for m in found}


def test_half_arrived_months_are_not_measured_and_late_exports_are_measured_once(house: House) -> None:
    declare(house.agency, covering('["2026-01", "2026-03"]', separations='["2026-01", "2026-02"]'))
    house.measures()
    assert drawn(house, ABSENCES) == list(MONTHS) and drawn(house, SEPARATIONS) == list(MONTHS[:2])
    before = house.records.measurements
    declare(house.agency, covering('["2026-01", "2026-03"]'))
    house.measures()
    assert drawn(house, ABSENCES) == list(MONTHS) and drawn(house, SEPARATIONS) == list(MONTHS)
    assert house.records.measurements[: len(before)] == before


def test_a_month_missing_between_others_is_measured_when_it_comes(house: House) -> None:
    gap = '[["2026-01", "2026-01"], ["2026-03", "2026-03"]]'
    declare(house.agency, covering(gap))
    report = house.measures()
    assert {file.covers for file in report.files} == {"2026-01 to 2026-03 without 2026-02"}
    assert drawn(house, ABSENCES) == drawn(house, SEPARATIONS) == ["2026-01", "2026-03"]
    declare(house.agency, covering('["2026-01", "2026-03"]'))
    house.measures()
    assert drawn(house, ABSENCES) == drawn(house, SEPARATIONS) == ["2026-01", "2026-03", "2026-02"]


def test_months_that_come_newest_first_hold_the_same_as_months_in_order(house: House) -> None:
    """A file a month, each alone in the folder; the cut runs in the order of measurement and binds nobody."""
    mapping = house.home.mapping
    mapping.write_text(mapping.read_text().replace('"absences.csv"', '"absences*.csv"'))
    whole = (house.agency.exports / "absences.csv").read_text()
    header, rows = whole.split("\n", 1)
    (house.agency.exports / "absences.csv").unlink()
    everybody = '["2026-01", "2026-03"]'
    for month in reversed(MONTHS):
        of_month = "".join(row + "\n" for row in rows.splitlines() if f",{month}" in row)
        path = house.agency.exports / f"absences {month}.csv"
        path.write_text(f"{header}\n{of_month or 'P000,' + month + '-01,' + month + '-01,0,sickness'}\n")
        declare(house.agency, covering(everybody, absences=f'["{month}", "{month}"]'))
        house.measures(Exact())
        path.unlink()
    assert drawn(house, ABSENCES) == list(reversed(MONTHS))
    assert totals(house, ABSENCES, "organisation")["2026-02"] == {"ORG": 20 * 150}


def test_what_comes_after_its_month_was_charged_is_told_and_draws_nothing(house: House) -> None:
    house.measures()
    before = house.records.measurements
    absences = house.agency.exports / "absences.csv"
    absences.write_text(absences.read_text() + "P001,2026-01-05,2026-01-09,37.5,sickness\n")
    late = {file.file_name: file for file in house.measures().files if file.status == "replaced"}
    assert set(late) == {"absences.csv"} and late["absences.csv"].charged_months == MONTHS
    assert house.records.measurements == before


MERGED = """unit_id,name,parent_id,authorised_posts,service_line,valid_from,valid_to,successor_id
ORG,Tiny House,,0,support,2026-01-01,,
NORTH,North,ORG,60,family,2026-01-01,2026-02-28,BOTH
SOUTH,South,ORG,60,family,2026-01-01,2026-02-28,BOTH
BOTH,North and South,ORG,120,family,2026-03-01,,
"""


def test_merged_units_count_together_from_the_day_of_the_signed_register(house: House) -> None:
    """The export still says the old ids; the months before keep the groups of their time."""
    declare(house.agency, covering('["2026-01", "2026-02"]'))
    house.measures(Exact())
    house.home.register.write_text(MERGED, encoding="utf-8")
    for name in (TESTER, SECOND):
        house.signs(name, *PLAN)
    declare(house.agency, covering('["2026-01", "2026-03"]'))
    house.measures(Exact())
    by_month = totals(house, "employed", "division")
    assert by_month["2026-02"] == {"NORTH": 50, "SOUTH": 50, "ORG:direct": 0}
    assert by_month["2026-03"] == {"BOTH": 100, "ORG:direct": 0}
