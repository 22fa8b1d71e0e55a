"""A person's month and quarter come from that person's rows alone, whoever else is there or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.person_period import build_person_period, values_query
from pipelines.warehouse import prepare, statement
from privacy import bounding
from privacy.groups import GroupTree
from privacy.periods import Cadence, Period
from privacy.plan import PlanItem

Make = Callable[..., PlanItem]
Rows = dict[str, list[tuple[Any, ...]]]
MONTHS = tuple(Period.parse(text) for text in ("2025-06", "2025-07", "2025-08"))
JULY = MONTHS[1]
QUARTERS = tuple(Period.parse(text) for text in ("2025-Q1", "2025-Q2", "2025-Q3"))
LOADS = {5: ("day", None), 6: ("week", "start"), 7: ("week", "end"), 8: ("month", None)}


def day(text: str | None) -> date | None:
    return date.fromisoformat(f"2025-{text}") if text else None


def contract(unit: str, first: str, last: str | None, hours: str = "37.5") -> tuple[Any, ...]:
    return unit, "worker", day(first), day(last), hours, False


STAFF = {
    "steady": [contract("A1", "01-01", None)],
    "twin of steady": [contract("A1", "01-01", None)],
    "two contracts": [contract("A1", "01-01", None, "20"), contract("B1", "01-01", None, "17.5")],
    "mover": [contract("A1", "01-01", "07-21"), contract("A2", "07-22", None)],
    "rehired": [contract("A1", "01-01", "05-31"), contract("B1", "07-20", None)],
    "leaver": [contract("A2", "01-01", "07-10")],
    "long gone": [contract("A1", "01-01", "03-31"), contract("B2", "04-01", "05-15")],
    "to come": [contract("A1", "08-01", None)],
    "busy": [contract("B1", "01-01", None)],
    "huge": [contract("B2", "01-01", None, "80"), contract("A1", "01-01", None, "80")],
}
ABSENCES = {
    "steady": [("06-28", "06-29", 3), ("07-30", "08-05", "11.25")],
    "twin of steady": [("06-28", "06-29", 3), ("07-30", "08-05", "11.25")],
    "long gone": [("06-10", "06-12", 8)],
    "busy": [(f"07-{1 + n % 31:02d}", f"07-{1 + n % 31:02d}", "0.25") for n in range(50)],
    "huge": [("06-01", "08-31", 20000), ("07-01", "07-31", 744)],
}
CASES = {
    "steady": [("07-07", 12, 3), ("07-31", 14, 4), ("09-15", 30, 3)],
    "busy": [(f"07-{1 + n % 31:02d}", n, n) for n in range(50)],
    "leaver": [("07-09", 500, 500)],
}
DOSES = {
    "steady": [(5, "07-12", "1.5"), (6, "06-30", 7), (7, "08-03", 7), (8, "07-15", "30.25")],
    "busy": [(5, f"07-{1 + n % 31:02d}", "0.5") for n in range(50)],
    "huge": [(7, "07-06", 168), (8, "06-01", 1488)],
}


def everything() -> Rows:
    """The rows of each table, with load and line as the door would number them."""
    tables: Rows = {"staff": [], "separations": [(2, 1, "leaver", day("07-10"), "voluntary")]}
    tables["staff"] = [(1, n, p, *row) for n, (p, row) in enumerate(flat(STAFF))]
    tables["absences"] = [
        (3, n, p, day(first), day(last), hours, "sickness")
        for n, (p, (first, last, hours)) in enumerate(flat(ABSENCES))
    ]
    tables["caseload"] = [(4, n, p, day(on), *counts) for n, (p, (on, *counts)) in enumerate(flat(CASES))]
    tables["exposure"] = [
        (load, n, p, day(on), hours, 0, 0) for n, (p, (load, on, hours)) in enumerate(flat(DOSES))
    ]
    return tables


def flat(by_person: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((person, row) for person, rows in by_person.items() for row in rows)


def filled(tables: Rows, without: str = "") -> duckdb.DuckDBPyConnection:
    """A warehouse that holds the rows of all persons but one."""
    warehouse = duckdb.connect(config={"threads": "1"})
    prepare(warehouse)
    bounding.prepare(warehouse)
    for load, (grain, week) in LOADS.items():
        cells = [load, "exposure", f"{load}", "", "", "", 0, 0, 0, 0, "2025-01", "2025-12", grain, week]
        warehouse.execute(f"insert into load values ({', '.join('?' * 16)})", [*cells, date(2025, 9, 1), ""])  # noqa: S608
    for table, rows in tables.items():
        kept = [row for row in rows if row[2] != without]
        marks = ", ".join("?" * len(rows[0]))
        if kept:
            warehouse.executemany(f"insert into {table} values ({marks})", kept)  # noqa: S608
    return warehouse


def person_months(warehouse: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Every row of every month, by month and person; a second row of a person would be an error here."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for month in MONTHS:
        build_person_period(warehouse, month)
        for row in warehouse.execute("select * from person_month").fetchall():
            assert (str(month), row[0]) not in found, "a person has two rows"
            found[str(month), row[0]] = row[1:]
    return found


def quarter_rows(warehouse: duckdb.DuckDBPyConnection, quarter: Period) -> dict[str, dict[str, Any]]:
    """A quarter's row of each person by column; a second row of a person would be an error here."""
    build_person_period(warehouse, quarter)
    found = warehouse.execute("select * from person_quarter")
    columns = [column[0] for column in found.description]
    rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    by_person = {row.pop("person"): row for row in rows}
    assert len(by_person) == len(rows), "a person has two rows"
    return by_person


