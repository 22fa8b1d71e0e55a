"""Cells from monthly and quarterly draws, entered without noise: values by hand, rule 2, blanks, lineage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from signatories import enter

from metrics.indicators import INDICATORS
from metrics.measures import MEASURES
from metrics.results import Result, all_results
from metrics.rules import ReadingRules
from metrics.totals import Totals
from pipelines.tables import release_tables
from privacy.agreements import Reason, withdrawal_body
from privacy.ledger import Ledger
from privacy.periods import BudgetYear, Cadence, Period
from privacy.plan import Charge, PlanItem

LEVELS = ("organisation", "division", "programme")
LEAVES = ("A1", "A2", "A:direct", "B1", "B:small", "ORG:direct")
ENOUGH, FEW = 40, 3
QUARTERS = Period.parse("2026-Q2").trailing(5)
Q2 = QUARTERS[-1]
Leaves = Mapping[str, int]
Make = Callable[..., PlanItem]
MONTHS_OF_Q2 = Q2.months


@dataclass
class Book:
    """A ledger in which draws are entered as exact totals of leaves."""

    ledger: Ledger
    sign: Callable[..., Ledger]
    make: Make
    year: BudgetYear
    items: dict[tuple[str, Cadence], PlanItem] = field(default_factory=dict)

    def plan(self, measure: str, cadence: Cadence, depth: int, **bounds: Any) -> None:
        """Add an item to the plan, its bounds those of a month as often as its value holds one."""
        sigmas, times = (
            tuple((level, 1) for level in LEVELS[:depth]),
            MEASURES[measure].months_in_value(cadence),
        )
        fields = {"highest": times, "half_width": times, "cap_squared": cadence.a_year * times**2}
        self.items[measure, cadence] = self.make(
            measure=measure, cadence=cadence, sigmas=sigmas, **{**fields, **bounds}
        )

    def signed(self) -> Book:
        """The plan of the year before and of the year."""
        before = BudgetYear(self.year.first.previous(12))
        for year in (before, self.year):
            self.sign(*self.items.values(), in_year=year)
        return self

    def draw(self, measure: str, periods: Iterable[Period], leaves: Leaves | int) -> None:
        """Enter totals; a number stands for that number in every leaf."""
        values = dict.fromkeys(LEAVES, leaves) if isinstance(leaves, int) else leaves
        for period in periods:
            item, tree = self.items[measure, period.cadence], self.ledger.records.tree(period)

            def total(level: str, item: PlanItem = item, tree: Any = tree) -> dict[str, int]:
                inside = {
                    g.id: [x.id for x in tree.leaves if g in tree.ancestry(x.id)] for g in tree.at(level)
                }
                return {group: sum(values.get(leaf, 0) for leaf in ids) for group, ids in inside.items()}

            charge = Charge(f"{measure} {period}", item, period, self.ledger.records.register_of(period))
            self.ledger.measure(charge, BudgetYear.of(period, starts=7), total)

    def totals(self, method: str = "mean_of_month_ends", quarterly: str = "", monthly: str = "") -> Totals:
        """Read with quarterly and monthly targets for the indicators named; no margin is too wide."""
        names = f"{quarterly} {monthly}".split()
        limits = {name: {"month": 1e9, "quarter": 1e9, "year": 1e9} for name in names}
        targets = [{name: {"organisation": 1.0} for name in text.split()} for text in (monthly, quarterly)]
        return Totals(self.ledger.records, ReadingRules(10, method, 5.0, limits, *targets))

    def cells(self, **asked: str) -> dict[tuple[str, str, str], Result]:
        found = all_results(self.totals(**asked))
        return {(cell.indicator, cell.period, cell.unit_id): cell for cell in found}


@pytest.fixture
def book(ledger: Ledger, sign: Callable[..., Ledger], make_item: Make, year: BudgetYear) -> Book:
    """Head count by the quarter to the programmes, by the month to the divisions."""
    made = Book(ledger, sign, make_item, year)
    made.plan("employed", Cadence.MONTH, 2)
    made.plan("employed", Cadence.QUARTER, 3)
    return made


def heads(book: Book, periods: Iterable[Period] = QUARTERS, leaves: Leaves | int = ENOUGH) -> None:
    """The same head count at the end of every quarter and of each of its months."""
    for quarter in periods:
        book.draw("employed", (*quarter.months, quarter), leaves)


def value(cell: Result) -> float:
    assert cell.status == "shown" and cell.value is not None, cell
    return cell.value


def test_hours_of_a_quarter_are_read_per_month_and_person(book: Book) -> None:
    """24 hours a person in the quarter are 8 hours a month, counted in quarters of an hour."""
    book.plan("exposure_hours", Cadence.QUARTER, 3, base="employed")
    book.signed()
    heads(book)
    book.draw("exposure_hours", [Q2], 24 * 4 * ENOUGH)
    cells = book.cells(quarterly="exposure_hours")
    for unit in ("ORG", "A", "A1"):
        assert value(cells["exposure_hours", "2026-Q2", unit]) == pytest.approx(8)


def test_a_quarters_flow_over_monthly_head_counts_is_in_the_same_unit(book: Book) -> None:
    """The head count grows from 40 to 60: person-months are 150, of whom 3 x 150 hours are 3 a month."""
    book.items.pop(("employed", Cadence.QUARTER))
    book.plan("employed", Cadence.MONTH, 3)
    book.plan("exposure_hours", Cadence.QUARTER, 3, base="employed")
    book.signed()
    for month, count in zip(MONTHS_OF_Q2, (40, 50, 60), strict=True):
        book.draw("employed", [month], count)
    book.draw("exposure_hours", [Q2], 4 * 3 * 150)
    cell = book.cells(quarterly="exposure_hours")["exposure_hours", "2026-Q2", "A1"]
    assert value(cell) == pytest.approx(3)
    assert len(cell.ledger_entries.split()) == 4  # three months of heads and the quarter's hours


def test_where_the_quarter_does_not_reach_its_months_are_added_up(book: Book) -> None:
    """Exposure by the month to the divisions (5 hours), by the quarter for the whole alone (6 hours)."""
    book.plan("exposure_hours", Cadence.MONTH, 2, base="employed")
    book.plan("exposure_hours", Cadence.QUARTER, 1, base="employed")
    book.signed()
    heads(book)
    book.draw("exposure_hours", MONTHS_OF_Q2, 5 * 4 * ENOUGH)
    book.draw("exposure_hours", [Q2], 3 * 6 * 4 * ENOUGH)
    cells = book.cells(quarterly="exposure_hours")
    found = [value(cells["exposure_hours", "2026-Q2", unit]) for unit in ("ORG", "A")]
    assert found == pytest.approx([6, 5])
    assert ("exposure_hours", "2026-Q2", "A1") not in cells  # neither reaches it


def test_a_stock_holds_for_every_month_of_its_quarter(book: Book) -> None:
    """Trauma cases by the quarter (6 a person) over open cases by the month (10, 20 and 30): 18 of 60."""
    book.plan("case_holders", Cadence.MONTH, 3)
    book.plan("open_cases", Cadence.MONTH, 3, base="case_holders")
    book.plan("trauma_cases", Cadence.QUARTER, 3, base="case_holders")
    book.signed()
    heads(book)
    book.draw("case_holders", MONTHS_OF_Q2, ENOUGH)
    for month, cases in zip(MONTHS_OF_Q2, (10, 20, 30), strict=True):
        book.draw("open_cases", [month], cases * ENOUGH)
    book.draw("trauma_cases", [Q2], 6 * ENOUGH)
    cells = book.cells(quarterly="trauma_share")
    assert value(cells["trauma_share", "2026-Q2", "B1"]) == pytest.approx(30)


@pytest.mark.parametrize("name", ["over_exposure_standard", "absence_cut"])
def test_who_counts_once_a_quarter_is_a_share_of_the_people(book: Book, name: str) -> None:
    """10 of 40 are 25 %, not a third of it."""
    book.plan(name, Cadence.QUARTER, 3)
    book.signed()
    heads(book)
    book.draw(name, [Q2], 10)
    assert value(book.cells(quarterly=name)[name, "2026-Q2", "A2"]) == pytest.approx(25)


def test_people_with_any_absence_are_counted_in_person_months(book: Book) -> None:
    """30 months with an absence, of the 120 months of 40 people."""
    book.plan("absent_people", Cadence.QUARTER, 3)
    book.signed()
    heads(book)
    book.draw("absent_people", [Q2], 30)
    assert value(book.cells(quarterly="any_absence")["any_absence", "2026-Q2", "A2"]) == pytest.approx(25)


@pytest.mark.parametrize("base_by", Cadence, ids=str)
def test_what_was_centred_is_given_back_by_the_base_at_the_quarters_end(book: Book, base_by: Cadence) -> None:
    """Each of the 40 holders at the end was drawn as the deviation from 15 open cases: 2 more."""
    book.plan("case_holders", base_by, 3)
    book.plan("open_cases", Cadence.QUARTER, 3, base="case_holders", centre=(("*", 15),))
    book.signed()
    heads(book)
    ends = dict.fromkeys(MONTHS_OF_Q2[:-1], 100) | {MONTHS_OF_Q2[-1]: ENOUGH}
    for period, holders in ends.items() if base_by is Cadence.MONTH else [(Q2, ENOUGH)]:
        book.draw("case_holders", [period], holders)
    book.draw("open_cases", [Q2], 2 * ENOUGH)
    groups, values, _ = book.totals().estimates("open_cases", Q2)
    found = dict(zip((group.id for group in groups.groups), values, strict=True))
    assert found["A1"] == pytest.approx(17 * ENOUGH) and found["ORG"] == pytest.approx(
        17 * ENOUGH * len(LEAVES)
    )


def test_twelve_months_come_from_months_where_these_reach_and_else_from_quarters(book: Book) -> None:
    """Head counts stand still; 60 hours a person in each month, 70 by the quarterly item."""
    book.plan("exposure_hours", Cadence.MONTH, 2, base="employed")
    book.plan("exposure_hours", Cadence.QUARTER, 3, base="employed")
    book.signed()
    heads(book)
    for quarter in QUARTERS[1:]:
        book.draw("exposure_hours", quarter.months, 60 * 4 * ENOUGH)
        book.draw("exposure_hours", [quarter], 3 * 70 * 4 * ENOUGH)
    cells = book.cells(quarterly="exposure_hours", monthly="exposure_hours")
    year = {unit: cells["exposure_hours", "2026-06/P12M", unit] for unit in ("ORG", "A", "A1")}
    assert [value(cell) for cell in year.values()] == pytest.approx([60, 60, 70])
    assert len(year["A"].ledger_entries.split()) == 24 and len(year["A1"].ledger_entries.split()) == 8
    assert ("exposure_hours", "2026-05/P12M", "A1") not in cells  # May ends no quarter


def turnover(book: Book) -> Book:
    """Leavers by the quarter; head counts of 40, 50, 60, 70, 80 at the ends of five quarters."""
    book.plan("left", Cadence.QUARTER, 3)
    book.signed()
    for count, quarter in enumerate(QUARTERS, start=4):
        heads(book, [quarter], 10 * count)
        book.draw("left", [quarter], 6)
    return book


def test_turnover_of_a_quarter_is_over_the_mean_of_its_ends(book: Book) -> None:
    """6 leavers over the mean of 70 and 80; of twelve months 24 over five ends, the outer ones half."""
    cells = turnover(book).cells(quarterly="turnover")
    quarter, year = cells["turnover", "2026-Q2", "A1"], cells["turnover", "2026-06/P12M", "A1"]
    assert value(quarter) == pytest.approx(100 * 6 / 75)
    assert value(year) == pytest.approx(100 * 24 / 60)
    assert quarter.method == year.method == "least squares; head count: mean of period ends"
    first = cells["turnover", "2025-Q2", "A1"]
    assert value(first) == pytest.approx(100 * 6 / 40) and first.method.endswith("without an opening count")


def test_turnover_by_opening_and_closing_takes_the_first_and_the_last_count(book: Book) -> None:
    cells = turnover(book).cells(method="opening_and_closing", quarterly="turnover")
    assert value(cells["turnover", "2026-06/P12M", "A1"]) == pytest.approx(100 * 24 / 60)
    assert cells["turnover", "2026-06/P12M", "A1"].method.endswith("opening and closing")


def test_a_quarters_leavers_over_monthly_head_counts_are_weighed_by_the_months_ends(book: Book) -> None:
    """40 | 50, 60, 70: the mean of three months' means is 55."""
    book.items.pop(("employed", Cadence.QUARTER))
    book.plan("left", Cadence.QUARTER, 2)
    book.signed()
    for month, count in zip(Q2.months[-1].trailing(4), (40, 50, 60, 70), strict=True):
        book.draw("employed", [month], {"A1": count, "B1": count, "A2": 0})
    book.draw("left", [Q2], {"A1": 11, "B1": 11})
    assert value(book.cells(quarterly="turnover")["turnover", "2026-Q2", "A"]) == pytest.approx(20)


