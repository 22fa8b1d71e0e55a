"""From texts to types: the SQL that converts an export's lines and finds what is wrong with a row.

Generated from the declarations in :mod:`pipelines.exports`. Each rule looks at one row, or at one
person's rows, and at public tables; nobody's row is ever judged by a colleague's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.exports import GRAIN_DAYS, SNAPSHOT, Bound, Column, Export
from pipelines.mapping import ExportMapping
from pipelines.rules import END_BEFORE_START, HOURS_A_WEEK, NO_START, Choice, Doubt, Failure, doubts_of
from pipelines.spells import make_spells
from pipelines.text_forms import TextForms, as_date
from pipelines.warehouse import statement

SKIPPED, PAST = "skipped", "past"
NOT_FAULTS = (SKIPPED, PAST)
IS_FAULT = f"failure.rule not in {NOT_FAULTS}"
CONTINUED = Failure("collapsed", "", "goes on a contract of an earlier snapshot")
OF_NO_SNAPSHOT = Failure("unknown-snapshot", "", "its day is none of the snapshots that the mapping declares")
COLLAPSED = Failure("collapsed", "", "repeats an earlier row of the same person; the mapping asks for one")


@dataclass(frozen=True)
class Conversion:
    """What judges the rows of one export: SQL conditions in order, each with its failure.

    A staged row's ``failure`` is the place in :attr:`failures` of the first rule that sets it aside, its
    ``doubts`` are the places of those that let it count all the same. ``first_day`` is the first one that
    the export covers. Rows that ended before ``kept_from`` are past their time.
    """

    mapping: ExportMapping
    first_day: date | None = None
    kept_from: date | None = None

    @property
    def conditions(self) -> tuple[tuple[str, Failure], ...]:
        """The rules by which a single row is set aside, over raw texts (``NAME_text``) and typed columns."""
        export = self.mapping.export
        skipped = Failure(SKIPPED, "", "skipped by mapping")
        days = str(GRAIN_DAYS.get(self.mapping.grain or "", 0))
        aside = (doubt for doubt in self._doubts_of_a_row if self.choice(doubt) is Choice.SET_ASIDE)
        return (
            ("is_skipped", skipped),
            *self._of_no_snapshot,
            *(in_days.conditions(export) if (in_days := self.mapping.in_days) else ()),
            *(found for column in export.columns for found in self._column_conditions(column)),
            *([] if self.mapping.snapshots else self.past),
            *((doubt.broken, doubt.failure) for doubt in aside),
            *(
                (rule.broken.format(days=days), Failure(rule.name, rule.column, rule.reason))
                for rule in export.rules
            ),
        )

    @property
    def forms(self) -> TextForms:
        return TextForms(self.mapping)

    @property
    def _of_no_snapshot(self) -> list[tuple[str, Failure]]:
        if self.mapping.snapshots is None:
            return []
        days = ", ".join(map(_literal, self.mapping.snapshots.days))
        return [(f"{SNAPSHOT}_day is null or {SNAPSHOT}_day not in ({days})", OF_NO_SNAPSHOT)]

    @property
    def past(self) -> list[tuple[str, Failure]]:
        if self.kept_from is None:
            return []
        export = self.mapping.export
        past = Failure(PAST, export.spell[1], "ended before the time of which rows are kept")
        return [(f"{export.ended} < {_literal(self.kept_from)}", past)]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Every way to fail or to be doubtful, each once."""
        alone = (failure for _, failure in (*self.conditions, *self.past))
        doubtful = (doubt.failure for doubt in doubts_of(self.mapping.export))
        return tuple(dict.fromkeys((*alone, COLLAPSED, CONTINUED, *doubtful)))

    def choice(self, rule: Doubt | Failure) -> Choice:
        """What is done about the rows that a rule doubts."""
        name = rule.name if isinstance(rule, Doubt) else rule.rule
        return self.mapping.rules.get(name, Choice.SET_ASIDE)

    def place(self, failure: Failure) -> int:
        return self.failures.index(failure)

    @property
    def lines(self) -> str:
        """The SQL of the typed lines, cut and with doubts as chosen for the rules of a single row."""
        lines = "typed_line"
        for doubt in self._doubts_of_a_row:
            if self.choice(doubt) is not Choice.SET_ASIDE:
                replaced = ", ".join(
                    f"case when {doubt.broken} then {sql} else {name} end as {name}"
                    for name, sql in self.replaced(doubt).items()
                )
                lines = statement("ingest_doubted_lines", replaced=replaced, lines=lines)
        in_days = self.mapping.in_days
        return in_days.as_hours(self.mapping.export, lines) if in_days else lines

    def replaced(self, doubt: Doubt) -> dict[str, str]:
        """The SQL of what becomes of the columns of a row that counts in spite of a rule."""
        new = {"doubts": f"list_append(doubts, {self.place(doubt.failure)})"}
        if self.choice(doubt) is Choice.CUT:
            new |= {name: sql.format(first_day=self.first_day) for name, sql in doubt.replaced.items()}
        return new

    @property
    def _doubts_of_a_row(self) -> tuple[Doubt, ...]:
        """Those of a row as it is read; the days of a snapshot's spells are known later."""
        later = (NO_START, END_BEFORE_START) if self.mapping.snapshots else ()
        return tuple(d for d in doubts_of(self.mapping.export) if d.broken and d.name not in later)

    @property
    def doubts_of_a_spell(self) -> tuple[Doubt, ...]:
        """Those that look at the days of a spell that was made of snapshots."""
        return tuple(d for d in doubts_of(self.mapping.export) if d.broken and d.name == END_BEFORE_START)

    def _is_needed(self, column: Column) -> bool:
        """Whether an empty cell is missing; a spell without a start has a rule of its own."""
        beginnings = {each.failure.column for each in doubts_of(self.mapping.export) if each.name == NO_START}
        return not column.nullable and column.name not in beginnings

    def _column_conditions(self, column: Column) -> list[tuple[str, Failure]]:
        name, text = column.stored_name, f"{column.stored_name}_text"
        found = []
        if self._is_needed(column):
            found.append((f"{text} = ''", Failure("missing", column.name, "the cell is empty")))
        wrong = Failure("format", column.name, self.forms.expected(column))
        found.append((f"{text} <> '' and {name} is null", wrong))
        if column.high is not None:
            low = f"{name} {'<=' if column.above_low else '<'} {_literal(column.low)}"
            reason = f"outside the limits, {column.limits} {column.unit}".rstrip()
            outside = f"({low} or {name} > {_literal(column.high)})"
            found.append((outside, Failure("bounds", column.name, reason)))
        return found

    @property
    def typed_beside(self) -> list[str]:
        """The SQL expressions of what is typed beside the export's columns."""
        day = as_date(f"{SNAPSHOT}_text", self.mapping.date_format)
        return [f"{day} as {SNAPSHOT}_day"] if self.mapping.snapshots else []