@pytest.fixture(scope="module")
def whole() -> dict[tuple[str, str], tuple[Any, ...]]:
    with filled(everything()) as warehouse:
        return person_months(warehouse)


@pytest.mark.parametrize("gone", STAFF)
def test_removing_a_person_changes_nobody_elses_row(gone: str, whole: Any) -> None:
    with filled(everything()) as warehouse:
        quarter = quarter_rows(warehouse, QUARTERS[2])
    with filled(everything(), without=gone) as warehouse:
        assert person_months(warehouse) == {key: row for key, row in whole.items() if key[1] != gone}
        others = {person: row for person, row in quarter.items() if person != gone}
        assert quarter_rows(warehouse, QUARTERS[2]) == others


STOCKS = ("employed", "holds_cases", "open_cases", "trauma_cases")


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_a_quarter_adds_up_what_flows_and_takes_the_last_month_of_what_stands(quarter: Period) -> None:
    """Against the three months' own rows, added up here."""
    months: list[dict[str, dict[str, Any]]] = []
    with filled(everything()) as warehouse:
        found = quarter_rows(warehouse, quarter)
        for month in quarter.months:
            build_person_period(warehouse, month)
            rows = warehouse.execute("select * from person_month").df().set_index("person")
            months.append(rows.drop(columns="unit_id").to_dict("index"))
    assert found.keys() == {person for month in months for person in month}
    for person, row in found.items():
        for column in (column for column in row if column != "unit_id"):
            each = [month.get(person, {}).get(column, 0) for month in months]
            assert row[column] == (each[-1] if column in STOCKS else sum(each)), (person, column)


def test_a_person_counts_in_a_quarter_where_its_longest_assignment_was() -> None:
    """ "mover" spent most of July in A1 and most of the quarter in A2; "rehired" came back to B1."""
    with filled(everything()) as warehouse:
        units = {person: row["unit_id"] for person, row in quarter_rows(warehouse, QUARTERS[2]).items()}
        earlier = {person: row["unit_id"] for person, row in quarter_rows(warehouse, QUARTERS[1]).items()}
    assert (units["mover"], units["rehired"], units["leaver"], units["huge"]) == ("A2", "B1", "A2", "A1")
    assert (earlier["rehired"], earlier["long gone"]) == ("A1", "B2")


