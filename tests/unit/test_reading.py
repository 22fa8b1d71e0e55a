"""Files are read whole or refused with the place of the fault; no message holds a cell's text."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from pipelines.dateformat import DateFormat
from pipelines.exports import SEPARATIONS
from pipelines.formats import limits
from pipelines.layout import Layout
from pipelines.mapping import ExportMapping
from pipelines.reading import content_hash, find_files, read_lines
from privacy.errors import BadExport

MAPPING = ExportMapping(
    export=SEPARATIONS,
    file="leavers.*",
    sheet=(),
    encoding="utf-8",
    delimiter=None,
    date_format=DateFormat("%d/%m/%Y"),
    decimal_mark=".",
    grain=None,
    week_date=None,
    distinct=False,
    covers=None,
    columns={"person_id": "Id", "date": "Last day", "reason": "Why"},
    constants={},
    values={},
    skip={},
)
CELL = "CANARY-7731"
HEADER = "Id,Colour,Why,Last day\n"
ROW = f"{CELL},red,Resigned,31/01/2026\n"


def read(folder: Path, content: bytes | str, mapping: ExportMapping = MAPPING, name: str = "leavers.csv"):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [(line.number, line.texts) for line in read_lines(path, mapping)]


def refusal(
    folder: Path, content: bytes | str, mapping: ExportMapping = MAPPING, name: str = "leavers.csv"
) -> str:
    with pytest.raises(BadExport) as caught:
        read(folder, content, mapping, name)
    assert CELL not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def test_only_mapped_columns_are_kept_stripped_and_with_their_line(tmp_path: Path) -> None:
    text = 'Id , Colour,Why,Last day\r\n A1 ,red,"Resigned, moved",31/01/2026\r\n\r\nA2,blue,x,01/02/2026'
    assert read(tmp_path, text) == [
        (2, ("A1", "31/01/2026", "Resigned, moved")),
        (4, ("A2", "01/02/2026", "x")),
    ]


def test_a_record_over_several_lines_has_the_number_of_its_first(tmp_path: Path) -> None:
    text = HEADER + 'A1,"two\nlines",x,1\n' + "A2,red,x,2\n"
    mapping = replace(MAPPING, layout=Layout(line_breaks=True))
    assert [number for number, _ in read(tmp_path, text, mapping)] == [2, 4]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        (HEADER, "no data line"),
        (HEADER + ROW + f"{CELL},red,Resigned\n", "line 3: 3 cells where the header has 4"),
        (HEADER + f"{CELL},red,Resigned, moved,31/01/2026\n", "line 2: 5 cells where the header has 4"),
        (ROW + ROW, "lacks the heading 'Id'"),
        (HEADER.replace("Last day", "Final day") + ROW, "lacks the heading 'Last day'"),
        (HEADER.replace("Colour", "Why") + ROW, "has the heading 'Why' 2 times"),
        (HEADER.replace(",", ";") + ROW, "lacks the heading 'Id'"),
        (HEADER + ROW + f'{CELL},"red,x,1\n', "broken quotes"),
        (HEADER + ROW + f'{CELL},"red"x,x,1\n', "line 3"),
        (HEADER + ROW + f"{CELL}\0,red,x,1\n", "line 3: holds a NUL"),
        ((HEADER + ROW).encode() + f"{CELL}é,red,x,1\n".encode("cp1252"), "is not in utf-8"),
        ((HEADER + ROW).encode("utf-16"), "is not in utf-8"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 45 else "",
)
def test_a_broken_structure_refuses_the_file(tmp_path: Path, content: bytes | str, said: str) -> None:
    assert said in refusal(tmp_path, content)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16", "iso-8859-1"])
def test_declared_encodings_and_delimiters_are_followed(tmp_path: Path, encoding: str) -> None:
    mapping = replace(MAPPING, encoding=encoding, delimiter=";")
    content = (HEADER + "Zoë,red,Gekündigt,31.01.2026\n").replace(",", ";").encode(encoding)
    assert read(tmp_path, content, mapping) == [(2, ("Zoë", "31.01.2026", "Gekündigt"))]


def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path: Path) -> None:
    assert len(read(tmp_path, "\ufeff" + HEADER + ROW)) == 1


def test_tsv_is_parted_by_tabs_unless_declared(tmp_path: Path) -> None:
    assert len(read(tmp_path, (HEADER + ROW).replace(",", "\t"), name="leavers.tsv")) == 1


def test_a_skip_rule_needs_its_heading(tmp_path: Path) -> None:
    mapping = replace(MAPPING, skip={"Status": frozenset({"x"})})
    assert "lacks the heading 'Status'" in refusal(tmp_path, HEADER + ROW, mapping)


def workbook(folder: Path, rows: list[list[object]], sheet: str = "Leavers") -> Path:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(folder / "leavers.xlsx")
    return folder / "leavers.xlsx"


def test_workbook_cells_become_the_texts_of_a_csv(tmp_path: Path) -> None:
    rows = [
        ["Id", "Colour", "Why", "Last day"],
        [10026, None, 7.5, date(2026, 1, 31)],
        [None, None, None, None],
        [10026.0, 1, True, datetime(2026, 2, 1)],
        ["0042", 1, 0.1 + 0.2, datetime(2026, 2, 1, 13, 30)],
        [" A ", 1, 1e-7, "31/01/2026"],
    ]
    path = workbook(tmp_path, rows)
    assert [(line.number, line.texts) for line in read_lines(path, replace(MAPPING, decimal_mark=","))] == [
        (2, ("10026", "31/01/2026", "7,5")),
        (4, ("10026", "01/02/2026", "true")),
        (5, ("0042", "2026-02-01 13:30:00", "0,3")),
        (6, ("A", "31/01/2026", "0,0000001")),
    ]


def test_a_workbook_is_refused_where_it_is_none_or_lacks_the_sheet(tmp_path: Path) -> None:
    assert "no XLSX workbook" in refusal(tmp_path, HEADER + ROW, name="leavers.xlsx")
    path = workbook(tmp_path, [["Id", "Why", "Last day"], ["a", "b", "c"]])
    with pytest.raises(BadExport, match="no sheet 'Other'"):
        list(read_lines(path, replace(MAPPING, sheet=("Other",))))
    path = workbook(tmp_path, [["Id", "Why", "Last day"]])
    with pytest.raises(BadExport, match="no data line"):
        list(read_lines(path, MAPPING))


def test_a_workbook_that_unpacks_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch) -> None:
    path = workbook(tmp_path, [["Id", "Why", "Last day"], ["a", "b", "c"]])
    monkeypatch.setattr(limits, "LARGEST_FILE", 1000)
    with pytest.raises(BadExport, match="unpacks to more than"):
        list(read_lines(path, MAPPING))


def test_files_are_found_by_pattern_and_by_name(tmp_path: Path) -> None:
    for name in ("leavers.txt", "leavers.csv", "other.csv"):
        (tmp_path / name).write_text("x")
    assert [path.name for path in find_files(tmp_path, MAPPING)] == ["leavers.csv", "leavers.txt"]


def test_a_missing_empty_oversize_or_foreign_file_is_refused(tmp_path: Path, monkeypatch) -> None:
    folder, path = tmp_path / "exports", tmp_path / "exports" / "leavers.csv"
    folder.mkdir()

    def too_large() -> None:
        path.write_text("x" * 11)
        monkeypatch.setattr(limits, "LARGEST_FILE", 10)

    for said, prepare in (
        ("no file 'leavers", lambda: None),
        ("is empty", path.touch),
        (
            "larger than",
            too_large,
        ),
        ("leaves the exports folder", lambda: (path.unlink(), path.symlink_to(tmp_path / "elsewhere.csv"))),
        ("leaves the exports folder", lambda: (tmp_path / "elsewhere.csv").write_text("x")),
        ("is not one of", lambda: (path.unlink(), (folder / "leavers.xls").write_text("x"))),
    ):
        prepare()
        with pytest.raises(BadExport, match=said):
            find_files(folder, MAPPING)


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "original.csv").write_text("x")
    os.symlink("original.csv", tmp_path / "leavers.csv")
    assert len(find_files(tmp_path, MAPPING)) == 1


def test_the_content_hash_moves_with_a_single_byte(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").write_bytes(b"y")
    assert content_hash(tmp_path / "a") != content_hash(tmp_path / "b")
