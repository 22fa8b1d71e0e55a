"""Files that are made to break a reader: each gets one sentence and next to no memory."""

from __future__ import annotations

import os
import resource
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "integration"))

from ingest_folder import Agency
from test_traps import USUAL, lay_out

from privacy.errors import BadExport

HEADER = "Id,From,To,Lost"
MANY = 5_000


def long_line(path: Path) -> None:
    path.write_text(f"{HEADER}\np1,2026-01-05,2026-01-06,{'9' * 2_000_000}\n")


def long_quote(path: Path) -> None:
    path.write_text(f'{HEADER}\np1,"{"2026" * 500_000}\n')


def many_columns(path: Path) -> None:
    path.write_text(
        HEADER + "".join(f",c{n}" for n in range(MANY)) + f"\np1,2026-01-05,2026-01-06,15{',' * MANY}\n"
    )


def huge_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20 << 30)  # sparse: it takes no room


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/a.xml", "w") as part:
        for _ in range(600):
            part.write(b"\0" * (1 << 20))


def lying_bomb(path: Path) -> None:
    """The directory says that the part is small; unpacking it takes much more."""
    zip_bomb(path)
    data = path.read_bytes()
    size = (600 << 20).to_bytes(4, "little")
    path.write_bytes(data.replace(size, (1 << 10).to_bytes(4, "little")))


def no_workbook(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../escaped.txt", "x")


def packed_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("absences.csv", f"{HEADER}\n" + "\n" * (40 << 20))


def huge_member(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as part:
        for _ in range(600):
            part.write(b"\n" * (1 << 20))


def lying_archive(path: Path) -> None:
    """The directory says that the member is small; what it says is read and does not add up."""
    huge_member(path)
    size = (600 << 20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (1 << 10).to_bytes(4, "little")))


def many_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1_001):
            archive.writestr(f"{number}.csv", "x")


def with_a_password(path: Path) -> None:
    """Its flag says so in the directory and before the member."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("absences.csv", HEADER)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)


def packed_strangely(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("absences.csv", HEADER)


def a_packed_link(path: Path) -> None:
    link = zipfile.ZipInfo("absences.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")


def cut_off(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("absences.csv", f"{HEADER}\np1,2026-01-05,2026-01-06,15\n")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"p1,2026", b"p2,2026", 1))


def a_packed_workbook_bomb(path: Path) -> None:
    zip_bomb(path)
    bomb = path.read_bytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("absences.xlsx", bomb)


def a_fifo(path: Path) -> None:
    os.mkfifo(path)


BOMBS: list[tuple[str, Callable[[Path], None], str]] = [
    ("absences.csv", long_line, "broken quotes or a cell too long"),
    ("absences.csv", long_quote, "broken quotes or a cell too long"),
    ("absences.csv", many_columns, "has more than 2,000 columns"),
    ("absences.csv", huge_file, "is larger than 512 MB"),
    ("absences.xlsx", zip_bomb, "unpacks to more than 512 MB"),
    ("absences.xlsx", lying_bomb, "is no readable XLSX workbook"),
    ("absences.xlsx", no_workbook, "is no readable XLSX workbook"),
    ("absences.zip", packed_bomb, "unpacks to more than 200 times its size"),
    ("absences.zip", huge_member, "unpacks to more than 512 MB"),
    ("absences.zip", lying_archive, "is no ZIP archive that can be unpacked"),
    ("absences.zip", many_members, "holds more than 1,000 files"),
    ("absences.zip", with_a_password, "has a password"),
    ("absences.zip", packed_strangely, "is packed in a way that is not read"),
    ("absences.zip", a_packed_link, "holds a link in place of a file"),
    ("absences.zip", cut_off, "is no ZIP archive that can be unpacked"),
    ("absences.zip", a_packed_workbook_bomb, "unpacked, unpacks to more than 512 MB"),
    ("absences.csv", a_fifo, "no file 'absences.csv' lies in the exports folder"),
]


@pytest.mark.parametrize(("file", "make", "words"), BOMBS, ids=[make.__name__ for _, make, _ in BOMBS])
def test_a_bomb_is_one_sentence(tmp_path: Path, file: str, make: Callable[[Path], None], words: str) -> None:
    agency = bombed(tmp_path, file, make)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadExport) as refused:
        agency.ingest()
    assert words in str(refused.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 << 10  # in kB
    assert not list(tmp_path.rglob("escaped.txt"))


def bombed(root: Path, file: str, make: Callable[[Path], None]) -> Agency:
    agency = lay_out(root, {**USUAL, "file": file, "text": "x", "as_text": True})
    (agency.folder / file).unlink()
    make(agency.folder / file)
    return agency


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines import staging

    whole = staging.read_lines

    def growing(path: Path, mapping: object):  # type: ignore[no-untyped-def]
        for line in whole(path, mapping):  # type: ignore[arg-type]
            if path.name == "absences.csv" and line.number == 2:
                with path.open("a") as file:
                    file.write("p2,2026-01-05,2026-01-06,15\n")
            yield line

    agency = lay_out(tmp_path, {**USUAL, "text": f"{HEADER}\np1,2026-01-05,2026-01-06,15\n"})
    with monkeypatch.context() as patch, pytest.raises(BadExport, match="changed while it was read"):
        patch.setattr(staging, "read_lines", growing)
        agency.ingest()
    assert not any(agency.stored().values())
