"""Rows set aside come out as a sheet, are mended and come in again; what stays wrong stays set aside."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ingest_folder import FILES, Agency, by_name

from pipelines.mended import MENDED
from pipelines.mending import store_mended, write_sheets
from pipelines.people import erase, join, rotate_key
from privacy.errors import BadExport

ABSENCES = """Id,Name,From,To,Lost
p1,=1+1,2026-01-05,2026-01-06,15
p1,Canary,2026-01-06,2026-01-07,15
p2,Canary,2026-01-05,2026-01-04,8
p9,Canary,2026-01-05,2026-01-05,=8
"""
Rows = list[list[str]]


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    agency = Agency(tmp_path)
    agency.put("absence 1.csv", ABSENCES)
    (agency.folder / "absence 2.csv").unlink()
    agency.ingest()
    return agency


def sheet_of(agency: Agency, file: str = "absence 1.csv") -> Path:
    path = next(s.path for s in write_sheets(agency.home, agency.folder) if s.file_name == file)
    assert path is not None
    return path


def mend(path: Path, change: Callable[[Rows], object], delimiter: str = ",") -> Path:
    """Save a sheet as a spreadsheet would after a change of its rows."""
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    change(rows)
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    mended = path.parent.parent.parent / "mended.csv"
    mended.write_text(text.getvalue(), encoding="utf-8", newline="")
    return mended


def put(row: int, column: int, text: str) -> Callable[[Rows], object]:
    return lambda rows: rows[row].__setitem__(column, text)


def aside(agency: Agency) -> list[tuple[int, str]]:
    return [
        (line, rule) for load, line, rule, *_ in agency.stored()["set_aside"] if load == absence_load(agency)
    ]


def absence_load(agency: Agency) -> int:
    return next(row[0] for row in agency.stored()["load"] if row[2] == "absence 1.csv")


def test_a_sheet_holds_what_the_mapping_reads_of_the_rows_set_aside_and_why(agency: Agency) -> None:
    path = sheet_of(agency)
    header, *rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
    assert header == ["load", "row", "line", "Id", "From", "To", "Lost", "rule", "column", "reason"]
    assert all(row[1].startswith("r") for row in rows), "no number, as a spreadsheet would make of digits"
    assert [row[2:8] for row in rows] == [
        ["3", "p1", "2026-01-06", "2026-01-07", "15", "overlap"],
        ["4", "p2", "2026-01-05", "2026-01-04", "8", "end-before-start"],
        ["5", "p9", "2026-01-05", "2026-01-05", "'=8", "format"],
    ]
    assert "Canary" not in path.read_text(encoding="utf-8")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert path.is_relative_to(agency.home.protected)


def test_mended_rows_count_and_leave_the_list_and_the_others_stay_with_the_new_reason(agency: Agency) -> None:
    def change(rows: Rows) -> None:
        rows[2][5] = "2026-01-05"
        rows[3][6] = "8"
        del rows[1]

    mended = mend(sheet_of(agency), change)
    assert store_mended(agency.home, mended)[1] == 2
    file = by_name(agency.ingest())["absence 1.csv"]
    assert (file.status, file.rows_accepted, file.rows_mended) == ("rechecked", 2, 2)
    assert aside(agency) == [(3, "overlap"), (5, "unknown-person")]
    before = agency.stored()
    store_mended(agency.home, mended)
    assert agency.ingest().is_unchanged and agency.stored() == before
    (_, row) = sorted(agency.stored()["absences"], key=lambda row: row[1])
    assert (row[1], str(row[3]), str(row[4]), row[5]) == (4, "2026-01-05", "2026-01-05", 8)


def test_a_row_may_be_mended_again_and_what_is_mended_survives_another_way_of_reading(agency: Agency) -> None:
    sheet = sheet_of(agency)
    store_mended(agency.home, mend(sheet, put(2, 5, "2026-13-05")))
    agency.ingest()
    assert (4, "format") in aside(agency)
    store_mended(agency.home, mend(sheet, put(2, 5, "2026-01-08"), delimiter=";"))
    agency.ingest()
    assert 4 not in dict(aside(agency))
    mapping = agency.home.mapping.read_text()
    agency.map(mapping + '[exports.absences.rules]\noverlap = "keep"\n')
    agency.ingest()
    assert dict(aside(agency)).keys() == {5}


def test_a_mended_row_stands_as_long_as_its_own_row_does_wherever_that_stands(agency: Agency) -> None:
    sheet = sheet_of(agency)
    store_mended(agency.home, mend(sheet, put(2, 5, "2026-01-05")))
    agency.ingest()
    header, first, *others = ABSENCES.splitlines()
    agency.put("absence 1.csv", "\n".join([header, "p1,,2026-03-02,2026-03-02,7", first, *others]) + "\n")
    file = by_name(agency.ingest())["absence 1.csv"]
    assert (file.rows_mended, file.mended_gone, file.by_rule.get("end-before-start")) == (3, 0, None)
    agency.change("absence 1.csv", "2026-01-04,8", "2026-01-04,9")
    file = by_name(agency.ingest())["absence 1.csv"]
    assert (file.rows_mended, file.mended_gone, file.by_rule["end-before-start"]) == (2, 1, 1)
    assert agency.ingest().is_unchanged
    assert store_mended(agency.home, mend(sheet, put(2, 5, "2026-01-05"))).left_out == (4,)


WRONG: list[tuple[Callable[[Rows], object], str]] = [
    (put(1, 2, "4"), "line 4 of the file 2 times"),
    (put(1, 2, "-4"), "is no sheet of what is stored now"),
    (put(1, 0, "77"), "is no sheet of what is stored now"),
    (put(1, 1, "0" * 15), "is no sheet of what is stored now"),
    (put(0, 3, "Name"), "is no sheet of what is stored now"),
    (lambda rows: rows[2].pop(), "is no sheet of what is stored now"),
    (lambda rows: rows.clear(), "is no sheet of what is stored now"),
    (put(1, 4, "\0"), "holds a NUL byte"),
]


@pytest.mark.parametrize(("change", "words"), WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_a_sheet_that_does_not_fit_is_one_sentence_and_changes_nothing(
    agency: Agency, change: Callable[[Rows], object], words: str
) -> None:
    mended = mend(sheet_of(agency), change)
    before = agency.stored()
    with pytest.raises(BadExport, match=words) as refused:
        store_mended(agency.home, mended)
    assert not {"p1", "p2", "p9"} & set(str(refused.value).split())
    assert agency.stored() == before


@pytest.mark.parametrize(
    "change",
    [put(2, 3, "p1"), put(2, 3, "p9"), put(2, 3, ""), put(2, 1, "r" + "0" * 16)],
    ids=["another person", "nobody of the roster", "nobody", "another row"],
)
def test_whose_a_row_is_no_sheet_can_change(agency: Agency, change: Callable[[Rows], object]) -> None:
    """Else the figures of whom it is said to be would hang on the records of whom the file says."""
    loaded = store_mended(agency.home, mend(sheet_of(agency), change))
    assert (loaded.rows, loaded.left_out) == (2, (4,))


def test_a_row_of_nobody_is_mended_in_the_file_alone(agency: Agency) -> None:
    """Several that say the same could not be told apart once the file names one of them."""
    agency.put("absence 1.csv", ABSENCES.replace("p2,", ","))
    agency.ingest()
    assert store_mended(agency.home, sheet_of(agency)).left_out == (4,)
    assert store_mended(agency.home, mend(sheet_of(agency), put(2, 3, "p2"))).left_out == (4,)


def test_a_correction_of_another_persons_row_leaves_a_sheet_as_good_as_it_was(agency: Agency) -> None:
    mended = mend(sheet_of(agency), put(2, 5, "2026-01-05"))
    agency.put("absence 1.csv", ABSENCES.replace("=8", "8"))
    agency.ingest()
    assert store_mended(agency.home, mended).left_out == (5,)
    assert by_name(agency.ingest())["absence 1.csv"].rows_mended == 2
    assert 4 not in dict(aside(agency))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff\xfe\xff", "is not in UTF-8"), (b'load,"x"y\n', "broken quotes"), (None, "There is no sheet")],
)
def test_what_is_no_text_is_one_sentence(agency: Agency, content: bytes | None, words: str) -> None:
    path = agency.home.protected / "mended.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadExport, match=words):
        store_mended(agency.home, path)


def test_a_file_that_is_elsewhere_or_changed_gets_no_sheet(agency: Agency) -> None:
    agency.put("absence 1.csv", ABSENCES + "\n")
    agency.put("cases 2.csv", FILES["cases.csv"])
    (sheet,) = (s for s in write_sheets(agency.home, agency.folder) if s.file_name == "absence 1.csv")
    assert (sheet.path, sheet.why_not) == (None, "the file changed since; ingest it first")


def test_mended_rows_follow_their_person(agency: Agency) -> None:
    store_mended(agency.home, mend(sheet_of(agency), put(2, 5, "2026-01-05")))
    agency.ingest()
    people = {row[5] for row in mended(agency)}
    rotate_key(agency.home)
    assert len({row[5] for row in mended(agency)} - people) == len(people)
    assert 4 not in dict(aside(agency))
    join(agency.home, "p2", "p9")
    agency.ingest()
    assert len({row[5] for row in mended(agency)}) == 2
    write_sheets(agency.home, agency.folder)
    erase(agency.home, "p2")
    assert len(mended(agency)) == 1
    assert not agency.home.sheets.exists()


def mended(agency: Agency) -> list[tuple]:
    with agency.warehouse() as warehouse:
        return warehouse.table(MENDED).fetchall()


def test_a_mended_leaving_that_the_mapping_skips_is_skipped(agency: Agency) -> None:
    sheet = sheet_of(agency, "leavers.csv")
    rows = list(csv.reader(io.StringIO(sheet.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";"))
    assert [row[2] for row in rows[1:]] == ["4"], "the one that the mapping skips needs no mending"
    rows[1][5] = "n/a"
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    sheet.write_text(text.getvalue(), encoding="utf-8")
    store_mended(agency.home, sheet)
    assert by_name(agency.ingest())["leavers.csv"].by_rule == {"skipped": 2}


def test_a_dry_run_tells_of_mended_rows_and_writes_nothing(agency: Agency) -> None:
    store_mended(agency.home, mend(sheet_of(agency), put(2, 5, "2026-01-05")))
    before = agency.files()
    tried = agency.ingest(dry_run=True)
    assert agency.files() == before
    assert replace(tried, dry_run=False, page=agency.home.report) == agency.ingest()


def test_rows_of_two_people_that_say_the_same_are_mended_each_for_its_own(agency: Agency) -> None:
    header, *_ = ABSENCES.splitlines()
    agency.put("absence 1.csv", f"{header}\np1,,2026-01-05,2026-01-04,8\np2,,2026-01-05,2026-01-04,8\n")
    agency.ingest()

    def only_the_second(rows: Rows) -> None:
        rows[2][5] = "2026-01-05"
        del rows[1]

    store_mended(agency.home, mend(sheet_of(agency), only_the_second))
    agency.ingest()
    assert aside(agency) == [(2, "end-before-start")]
