"""What snapshots say, of many invented people and of a public file, is what the spells made of them say."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_folder import KEY, Agency
from test_snapshots import COLUMNS, HEADER

from pipelines.pseudonyms import Pseudonyms

DAYS = [date(2026, month, 15) for month in range(1, 7)]
BARE = """
[exports.staff]
file = "*.csv"
shape = "snapshot"
snapshots = [{days}]
snapshot_date = "As of"
covers = ["2026-01", "2026-06"]
[exports.staff.columns]
person_id = "Id"
unit_id = "Unit"
weekly_hours = "Hours"
[exports.staff.constants]
role = "worker"
is_supervisor = "false"
"""
Said = dict[tuple[str, date], list[tuple[str, str]]]


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["p1", "p2", "p3"]), st.sampled_from(DAYS)),
        st.lists(
            st.tuples(st.sampled_from(["U1", "U2"]), st.sampled_from(["20", "30.5"])),
            min_size=1,
            max_size=2,
            unique_by=lambda contract: contract[0],
        ),
        max_size=18,
    ),
    st.randoms(use_true_random=False),
)
def test_on_the_day_of_a_snapshot_just_those_contracts_are_in_force_that_it_says(
    tmp_path_factory: pytest.TempPathFactory, said: Said, dice: Random
) -> None:
    said = said | {("steady", day): [("U1", "10")] for day in DAYS}
    rows = [(person, *each, str(day)) for (person, day), found in said.items() for each in found]
    dice.shuffle(rows)
    agency = Agency.empty(
        tmp_path_factory.mktemp("shots"), BARE.format(days=", ".join(f'"{day}"' for day in DAYS))
    )
    agency.put("b.csv", "Id,Unit,Hours,As of\n" + "".join(",".join(row) + "\n" for row in rows[::2]))
    agency.put("a.csv", "Id,Unit,Hours,As of\n" + "".join(",".join(row) + "\n" for row in rows[1::2]))
    assert all(file.rows_set_aside == 0 for file in agency.ingest().files)
    found = agency.stored()["staff"]
    names = {Pseudonyms(KEY).of(person): person for person in ("p1", "p2", "p3", "steady")}
    for day in DAYS:
        there = [row for row in found if row[5] <= day and (row[6] is None or row[6] >= day)]
        assert sorted((names[row[2]], row[3], f"{row[7].normalize():f}") for row in there) == sorted(
            (person, *each) for (person, when), contracts in said.items() if when == day for each in contracts
        )


REAL = Path(__file__).parents[3] / "shared" / "data" / "hrdataset_v14" / "HRDataset_v14.csv"


def of_us(text: str) -> date | None:
    return datetime.strptime(text, "%m/%d/%Y").date() if text else None


def test_what_yearly_snapshots_of_a_public_file_say_is_what_it_says_itself(tmp_path: Path) -> None:
    """The file is a list of everybody ever hired; a snapshot of it knows no leaving that was yet to come."""
    if not REAL.exists():
        pytest.skip("the public data set hrdataset_v14 is not in shared/data beside the repository")
    with REAL.open(encoding="utf-8-sig") as file:
        people = {
            row["EmpID"].strip(): (of_us(row["DateofHire"].strip()), of_us(row["DateofTermination"].strip()))
            for row in csv.DictReader(file)
        }
    days = [date(year, 12, 31) for year in range(2010, 2019)]
    listed = "\n".join(f'"h-{day.year}.csv" = {day}' for day in days)
    agency = Agency.empty(
        tmp_path,
        f'[exports.staff]\nfile = "h-*.csv"\nshape = "snapshot"\ncovers = ["2010-12", "2018-12"]\n'
        f"[exports.staff.snapshots]\n{listed}\n{COLUMNS.replace('false', 'true')}",
    )
    for day in days:
        known = {who: (hired, left) for who, (hired, left) in people.items() if hired and hired <= day}
        rows = [
            f"{who},U1,w,37.5,{hired},{left if left and left <= day else ''}"
            for who, (hired, left) in known.items()
        ]
        agency.put(f"h-{day.year}.csv", "\n".join([HEADER, *rows]) + "\n")
    assert all(file.rows_set_aside == 0 for file in agency.ingest().files)
    names = {Pseudonyms(KEY).of(who): who for who in people}
    found = {names[row[2]]: (row[5], row[6]) for row in agency.stored()["staff"]}
    assert found == {
        who: (hired, left if left and left <= days[-1] else None)
        for who, (hired, left) in people.items()
        if hired and hired <= days[-1]
    }
    assert len(found) == len(agency.stored()["staff"]) > 300