@pytest.mark.parametrize(
    ("spells", "unit"),
    [
        ([("A1", "07-01", "08-15"), ("A2", "08-16", None)], "A2"),  # 46 days against 46: the later one
        ([("A1", "07-01", "08-16"), ("A2", "08-17", None)], "A1"),  # 47 days against 45
        ([("A1", "07-01", "08-15"), ("A2", "08-16", "09-30")], "A2"),  # both ended: the later end
        (
            [("A1", "01-01", "05-31"), ("A2", "06-01", "06-30")],
            "A2",
        ),  # none in the quarter: the latest before
    ],
)
def test_ties_in_a_quarter_go_by_the_months_rules(
    spells: list[tuple[str, str, str | None]], unit: str
) -> None:
    """One absence in the quarter keeps a leaver's row."""
    staff = [(1, n, "p", *contract(*spell)) for n, spell in enumerate(spells)]
    absence = [(3, 0, "p", day("07-01"), day("07-01"), 1, "sickness")]
    with filled({"staff": staff, "absences": absence}) as warehouse:
        assert quarter_rows(warehouse, QUARTERS[2])["p"]["unit_id"] == unit


def test_a_person_counts_where_their_longest_assignment_was_or_else_their_latest(whole: Any) -> None:
    unit = {person: row[0] for (month, person), row in whole.items() if month == "2025-07"}
    assert unit == {
        "steady": "A1",
        "twin of steady": "A1",
        "two contracts": "A1",
        "mover": "A1",
        "rehired": "B1",
        "leaver": "A2",
        "busy": "B1",
        "huge": "A1",
    }
    assert whole["2025-06", "long gone"][0] == "B2"
    assert ("2025-07", "to come") not in whole and ("2025-08", "to come") in whole


def test_leaving_and_employment_are_read_at_the_months_end(whole: Any) -> None:
    employed, left = {k: row[1] for k, row in whole.items()}, {k: row[2] for k, row in whole.items()}
    assert (employed["2025-06", "leaver"], employed["2025-07", "leaver"]) == (1, 0)
    assert [key for key, value in left.items() if value] == [("2025-07", "leaver")]
    assert employed["2025-07", "rehired"] == 1 and ("2025-06", "rehired") not in employed


def test_spells_across_months_lose_and_gain_nothing(whole: Any) -> None:
    absent, dose = {}, {}
    for (_, person), row in whole.items():
        absent[person] = absent.get(person, 0) + row[5]
        dose[person] = dose.get(person, 0) + row[10]
    for person, spells in ABSENCES.items():
        assert absent[person] == sum(Fraction(hours) * 4 for _, _, hours in spells)
    for person, doses in DOSES.items():
        assert dose[person] == sum(Fraction(hours) * 4 for _, _, hours in doses)