def test_a_head_count_over_a_quarter_is_the_quarters_or_the_mean_of_its_months(book: Book) -> None:
    """By the quarter 40 in each leaf; by the month 50, 60, 70. The posts weigh next to nothing here."""
    book.signed()
    book.draw("employed", [Q2], ENOUGH)
    by_quarter = book.cells(quarterly="head_count")
    assert value(by_quarter["head_count", "2026-Q2", "A1"]) == pytest.approx(ENOUGH, abs=0.1)


def test_a_head_count_by_months_alone_is_their_mean(book: Book) -> None:
    book.items.pop(("employed", Cadence.QUARTER))
    book.signed()
    for month, count in zip(MONTHS_OF_Q2, (50, 60, 70), strict=True):
        book.draw("employed", [month], count)
    cells = book.cells(quarterly="head_count", monthly="head_count")
    assert value(cells["head_count", "2026-Q2", "ORG"]) == pytest.approx(60 * len(LEAVES), abs=0.5)
    month, quarter = cells["head_count", "2026-06", "B"], cells["head_count", "2026-Q2", "B"]
    margins = [
        cell.high - cell.low for cell in (month, quarter) if cell.high is not None and cell.low is not None
    ]
    assert margins[1] == pytest.approx(margins[0] / 3**0.5, rel=0.05)  # the mean of three draws


