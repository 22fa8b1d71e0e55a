"""The door end to end: what comes in, what is set aside, and that no failure loses what is stored."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from ingest_folder import FILES, MANIFEST, MAPPING, UNITS, Agency, by_name

from pipelines.checks import check
from pipelines.coverage import covered_months
from pipelines.loads import undo
from pipelines.pseudonyms import Pseudonyms
from privacy.errors import BadExport, Refusal

JANUARY_TO_MARCH = {"2026-01", "2026-02", "2026-03"}


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return Agency(tmp_path)


def without_load(rows: list[tuple]) -> list[tuple]:
    return sorted(row[1:] for row in rows)


def test_every_line_is_accepted_collapsed_or_set_aside_by_its_rule(agency: Agency) -> None:
    files = by_name(agency.ingest())
    found = {
        name: (f.rows_read, f.rows_accepted, f.rows_collapsed, dict(f.by_rule)) for name, f in files.items()
    }
    assert found == {
        "staff.csv": (6, 5, 0, {"unknown-unit": 1}),
        "leavers.csv": (3, 1, 0, {"format": 1, "skipped": 1}),
        "absence 1.csv": (4, 1, 0, {"end-before-start": 1, "overlap": 1, "unknown-person": 1}),
        "absence 2.csv": (3, 1, 0, {"duplicate": 1, "format": 1}),
        "cases.csv": (4, 2, 1, {"trauma-beyond-open": 1}),
        "exposure.csv": (3, 1, 0, {"bounds": 1, "hours-beyond-days": 1}),
    }
    assert {f.status for f in files.values()} == {"new"}


def test_typed_rows_are_exact_and_persons_are_pseudonyms(agency: Agency) -> None:
    agency.ingest()
    person = Pseudonyms(agency.home.pseudonym_key.read_bytes()).of("p1")
    stored = agency.stored()
    load_id = next(load[0] for load in stored["load"] if load[2] == "exposure.csv")
    expected = (load_id, 2, person, date(2026, 1, 10), Decimal("20.2500"), Decimal("3.0000"), 0)
    assert stored["exposure"] == [expected]
    assert {(load[12], load[13]) for load in stored["load"]} == {(None, None), ("week", "end")}


def test_set_aside_rows_are_told_by_line_and_reason_in_a_private_file(agency: Agency) -> None:
    agency.ingest()
    (path,) = agency.home.set_aside.glob("*-staff.csv")
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "export": "staff",
        "file": "staff.csv",
        "line": "7",
        "rule": "unknown-unit",
        "column": "unit_id",
        "reason": "the unit is not in the organisation register",
        "place": "",
    }


def test_every_file_under_protected_is_its_owners_alone(agency: Agency) -> None:
    agency.ingest()
    modes = {path.name: path.stat().st_mode & 0o077 for path in agency.home.protected.rglob("*")}
    assert agency.home.warehouse.name in modes and not any(modes.values())


def test_files_beside_the_open_warehouse_are_private_too(agency: Agency) -> None:
    with agency.warehouse() as warehouse:
        warehouse.execute("insert into withdrawn_cover values ('caseload', '2026-01', '2026-01', '')")
        modes = {path.name: path.stat().st_mode & 0o077 for path in agency.home.protected.glob("warehouse*")}
    assert len(modes) == 2 and not any(modes.values())


def test_loading_the_same_files_twice_changes_nothing_and_says_so(agency: Agency) -> None:
    first = agency.ingest()
    before = agency.stored()
    second = agency.ingest(today=date(2026, 5, 1))
    assert second.is_unchanged and not first.is_unchanged
    assert agency.stored() == before
    counts = [(f.rows_accepted, f.rows_set_aside, f.by_rule) for f in second.files]
    assert counts == [(f.rows_accepted, f.rows_set_aside, f.by_rule) for f in first.files]


def test_a_file_sent_again_with_other_content_replaces_its_rows_alone(agency: Agency) -> None:
    agency.ingest()
    before = agency.stored()
    agency.change("cases.csv", "p3,2026-02-28,12,3", "p3,2026-02-28,14,3\np1,2026-02-28,9,9")
    files = by_name(agency.ingest(charged_periods=frozenset({"2026-Q1"})))
    assert {name for name, f in files.items() if f.status != "unchanged"} == {"cases.csv"}
    assert files["cases.csv"].status == "replaced"
    assert files["cases.csv"].charged_months == tuple(sorted(JANUARY_TO_MARCH))
    after = agency.stored()
    assert [row[4] for row in after["caseload"]] != [row[4] for row in before["caseload"]]
    assert all(after[name] == before[name] for name in ("staff", "absences", "separations", "exposure"))


def test_a_changed_mapping_or_coverage_loads_again(agency: Agency) -> None:
    agency.ingest()
    agency.map(MAPPING.replace('"sickness"', '"injury"'))
    assert by_name(agency.ingest())["absence 1.csv"].status == "replaced"
    agency.put("manifest.toml", MANIFEST.replace('caseload = ["2026-01"', 'caseload = ["2026-02"'))
    files = by_name(agency.ingest())
    assert files["cases.csv"].status == "replaced" and files["cases.csv"].covers == "2026-02 to 2026-03"


def test_a_new_unit_or_a_changed_roster_judges_stored_files_anew(agency: Agency) -> None:
    agency.ingest()
    files = by_name(agency.ingest(known_units=UNITS | {"U9"}))
    assert files["staff.csv"].status == "rechecked" and files["staff.csv"].rows_accepted == 6
    agency.put("staff.csv", FILES["staff.csv"] + "p9,U1,worker,2025-01-01,,37.5\n")
    files = by_name(agency.ingest(known_units=UNITS | {"U9"}))
    assert files["absence 1.csv"].status == "rechecked"
    assert "unknown-person" not in dict(files["absence 1.csv"].by_rule)


def test_the_order_in_which_files_arrive_does_not_matter(agency: Agency, tmp_path: Path) -> None:
    agency.ingest()
    (tmp_path / "other").mkdir()
    other = Agency(tmp_path / "other")
    (other.folder / "absence 1.csv").rename(other.folder / "later.csv")
    other.home.pseudonym_key.write_bytes(agency.home.pseudonym_key.read_bytes())
    other.home.pseudonym_key.chmod(0o400)
    other.ingest()
    (other.folder / "later.csv").rename(other.folder / "absence 1.csv")
    other.ingest()
    assert without_load(other.stored()["absences"]) == without_load(agency.stored()["absences"])


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(agency: Agency) -> None:
    before = agency.files()
    would = agency.ingest(dry_run=True)
    assert agency.files() == before and not agency.home.pseudonym_key.exists()
    did = agency.ingest()
    assert (would.files, would.dry_run) == (did.files, True)
    before = agency.files()
    agency.change("cases.csv", "p3,2026-02-28,12,3", "p3,2026-02-28,14,3")
    would = agency.ingest(dry_run=True)
    assert agency.files() == before
    assert would.files == agency.ingest().files


BROKEN = {
    "wrong header": ("exposure.csv", "Id;Week;Direct;Indirect", "Id;Week;Direct;Other"),
    "ragged line": ("exposure.csv", "20,25;3", "20,25;3;4"),
    "header only": ("exposure.csv", FILES["exposure.csv"].partition("\n")[2], ""),
    "empty file": ("exposure.csv", FILES["exposure.csv"], ""),
    "NUL": ("exposure.csv", "20,25", "20\0,25"),
    "no coverage": ("manifest.toml", 'exposure = ["2026-01", "2026-03"]', ""),
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_broken_file_refuses_all_and_keeps_what_is_stored(
    agency: Agency, fault: str, dry_run: bool
) -> None:
    agency.ingest()
    before = agency.stored()
    agency.change("staff.csv", "worker", "assistant")
    agency.change(*BROKEN[fault])
    with pytest.raises(BadExport, match=r"exposure"):
        agency.ingest(dry_run=dry_run)
    assert agency.stored() == before


def test_a_missing_file_folder_or_mapping_is_refused(agency: Agency) -> None:
    (agency.folder / "cases.csv").unlink()
    with pytest.raises(BadExport, match=r"caseload: no file 'cases.csv'"):
        agency.ingest()
    agency.home.mapping.unlink()
    with pytest.raises(BadExport, match="no mapping"):
        agency.ingest()
    for path in agency.folder.iterdir():
        path.unlink()
    agency.folder.rmdir()
    with pytest.raises(BadExport, match="There is no folder"):
        agency.ingest()


def test_a_failure_of_the_warehouse_is_one_sentence_and_loads_nothing(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency.ingest()
    before = agency.stored()
    agency.change("cases.csv", "p3,2026-02-28,12,3", "p3,2026-02-28,14,3")

    def full(*_: object) -> None:
        raise duckdb.OutOfMemoryException("p3,2026-02-28,14,3")

    monkeypatch.setattr("pipelines.ingest.convert", full)
    with pytest.raises(Refusal, match="nothing was loaded") as caught:
        agency.ingest()
    assert "p3" not in str(caught.value) and caught.value.__suppress_context__
    assert agency.stored() == before


def test_coverage_is_what_is_declared_and_not_what_rows_say(agency: Agency) -> None:
    with agency.warehouse() as warehouse:
        assert covered_months(warehouse, "caseload") == frozenset()
    agency.ingest()
    with agency.warehouse() as warehouse:
        assert {covered_months(warehouse, name) for name in ("staff", "caseload", "absences")} == {
            frozenset(JANUARY_TO_MARCH)
        }


def test_undo_takes_a_load_out_and_its_months_are_no_longer_covered(agency: Agency) -> None:
    load_id = by_name(agency.ingest())["absence 2.csv"].load_id
    before = agency.stored()
    assert undo(agency.home, load_id, frozenset({"2025-12"})).file_name == "absence 2.csv"
    after = agency.stored()
    assert [row for row in before["absences"] if row[0] != load_id] == after["absences"]
    assert load_id not in {row[0] for row in after["set_aside"]}
    assert not list(agency.home.set_aside.glob(f"{load_id:06d}*"))
    with agency.warehouse() as warehouse:
        assert covered_months(warehouse, "absences") == frozenset()
        assert covered_months(warehouse, "caseload") == frozenset(JANUARY_TO_MARCH)
    agency.ingest()
    assert without_load(agency.stored()["absences"]) == without_load(before["absences"])
    with agency.warehouse() as warehouse:
        assert covered_months(warehouse, "absences") == frozenset(JANUARY_TO_MARCH)


def test_undo_of_a_charged_month_or_an_unknown_load_is_refused(agency: Agency) -> None:
    load_id = by_name(agency.ingest())["cases.csv"].load_id
    before = agency.stored()
    with pytest.raises(Refusal, match="covers 2026-02, which is charged"):
        undo(agency.home, load_id, frozenset({"2026-02"}))
    with pytest.raises(Refusal, match="no load 99"):
        undo(agency.home, 99, frozenset())
    assert agency.stored() == before


def test_a_warehouse_held_by_another_process_is_refused_in_one_sentence(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object, **__: object) -> None:
        raise duckdb.IOException("Could not set lock on file")

    monkeypatch.setattr(duckdb, "connect", held)
    with pytest.raises(Refusal, match="another process holds it"):
        agency.ingest()


def test_checks_over_many_people_warn_and_neither_drop_nor_stop(agency: Agency) -> None:
    plain = agency.ingest(dry_run=True)
    report = agency.ingest(check=check)
    assert report.files == plain.files
    found = {(warning.export, warning.check) for warning in report.warnings}
    assert ("separations", "month-without-rows") in found and ("absences", "share-set-aside") in found
    assert not {check for _, check in found} & {"type", "between", "in-set", "not-null", "columns"}


def test_ids_are_not_read_another_way_once_people_are_stored(agency: Agency) -> None:
    """The same person would get another pseudonym, and with it a cap that starts afresh."""
    agency.ingest()
    before = agency.stored()
    agency.map(MAPPING.replace("[exports.staff]\n", '[exports.staff]\nid_format = "number"\n'))
    with pytest.raises(Refusal, match="start everybody's budget afresh"):
        agency.ingest()
    assert agency.stored() == before
