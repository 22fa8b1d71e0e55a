"""The Great Expectations suite does work: breaking any declaration fails the expectation of that name."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from pipelines import checks
from pipelines.checks import Declared, crowd_checks, declared_checks, relation_checks, run, validate
from pipelines.crowd import Crowd
from pipelines.exports import EXPORTS, Column, Export, Kind

CANARY, NUMBER = "CANARY-7731", 7731773177
GOOD_CELLS = {
    Kind.TEXT: "x",
    Kind.DATE: pd.Timestamp("2026-01-05"),
    Kind.DECIMAL: 7.5,
    Kind.INTEGER: 3,
    Kind.FLAG: True,
}
DTYPES = checks.PANDAS_TYPES
EVERY = [(e, check) for e in EXPORTS.values() for check in declared_checks(e)]


def good_rows(export: Export) -> pd.DataFrame:
    """Two typed rows that keep every declaration, as the warehouse would give them."""
    return pd.DataFrame(
        {
            column.stored_name: pd.Series(
                [column.choices[0] if column.choices else GOOD_CELLS[column.kind]] * 2,
                dtype=DTYPES[column.kind],
            )
            for column in export.columns
        }
    )


def column_of(export: Export, check: Declared) -> Column:
    return next(column for column in export.columns if column.stored_name == check.column)


def broken_rows(export: Export, check: Declared) -> pd.DataFrame:
    """The same rows with the one declaration broken that the check is about."""
    rows, name = good_rows(export), check.column
    if check.check == "columns":
        return rows[rows.columns[::-1]]
    if check.check == "type":
        return rows.assign(**{name: [b"x", b"y"] if rows[name].dtype != "object" else [1, 2]})
    if check.check == "not-null":
        return rows.assign(**{name: rows[name].astype(object).where([True, False], None)})
    if check.check == "in-set":
        return rows.assign(**{name: pd.Series([CANARY, CANARY], dtype="str")})
    column = column_of(export, check)
    beyond = pd.Timestamp("2200-01-01") if column.kind is Kind.DATE else NUMBER
    return rows.assign(**{name: [beyond, rows[name][1]]})


@pytest.mark.parametrize("export", EXPORTS.values(), ids=lambda export: export.name)
def test_good_rows_keep_every_declaration(export: Export) -> None:
    assert run(export, [good_rows(export)], declared_checks(export)) == ()


@pytest.mark.parametrize(("export", "check"), EVERY, ids=[f"{e.name}.{c.column}.{c.check}" for e, c in EVERY])
def test_breaking_a_declaration_fails_the_expectation_of_that_name(export: Export, check: Declared) -> None:
    found = run(export, [broken_rows(export, check)], declared_checks(export))
    assert (check.check, check.column) in {(warning.check, warning.column) for warning in found}


@pytest.mark.parametrize("export", EXPORTS.values(), ids=lambda export: export.name)
def test_the_lower_limits_are_checked_too(export: Export) -> None:
    rows = good_rows(export)
    for column in export.columns:
        if column.high is not None:
            below = (
                pd.Timestamp("1900-01-01") if column.kind is Kind.DATE else (0 if column.above_low else -1)
            )
            rows[column.stored_name] = [below, below]
    found = {w.column for w in run(export, [rows], declared_checks(export)) if w.check == "between"}
    assert found == {column.stored_name for column in export.columns if column.high is not None}


@pytest.mark.parametrize("export", EXPORTS.values(), ids=lambda export: export.name)
def test_every_column_is_checked_for_all_that_is_declared_of_it(export: Export) -> None:
    found = {(check.column, check.check) for check in declared_checks(export)}
    for column in export.columns:
        expected = {"type"}
        expected |= {"not-null"} if not column.nullable else set()
        expected |= {"between"} if column.high is not None else set()
        expected |= {"in-set"} if column.choices else set()
        assert {check for name, check in found if name == column.stored_name} == expected


@pytest.mark.parametrize(
    ("table", "rows", "check", "count"),
    [
        ("months", {"rows": [3, 0, 0]}, "month-without-rows", 2),
        ("person_months", {"rows": [1, 99]}, "rows-a-month", 1),
        ("files", {"set_aside_percent": [4.9, 5.0]}, "share-set-aside", 1),
    ],
)
def test_a_check_over_many_people_counts_what_breaks_it(
    table: str, rows: dict[str, list[float]], check: str, count: int
) -> None:
    export = EXPORTS["caseload"]
    (warning,) = run(export, [pd.DataFrame(rows)], (crowd_checks(export)[table],))
    assert (warning.check, warning.count) == (check, count)
    assert run(export, [pd.DataFrame(rows).head(1)], (crowd_checks(export)[table],)) == ()


def test_no_result_holds_an_offending_value() -> None:
    rows = good_rows(EXPORTS["absences"])
    rows["kind"] = pd.Series([CANARY, CANARY], dtype="str")
    rows["person"] = pd.Series([CANARY, None], dtype="str")
    rows["hours"] = [float(NUMBER), -float(NUMBER)]
    rows["start_date"] = pd.Timestamp("2177-03-31")
    results = list(validate([rows], declared_checks(EXPORTS["absences"])))
    warnings = run(EXPORTS["absences"], [rows], declared_checks(EXPORTS["absences"]))
    assert {warning.check for warning in warnings} >= {"in-set", "not-null", "between"}
    text = json.dumps(results, default=str) + repr(warnings)
    assert CANARY not in text and str(NUMBER) not in text and "2177" not in text


def test_a_check_that_cannot_run_warns_instead_of_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(checks, "validate", broken)
    export = EXPORTS["caseload"]
    months, people = pd.DataFrame({"rows": [1]}), pd.DataFrame({"rows": [1]})
    crowd = Crowd(months, people, pd.DataFrame({"set_aside_percent": [0.0]}))
    (warning,) = checks.check(export, [good_rows(export)], [], crowd)
    assert warning.check == "checks-did-not-run" and CANARY not in repr(warning)


def test_batches_are_counted_together() -> None:
    export = EXPORTS["caseload"]
    (declared,) = (c for c in declared_checks(export) if (c.check, c.column) == ("between", "open_cases"))
    good, bad = good_rows(export), good_rows(export).assign(open_cases=[3, 501])
    (warning,) = run(export, [bad, good, bad, good], (declared,))
    assert (warning.count, warning.percent) == (2, 25.0)


@pytest.mark.parametrize("export", EXPORTS.values(), ids=lambda export: export.name)
def test_a_relation_that_does_not_hold_is_counted_and_nobody_is_named(export: Export) -> None:
    declared = relation_checks(export)
    assert {check.check for check in declared} == (
        {"unit-in-register"} if export.name == "staff" else {"person-in-roster", "inside-employment"}
    )
    rows = pd.DataFrame({check.column: [True, False, True] for check in declared})
    assert [(w.check, w.count) for w in run(export, [rows], declared)] == [(c.check, 1) for c in declared]
    assert run(export, [rows.head(1)], declared) == ()
