"""The tables of a release, as rows: measurements, estimates, indicators, signals, units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from metrics.blanks import hidden_groups
from metrics.measures import MEASURES
from metrics.results import PERIODS_KEPT, Result, all_results
from metrics.signals import Signal, all_signals
from metrics.totals import Totals
from privacy.periods import Period
from privacy.records import Measurement

Cell = str | int | float | None
Row = dict[str, Cell]


@dataclass(frozen=True)
class MeasurementRow:
    """One noisy total of a month or quarter, in the measure's unit, before un-centring; blank where its group
    is not shown."""

    period: str
    level: str
    unit_id: str
    measure: str
    noisy_total: float | None
    noise_deviation: float
    unit: str
    status: str
    reason: str
    ledger_entry: int


@dataclass(frozen=True)
class EstimateRow:
    """One total of a month or quarter as estimated: adds up over the tree, in the measure's unit."""

    period: str
    level: str
    unit_id: str
    measure: str
    estimate: float | None
    deviation: float | None
    unit: str
    status: str
    reason: str


@dataclass(frozen=True)
class UnitRow:
    """One public group of the newest period."""

    unit_id: str
    unit_name: str
    parent_id: str
    level: str
    authorised_posts: int
    service_line: str


@dataclass(frozen=True)
class Table:
    """Rows with the columns they all have."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, name: str, kind: type, rows: Iterator[object]) -> Table:
        columns = tuple(field.name for field in fields(kind))
        return cls(name, columns, tuple(dict(vars(row)) for row in rows))


def release_tables(totals: Totals) -> tuple[Table, ...]:
    """Everything a release publishes, from the ledger alone."""
    months = totals.months[-PERIODS_KEPT:]
    periods = tuple(period for month in months for period in month.endings)
    return (
        Table.of("measurements", MeasurementRow, _measurements(totals, periods)),
        Table.of("estimates", EstimateRow, _estimates(totals, periods)),
        Table.of("indicators", Result, iter(all_results(totals))),
        Table.of("signals", Signal, iter(all_signals(totals))),
        Table.of("units", UnitRow, _units(totals, months[-1])),
    )


def _measurements(totals: Totals, periods: tuple[Period, ...]) -> Iterator[MeasurementRow]:
    for period in periods:
        for measurement in totals.drawn(period):
            measure = measurement.item.measure
            hidden = hidden_groups(totals, [measure], [period], totals.tree(measure, period))
            for group_id in measurement.values:
                why = hidden.get(group_id)
                yield _measurement(measurement, group_id, why.code if why else "")


def _measurement(drawn: Measurement, group_id: str, reason: str) -> MeasurementRow:
    quantity = MEASURES[drawn.item.measure].quantity
    return MeasurementRow(
        period=str(drawn.period),
        level=drawn.level,
        unit_id=group_id,
        measure=drawn.item.measure,
        noisy_total=None if reason else drawn.values[group_id] / quantity.scale,
        noise_deviation=drawn.sigma / quantity.scale,
        unit=quantity.words,
        status="blank" if reason else "shown",
        reason=reason,
        ledger_entry=drawn.seq,
    )


def _estimates(totals: Totals, periods: tuple[Period, ...]) -> Iterator[EstimateRow]:
    for period in periods:
        for measure in (known for known in totals.measured(period) if totals.groups_drawn(known, period)):
            groups, values, variances = totals.estimates(measure, period)
            hidden = hidden_groups(totals, [measure], [period], groups)
            for row, group in enumerate(groups.groups):
                why = hidden.get(group.id)
                yield EstimateRow(
                    period=str(period),
                    level=group.level,
                    unit_id=group.id,
                    measure=measure,
                    estimate=None if why else float(values[row]),
                    deviation=None if why else float(variances[row]) ** 0.5,
                    unit=MEASURES[measure].quantity.words,
                    status="blank" if why else "shown",
                    reason=why.code if why else "",
                )


def _units(totals: Totals, month: Period) -> Iterator[UnitRow]:
    for group in totals.records.tree(month).groups:
        yield UnitRow(group.id, group.name, group.parent or "", group.level, group.posts, group.service_line)