def test_rule_2_of_a_quarter_looks_at_its_own_head_count_where_that_was_drawn(book: Book) -> None:
    """A2 has 40 people by the months' draws of its division, but 3 by the quarter's."""
    book.plan("left", Cadence.QUARTER, 3)
    book.signed()
    heads(book, [Q2], dict.fromkeys(LEAVES, ENOUGH) | {"A2": FEW})
    book.draw("left", [Q2], 1)
    cells = book.cells(quarterly="turnover")
    assert cells["turnover", "2026-Q2", "A2"].reason == "below-minimum-group"
    assert cells["turnover", "2026-Q2", "A:direct"].reason == "sibling-blank"
    assert cells["turnover", "2026-Q2", "A"].status == "shown"


@pytest.mark.parametrize(("counts", "status"), [((3, 3, 60), "shown"), ((9, 10, 11), "blank")])
def test_rule_2_of_a_quarter_is_else_the_mean_of_the_three_months(
    book: Book, counts: tuple[int, int, int], status: str
) -> None:
    """A mean of 22 reaches 10 with its margin, a mean of 10 does not."""
    book.items.pop(("employed", Cadence.QUARTER))
    book.plan("left", Cadence.QUARTER, 2)
    book.signed()
    for month, count in zip(MONTHS_OF_Q2, counts, strict=True):
        book.draw("employed", [month], {"A1": count, "B1": count})
    book.draw("left", [Q2], 1)
    assert book.cells(quarterly="turnover")["turnover", "2026-Q2", "A"].status == status


