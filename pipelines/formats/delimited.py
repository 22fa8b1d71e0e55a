"""CSV and its kin: decoded as declared, quotes strictly."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from pipelines.formats.limits import LONGEST_CELL
from pipelines.layout import Numbered
from pipelines.mapping import ExportMapping
from privacy.errors import BadExport

SUFFIXES = (".csv", ".tsv", ".txt")
ONE_BYTE = ("cp1252", "iso-8859-1", "iso-8859-15")
_CONTROL = re.compile("[\x80-\x9f]")


def delimited_rows(name: str, file: BinaryIO, mapping: ExportMapping, usual: str) -> Iterator[Numbered]:
    """The records of a text, parted by the declared delimiter or else the usual one.

    Raises:
        BadExport: another encoding than the declared one (told last, where every byte means something in
            it), broken quotes, a cell too long, or a NUL byte.
    """
    # A byte order mark is part of UTF-8 as many systems write it, not of the first heading.
    encoding = "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding
    previous = csv.field_size_limit(LONGEST_CELL)
    try:
        text = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")
        lines = _without_nul(name, text)
        if mapping.encoding in ONE_BYTE:
            lines = _of_one_byte(name, lines, mapping.encoding)
        yield from _numbered(name, csv.reader(lines, strict=True, delimiter=mapping.delimiter or usual))
    except UnicodeError:
        raise BadExport(
            f"{name} is not in {mapping.encoding}; declare its true encoding in the mapping."
        ) from None
    finally:
        csv.field_size_limit(previous)


def usual_delimiter(suffix: str) -> str:
    """What parts the cells of a file of this ending, unless the mapping says otherwise."""
    return "\t" if suffix == ".tsv" else ","


def _numbered(file: str, reader: Iterator[list[str]]) -> Iterator[Numbered]:
    """Records with the number of the line on which each starts; wholly empty lines hold no record."""
    last = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise BadExport(
                f"{file}, line {last + 1} and after: broken quotes or a cell too long; export it again."
            ) from None
        if cells:
            yield last + 1, cells
        last = reader.line_num  # type: ignore[attr-defined]


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
