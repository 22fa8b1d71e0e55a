"""ZIP archives: one member is read as it unpacks; nothing is written, and no member's name is a path."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import IO

from pipelines.formats import limits
from privacy.errors import BadExport

ENCRYPTED = 0x1
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
RESOURCE_FORK = "__MACOSX/"  # what macOS adds beside each file
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


@contextmanager
def opened_member(
    name: str, file: IO[bytes], pattern: str | None, kinds: Sequence[str]
) -> Iterator[tuple[str, IO[bytes]]]:
    """The one member that a pattern means, without one the only member of a known kind, with its ending.

    Raises:
        BadExport: the archive is damaged, beyond the limits or hostile, or no or several members are meant.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            member = _meant(name, candidates(name, archive, kinds), pattern, kinds)
            with archive.open(member) as unpacked:
                yield suffix(member), unpacked
    except DAMAGED:
        raise BadExport(f"{name} is no ZIP archive that can be unpacked; pack it again.") from None


@contextmanager
def largest_member(
    name: str, file: IO[bytes], kinds: Sequence[str]
) -> Iterator[tuple[str | None, str, IO[bytes]]]:
    """The largest member of a known kind: its name where there are others, its ending, its content.

    Raises:
        BadExport: the archive is damaged, beyond the limits or hostile, or holds no such member.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            found = sorted(candidates(name, archive, kinds), key=lambda each: each.file_size)
            member = _meant(name, found[-1:], None, kinds)
            with archive.open(member) as unpacked:
                yield last_name(member) if len(found) > 1 else None, suffix(member), unpacked
    except DAMAGED:
        raise BadExport(f"{name} is no ZIP archive that can be unpacked; pack it again.") from None


def candidates(name: str, archive: zipfile.ZipFile, kinds: Sequence[str]) -> list[zipfile.ZipInfo]:
    """The members of a known kind. Raises BadExport where the archive as a whole is beyond the limits."""
    members = [each for each in archive.infolist() if not each.is_dir()]
    members = [each for each in members if not each.filename.startswith(RESOURCE_FORK)]
    if len(members) > limits.MOST_MEMBERS:
        raise BadExport(f"{name} holds more than {limits.MOST_MEMBERS:,} files; pack only the export.")
    for member in members:
        _check_harmless(name, member)
    return [each for each in members if suffix(each) in kinds]


def suffix(member: zipfile.ZipInfo) -> str:
    return _plain_path(member).suffix.lower()


def last_name(member: zipfile.ZipInfo) -> str:
    """The name of a member without its folders."""
    return _plain_path(member).name


def _plain_path(member: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(member.filename.replace("\\", "/"))


def _check_harmless(name: str, member: zipfile.ZipInfo) -> None:
    path = _plain_path(member)
    leads_out = path.is_absolute() or ".." in path.parts or ":" in member.filename
    if leads_out or not path.name or not member.filename.isprintable():
        raise BadExport(
            f"{name} holds a file whose name leads out of the archive or cannot be shown; pack it again."
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise BadExport(f"{name} holds a link in place of a file; pack the files themselves.")


def _meant(
    name: str, found: Sequence[zipfile.ZipInfo], pattern: str | None, kinds: Sequence[str]
) -> zipfile.ZipInfo:
    meant = [each for each in found if pattern is None or fnmatchcase(last_name(each), pattern)]
    if not meant:
        what = f"no file '{pattern}'" if pattern else "no file"
        raise BadExport(
            f"{name} holds {what} of the kinds {' '.join(kinds)}; correct 'member' or pack it again."
        )
    if len(meant) > 1:
        raise BadExport(
            f"{name} holds {len(meant)} files that are meant; name the one with 'member' in the mapping."
        )
    _check_size(name, meant[0])
    return meant[0]


def _check_size(name: str, member: zipfile.ZipInfo) -> None:
    if member.flag_bits & ENCRYPTED:
        raise BadExport(f"{name} has a password; pack it without one.")
    if member.compress_type not in PACKED:
        raise BadExport(f"{name} is packed in a way that is not read; pack it as an ordinary ZIP archive.")
    if member.file_size > limits.LARGEST_FILE:
        most = limits.megabytes(limits.LARGEST_FILE)
        raise BadExport(f"{name} unpacks to more than {most}; export it in several files.")
    is_large = member.file_size > limits.SMALL_MEMBER
    if is_large and member.file_size > limits.LARGEST_RATIO * max(member.compress_size, 1):
        raise BadExport(
            f"{name} unpacks to more than {limits.LARGEST_RATIO} times its size, as no export does; "
            "take the file out of it and look."
        )