def spread(first: date, last: date, amount: int) -> dict[date, int]:
    """The whole amount over the span's weekdays, or all its days where it has none; earlier days first."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    days = [d for d in days if d.weekday() < 5] or days
    return {d: amount // len(days) + (n < amount % len(days)) for n, d in enumerate(days)}


@settings(max_examples=150)
@given(
    first=st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    length=st.one_of(st.integers(0, 9), st.integers(0, 800)),
    amount=st.integers(0, 10**8),
    window=st.tuples(st.integers(-40, 800), st.integers(0, 62)),
)
def test_the_spread_is_the_largest_remainder_day_by_day(
    macros: duckdb.DuckDBPyConnection, first: date, length: int, amount: int, window: tuple[int, int]
) -> None:
    last, begin = first + timedelta(days=length), first + timedelta(days=window[0])
    end = begin + timedelta(days=window[1])
    query = "select part_in(?::date, ?::date, ?::bigint, ?::date, ?::date)"
    (part,) = macros.execute(query, [first, last, amount, begin, end]).fetchone() or ()
    assert part == sum(n for d, n in spread(first, last, amount).items() if begin <= d <= end)


@pytest.fixture(scope="module")
def macros() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(statement("calendar_macros"))
        yield connection


# Contracts of one person whose exact sum of quarter-hours for July's 23 weekdays ends in a half.
AWKWARD = ("17.8629", "6.8948", "39.6173")


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 2, 0)])
def test_contracted_hours_do_not_depend_on_the_order_in_which_rows_lie(order: tuple[int, ...]) -> None:
    exact = sum(Fraction(AWKWARD[n]) * 4 * 23 / 5 for n in order)
    rows = [(1, n, "p", *contract(f"U{n}", "01-01", None, AWKWARD[n])) for n in order]
    with filled({"staff": rows}) as warehouse:
        assert person_months(warehouse)["2025-07", "p"][4] == floor(exact + Fraction(1, 2))


def test_one_colleague_more_does_not_shift_a_sum_to_another_rounding() -> None:
    """DuckDB adds up in blocks of 122,880 rows: a colleague can push a person's rows over the edge."""
    hours = []
    for colleagues in (122_878, 122_879):
        with duckdb.connect(config={"threads": "2"}) as warehouse:
            prepare(warehouse)
            for first, count in ((0, colleagues), (10**6, 1_000)):
                warehouse.execute(
                    "insert into staff select 1, n, 'c' || n, 'A1', '', date '2025-01-01', null, 37.5, false "
                    "from range(?, ?) as crowd(n)",
                    [first, first + count],
                )
                if not first:
                    rows = [(1, n, "p", *contract(f"U{n}", "01-01", None, AWKWARD[n])) for n in (1, 0, 2)]
                    warehouse.executemany("insert into staff values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            build_person_period(warehouse, JULY)
            query = "select scheduled_quarter_hours from person_month where person = 'p'"
            hours.append(warehouse.execute(query).fetchone())
    assert hours[0] == hours[1]


ITEMS = {
    "absent_hours": {"cap_squared": 200**2},
    "absence_cut": {"half_width": 1, "cap_squared": 12},
    "open_cases": {"base": "case_holders", "centre": (("*", 7),), "half_width": 9, "cap_squared": 100},
    "exposure_hours": {"base": "employed", "centre": (("*", 20),), "cap_squared": 150**2},
    "over_exposure_standard": {"standard": (("*", 60),), "half_width": 1, "cap_squared": 2},
}
PERIODS = {Cadence.MONTH: MONTHS, Cadence.QUARTER: QUARTERS}
Cells = dict[tuple[str, str], dict[str, int]]


def measured(
    tree: GroupTree, make_item: Make, cadence: Cadence, without: str = ""
) -> tuple[dict[str, Any], Cells]:
    """What every person is charged, and the exact totals of each item and period by group."""
    items = {name: make_item(measure=name, cadence=cadence, **bounds) for name, bounds in ITEMS.items()}
    charged: dict[str, Any] = {}
    totals: Cells = {}
    with filled(everything(), without) as warehouse:
        for period in PERIODS[cadence]:
            build_person_period(warehouse, period)
            for name, item in items.items():
                query = values_query(item, period, items["absent_hours"] if name == "absence_cut" else None)
                charge = bounding.freeze(warehouse, item, period, tree, 1, query)
                totals[name, str(period)] = bounding.totals(warehouse, charge, "programme")
        rows = "select person, item, period_index, x, is_cut from charged order by all"
        for person, *row in warehouse.execute(rows).fetchall():
            charged.setdefault(person, []).append(row)
    return charged, totals


@pytest.mark.parametrize("cadence", Cadence, ids=str)
def test_from_exports_to_charges_a_person_moves_one_year_by_at_most_the_cap(
    tree: GroupTree, make_item: Make, cadence: Cadence
) -> None:
    """And nobody else's charges at all, through the measures that look at caps, bases, centres, standards."""
    charged, totals = measured(tree, make_item, cadence)
    assert {name for (name, _), cell in totals.items() if any(cell.values())} == ITEMS.keys()
    for gone in ("busy", "huge", "steady", "leaver"):
        others, totals_without = measured(tree, make_item, cadence, without=gone)
        assert others == {person: rows for person, rows in charged.items() if person != gone}
        for name in ITEMS:
            moved = sum(
                (total - totals_without[name, period][group]) ** 2
                for (measure, period), cell in totals.items()
                for group, total in cell.items()
                if measure == name
            )
            assert moved <= make_item(measure=name, **ITEMS[name]).cap_squared
