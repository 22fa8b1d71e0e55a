"""How the texts of an export's columns are written: the SQL of their typed values, and what is expected."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.dateformat import ISO, DateFormat
from pipelines.exports import LONGEST_TEXT, Column, Kind
from pipelines.mapping import CLOCK, ExportMapping

CLOCK_PATTERN = "[0-9]{1,6}:[0-5][0-9](:[0-5][0-9])?"


@dataclass(frozen=True)
class TextForms:
    """The forms that a mapping declares; constants are in canonical form whatever it declares."""

    mapping: ExportMapping

    def typed(self, column: Column) -> str:
        """The SQL expression of a column's typed value; null where the text is not of its form."""
        text = f"{column.stored_name}_text"
        if column.kind is Kind.TEXT:
            return f"case when length({text}) between 1 and {LONGEST_TEXT} then {text} end"
        if column.kind is Kind.CHOICE:
            choices = ", ".join(f"'{choice}'" for choice in column.choices)
            return f"case when {text} in ({choices}) then {text} end"
        if column.kind is Kind.FLAG:
            return f"case lower({text}) when 'true' then true when 'false' then false end"
        if column.kind is Kind.DATE:
            return as_date(text, self.date_format(column))
        return _matched(text, *self._number(column, text))

    def expected(self, column: Column) -> str:
        """What a text that cannot be typed is not."""
        return {
            Kind.TEXT: f"longer than {LONGEST_TEXT} characters",
            Kind.DATE: f"no date of the form {self.date_format(column).text}",
            Kind.DECIMAL: "no time of the form h:mm or h:mm:ss"
            if self.is_clock(column)
            else f"no number with the decimal mark {self.decimal_mark(column)} and at most 8 digits",
            Kind.INTEGER: "no whole number of at most 9 digits",
            Kind.CHOICE: f"none of {', '.join(column.choices)}",
            Kind.FLAG: "neither true nor false",
        }[column.kind]

    def date_format(self, column: Column) -> DateFormat:
        return ISO if column.name in self.mapping.constants else self.mapping.date_format

    def decimal_mark(self, column: Column) -> str:
        return "." if column.name in self.mapping.constants else self.mapping.decimal_mark

    def is_clock(self, column: Column) -> bool:
        """Whether a column's hours are written as h:mm or h:mm:ss."""
        is_hours = column.kind is Kind.DECIMAL and column.unit == "hours"
        return is_hours and self.mapping.hours_format == CLOCK and column.name not in self.mapping.constants

    def _number(self, column: Column, text: str) -> tuple[str, str]:
        """The pattern of a number's text and the SQL of its value."""
        if column.kind is Kind.INTEGER:
            return "[+-]?[0-9]{1,9}", f"try_cast({text} as integer)"
        if self.is_clock(column):
            parts = f"string_split({text}, ':')"
            seconds = f"3600 * {parts}[1]::bigint + 60 * {parts}[2]::bigint + coalesce({parts}[3]::bigint, 0)"
            return CLOCK_PATTERN, f"try_cast(({seconds}) / 3600.0 as {column.kind.sql_type})"
        mark = self.decimal_mark(column)
        number = f"replace({text}, '{mark}', '.')"
        return f"[+-]?[0-9]{{1,8}}([{mark}][0-9]{{1,30}})?", f"try_cast({number} as {column.kind.sql_type})"


def as_date(text: str, form: DateFormat) -> str:
    """The SQL expression of the date that a text is; null where it is none of the form."""
    return _matched(text, form.pattern, f"try_strptime({text}, '{form.text}')::date")


def _matched(text: str, pattern: str, value: str) -> str:
    return f"case when regexp_full_match({text}, '{pattern}') then {value} end"