def test_a_small_opening_count_blanks_the_turnover_of_a_quarter(book: Book) -> None:
    book.plan("left", Cadence.QUARTER, 3)
    book.signed()
    heads(book, QUARTERS[-2:-1], dict.fromkeys(LEAVES, ENOUGH) | {"B1": FEW})
    heads(book, [Q2])
    book.draw("left", QUARTERS[-2:], 1)
    assert book.cells(quarterly="turnover")["turnover", "2026-Q2", "B1"].reason == "below-minimum-group"


def test_a_quarter_that_is_planned_but_not_drawn_says_that_data_are_lacking(book: Book) -> None:
    book.plan("exposure_hours", Cadence.QUARTER, 3, base="employed")
    book.signed()
    heads(book, [Q2])
    cells = book.cells(quarterly="exposure_hours")
    units = {unit: cell.reason for (_, period, unit), cell in cells.items() if period == "2026-Q2"}
    assert set(units.values()) == {"no-data"} and {"ORG", "A", "A1"} <= units.keys()
    assert {period for _, period, _ in cells} == {"2026-Q2"}


def test_a_quarter_that_the_plan_does_not_hold_is_said_of_the_whole(book: Book) -> None:
    book.signed()
    heads(book, [Q2])
    cells = book.cells(quarterly="exposure_hours")
    assert {(unit, cell.reason) for (_, _, unit), cell in cells.items()} == {("ORG", "not-planned")}


