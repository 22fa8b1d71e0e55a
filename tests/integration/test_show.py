"""A request of access: all that is held of one person and of nobody else, in a file that is theirs."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest
from house import House, with_plan
from ingest_folder import Agency
from test_retention import policy

from pipelines.mending import store_mended, write_sheets
from pipelines.people import erase, join, rotate_key
from pipelines.retention import retain
from pipelines.showing import show
from privacy.errors import Refusal

TODAY = date(2026, 11, 22)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    agency = Agency(tmp_path)
    agency.ingest()
    return agency


def shown(agency: Agency, person: str) -> str:
    return show(agency.home, policy(agency.folder), f"{person}\n", TODAY).read_text(encoding="utf-8")


def test_every_row_of_the_person_is_told_with_file_line_and_until_when_and_nobody_elses(
    agency: Agency,
) -> None:
    text = shown(agency, "p2").splitlines()
    assert "staff.csv,3,2026-04-01,U1,worker,2025-01-01,2026-02-10,20.0000,False,2029-02-28" in text
    assert "leavers.csv,2,2026-04-01,2026-02-10,voluntary,2028-02-29" in text
    assert "absences, 0 rows" in text and "caseload, 0 rows" in text
    assert len([line for line in text if line.startswith("staff.csv")]) == 2
    assert "absence 1.csv,2,2026-04-01,2026-01-05,2026-01-06,15.0000,sickness,2028-01-31" in shown(
        agency, "p1"
    )
    assert "staff.csv,2,2026-04-01,U1,worker,2025-01-01,,37.5000,False,while it lasts" in shown(agency, "p1")


def test_lines_set_aside_and_mended_rows_are_told_too(agency: Agency) -> None:
    text = shown(agency, "p9").splitlines()
    assert "Lines set aside, 1 rows: kept until their file covers no month that is kept" in text
    assert next(line for line in text if line.startswith("absence 1.csv,5,,unknown-person,person_id,"))
    sheet = next(s.path for s in write_sheets(agency.home, agency.folder) if s.file_name == "absence 1.csv")
    assert sheet is not None
    mended = agency.home.protected / "mended.csv"
    mended.write_text(sheet.read_text(encoding="utf-8-sig").replace("2026-01-04", "2026-01-05"))
    store_mended(agency.home, mended)
    text = shown(agency, "p2").splitlines()
    assert "absence 1.csv,4,2026-01-05 | 2026-01-05 | 8 | sickness" in text
    assert "absence 1.csv,4,,end-before-start" in "\n".join(text)
    assert not [line for line in text if line.startswith("absence 1.csv,5")]


def test_a_person_of_two_ids_is_shown_whole_by_either(agency: Agency) -> None:
    join(agency.home, "p1", "p2")
    assert shown(agency, "p1") == shown(agency, "p2") and "leavers.csv" in shown(agency, "p1")


def test_what_was_shown_is_its_owners_alone_and_goes_when_anything_is_taken_out(agency: Agency) -> None:
    verbs = (
        lambda: erase(agency.home, "p3"),
        lambda: rotate_key(agency.home),
        lambda: retain(agency.home, policy(agency.folder), TODAY),
    )
    for take_out in verbs:
        path = show(agency.home, policy(agency.folder), "p1", TODAY)
        assert path.parent == agency.home.shown
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        take_out()
        assert not agency.home.shown.exists()


def test_an_unknown_id_is_refused_without_repeating_it(agency: Agency) -> None:
    with pytest.raises(Refusal, match="Nothing is held") as refused:
        shown(agency, "somebody-else")
    assert "somebody-else" not in str(refused.value) and not agency.home.shown.exists()


def test_the_terminal_says_the_path_alone_and_what_stays_after_an_erasure_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    house = with_plan(House.begun(tmp_path, monkeypatch, capsys, "plan = 2"))
    house.measures()
    monkeypatch.setattr("sys.stdin.readline", lambda: "P001\n", raising=False)
    path, sentence = house.does("show").splitlines()
    text = Path(path).read_text(encoding="utf-8")
    assert "separations, 1 rows" in text and "2026-02" in text.split("Contributions, ")[1]
    assert "P001" not in text + path + sentence and sentence.startswith("Give it to the person alone")
    house.does("erase")
    assert not Path(path).exists()
    text = Path(house.does("show").splitlines()[0]).read_text(encoding="utf-8")
    assert "staff, 0 rows" in text and "2026-02" in text.split("Contributions, ")[1]
