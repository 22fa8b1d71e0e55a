"""A mapping that is unclear or names what Leeward never reads is refused, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.coverage import Covers, read_manifest
from pipelines.dateformat import DateFormat
from pipelines.forbidden import FORBIDDEN, why_forbidden
from pipelines.mapping import read_mapping
from privacy.errors import BadExport

STAFF = """
[exports.staff]
file = "staff.csv"
covers = ["2024-07", "2026-06"]
[exports.staff.columns]
person_id = "Employee No"
unit_id = "Unit"
role = "Job"
start_date = "From"
end_date = "To"
[exports.staff.constants]
weekly_hours = "37.5"
is_supervisor = "false"
"""
SEPARATIONS = """
[exports.separations]
file = "leavers.csv"
[exports.separations.columns]
person_id = "Employee No"
date = "Last day"
reason = "Leaving reason"
"""
EXPOSURE = """
[exports.exposure]
file = "hours.csv"
{grain}
[exports.exposure.columns]
person_id = "Id"
date = "Day"
direct_hours = "Direct"
indirect_hours = "Indirect"
critical_incidents = "Incidents"
"""


def read(folder: Path, text: str):
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(BadExport) as caught:
        read(folder, text)
    return str(caught.value)


def test_a_mapping_is_read_into_frozen_types_staff_first(tmp_path: Path) -> None:
    staff, separations = read(tmp_path, SEPARATIONS + STAFF)
    assert (staff.export.name, separations.export.name) == ("staff", "separations")
    assert staff.encoding == "utf-8" and staff.date_format == DateFormat("%Y-%m-%d")
    assert staff.headings == ("Employee No", "Unit", "Job", "From", "To")
    assert staff.covers is not None and len(staff.covers.months) == 24
    assert separations.covers is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[exports.staff]", "[exports.people]"), "unknown export 'people'"),
        (('file = "staff.csv"', ""), "needs 'file'"),
        (("staff.csv", "../staff.csv"), "in the exports folder"),
        (('file = "staff.csv"', 'file = "staff.csv"\nfiles = "x"'), "unknown key 'files'"),
        (('file = "staff.csv"', 'file = "staff.csv"\nencoding = "rot13"'), "'encoding' must be one of"),
        (('file = "staff.csv"', 'file = "staff.csv"\ndelimiter = "ab"'), "single character"),
        (('file = "staff.csv"', 'file = "staff.csv"\ndate_format = "%d/%m/%y"'), "date_format must hold"),
        (('file = "staff.csv"', 'file = "staff.csv"\ndate_format = "%d/%m/%Y\'"'), "date_format must hold"),
        (('file = "staff.csv"', 'file = "staff.csv"\ngrain = "day"'), "means nothing"),
        (('file = "staff.csv"', 'file = "staff.csv"\ndistinct = "yes"'), "true or false"),
        (('file = "staff.csv"', 'file = "staff.csv"\nheader_line = 0'), "the number of a line, 1 to 100"),
        (('file = "staff.csv"', 'file = "staff.csv"\nheader_line = true'), "the number of a line, 1 to 100"),
        (('file = "staff.csv"', 'file = "staff.csv"\nheader_lines = 4'), "must be 1 to 3"),
        (('file = "staff.csv"', 'file = "staff.csv"\ntotals = "Total"'), "must be a list of words"),
        (('file = "staff.csv"', 'file = "staff.csv"\ntotals = [" "]'), "must be a list of words"),
        (('file = "staff.csv"', 'file = "staff.csv"\nopen_years = [true]'), "must be a list of years"),
        (('file = "staff.csv"', 'file = "staff.csv"\nhours_format = "mm"'), "one of decimal hh:mm"),
        (('file = "staff.csv"', 'file = "staff.csv"\nid_format = "hex"'), "one of text number"),
        (('file = "staff.csv"', 'file = "staff.csv"\ndate_format = "%H:%M %d/%m/%Y"'), "date_format must"),
        (('"2024-07", "2026-06"', '"2026-06", "2024-07"'), "first and the last month"),
        (('"2024-07", "2026-06"', '"2026-Q1", "2026-Q2"'), "first and the last month"),
        (('role = "Job"', ""), "lacks the column 'role'"),
        (('role = "Job"', 'role = ""'), "a heading is empty"),
        (('role = "Job"', 'role = "Job"\ncolour = "Colour"'), "unknown column 'colour'"),
        (('role = "Job"', 'role = "Job"\nbirth_date = "DOB"'), "birth date"),
        (('role = "Job"', 'role = "Employee Name"'), "looks like a name"),
        (('"37.5"', '"81"'), "'weekly_hours' is not in canonical form or outside its limits"),
        (('"37.5"', "37.5"), "must be a text"),
        (('"37.5"', '"37.5"\nrole = "x"'), "both a column and a constant"),
        (('person_id = "Employee No"', ""), "lacks the column 'person_id'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unclear_mapping_is_refused(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert change[0] in STAFF
    assert said in refusal(tmp_path, STAFF.replace(*change))


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ('[exports.staff.values.role]\n"a" = 1', "must be a text"),
        ('[exports.staff.values.weekly_hours]\n"a" = "b"', "must belong to a mapped column"),
        ('[exports.staff.values.person_id]\n"a" = "b"', "must belong to a mapped column"),
        ('[exports.staff.values.end_date]\n"31/12/4712" = "2026-01-01"', "only an empty text is possible"),
        ('[exports.staff.skip]\n"Status" = "x"', "needs a list of texts"),
        ('[exports.staff.skip]\n"Manager comments" = ["x"]', "free text"),
        ('[exports.staff.keep]\n"Status" = []', "needs a list of texts"),
        ('[exports.staff.keep]\n"Absence / Comments" = ["x"]', "free text"),
        ("[other]", "nothing else"),
        (
            SEPARATIONS + '[exports.separations.values.reason]\n"Fired" = "fired"',
            "voluntary, involuntary, other",
        ),
        (EXPOSURE.format(grain='grain = "year"'), "'grain' must be one of day week month"),
        (EXPOSURE.format(grain='grain = "week"'), "'week_date'"),
        (EXPOSURE.format(grain='week_date = "start"'), "'week_date'"),
    ],
)
def test_an_unclear_addition_is_refused(tmp_path: Path, extra: str, said: str) -> None:
    assert said in refusal(tmp_path, STAFF + extra)


def test_missing_files_broken_toml_and_a_missing_roster_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadExport, match="no mapping at none"):
        read_mapping(tmp_path / "none.toml")
    assert "not TOML" in refusal(tmp_path, "[exports")
    assert "lacks [exports.staff]" in refusal(tmp_path, SEPARATIONS)


def test_an_open_end_may_be_mapped_to_an_empty_text(tmp_path: Path) -> None:
    (staff,) = read(tmp_path, STAFF + '[exports.staff.values.end_date]\n" 31/12/4712 " = ""')
    assert staff.values["end_date"] == {"31/12/4712": ""}


def test_each_new_way_to_read_a_file_changes_the_mappings_fingerprint(tmp_path: Path) -> None:
    """Else a file that is read in another way would count as unchanged."""
    keys = (
        "", "header_line = 3", "header_lines = 2", 'totals = ["Total"]', "open_years = [4712]",
        'hours_format = "hh:mm"', 'id_format = "number"',
    )  # fmt: skip
    texts = [STAFF.replace('file = "staff.csv"', f'file = "staff.csv"\n{key}') for key in keys]
    texts.append(STAFF + '[exports.staff.keep]\n"Status" = ["x"]')
    assert len({read(tmp_path, text)[0].fingerprint for text in texts}) == len(texts)


@pytest.mark.parametrize("grain", ['grain = "day"', 'grain = "week"\nweek_date = "end"', ""])
def test_a_grain_is_declared_or_is_the_month(tmp_path: Path, grain: str) -> None:
    exposure = read(tmp_path, STAFF + EXPOSURE.format(grain=grain))[1]
    assert exposure.grain == (grain.split('"')[1] if grain else "month")


def test_the_fingerprint_moves_with_all_that_decides_on_rows_and_not_with_coverage(tmp_path: Path) -> None:
    (before,) = read(tmp_path, STAFF)
    (covers,) = read(tmp_path, STAFF.replace("2026-06", "2026-07"))
    (constant,) = read(tmp_path, STAFF.replace("37.5", "40"))
    (skip,) = read(tmp_path, STAFF + '[exports.staff.skip]\n"Unit" = ["x"]')
    assert before.fingerprint == covers.fingerprint
    assert len({before.fingerprint, constant.fingerprint, skip.fingerprint}) == 3


NEVER = [
    "Employee_Name",
    "LAST NAME",
    "First Name",
    "Surname",
    "Forenames",
    "PERSONFULLNAME",
    "Supervisor Name",
    "Name",
    "firstName",
    "DOB",
    "Date of Birth",
    "BirthDate",
    "Age",
    "Zip",
    "Home address",
    "Postcode",
    "E-mail",
    "Phone no",
    "Comments",
    "Last Note",
    "Reason/Comment",
    "Diagnosis",
    "ICD-10",
    "Notifiable Disease",
    "Absence Reason",
    "Level 2 Reason",
    "Personal trauma",
    "Mood today",
    "Journal",
    "Wellbeing",
    "eSat",
    "EngagementSurvey",
    "Bradford Factor By Employee Only",
    "PerformanceScore",
    "Number of Episodes Squared",
    "Flight risk",
]
ALLOWED = [
    "Employee No",
    "Assignment Number",
    "Unit Name",
    "Unit Long Name",
    "Department",
    "Position",
    "Job title",
    "Organization",
    "TermReason",
    "Leaving reason",
    "Absence Type",
    "Hours Lost",
    "Email_hours",
    "Staff Group",
    "Meeting_and_call_hours",
    "Of which trauma",
    "Line manager (Y/N)",
    "First Day Absent",
    "Personnel number",
    "Cost centre",
    "Absence Start Date",
    "PAYCODENAME",
    "Time Off Type",
    "Stage",
    "Page",
    "SupervisorIndicator",
]


@pytest.mark.parametrize("heading", NEVER)
def test_a_heading_of_what_is_never_read_is_refused(heading: str) -> None:
    assert why_forbidden(heading, "staff") is not None


@pytest.mark.parametrize("heading", ALLOWED)
def test_a_heading_of_what_is_needed_is_allowed(heading: str) -> None:
    assert why_forbidden(heading, "staff") is None


def test_a_bare_reason_is_refused_for_absences_alone() -> None:
    assert why_forbidden("Reason", "absences") is not None
    assert why_forbidden("Reason", "separations") is None


def test_every_forbidden_kind_says_why() -> None:
    assert all(entry.reason and entry.what for entry in FORBIDDEN)


def test_a_manifest_declares_coverage_by_export(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) == {}
    (tmp_path / "manifest.toml").write_text('[covers]\nstaff = ["2024-07", "2024-09"]\n')
    assert read_manifest(tmp_path)["staff"].months == ("2024-07", "2024-08", "2024-09")


@pytest.mark.parametrize(
    "text",
    [
        '[covers]\npeople = ["2024-07", "2024-07"]',
        "covers = 3",
        "[other]",
        "[covers",
        '[covers]\nstaff = "x"',
    ],
)
def test_an_unclear_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.toml").write_text(text)
    with pytest.raises(BadExport, match="manifest"):
        read_manifest(tmp_path)


def test_coverage_counts_over_the_turn_of_a_year() -> None:
    assert Covers.parse(["2025-12", "2026-01"], "here").months == ("2025-12", "2026-01")
