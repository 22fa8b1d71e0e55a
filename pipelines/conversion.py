"""From texts to types: the SQL that converts an export's lines and finds what is wrong with a row.

Generated from the declarations in :mod:`pipelines.exports`. Each rule looks at one row, or at one
person's rows, and at public tables; nobody's row is ever judged by a colleague's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.dateformat import ISO, DateFormat
from pipelines.exports import GRAIN_DAYS, LONGEST_TEXT, STAFF, UNIT_ID, Bound, Column, Export, Kind
from pipelines.mapping import CLOCK, ExportMapping
from pipelines.warehouse import statement

COLLAPSED, SKIPPED = "collapsed", "skipped"
CLOCK_PATTERN = "[0-9]{1,6}:[0-5][0-9](:[0-5][0-9])?"


@dataclass(frozen=True)
class Failure:
    """Why a row does not count: the rule, the column it concerns, and a reason without any value."""

    rule: str
    column: str
    reason: str


@dataclass(frozen=True)
class Conversion:
    """What judges the rows of one export: SQL conditions in order, each with its failure.

    A staged row's ``failure`` is the place in :attr:`failures` of the first rule that it breaks.
    """

    mapping: ExportMapping

    @property
    def conditions(self) -> tuple[tuple[str, Failure], ...]:
        """The rules of a single row, as SQL over raw texts (``NAME_text``) and typed columns."""
        export = self.mapping.export
        skipped = Failure(SKIPPED, "", "skipped by mapping")
        days = str(GRAIN_DAYS.get(self.mapping.grain or "", 0))
        return (
            ("is_skipped", skipped),
            *(found for column in export.columns for found in self._column_conditions(column)),
            *(
                (rule.broken.format(days=days), Failure(rule.name, rule.column, rule.reason))
                for rule in export.rules
            ),
        )

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Every way to fail: the single-row rules, then those over one person's rows."""
        return (*(failure for _, failure in self.conditions), *self._person_failures)

    @property
    def _person_failures(self) -> tuple[Failure, ...]:
        repeated = (
            Failure(COLLAPSED, "", "repeats an earlier row of the same person; the mapping asks for one")
            if self.mapping.distinct
            else Failure("duplicate", "", "repeats an earlier row of the same person")
        )
        return (
            Failure("unknown-person", "person_id", "no accepted row of the staff export has this person"),
            repeated,
            Failure("overlap", self.mapping.export.spell[0], "overlaps an earlier spell of the same person"),
        )

    def place(self, rule: str) -> int:
        return next(place for place, failure in enumerate(self.failures) if failure.rule == rule)

    def _column_conditions(self, column: Column) -> list[tuple[str, Failure]]:
        name, text = column.stored_name, f"{column.stored_name}_text"
        found = []
        if not column.nullable:
            found.append((f"{text} = ''", Failure("missing", column.name, "the cell is empty")))
        wrong = Failure("format", column.name, self._format_reason(column))
        found.append((f"{text} <> '' and {name} is null", wrong))
        if column.high is not None:
            low = f"{name} {'<=' if column.above_low else '<'} {_literal(column.low)}"
            reason = f"outside the limits, {column.limits} {column.unit}".rstrip()
            outside = f"({low} or {name} > {_literal(column.high)})"
            found.append((outside, Failure("bounds", column.name, reason)))
        if column.name == UNIT_ID:
            unknown = Failure("unknown-unit", UNIT_ID, "the unit is not in the organisation register")
            found.append((f"{name} not in (from known_unit)", unknown))
        return found

    def _format_reason(self, column: Column) -> str:
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
        """The declared format; constants are in canonical form."""
        return ISO if column.name in self.mapping.constants else self.mapping.date_format

    def decimal_mark(self, column: Column) -> str:
        return "." if column.name in self.mapping.constants else self.mapping.decimal_mark

    def is_clock(self, column: Column) -> bool:
        """Whether a column's hours are written as h:mm or h:mm:ss; constants are in canonical form."""
        is_hours = column.kind is Kind.DECIMAL and column.unit == "hours"
        return is_hours and self.mapping.hours_format == CLOCK and column.name not in self.mapping.constants

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
        pattern, value = self._pattern_and_value(column, text)
        return f"case when regexp_full_match({text}, '{pattern}') then {value} end"

    def _pattern_and_value(self, column: Column, text: str) -> tuple[str, str]:
        if column.kind is Kind.DATE:
            form = self.date_format(column)
            return form.pattern, f"try_strptime({text}, '{form.text}')::date"
        if column.kind is Kind.INTEGER:
            return "[+-]?[0-9]{1,9}", f"try_cast({text} as integer)"
        if self.is_clock(column):
            parts = f"string_split({text}, ':')"
            seconds = f"3600 * {parts}[1]::bigint + 60 * {parts}[2]::bigint + coalesce({parts}[3]::bigint, 0)"
            return CLOCK_PATTERN, f"try_cast(({seconds}) / 3600.0 as {column.kind.sql_type})"
        mark = self.decimal_mark(column)
        number = f"replace({text}, '{mark}', '.')"
        return f"[+-]?[0-9]{{1,8}}([{mark}][0-9]{{1,30}})?", f"try_cast({number} as {column.kind.sql_type})"


def _literal(bound: Bound | None) -> str:
    return f"date '{bound.isoformat()}'" if isinstance(bound, date) else str(bound)


def convert(warehouse: duckdb.DuckDBPyConnection, conversion: Conversion) -> None:
    """Fill the table ``staged`` from ``stage_text``: one row per data line, typed, with its first failure.

    Reads also ``known_unit``, the stored staff and the stored rows of the export, which must no
    longer hold the rows of the files being staged.
    """
    export = conversion.mapping.export
    typed = [f"{conversion.typed(column)} as {column.stored_name}" for column in export.columns]
    found = [f"when {condition} then {n}" for n, (condition, _) in enumerate(conversion.conditions)]
    columns = ", ".join(export.stored_names)
    parts = {"typed": ",\n        ".join(typed), "failures": "\n        ".join(found), "columns": columns}
    warehouse.execute(statement("ingest_staged", **parts))
    if export is not STAFF:
        _fail(warehouse, conversion, "unknown-person", "ingest_unknown_people", {})
    repeated = COLLAPSED if conversion.mapping.distinct else "duplicate"
    _fail(warehouse, conversion, repeated, "ingest_duplicates", {"columns": columns, "export": export.name})
    if export.apart:
        _fail(warehouse, conversion, "overlap", "ingest_overlaps", _overlap_parts(export))


def _overlap_parts(export: Export) -> dict[str, str]:
    first, last = export.spell
    same = " and ".join(f"stored.{key} = staged.{key}" for key in export.apart)
    apart = ", ".join(export.apart)
    return {"export": export.name, "first": first, "last": last, "apart": apart, "same": same}


def _fail(
    warehouse: duckdb.DuckDBPyConnection, conversion: Conversion, rule: str, name: str, parts: dict[str, str]
) -> None:
    warehouse.execute(statement(name, failure=str(conversion.place(rule)), **parts))
