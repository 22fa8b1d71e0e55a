"""Checks with Great Expectations: the declared columns, and counts over many people. They only warn.

The suites are built from the declarations in :mod:`pipelines.exports` and :mod:`pipelines.relations` and run
batch by batch. Results hold counts alone, never an offending value, and no Data Docs are built. No row is
dropped and no file refused here: a rule that looks at many people must not decide on anybody's row.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from pipelines.crowd import Crowd
from pipelines.exports import Column, Export, Kind
from pipelines.relations import relations_of

if TYPE_CHECKING:
    import pandas as pd

# With no partial list a result holds counts and no values.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
MOST_SET_ASIDE_PERCENT = 5
PANDAS_TYPES = {
    Kind.TEXT: "str",
    Kind.CHOICE: "str",
    Kind.DATE: "datetime64[ns]",
    Kind.DECIMAL: "float64",
    Kind.INTEGER: "int64",
    Kind.FLAG: "bool",
}
# Of other types Great Expectations compares every value by itself in Python.
WIDENED = {"datetime64[us]": "datetime64[ns]", "int32": "int64"}
Batches = Iterable["pd.DataFrame"]
Check = Callable[[Export, Batches, Batches, Crowd], "tuple[DataWarning, ...]"]


@dataclass(frozen=True)
class DataWarning:
    """One check that did not hold: which, where, and how many rows in numbers alone."""

    export: str
    check: str
    column: str
    count: int | None
    percent: float | None
    sentence: str


@dataclass(frozen=True, eq=False)
class Declared:
    """One check: its name, its column, the expectation's type and arguments, what it means in words."""

    check: str
    column: str
    expectation: str
    arguments: dict[str, Any]
    meaning: str


def declared_checks(export: Export) -> tuple[Declared, ...]:
    """The checks of an export's typed rows, derived from its columns."""
    names = list(export.stored_names)
    order = Declared(
        "columns",
        "",
        "ExpectTableColumnsToMatchOrderedList",
        {"column_list": names},
        "the columns are not the declared ones in their order",
    )
    return (order, *(check for column in export.columns for check in _column_checks(column)))


def _column_checks(column: Column) -> list[Declared]:
    name = column.stored_name
    type_name = PANDAS_TYPES[column.kind]
    type_check = Declared(
        "type", name, "ExpectColumnValuesToBeOfType", {"type_": type_name}, "the type is not the declared one"
    )
    checks = [type_check]
    if not column.nullable:
        checks.append(Declared("not-null", name, "ExpectColumnValuesToNotBeNull", {}, "cells are empty"))
    if column.high is not None:
        arguments = {"min_value": _edge(column.low), "max_value": _edge(column.high)}
        arguments["strict_min"] = column.above_low
        meaning = f"values lie outside the limits, {column.limits} {column.unit}".rstrip()
        checks.append(Declared("between", name, "ExpectColumnValuesToBeBetween", arguments, meaning))
    if column.choices:
        choices = {"value_set": list(column.choices)}
        meaning = f"values are none of {', '.join(column.choices)}"
        checks.append(Declared("in-set", name, "ExpectColumnValuesToBeInSet", choices, meaning))
    return checks


def _edge(bound: Any) -> Any:
    return datetime.combine(bound, time()) if hasattr(bound, "year") else float(bound)


def crowd_checks(export: Export) -> dict[str, Declared]:
    """The checks over many people, by the table of :class:`Crowd` that each looks at."""
    between = "ExpectColumnValuesToBeBetween"
    usual = export.rows_a_month
    return {
        "months": Declared(
            "month-without-rows", "rows", between, {"min_value": 1}, "covered months hold no row at all"
        ),
        "person_months": Declared(
            "rows-a-month",
            "rows",
            between,
            {"max_value": usual},
            f"persons' months hold more than {usual} rows; see that nothing is exported twice",
        ),
        "files": Declared(
            "share-set-aside",
            "set_aside_percent",
            between,
            {"max_value": MOST_SET_ASIDE_PERCENT, "strict_max": True},
            f"files have {MOST_SET_ASIDE_PERCENT} % of their rows or more set aside",
        ),
    }


