"""Canaries: texts, ids, numbers and days found nowhere else, for every column of every declared export.

What is planted follows from the declarations in :mod:`pipelines.exports`: a column added there is
planted without a change here.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cached_property
from hashlib import sha256

from pipelines.exports import LONGEST_TEXT, PERSON_ID, UNIT_ID, Column, Export, Kind

MARK = "KxQ7"
"""What every word begins with, so that a search may pass over what holds none."""
DECIMALS = 4
"""What the warehouse keeps of a number."""
TELLING_DIGITS = 7
"""Released figures have six digits, so a number of seven or more is never one of them by chance."""
OUTSIDE_HASHES = "(?<![0-9a-fA-F]{8}){}(?![0-9a-fA-F]{8})"
WHOLE_NUMBER = "(?<![0-9]){}(?![0-9])"
FALSE_ALARM = 1e-6
"""The chance, at most, that a run writes a canary by itself. The shortest have nine digits, and some hundred
numbers outside hashes are as long; words have 14 hexadecimal digits, numbers in memory eight bytes."""
FIRST_FAR_DAY = date(2081, 1, 2)
FIRST_DAY_BEYOND = date(2120, 1, 2)
AWKWARD = ' "é,;<&\\'
"""What CSV, JSON, HTML and SQL each write in a way of their own."""


class Refuge(Enum):
    """Where a canary may lie beside its export."""

    NOWHERE = "nowhere"
    WAREHOUSE = "warehouse"
    FILE_NAMES = "where files are named to the analyst"


@dataclass(frozen=True)
class Needle:
    """Bytes that betray a canary; with a pattern, only where they stand as it says."""

    content: bytes
    pattern: str = "{}"

    def is_in(self, view: bytes) -> bool:
        if self.content not in view:
            return False
        exact = self.pattern.encode().replace(b"{}", re.escape(self.content))
        return self.pattern == "{}" or re.search(exact, view) is not None


@dataclass(frozen=True)
class Canary:
    """One planted text: where it stands, and what it becomes where it is accepted.

    ``tail`` is what its cell holds after it, which alone betrays nothing.
    """

    where: str
    text: str
    refuge: Refuge = Refuge.NOWHERE
    typed: date | Decimal | None = None
    tail: str = ""

    @property
    def cell(self) -> str:
        return self.text + self.tail

    @cached_property
    def needles(self) -> tuple[Needle, ...]:
        text = self.text.encode()
        return (
            Needle(text, OUTSIDE_HASHES if text.isdigit() else "{}"),
            Needle(text.replace(b".", b","), OUTSIDE_HASHES if text.isdigit() else "{}"),
            *TEXTS[type(self.typed)](self.typed),
            *(Needle(content) for content in _in_memory(self.typed)),
        )


def _day_texts(day: date) -> tuple[Needle, ...]:
    forms = ("%Y-%m-%d", "%d/%m/%Y", "date(%Y, %-m, %-d")
    return tuple(Needle(day.strftime(form).encode()) for form in forms)


def _number_texts(number: Decimal) -> tuple[Needle, ...]:
    text = str(number).encode()
    written = (text, text.replace(b".", b",")) if len(text) > TELLING_DIGITS else ()
    return tuple(Needle(each, WHOLE_NUMBER) for each in written)


TEXTS: dict[type, Callable[..., tuple[Needle, ...]]] = {
    type(None): lambda _: (),
    date: _day_texts,
    Decimal: _number_texts,
}


def _in_memory(value: date | Decimal | None) -> Iterator[bytes]:
    """A number or a day as DuckDB, pandas and pickles hold it."""
    if isinstance(value, date):
        yield b"C\x04" + struct.pack(">HBB", value.year, value.month, value.day)
        seconds = int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp())
        yield from (struct.pack("<q", seconds * scale) for scale in (10**6, 10**9))
    elif value is not None:
        yield from (struct.pack(order, float(value)) for order in ("<d", ">d"))


@dataclass(frozen=True)
class Salt:
    """What makes the canaries of one agency its own, so that another's files are never taken for a leak."""

    text: str

    def hex(self, where: str) -> str:
        return sha256(f"{self.text} {where}".encode()).hexdigest()

    def word(self, where: str, refuge: Refuge = Refuge.NOWHERE, tail: str = "") -> Canary:
        return Canary(where, f"{MARK}{self.hex(where)[:14]}", refuge, tail=tail)

    def digits(self, where: str, count: int) -> str:
        """Digits none of which is 0 or 5, so that no number is a round one or a whole quarter."""
        return "".join("12346789"[int(sign, 16) % 8] for sign in self.hex(where)[:count])

    def number(self, where: str, whole: str, refuge: Refuge = Refuge.WAREHOUSE) -> Canary:
        """A number with more places than the warehouse keeps, so that text and stored value differ."""
        places = self.digits(where, DECIMALS)
        text = f"{whole}.{places}1{self.digits(where + ', further places', 12)}"
        return Canary(where, text, refuge, Decimal(f"{whole}.{places}"))

    def day(self, where: str, step: int) -> Canary:
        """A day far out; days of a greater step are later."""
        day = FIRST_FAR_DAY + timedelta(days=401 * step + int(self.hex(where)[:4], 16) % 300)
        return Canary(where, day.isoformat(), Refuge.WAREHOUSE, day)


