"""CSV and its kin: decoded as declared, quotes strictly."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from pipelines.formats.limits import LONGEST_CELL
from pipelines.layout import Layout, Numbered
from pipelines.mapping import ExportMapping
from privacy.errors import BadExport

SUFFIXES = (".csv", ".tsv", ".txt")
ONE_BYTE = ("cp1252", "iso-8859-1", "iso-8859-15")
_CONTROL = re.compile("[\x80-\x9f]")


def delimited_rows(name: str, file: BinaryIO, mapping: ExportMapping, usual: str) -> Iterator[Numbered]:
    """The records of a text, parted by the declared delimiter or else the usual one.

    Raises:
        BadExport: another encoding than the declared one (told last, where every byte means something in
            it), broken quotes, a record of several lines that is not declared or may hold other records, a
            cell too long, or a NUL byte.
    """
    # A byte order mark is part of UTF-8 as many systems write it, not of the first heading.
    encoding = "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding
    previous = csv.field_size_limit(LONGEST_CELL)
    try:
        text = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")
        lines = _without_nul(name, text)
        if mapping.encoding in ONE_BYTE:
            lines = _of_one_byte(name, lines, mapping.encoding)
        yield from _Records(name, lines, mapping.layout, mapping.delimiter or usual).numbered()
    except UnicodeError:
        raise BadExport(
            f"{name} is not in {mapping.encoding}; declare its true encoding in the mapping."
        ) from None
    finally:
        csv.field_size_limit(previous)


def usual_delimiter(suffix: str) -> str:
    """What parts the cells of a file of this ending, unless the mapping says otherwise."""
    return "\t" if suffix == ".tsv" else ","


class _Records:
    """The records of a text.

    Where a quote is not closed, all up to the next one is a single cell, other people's lines too. So a cell
    may hold a line break only where that is declared, and then no line that looks like a record's.
    """

    def __init__(self, file: str, lines: Iterator[str], layout: Layout, delimiter: str) -> None:
        self.file, self.layout, self.delimiter = file, layout, delimiter
        self.lines: list[str] = []  # those of the record that is being read
        self.reader = csv.reader(self._remembered(lines), strict=True, delimiter=delimiter)
        self.headings_left = layout.header_lines

    def _remembered(self, lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            self.lines.append(line)
            yield line

    def numbered(self) -> Iterator[Numbered]:
        """Records with the number of the line on which each starts; wholly empty lines hold no record."""
        last = 0
        while True:
            try:
                cells = next(self.reader)
            except StopIteration:
                return
            except csv.Error:
                raise BadExport(
                    f"{self.file}, line {last + 1} and after: broken quotes or a cell too long; "
                    "export it again."
                ) from None
            if self.headings_left:
                self._pass_headings(last + 1, cells)
            elif len(self.lines) > 1:
                self._check_lines(last + 1, len(cells))
            if cells:
                yield last + 1, cells
            last = self.reader.line_num
            self.lines.clear()

    def _pass_headings(self, number: int, cells: list[str]) -> None:
        """What stands up to the last line of the header is nobody's."""
        if cells and number >= (self.layout.header_line or 0):
            self.headings_left -= 1

    def _check_lines(self, number: int, width: int) -> None:
        if not self.layout.line_breaks:
            raise BadExport(
                f"{self.file}, line {number}: a quoted cell goes on beyond the end of its line; leave the "
                "column out, or declare line_breaks = true in the mapping where cells hold line breaks."
            )
        if any(line.count(self.delimiter) >= width - 1 for line in self.lines[1:]):
            raise BadExport(
                f"{self.file}, line {number} and after: a quote is not closed before the next row begins; "
                "leave the column out or export it again with quotes doubled."
            )


def _without_nul(file: str, lines: io.TextIOBase) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            raise BadExport(f"{file}, line {number}: holds a NUL byte, so it is no text; export it again.")
        yield line


def _of_one_byte(file: str, lines: Iterator[str], encoding: str) -> Iterator[str]:
    """The same lines, unless all that is not ASCII in them is UTF-8, or is no sign of the encoding.

    In these encodings every byte means something, so another one would be read as other words unnoticed.
    """
    may_be_utf8, is_ascii = True, True
    for line in lines:
        if not line.isascii():
            is_ascii = False
            if _CONTROL.search(line) and encoding != "cp1252":
                raise BadExport(
                    f"{file} is not in {encoding}: it holds signs that this encoding lacks; it may be cp1252."
                )
            may_be_utf8 = may_be_utf8 and _is_utf8(line.encode(encoding))
        yield line
    if may_be_utf8 and not is_ascii:
        raise BadExport(
            f"{file} is in UTF-8 and not in {encoding}; declare its true encoding in the mapping."
        )


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
