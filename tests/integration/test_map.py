"""``leeward map``: what it proposes, what it never shows, and that what it writes is read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from ingest_folder import Agency

from pipelines import mapping, presets
from pipelines.cli import main
from pipelines.mapping import read_mapping
from pipelines.proposing.proposal import propose
from pipelines.proposing.sample import look_at
from privacy.errors import BadExport

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
ROSTER = (
    "[exports.staff]\nfile = 'x.csv'\n[exports.staff.columns]\nperson_id = 'a'\nunit_id = 'b'\nrole = 'c'\n"
)
ROSTER += "start_date = 'd'\nweekly_hours = 'e'\nis_supervisor = 'f'\n"
PEOPLE = [f"{number:04d}" for number in range(40)]


def proposed(path: Path, export: str | None = None) -> str:
    return propose(look_at(path), export).text


def decided(text: str) -> dict:  # type: ignore[type-arg]
    """The tables of a proposal, as TOML reads them."""
    return tomllib.loads(text)["exports"]


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def absences(*, days: str = "{day:02d}/03/2026", last: int = 28, more: str = "", cells: str = "") -> str:
    rows = [
        f"{person},{days.format(day=1 + n % last)},{days.format(day=1 + n % last)},7.5,Sickness{cells}"
        for n, person in enumerate(PEOPLE)
    ]
    return "\n".join([f"Emp Ref,First day,Last day,Hours lost,Absence type{more}", *rows, ""])


@pytest.mark.parametrize(
    ("file", "export"),
    [
        ("Staff assignments.xlsx", "staff"),
        ("Leavers.csv", "separations"),
        ("Absence detail 2024-25.csv", "absences"),
        ("Caseload census.csv", "caseload"),
        ("Exposure hours.csv", "exposure"),
    ],
)
def test_of_the_samples_files_it_finds_what_their_mapping_says(file: str, export: str) -> None:
    """All but what only people know: words, and which months are covered."""
    (found,) = decided(proposed(SAMPLE / "exports" / file)).items()
    assert found[0] == export
    by_hand = tomllib.loads((SAMPLE / "mapping.toml").read_text(encoding="utf-8"))["exports"][export]
    assert found[1]["columns"] == by_hand["columns"]
    for key in ("sheet", "delimiter", "date_format", "decimal_mark"):
        assert found[1].get(key) == by_hand.get(key) or (key, found[1].get(key)) == (
            "date_format",
            "%Y-%m-%d",
        )
    assert found[1].get("encoding", "utf-8") == by_hand.get("encoding", "utf-8").removesuffix("-sig")


def test_a_day_above_12_tells_days_from_months_and_its_line_is_named(tmp_path: Path) -> None:
    text = proposed(written(tmp_path, "a.csv", absences()))
    assert 'date_format = "%d/%m/%Y"  # line 14 can be read in no other order' in text
    text = proposed(written(tmp_path, "b.csv", absences(days="03/{day:02d}/2026")))
    assert 'date_format = "%m/%d/%Y"  # line 14 can be read in no other order' in text


def test_where_nothing_tells_days_from_months_somebody_must_decide(tmp_path: Path) -> None:
    text = proposed(written(tmp_path, "a.csv", absences(last=12)))
    assert "# 1. Is a date %d/%m/%Y or %m/%d/%Y? Nothing tells." in text
    assert "date_format" not in decided(text)["absences"]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "it begins with the mark of UTF-16"),
        ("cp1252", "bytes 80 to 9F are letters in it alone"),
        ("iso-8859-1", "it is no valid UTF-8; cp1252 would read it the same"),
    ],
)
def test_encodings_are_told_with_what_decides(tmp_path: Path, encoding: str, said: str | None) -> None:
    sign = "’" if encoding == "cp1252" else "é"
    text = proposed(written(tmp_path, "a.csv", absences(more=f",Sit{sign}", cells=",1"), encoding))
    assert decided(text)["absences"].get("encoding") == (encoding if said else None)
    assert said is None or said in text


def test_titles_before_the_header_delimiters_and_commas_are_seen(tmp_path: Path) -> None:
    body = absences().replace(",", ";").replace("7.5", "7,5")
    text = proposed(written(tmp_path, "a.csv", f"Exported on 3 March 2026\n\n{body}"))
    found = decided(text)["absences"]
    assert (found["header_line"], found["delimiter"], found["decimal_mark"]) == (3, ";", ",")


def test_times_open_ends_numbered_ids_and_states_are_seen(tmp_path: Path) -> None:
    body = absences(more=",Status", cells=",Approved").replace("7.5", "7:30").splitlines()
    body[3] = body[3].replace("Approved", "Cancelled")
    body[5] = re.sub(r",(\d\d/03/2026),7:30", ",31/12/4712,7:30", body[5])
    found = decided(proposed(written(tmp_path, "a.csv", "\n".join([*body, ""]))))["absences"]
    assert found["hours_format"] == "hh:mm" and found["open_years"] == [4712]
    assert found["id_format"] == "number" and found["keep"] == {"Status": ["Approved"]}
    assert found["values"]["kind"] == {"Sickness": "sickness"}


def test_no_cell_of_a_person_is_ever_shown(tmp_path: Path) -> None:
    """Ids, dates and numbers never; of mapped words those that enough share; of refused columns none."""
    rows = [
        f"id-{n:03d}-CANARY,{1 + n % 28:02d}/03/2026,{1 + n % 28:02d}/03/2026,{n}.125,"
        f"{'Sickness' if n else 'RARE-CANARY'},NAME-CANARY-{n},NOTE-CANARY"
        for n in range(40)
    ]
    head = "Emp Ref,First day,Last day,Hours lost,Absence type,Employee name,Comments"
    path = written(tmp_path, "a.csv", "\n".join([head, *rows, ""]))
    sample = look_at(path)
    text = propose(sample, None).text
    assert "CANARY" not in text and ".125" not in text and "/2026" not in text
    assert "1 further words, each of fewer than 5 people, are not shown" in text
    assert "Employee name: looks like a name" in text and "Comments: looks like free text" in text
    assert not [
        cells for _, cells in sample.rows if "NAME-CANARY" in "".join(cells) or "NOTE" in "".join(cells)
    ]


def test_headings_and_words_with_line_breaks_stay_inside_their_comments(tmp_path: Path) -> None:
    """A quoted cell may hold anything, also what looks like a mapping."""
    nasty = 'Approved\n[exports.staff]\nfile = "x"'.replace('"', '""')
    body = absences(more=',Status,"Employee name\n[evil]","Employee name\n[evil]"', cells=",Approved,A,B")
    text = proposed(written(tmp_path, "a.csv", body.replace(",Approved,A,B\n", f',"{nasty}",A,B\n', 7)))
    assert set(tomllib.loads(text)) == {"exports"} and set(decided(text)) == {"absences"}
    assert decided(text)["absences"]["keep"] == {"Status": ["Approved"]}


def test_both_of_two_refused_columns_of_one_name_are_not_kept(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", absences(more=",Employee name,Employee name", cells=",CANARY,CANARY"))
    assert not [cells for _, cells in look_at(path).rows if "CANARY" in cells]


def test_what_it_writes_is_read_and_the_file_comes_in(tmp_path: Path) -> None:
    agency = Agency(tmp_path)
    for path in agency.folder.iterdir():
        path.unlink()
    staff = "Emp Ref,Unit,Role,Start date,End date,Weekly hours,Is supervisor\n" + "".join(
        f"{person},U1,worker,2025-01-31,,37.5,N\n" for person in PEOPLE
    )
    agency.put("staff.csv", staff)
    agency.put("absences.csv", absences())
    agency.put(
        "manifest.toml", '[covers]\nstaff = ["2026-01", "2026-03"]\nabsences = ["2026-01", "2026-03"]\n'
    )
    texts = [proposed(agency.folder / name) for name in ("staff.csv", "absences.csv")]
    assert all("# Nothing is left to decide." in text for text in texts)
    agency.map("\n".join(texts))
    report = agency.ingest()
    assert [(file.rows_read, file.rows_accepted) for file in report.files] == [(40, 40), (40, 40)]


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_is_a_mapping(tmp_path: Path, name: str) -> None:
    (tmp_path / "mapping.toml").write_text(ROSTER + presets.text(name), encoding="utf-8")
    roster, product = read_mapping(tmp_path / "mapping.toml")
    assert roster.export.name == "staff" and product.export.name == "absences"
    assert re.search(r"^# Confidence [ABC]", presets.text(name), re.MULTILINE)


def test_the_command_writes_a_new_file_and_never_over_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = written(tmp_path, "a.csv", absences()), tmp_path / "mapping.toml"
    assert main(["map", str(path), "--out", str(out)]) == 0
    assert capsys.readouterr().out == "a.csv: absences, 0 to decide.\n"
    before = out.read_text()
    assert main(["map", str(path), "--out", str(out)]) == 2
    assert "exists already" in capsys.readouterr().err and out.read_text() == before
    assert main(["map", "--presets"]) == 0 and "esr" in capsys.readouterr().out.split()
    assert main(["map", "--preset", "nobody"]) == 2 and main(["map"]) == 2
    assert main(["map", str(tmp_path / "gone.csv")]) == 5


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"one\ntwo\n", b"PK\x03\x04", b"a,b\n1,2\n"])
def test_what_is_no_table_gets_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    for name in ("a.csv", "a.xlsx", "a.parquet"):
        (tmp_path / name).write_bytes(content)
        assert main(["map", str(tmp_path / name)]) == 5
        assert re.fullmatch(r"leeward: .*\.\n", capsys.readouterr().err)


def test_the_documents_example_is_what_the_command_makes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = (Path(__file__).parents[2] / "docs" / "mappings.md").read_text(encoding="utf-8")
    (example, *_), (made, *_) = (
        re.findall(rf"```{kind}\n(.*?)```", document, re.DOTALL) for kind in ("csv", "toml")
    )
    main(["map", str(written(tmp_path, "absence.csv", example))])
    assert capsys.readouterr().out.strip() == made.strip()


def test_the_document_names_every_key_of_a_mapping() -> None:
    document = (Path(__file__).parents[2] / "docs" / "mappings.md").read_text(encoding="utf-8")
    for key in (*mapping.TEXTS, *mapping.OTHERS):
        assert f"`{key}`" in document, key
    for table in mapping.TABLES:
        assert f"`.{table}`" in document, table


@pytest.mark.parametrize(
    "heading",
    ["Payroll No", "Personnel ID", "Pers.-Nr.", "Worker code", "employee_id", "EmployeeID", "Staff_ID",
     "EMPL ID", "Clock number", "Payroll ref", "File#"],
)  # fmt: skip
def test_a_heading_of_ids_is_known_however_a_product_writes_it(tmp_path: Path, heading: str) -> None:
    path = written(tmp_path, "a.csv", absences().replace("Emp Ref", heading, 1))
    assert decided(proposed(path))["absences"]["columns"]["person_id"] == heading


def test_a_file_without_a_known_heading_of_ids_is_proposed_once_it_is_said_what_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", absences().replace("Emp Ref", "Wer", 1))
    with pytest.raises(BadExport, match="say what it is an export of, --export NAME"):
        proposed(path)
    text = proposed(path, "absences")
    assert "Which heading holds person_id?" in text and '# person_id = ""  # decide' in text
    assert decided(text)["absences"]["columns"]["hours"] == "Hours lost"
    assert "Sickness" not in text, "many rows could be of one person"


def test_a_roster_without_a_known_end_and_without_known_dates_asks_for_both(tmp_path: Path) -> None:
    """Else nobody would ever leave a post, or every row be set aside, and no word of it."""
    rows = "".join(f"{person},A1,worker,03.04.2025,,37.5,N\n" for person in PEOPLE)
    path = written(tmp_path, "s.csv", f"Staff ID,Unit,Job,Effective,Until,Weekly hours,Supervisor\n{rows}")
    text = proposed(path, "staff")
    for asked in ("without it nobody ever leaves a post", '# date_format = "%d/%m/%Y"  # decide'):
        assert asked in text
    assert "Nothing is left to decide" not in text
