"""The exports that may come in: every column declared once.

Tables, conversion, row rules, the Great Expectations suite and the documentation derive from these
declarations; a new column is a new line here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum

EARLIEST, LATEST = date(1950, 1, 1), date(2100, 12, 31)
HOURS_A_DAY = 24
LONGEST_TEXT = 200
PERSON_ID, PERSON, UNIT_ID = "person_id", "person", "unit_id"
ROWS, SNAPSHOT, GRID = "rows", "snapshot", "grid"


class Kind(Enum):
    """What a column holds; the value is its type in the warehouse."""

    TEXT = "VARCHAR"
    DATE = "DATE"
    DECIMAL = "DECIMAL(12,4)"
    INTEGER = "INTEGER"
    CHOICE = "VARCHAR "
    FLAG = "BOOLEAN"

    @property
    def sql_type(self) -> str:
        return self.value.strip()


CANONICAL = {
    Kind.DECIMAL: re.compile(r"[+-]?[0-9]{1,8}([.][0-9]{1,30})?"),
    Kind.INTEGER: re.compile(r"[+-]?[0-9]{1,9}"),
    Kind.DATE: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    Kind.FLAG: re.compile(r"true|false", re.IGNORECASE),
}

Bound = date | Decimal | int


@dataclass(frozen=True)
class Column:
    """One column of an export: its canonical name, what it may hold and what it means.

    ``low`` and ``high`` are inclusive, unless ``above_low`` says that ``low`` itself is too little.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    low: Bound | None = None
    high: Bound | None = None
    above_low: bool = False
    nullable: bool = False
    choices: tuple[str, ...] = ()

    @property
    def stored_name(self) -> str:
        """The name in the warehouse, where a person is known by a pseudonym alone."""
        return PERSON if self.name == PERSON_ID else self.name

    @property
    def limits(self) -> str:
        """The declared limits in words."""
        low = f"above {self.low}" if self.above_low else f"from {self.low}"
        return f"{low} to {self.high}"

    def accepts(self, text: str) -> bool:
        """Whether a text in canonical form (ISO dates, decimal points) may stand in this column."""
        if not text:
            return self.nullable
        if self.kind is Kind.CHOICE:
            return text in self.choices
        if self.kind is Kind.TEXT:
            return len(text) <= LONGEST_TEXT
        if not CANONICAL[self.kind].fullmatch(text):
            return False
        return self.kind is Kind.FLAG or self._within(text)

    def _within(self, text: str) -> bool:
        try:
            value = date.fromisoformat(text) if self.kind is Kind.DATE else Decimal(text)
        except (ValueError, InvalidOperation):
            return False
        assert self.low is not None and self.high is not None
        return self.low <= value <= self.high and not (self.above_low and value == self.low)  # type: ignore[operator]


@dataclass(frozen=True)
class RowRule:
    """What no row can be, looked at alone; ``broken`` is the SQL condition of a row that breaks it.

    ``{days}`` in the condition is the number of days of the export's grain.
    """

    name: str
    column: str
    broken: str
    reason: str


@dataclass(frozen=True)
class Export:
    """One export: its columns, the rules of its rows and what a person usually has of it.

    ``spell`` names the columns that hold a row's first and last day. Rows of one person that agree
    in ``apart`` may not overlap in time (empty: they may). The column ``spread`` holds an amount of the
    whole spell. More than ``rows_a_month`` rows of one person that begin in the same month are worth a
    warning. Rows that may be wrong are the matter of :mod:`pipelines.rules`. Rows are kept for
    ``months_kept`` whole months after their last day, unless the policy says otherwise. ``shapes`` are those
    in which a file may hold it beside one row after the other.
    """

    name: str
    grain: str
    meaning: str
    columns: tuple[Column, ...]
    spell: tuple[str, str]
    rows_a_month: int
    rules: tuple[RowRule, ...] = ()
    apart: tuple[str, ...] = ()
    spread: str = ""
    grains: tuple[str, ...] = ()
    months_kept: int = 24
    shapes: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def ended(self) -> str:
        """The SQL of the last day that a row may speak of; a week may be dated by its first day."""
        last = f"coalesce({self.spell[1]}, date '9999-12-31')"
        return f"{last} + 6" if self.grains else last

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def stored_names(self) -> tuple[str, ...]:
        return tuple(column.stored_name for column in self.columns)


def _text(name: str, meaning: str) -> Column:
    return Column(name, Kind.TEXT, meaning)


def _date(name: str, meaning: str, *, nullable: bool = False) -> Column:
    return Column(name, Kind.DATE, meaning, low=EARLIEST, high=LATEST, nullable=nullable)