def test_cells_are_of_the_cadences_that_have_a_target(book: Book) -> None:
    book.plan("left", Cadence.MONTH, 2)
    book.signed()
    heads(book, [Q2])
    book.draw("left", MONTHS_OF_Q2, 1)
    by_month = {period for _, period, _ in book.cells(monthly="turnover")}
    by_quarter = {period for _, period, _ in book.cells(quarterly="turnover")}
    assert by_month == {str(month) for month in MONTHS_OF_Q2} and by_quarter == {"2026-Q2"}


def test_measurements_and_estimates_have_a_row_a_drawn_quarter(book: Book) -> None:
    book.signed()
    heads(book, [Q2], dict.fromkeys(LEAVES, ENOUGH) | {"A2": FEW})
    tables = {table.name: table.rows for table in release_tables(book.totals(quarterly="head_count"))}
    for name, number in (("measurements", "noisy_total"), ("estimates", "estimate")):
        rows = {row["unit_id"]: row for row in tables[name] if row["period"] == "2026-Q2"}
        assert len(rows) == 9 and rows["A:direct"]["reason"] == "sibling-blank"
        assert rows["B1"][number] == pytest.approx(ENOUGH) and rows["A2"][number] is None


def test_a_changed_standard_makes_twelve_months_of_quarters_incomparable(book: Book) -> None:
    """The item of a month with a standard of 45 hours and that of a quarter with 135 count by one rule."""
    from metrics.draws import definition

    month = book.make(measure="over_exposure_standard", standard=(("*", 180),), half_width=1, cap_squared=12)
    quarter = book.make(
        measure="over_exposure_standard",
        standard=(("*", 540),),
        half_width=1,
        cap_squared=4,
        cadence=Cadence.QUARTER,
    )
    other = book.make(
        measure="over_exposure_standard",
        standard=(("*", 600),),
        half_width=1,
        cap_squared=4,
        cadence=Cadence.QUARTER,
    )
    assert definition(month) == definition(quarter) != definition(other)


def test_every_indicator_is_told_by_the_quarter(book: Book) -> None:
    """From draws of every measure by the quarter, each with its base."""
    for name, measure in MEASURES.items():
        book.plan(name, Cadence.QUARTER, 3, base=measure.base)
    book.signed()
    for name in MEASURES:
        book.draw(name, QUARTERS, ENOUGH)
    cells = book.cells(quarterly=" ".join(INDICATORS))
    for name, indicator in INDICATORS.items():
        assert cells[name, "2026-Q2", "A1"].status == "shown"
        assert ((name, "2026-06/P12M", "A1") in cells) == (12 in indicator.windows)


def test_what_a_withdrawn_release_was_first_to_tell_is_blank_and_says_so(
    ledger: Ledger, sign: Callable[..., Ledger], make_item: Make, year: BudgetYear
) -> None:
    book = Book(ledger, sign, make_item, year)
    book.plan("employed", Cadence.QUARTER, 3)
    book.signed()
    for period in QUARTERS[-2:]:
        book.draw("employed", [period], ENOUGH)
        name, last = str(period.months[-1]), len(ledger.records.entries)
        ledger.append("release", {"period": name, "release": f"{name}-{last}", "files": {}})
    enter(ledger, "withdrawn", withdrawal_body(ledger.records, f"{name}-{last}", Reason.WRONG_EXPORT))
    cells = book.cells(quarterly="head_count")
    assert value(cells["head_count", "2026-Q1", "A1"]) == pytest.approx(ENOUGH, abs=1e-3)
    blank = cells["head_count", "2026-Q2", "A1"]
    assert (blank.status, blank.reason, blank.value) == ("blank", "withdrawn", None)
