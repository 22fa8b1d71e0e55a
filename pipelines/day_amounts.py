"""Amounts in days: of how many hours a day is, and which rows are in days where a file mixes both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pipelines.exports import HOURS_A_DAY, Export
from pipelines.rules import Failure
from pipelines.warehouse import statement
from pipelines.words import Words, as_table, check_allowed
from privacy.errors import BadExport

CONTRACT = "contract"
AMOUNT_UNIT = "amount_unit"  # staged beside a row's columns where its own cell says of what its amount is
HOURS, DAYS = "hours", "days"
KEYS = ("hours_a_day", AMOUNT_UNIT, "amount_units")


@dataclass(frozen=True)
class DayAmounts:
    """Amounts in days of ``hours_a_day``, or of a fifth of the person's week by ``CONTRACT``.

    With a ``heading``, only those rows are in days whose cell there is a word for days, and others are in
    hours; ``words`` says which is which. A word for neither sets its row aside.

    Raises:
        ValueError: a day has no hours or more than there are, or the words do not say which rows are in days.
    """

    hours_a_day: Decimal | str
    heading: str | None = None
    words: Words | None = None

    def __post_init__(self) -> None:
        if isinstance(self.hours_a_day, str):
            if self.hours_a_day != CONTRACT:
                raise ValueError("a day is a number of hours, or by contract")
        elif not 0 < self.hours_a_day <= HOURS_A_DAY:
            raise ValueError("a day has more than no hours and no more than there are")
        if (self.heading is None) != (self.words is None):
            raise ValueError("a heading and its words go together")
        if self.words is not None and not {DAYS} <= set(self.words.values()) <= {DAYS, HOURS}:
            raise ValueError("words mean days or hours, and one of them days")

    @classmethod
    def parse(cls, export: Export, table: Mapping[str, object], where: str) -> DayAmounts | None:
        """Read ``hours_a_day``, ``amount_unit`` and ``amount_units``; None where amounts are in hours.

        Raises:
            BadExport: they are not of absences, say no hours, or do not go together.
        """
        given, heading, units = (table.get(key) for key in KEYS)
        if given is None and heading is None and units is None:
            return None
        words = None if units is None else _words(units, f"{where} amount_units")
        try:
            if not export.spread:
                raise ValueError("only absences have amounts")
            return cls(_hours(given), _heading(heading, export, where), words)
        except ValueError:
            raise BadExport(
                f"{where}: 'hours_a_day' is of absences alone, a number such as 7.5 or \"{CONTRACT}\"; where "
                "only some rows are in days, 'amount_unit' names the heading that says so and the table "
                '\'amount_units\' which of its words mean "days" and which "hours".'
            ) from None

    def as_hours(self, export: Export, lines: str) -> str:
        """The SQL of the same lines with amounts in hours."""
        day_hours = str(self.hours_a_day)
        if self.hours_a_day == CONTRACT:
            day_hours = statement("ingest_contract_day", first=export.spell[0])
        if self.heading is not None:
            day_hours = f"case when {AMOUNT_UNIT}_text = '{DAYS}' then ({day_hours}) else 1 end"
        return statement("ingest_day_hours", amount=export.spread, day_hours=day_hours, lines=lines)

    def conditions(self, export: Export) -> list[tuple[str, Failure]]:
        """Which rows have an amount of which it cannot be said how many hours it is."""
        column, first = export.spread, export.spell[0]
        found = []
        if self.heading is not None:
            neither = f"{column}_text <> '' and {AMOUNT_UNIT}_text not in ('{DAYS}', '{HOURS}')"
            reason = "the cell beside it is no word for days or for hours that the mapping knows"
            found.append((neither, Failure("unknown-unit-of-amount", column, reason)))
        if self.hours_a_day == CONTRACT:
            lacking = f"{column}_text <> '' and {first} is not null and day_hours is null"
            reason = "it is in days, and the roster has no contract of the person on the first day"
            found.append((lacking, Failure("no-contract", column, reason)))
        return found


def _hours(given: object) -> Decimal | str:
    if given == CONTRACT:
        return CONTRACT
    return Decimal(str(given)) if type(given) in (int, float) else Decimal(0)


def _heading(given: object, export: Export, where: str) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str):
        raise ValueError("a heading is a text")
    check_allowed(given.strip(), export, where)
    return given.strip()


def _words(units: object, where: str) -> Words:
    return {text.strip(): str(meaning) for text, meaning in as_table(units, where).items()}