@dataclass(frozen=True)
class Place:
    """One column of one export, to be planted with the salt of an agency."""

    salt: Salt
    export: Export
    column: Column

    def __str__(self) -> str:
        return f"{self.export.name}.{self.column.name}"

    @property
    def step(self) -> int:
        return self.export.columns.index(self.column)

    @property
    def high(self) -> int:
        assert isinstance(self.column.high, (int, Decimal))
        return int(self.column.high)

    def accepted(self, is_far: bool) -> Canary | str:
        """A cell that the column holds; the days of a row that is not far are like everybody's."""
        if self.column.name == PERSON_ID:
            return self.salt.word(f"person, {'far' if is_far else 'near'}")
        if self.column.name == UNIT_ID or (self.column.kind is Kind.DATE and not is_far):
            return ordinary(self.column)
        return ACCEPTED[self.column.kind](self, f"{self}, {'far' if is_far else 'near'}", is_far)

    def refused(self) -> tuple[Canary, ...]:
        """Cells that make their row be set aside; the person is a stranger to the roster."""
        if self.column.name == PERSON_ID:
            return (self.salt.word(f"{self}, stranger"),)
        if self.column.name == UNIT_ID:
            return (self.salt.word(f"{self}, unknown unit"),)
        return tuple(plant(self) for plant in REFUSED[self.column.kind])

    def word(self) -> Canary:
        return self.salt.word(f"{self}, unknown word")

    def too_long(self) -> Canary:
        return self.salt.word(f"{self}, too long", tail="x" * LONGEST_TEXT)

    def day_beyond(self) -> Canary:
        where = f"{self}, beyond the limits"
        day = FIRST_DAY_BEYOND + timedelta(days=int(self.salt.hex(where)[:4], 16) % 40_000)
        return Canary(where, day.isoformat(), typed=day)

    def number_beyond(self) -> Canary:
        where = f"{self}, beyond the limits"
        return self.salt.number(where, self.salt.digits(where + ", whole", 8), Refuge.NOWHERE)

    def count_beyond(self) -> Canary:
        where = f"{self}, beyond the limits"
        return Canary(where, self.salt.digits(where, 9))


def ordinary(column: Column) -> str:
    """A cell like everybody's."""
    if column.name == UNIT_ID:
        return "NORTH"
    if column.nullable:
        return ""
    return {
        Kind.TEXT: "worker", Kind.DATE: "2026-01-05", Kind.DECIMAL: "7.5", Kind.INTEGER: "1",
        Kind.CHOICE: (*column.choices, "")[0], Kind.FLAG: "false",
    }[column.kind]  # fmt: skip


def _a_word(place: Place, where: str, _is_far: bool) -> Canary:
    return place.salt.word(where, Refuge.WAREHOUSE, AWKWARD)


def _a_day(place: Place, where: str, _is_far: bool) -> Canary:
    return place.salt.day(where, place.step)


def _a_number(place: Place, where: str, is_far: bool) -> Canary:
    """Within the limits, and within what the rules allow beside the other cells of its row."""
    return place.salt.number(where, str(min(place.high, 900 if is_far else 20) * 2 // 5))


def _a_count(place: Place, where: str, is_far: bool) -> Canary:
    """In nine digits. Later columns hold less, since some count a part of what earlier ones count."""
    return Canary(where, f"{place.high - 13 * place.step - (3 if is_far else 7):09d}", Refuge.WAREHOUSE)


def _nothing_else(place: Place, _where: str, _is_far: bool) -> str:
    """Only the declared words are accepted, and they tell nothing."""
    return ordinary(place.column)


ACCEPTED: dict[Kind, Callable[[Place, str, bool], Canary | str]] = {
    Kind.TEXT: _a_word, Kind.DATE: _a_day, Kind.DECIMAL: _a_number, Kind.INTEGER: _a_count,
    Kind.CHOICE: _nothing_else, Kind.FLAG: _nothing_else,
}  # fmt: skip
REFUSED: dict[Kind, tuple[Callable[[Place], Canary], ...]] = {
    Kind.TEXT: (Place.too_long,),
    Kind.DATE: (Place.word, Place.day_beyond),
    Kind.DECIMAL: (Place.word, Place.number_beyond),
    Kind.INTEGER: (Place.word, Place.count_beyond),
    Kind.CHOICE: (Place.word,),
    Kind.FLAG: (Place.word,),
}
