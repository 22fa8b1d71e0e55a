"""``leeward map`` on public HR files: what it proposes is right, and what it cannot know it asks for."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipelines.cli import main

SHARED = Path(__file__).parents[3] / "shared" / "data"


@dataclass(frozen=True)
class Tried:
    """A file; what it is told to be, if it must be; what must be proposed, asked and refused."""

    file: str
    export: str
    columns: dict[str, str]
    asked: tuple[str, ...]
    says: dict[str, str] = field(default_factory=dict)
    told: str = ""
    refused: tuple[str, ...] = ()


UCI = {"person_id": "ID", "hours": "Absenteeism time in hours"}
HEALTH = ("Reason for absence", "Age", "Weight", "Body mass index", "Social drinker")
SPELLS = {
    "person_id": "BusinessEntityID",
    "unit_id": "DepartmentID",
    "start_date": "StartDate",
    "end_date": "EndDate",
}
TRIED = (
    Tried(
        "uci_absenteeism/Absenteeism_at_work.csv",
        "absences",
        UCI,
        ("start_date", "end_date", "kind"),
        refused=HEALTH,
    ),
    Tried(
        "uci_absenteeism/Absenteeism_at_work__semicolon_rederived.csv",
        "absences",
        UCI,
        ("start_date", "end_date", "kind"),
        {"delimiter": ";"},
        refused=HEALTH,
    ),
    Tried(
        "adventureworks_hr/EmployeeDepartmentHistory.csv",
        "staff",
        SPELLS,
        ("role", "weekly_hours"),
        told="staff",
    ),
    Tried(
        "adventureworks_hr/Employees_cp1252_semicolon.csv",
        "staff",
        {"person_id": "BusinessEntityID", "role": "JobTitle", "start_date": "HireDate"},
        ("unit_id", "end_date", "weekly_hours"),
        {"delimiter": ";", "date_format": "%Y-%m-%d"},
        refused=("BirthDate",),
    ),
    Tried(
        "mfgemployees4/MFGEmployees4.csv",
        "staff",
        {"person_id": "ID", "unit_id": "Department", "role": "JobTitle"},
        ("start_date", "end_date", "weekly_hours", "is_supervisor"),
        refused=("Surname", "Employee_Name", "Age"),
    ),
    Tried(
        "hrdataset_v14/HRDataset_v14.csv",
        "staff",
        {
            "person_id": "EmpID",
            "unit_id": "Department",
            "role": "Position",
            "start_date": "DateofHire",
            "end_date": "DateofTermination",
        },
        ("weekly_hours", "is_supervisor"),
        {"date_format": "%-m/%-d/%Y"},
        refused=("DOB", "ManagerName"),
    ),
    Tried(
        "viva_insights/pq_data.csv",
        "staff",
        {"person_id": "PersonId", "unit_id": "Organization", "is_supervisor": "SupervisorIndicator"},
        ("start_date", "weekly_hours"),
        refused=("eSat", "Wellbeing"),
    ),
    Tried(
        "dfe_csww/csww_headline_measures_2017_to_2022.csv",
        "staff",
        {},
        ("person_id", "unit_id", "start_date"),
        told="staff",
    ),
)


@pytest.mark.parametrize("tried", TRIED, ids=[tried.file for tried in TRIED])
def test_what_is_proposed_is_right_and_the_rest_is_asked(
    tried: Tried, capsys: pytest.CaptureFixture[str]
) -> None:
    path = SHARED / tried.file
    if not path.exists():
        pytest.skip(f"the public data set {path.parent.name} is not in shared/data beside the repository")
    assert main(["map", str(path), *(["--export", tried.told] if tried.told else [])]) == 0
    text = capsys.readouterr().out
    proposed = tomllib.loads(text)["exports"][tried.export]
    assert proposed.get("columns", {}) == tried.columns
    for column in tried.asked:
        assert f'# {column} = ""  # decide' in text
    assert {key: proposed[key] for key in tried.says} == tried.says
    for heading in tried.refused:
        assert f"#   {heading}: looks like" in text


def test_a_file_of_no_people_is_said_to_be_none(capsys: pytest.CaptureFixture[str]) -> None:
    path = SHARED / "dfe_csww" / "csww_headline_measures_2017_to_2022.csv"
    if not path.exists():
        pytest.skip("the public data set dfe_csww is not beside the repository, in shared/data")
    assert main(["map", str(path)]) > 1
    assert "no heading that is known to be of a person's id" in capsys.readouterr().err
