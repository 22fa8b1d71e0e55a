"""Each preset takes in a file of its product's shape: invented rows under the headings of real exports."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from ingest_folder import ROSTER_COLUMNS, Agency, by_name

from pipelines import presets
from pipelines.proposing.sample import look_at

ROSTER = f'[exports.staff]\nfile = "roster.tsv"\n{ROSTER_COLUMNS}'
STAFF = "Id\tUnit\tJob\tFrom\n" + "".join(f"{number}\tU1\tnurse\t2025-01-01\n" for number in range(1, 6))
ESR = (
    "Employee,Last Name,First Name,Title,Assignment Number,Absence Reason,Absence Type,Staff Group,"
    "Absence Start Date,Absence End Date,Total Days Lost,Hours Lost,Bradford Factor By Employee Only"
)
ROSTERED = (
    "Unit Long Name,Cost Centre,Unit,Surname,Forenames,Staff Number,Grade,Group,Reason,Start,End,"
    "Hours In Period (hh:mm),State,Last Note"
)
TECHNICAL = (
    "[OPERATOR],userId,startDate,endDate,timeType.externalCode,approvalStatus,quantityInDays,quantityInHours"
)
LABELS = (
    "Supported operators: Delimit Clear,User,Start Date,End Date,timeType,Approval Status,"
    "Number Of Days,Number Of Hours"
)
REPORT = (
    "Person ID,userId,First Name,Last Name,Time Type (Label),startDate,endDate,quantityInDays,"
    "quantityInHours,approvalStatus"
)


@dataclass(frozen=True)
class Shape:
    """A file as a product writes it, and what of it counts."""

    file: str
    text: str
    hours: str
    set_aside: dict[str, int] = field(default_factory=dict)


SHAPES = {
    "esr": Shape(
        "absence.csv",
        f"{ESR}\n1,Doe,Jo,Ms,1-2,S10,Sickness,Nursing,5/1/2026 0:00,6/1/2026 0:00,2,15,12\n"
        "2,Roe,Al,Mr,2-1,S11,Sickness,Nursing,12/2/2026 0:00,31/12/4712 0:00,9,60,40\n",
        "15", {"missing": 1},
    ),
    "healthroster": Shape(
        "absence.csv",
        f"{ROSTERED}\nWard 1,CC1,W1,Doe,Jo,1,B5,Sickness,Cold,05/01/2026,06/01/2026,15:00,Taken,better soon\n"
        "Ward 1,CC1,W1,Roe,Al,2,B6,Other Leave,Jury,05/01/2026,05/01/2026,7:30:00,Taken,\n"
        "Ward 1,CC1,W1,Poe,Di,3,B6,Sickness,Cold,05/01/2026,31/12/9999,7:30,Taken,\n",
        "22.5", {"missing": 1},
    ),
    "successfactors-time": Shape(
        "EmployeeTime.csv",
        f"{TECHNICAL}\n{LABELS}\n,1,1/5/2026,1/6/2026,SICK,APPROVED,2,15\n,2,1/5/2026,1/6/2026,SICK,PENDING,2,15\n"
        ",3,1/5/2026,1/6/2026,SICK,CANCELLED,2,15\n,4,1/5/2026,,SICK,APPROVED,,\n",
        "15", {"missing": 1, "skipped": 2},
    ),
    "successfactors-report": Shape(
        "Report.xlsx",
        f"Exported to Excel on 3 Mar 2026{',' * 9}\n{',' * 9}\n{REPORT}\n"
        "p-1,1,Jo,Doe,Sickness,05.01.2026,06.01.2026,2,15,APPROVED\n"
        "p-2,2,Al,Roe,Sickness,05.01.2026,06.01.2026,2,15,CANCELLED\n",
        "15", {"skipped": 1},
    ),
    "kronos": Shape(
        "absence.csv",
        "Emplid,Name,Unit Name,Unit/Dept ID,Job Code,PAYCODENAME,AMOUNT,Date\n"
        "1,\"Doe, Jo\",School 1,S1,T,SCK,7.5,1/5/2026\n"
        "1,\"Doe, Jo\",School 1,S1,T,VAC,7.5,1/6/2026\n2,\"Roe, Al\",School 1,S1,T,,,1/6/2026\n"
        "3,\"Poe, Di\",School 1,S1,T,SCG,4,1/15/2026\n",
        "11.5", {"skipped": 2},
    ),
    "frappe-hr": Shape(
        "Leave Application.csv",
        "Series,Employee,Employee Name,Leave Type,Company,Department,From Date,To Date,"
        "Half Day,Half Day Date,"
        "Total Leave Days,Reason,Leave Approver,Posting Date,Status\n"
        "HR-LAP-1,1,Jo,Sick Leave,C,D,2026-01-05,2026-01-06,1,2026-01-06,1.5,,x@y.z,2026-01-05,Approved\n"
        "HR-LAP-2,2,Al,Sick Leave,C,D,2026-01-05,2026-01-05,0,,1,,x@y.z,2026-01-05,Rejected\n"
        "HR-LAP-3,3,Di,Casual Leave,C,D,2026-01-05,2026-01-05,0,,1,,x@y.z,2026-01-05,Approved\n"
        "HR-LAP-4,4,Ed,Sick Leave,C,D,2024-12-02,2024-12-02,0,,1,,x@y.z,2024-12-02,Approved\n",
        "11.25", {"skipped": 2, "no-contract": 1},
    ),
    "urlaubsverwaltung": Shape(
        "abwesenheiten.csv",
        "Zeitraum: 01.01.2026 - 31.03.2026;;;;;;;;\n"
        "Personalnummer;Vorname;Nachname;Abteilungen;Von;Bis;Zeitraum;Art der Abwesenheit;"
        "Anzahl der Arbeitstage\n"
        "1;Klaus;M\u00fcller;Entwicklung;12.01.2026;12.01.2026;ganzt\u00e4gig;Erholungsurlaub;1\n"
        "2;Eva;Maier;Marketing, HR;12.01.2026;13.01.2026;ganzt\u00e4gig;Krankmeldung;2\n"
        "3;Ute;Koch;HR;14.01.2026;14.01.2026;halbt\u00e4gig;Kind-Krankmeldung;0,5\n",
        "18.75", {"skipped": 1},
    ),
    "bamboohr-time-off": Shape(
        "time-off.csv",
        "id,employee_id,status,start_date,end_date,request_type,units,amount,notes\n"
        "9,1,approved,2026-01-05,2026-01-06,Sick,days,2,\n10,2,denied,2026-01-05,2026-01-06,Sick,days,2,\n"
        "11,3,approved,2026-01-05,2026-01-05,Sick,hours,4,\n",
        "15", {"skipped": 2},
    ),
    "adp-paydata": Shape(
        "PRABCEPI.csv",
        "Co Code,Batch ID,File #,Rate Code,Temp Dept,Reg Hours,O/T Hours,Hours 3 Code,"
        "Hours 3 Amount,Earnings 3 Code,"
        "Earnings 3 Amount,Memo Code,Memo Amount,Special Proc Code,Other Begin Date,Other End Date\n"
        "ABC,B1,1,,,72.00,,S,8.00,,,,,,01/05/2026,01/05/2026\nABC,B1,2,,,72.00,,V,8.00,,,,,,"
        "01/05/2026,01/05/2026\n"
        "ABC,B1,3,,,72.00,,S,8.00,,,,,,,\n",
        "8", {"skipped": 1, "missing": 1},
    ),
    "workday-time-off": Shape(
        "TimeOff.csv",
        "worker,absenceType,date,quantity,unit,status\n1,Sick,2026-01-05,7.5,Hours,Approved\n"
        "2,Sick,2026-01-05,1,Days,Approved\n3,Sick,2026-01-05,7.5,Hours,Denied\n",
        "7.5", {"skipped": 2},
    ),
}  # fmt: skip


def put(path: Path, text: str) -> None:
    if path.suffix != ".xlsx":
        path.write_text(text, encoding="utf-8")
        return
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(text)):
        book.active.append(row)
    book.save(path)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    agency = Agency(tmp_path)
    for path in agency.folder.iterdir():
        path.unlink()
    agency.put("roster.tsv", STAFF)
    covers = "".join(f'{name} = ["2026-01", "2026-03"]\n' for name in ("staff", "absences"))
    agency.put("manifest.toml", f"[covers]\n{covers}")
    return agency


def test_every_preset_has_a_shape() -> None:
    assert set(SHAPES) == set(presets.names())


@pytest.mark.parametrize("name", SHAPES)
def test_a_file_of_its_shape_comes_in_as_it_should(agency: Agency, name: str) -> None:
    shape = SHAPES[name]
    put(agency.folder / shape.file, shape.text)
    agency.map(ROSTER + presets.text(name))
    report = by_name(agency.ingest())[shape.file]
    hours = sum((row[5] for row in agency.stored()["absences"]), Decimal(0))
    assert (hours, dict(report.by_rule)) == (Decimal(shape.hours), shape.set_aside)


@pytest.mark.parametrize("name", SHAPES)
def test_it_is_found_for_a_file_of_its_shape_and_for_no_other(tmp_path: Path, name: str) -> None:
    shape = SHAPES[name]
    put(tmp_path / shape.file, shape.text)
    assert look_at(tmp_path / shape.file).presets == (name,)