def _literal(bound: Bound | None) -> str:
    return f"date '{bound.isoformat()}'" if isinstance(bound, date) else str(bound)


def convert(warehouse: duckdb.DuckDBPyConnection, conversion: Conversion) -> None:
    """Fill the table ``staged`` from ``stage_text``: one row per data line, typed, with its first failure.

    Reads also ``known_unit``, the stored staff and the stored rows of the export, which must no
    longer hold the rows of the files being staged.
    """
    export = conversion.mapping.export
    typed = [f"{conversion.forms.typed(column)} as {column.stored_name}" for column in export.columns]
    found = [f"when {condition} then {conversion.place(why)}" for condition, why in conversion.conditions]
    parts = {
        "typed": ",\n        ".join([*typed, *conversion.typed_beside]),
        "failures": "\n        ".join(found),
    }
    snapshots = conversion.mapping.snapshots
    columns = ", ".join([*export.stored_names, *([f"{SNAPSHOT}_day"] if snapshots else [])])
    warehouse.execute(statement("ingest_staged", columns=columns, lines=conversion.lines, **parts))
    if snapshots:
        make_spells(warehouse, export, snapshots.days, conversion.place(CONTINUED))
        _judge_spells(warehouse, conversion)
    if conversion.mapping.distinct:
        warehouse.execute(statement("ingest_duplicates", **_finding_parts(export)))
        warehouse.execute(statement("ingest_fail", failure=str(conversion.place(COLLAPSED))))
    for doubt in doubts_of(export):
        if not doubt.broken:
            _judge(warehouse, conversion, doubt)


def _judge_spells(warehouse: duckdb.DuckDBPyConnection, conversion: Conversion) -> None:
    """What a row's rules say of spells whose days were not known as the rows were read."""
    for broken, past in conversion.past:
        parts = {"broken": broken, "failure": str(conversion.place(past))}
        warehouse.execute(statement("ingest_fail_spells", **parts))
    for doubt in conversion.doubts_of_a_spell:
        if conversion.choice(doubt) is Choice.SET_ASIDE:
            parts = {"broken": doubt.broken, "failure": str(conversion.place(doubt.failure))}
            warehouse.execute(statement("ingest_fail_spells", **parts))
        else:
            replaced = ", ".join(f"{name} = {sql}" for name, sql in conversion.replaced(doubt).items())
            warehouse.execute(statement("ingest_replace_spells", replaced=replaced, broken=doubt.broken))


def _judge(warehouse: duckdb.DuckDBPyConnection, conversion: Conversion, doubt: Doubt) -> None:
    """Find the rows that a rule over one person's rows doubts, and do what was chosen."""
    export, choice = conversion.mapping.export, conversion.choice(doubt)
    warehouse.execute(statement(doubt.found_by, **_finding_parts(export)))
    place = str(conversion.place(doubt.failure))
    if choice is Choice.SET_ASIDE:
        warehouse.execute(statement("ingest_fail", failure=place))
        return
    if choice is Choice.CUT:
        warehouse.execute(statement("ingest_fail_covered", failure=place))
        warehouse.execute(statement("calendar_macros"))
        warehouse.execute(statement("ingest_cut", **_cut_parts(export)))
    warehouse.execute(statement("ingest_doubt", doubt=place))


def _finding_parts(export: Export) -> dict[str, str]:
    first, last = export.spell
    return {
        "export": export.name,
        "columns": ", ".join(export.stored_names),
        "first": first,
        "last": last,
        "apart": ", ".join(export.apart),
        "same": " and ".join(f"stored.{key} = spell.{key}" for key in export.apart),
        "most": str(HOURS_A_WEEK),
    }


def _cut_parts(export: Export) -> dict[str, str]:
    """A cut spell begins after what is taken; an amount of the whole spell shrinks by its days."""
    first, last = export.spell
    cut = [f"{first} = found.taken_until + 1"]
    if export.spread:
        amount = f"part_in({first}, {last}, ({export.spread} * 10000)::bigint, found.taken_until + 1, {last})"
        cut.append(f"{export.spread} = {amount} / 10000")
    return {"cut": ", ".join(cut)}