def _hours(name: str, high: int, meaning: str, *, above_low: bool = False) -> Column:
    low, top = Decimal(0), Decimal(high)
    return Column(name, Kind.DECIMAL, meaning, unit="hours", low=low, high=top, above_low=above_low)


def _count(name: str, high: int, unit: str, meaning: str) -> Column:
    return Column(name, Kind.INTEGER, meaning, unit=unit, low=0, high=high)


_PERSON = _text(PERSON_ID, "The employer's own number for a person; kept only as a keyed hash.")
_START = _date("start_date", "First day of the spell.")
GRAIN_DAYS = {"day": 1, "week": 7, "month": 31}

STAFF = Export(
    name="staff",
    grain="one row per assignment spell",
    meaning="Who works where, from when to when, for how many hours a week.",
    columns=(
        _PERSON,
        _text(UNIT_ID, "Unit of the organisation register to which the person is assigned."),
        _text("role", "Kind of work, as the employer names it."),
        _START,
        _date("end_date", "Last day of the spell; empty while it lasts.", nullable=True),
        _hours("weekly_hours", 80, "Contracted hours a week.", above_low=True),
        Column("is_supervisor", Kind.FLAG, "Whether the person supervises others."),
    ),
    spell=("start_date", "end_date"),
    rows_a_month=3,
    apart=(PERSON, UNIT_ID),
    months_kept=36,
    shapes=(SNAPSHOT,),
)
SEPARATIONS = Export(
    name="separations",
    grain="one row per leaving",
    meaning="Who left the organisation, when, and whether by their own wish.",
    columns=(
        _PERSON,
        _date("date", "Last day in employment."),
        Column(
            "reason",
            Kind.CHOICE,
            "Whether the leaving was voluntary, as the employer records it; never inferred.",
            choices=("voluntary", "involuntary", "other"),
        ),
    ),
    spell=("date", "date"),
    rows_a_month=1,
)
ABSENCES = Export(
    name="absences",
    grain="one row per absence spell or day",
    meaning="Working hours lost to unplanned absence; planned leave does not belong here.",
    columns=(
        _PERSON,
        _START,
        _date("end_date", "Last day of the absence; the first day again for a single day."),
        _hours("hours", 20_000, "Working hours lost over the whole spell."),
        Column(
            "kind",
            Kind.CHOICE,
            "Coarse kind of absence; never a diagnosis.",
            choices=("sickness", "injury", "family", "unauthorised", "other"),
        ),
    ),
    spell=("start_date", "end_date"),
    rows_a_month=12,
    rules=(
        RowRule(
            "hours-beyond-days",
            "hours",
            f"hours > {HOURS_A_DAY} * (end_date - start_date + 1)",
            f"more than {HOURS_A_DAY} hours for each day of the spell",
        ),
    ),
    apart=(PERSON,),
    spread="hours",
    shapes=(GRID,),
)
CASELOAD = Export(
    name="caseload",
    grain="one row per person and census date",
    meaning="Cases that a person holds on a census date.",
    columns=(
        _PERSON,
        _date("date", "Census date."),
        _count("open_cases", 500, "cases", "Cases open on that date."),
        _count("trauma_cases", 500, "cases", "Those of them that hold traumatic material."),
    ),
    spell=("date", "date"),
    rows_a_month=5,
    rules=(
        RowRule(
            "trauma-beyond-open",
            "trauma_cases",
            "trauma_cases > open_cases",
            "more trauma cases than open cases",
        ),
    ),
    shapes=(GRID,),
)
EXPOSURE = Export(
    name="exposure",
    grain="one row per person and day, week or month",
    meaning="Hours of work with traumatic material, by how it is met.",
    columns=(
        _PERSON,
        _date("date", "The day; a day of the month; or a week's first or last day, as the mapping declares."),
        _hours("direct_hours", 744, "Hours with traumatised clients."),
        _hours("indirect_hours", 744, "Hours with traumatic material without the client."),
        _count("critical_incidents", 200, "incidents", "Critical incidents met."),
    ),
    spell=("date", "date"),
    rows_a_month=31,
    rules=(
        RowRule(
            "hours-beyond-days",
            "direct_hours",
            f"direct_hours + indirect_hours > {HOURS_A_DAY} * {{days}}",
            f"direct and indirect hours together are more than {HOURS_A_DAY} for each day",
        ),
    ),
    grains=tuple(GRAIN_DAYS),
    shapes=(GRID,),
)

# Staff first: whether a person is known depends on it.
EXPORTS = {export.name: export for export in (STAFF, SEPARATIONS, ABSENCES, CASELOAD, EXPOSURE)}
