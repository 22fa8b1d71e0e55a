"""Spoiling bytes: anywhere, at signs that mean something, and inside of archives and workbooks."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from collections.abc import Callable, Sequence
from random import Random

TOKENS = (
    b'"', b'""', b"\0", b"\r", b"\n", b"\r\n", b",", b";", b"\t", b"|", b"'", b"\\", b"\x1a", b"\x85",
    b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80",
    "\u2028".encode(), "\u202e".encode(), "\u00a0".encode(), "١٢".encode(), "İ".encode(),
    b"=cmd|' /C calc'!A0", b"';drop table load;--", b"../../etc/passwd", b"NaN", b"1e999", b"-0", b"9" * 40,
    b"0000-00-00", b"9999-12-31", b"31/02/2026", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"PK\x03\x04",
    b"PAR1", b"<!DOCTYPE x [<!ENTITY a 'b'>]>&a;", b"&#0;", b"Id", b"From", b"Lost",
)  # fmt: skip
NAMES = (
    "../../x.csv", "/etc/x.csv", "a\\b.csv", "absences.csv", "x.zip", "x.xlsx", "", "\u202ecsv.exe",
    "__MACOSX/._absences.csv", "a" * 300 + ".csv", "con.csv", "'); drop table load; --.csv",
)  # fmt: skip
Mutation = Callable[[bytes, Random], bytes]


def _place(content: bytes, dice: Random) -> int:
    return dice.randrange(len(content) + 1)


def _flip(content: bytes, dice: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.choice((1, 2, 8, 64))):
        if changed:
            changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _insert(content: bytes, dice: Random) -> bytes:
    place, token = _place(content, dice), dice.choice(TOKENS) * dice.choice((1, 1, 1, 2, 50))
    return content[:place] + token + content[place:]


def _overwrite(content: bytes, dice: Random) -> bytes:
    place, token = _place(content, dice), dice.choice(TOKENS)
    return content[:place] + token + content[place + len(token) :]


def _cut(content: bytes, dice: Random) -> bytes:
    first, last = sorted((_place(content, dice), _place(content, dice)))
    return dice.choice((content[:first], content[first:], content[:first] + content[last:]))


def _repeat(content: bytes, dice: Random) -> bytes:
    first, last = sorted((_place(content, dice), _place(content, dice)))
    return content[:last] + content[first:last] * dice.choice((1, 2, 30)) + content[last:]


def _long(content: bytes, dice: Random) -> bytes:
    place = _place(content, dice)
    return content[:place] + dice.choice((b"9", b",", b'"', b"x", b"\n")) * 1_200_000 + content[place:]


def _number(content: bytes, dice: Random) -> bytes:
    """Lengths and offsets of binary formats."""
    place, value = _place(content, dice), dice.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 65535))
    return content[:place] + struct.pack("<I", value) + content[place + 4 :]


ANYWHERE: tuple[Mutation, ...] = (_flip, _insert, _insert, _insert, _overwrite, _cut, _repeat, _number)


def mutated(content: bytes, dice: Random) -> bytes:
    """Some changes, one after the other; inside of an archive where it is one, half of the time."""
    for _ in range(dice.choice((1, 1, 2, 4))):
        content = dice.choice(ANYWHERE)(content, dice)
    return _long(content, dice) if dice.random() < 0.01 else content


def mutated_archive(content: bytes, dice: Random) -> bytes:
    """The same archive, parts of which are changed, named otherwise, doubled, or packed once more."""
    packed = io.BytesIO()
    with (
        warnings.catch_warnings(action="ignore"),  # of doubled names
        zipfile.ZipFile(io.BytesIO(content)) as given,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        parts = given.infolist()
        chosen = dice.choice(parts).filename
        for part in parts:
            inner, name = given.read(part), part.filename
            if name == chosen:
                inner = mutated(inner, dice) if dice.random() < 0.7 else inner
                name = dice.choice(NAMES) if dice.random() < 0.2 else name
            for _ in range(dice.choice((1,) * 12 + (2, 0))):
                archive.writestr(_info(name, dice), inner)
        if dice.random() < 0.05:
            archive.writestr("inner.zip", content)
    return packed.getvalue()


def _info(name: str, dice: Random) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name or "x")
    info.compress_type = dice.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    info.external_attr = dice.choice((0o600, 0o600, 0o600, 0o120777, 0o040755)) << 16
    return info


def spoilt(content: bytes, is_archive: bool, dice: Random) -> bytes:
    """A file made from a good one."""
    if is_archive and dice.random() < 0.6:
        content = mutated_archive(content, dice)
        return mutated(content, dice) if dice.random() < 0.1 else content
    return mutated(content, dice)


def spliced(contents: Sequence[bytes], dice: Random) -> bytes:
    """The beginning of one file and the end of another."""
    one, other = dice.choice(contents), dice.choice(contents)
    return one[: _place(one, dice)] + other[_place(other, dice) :]