def relation_checks(export: Export) -> tuple[Declared, ...]:
    """The checks of an export's relations to the register and the roster: each holds for every row."""
    always = {"value_set": [True]}
    return tuple(
        Declared(each.name.replace("_", "-"), each.name, "ExpectColumnValuesToBeInSet", always, each.meaning)
        for each in relations_of(export)
    )


def check(export: Export, rows: Batches, relations: Batches, crowd: Crowd) -> tuple[DataWarning, ...]:
    """Run every check of an export; returns a warning for each that does not hold.

    Checks that break off are a warning as well: they never decide whether rows are loaded.
    """
    tables: list[tuple[Batches, tuple[Declared, ...]]] = [
        (rows, declared_checks(export)),
        (relations, relation_checks(export)),
        *(([getattr(crowd, table)], (one,)) for table, one in crowd_checks(export).items()),
    ]
    try:
        return tuple(warning for table, declared in tables for warning in run(export, table, declared))
    except Exception as error:
        # Its text may quote a row, so its type alone is told.
        sentence = f"{export.name}: the checks did not run ({type(error).__name__}); the rows are loaded."
        return (DataWarning(export.name, "checks-did-not-run", "", None, None, sentence),)


def run(export: Export, batches: Batches, declared: tuple[Declared, ...]) -> tuple[DataWarning, ...]:
    """Run some checks on a table; a check that cannot be run does not hold."""
    failed: dict[Declared, list[dict[str, Any]]] = {}
    rows: Counter[Declared] = Counter()
    for results in validate(batches, declared):
        for check, result in zip(declared, results, strict=True):
            rows[check] += _rows_looked_at(result)
            if not result["success"]:
                failed.setdefault(check, []).append(result)
    return tuple(_warning(export, check, failed[check], rows[check]) for check in declared if check in failed)


def validate(batches: Batches, declared: tuple[Declared, ...]) -> Iterator[list[dict[str, Any]]]:
    """Great Expectations' own result of each check on each batch, in order; counts only."""
    gx, context = _great_expectations()
    asset = context.data_sources.add_pandas("typed").add_dataframe_asset("rows")
    definition = asset.add_batch_definition_whole_dataframe("all")
    for rows in batches:
        batch = definition.get_batch({"dataframe": _widened(rows)})
        yield [
            batch.validate(_expectation(gx, check), result_format=RESULT_FORMAT).to_json_dict()
            for check in declared
        ]


def _widened(rows: pd.DataFrame) -> pd.DataFrame:
    types = {str(name): WIDENED.get(str(kind)) for name, kind in rows.dtypes.items()}
    return rows.astype({name: kind for name, kind in types.items() if kind})


def _rows_looked_at(result: dict[str, Any]) -> int:
    details = result.get("result", {})
    return int(details.get("element_count") or 0) - int(details.get("missing_count") or 0)


def _expectation(gx: Any, check: Declared) -> Any:
    column = {"column": check.column} if check.column else {}
    return getattr(gx.expectations, check.expectation)(**column, **check.arguments)


def _great_expectations() -> tuple[Any, Any]:
    """The library, imported late (it takes seconds) and told to report to nobody; and a fresh context."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types import base

    logging.getLogger(base.__name__).setLevel(logging.ERROR)  # it sets itself to INFO and says where it is
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = base.ProgressBarsConfig(globally=False)
    return gx, context


def _warning(export: Export, check: Declared, failed: list[dict[str, Any]], rows: int) -> DataWarning:
    counts = [result.get("result", {}).get("unexpected_count") for result in failed]
    count = sum(counts) if all(each is not None for each in counts) else None
    place = f"{export.name}, {check.column}" if check.column else export.name
    many = f"{count} " if count else ""
    return DataWarning(
        export=export.name,
        check=check.check,
        column=check.column,
        count=count,
        percent=None if count is None or not rows else round(100 * count / rows, 1),
        sentence=f"{place}: {many}{check.meaning}.",
    )
