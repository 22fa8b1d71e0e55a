"""A released home with its true data at hand: what an attacker who knows everything could know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pandas as pd

from pipelines.home import Home
from pipelines.person_period import build_person_period
from privacy.periods import BudgetYear, Period
from privacy.policy import Policy, read_policy
from privacy.records import Records

CELL = ["measure", "period", "level", "group"]


@dataclass(frozen=True)
class Agency:
    """Frames name a period by its index.

    ``places``: one row per person, month and level: unit and group. ``charged``: one row per person,
    measure and month with a contribution x. ``totals``: one row per cell of the ledger: item, exact total,
    heads, sigma and published number. Totals are in the measure's smallest unit, less the centre.
    """

    root: Path
    policy: Policy
    records: Records
    places: pd.DataFrame
    charged: pd.DataFrame
    totals: pd.DataFrame

    @classmethod
    def read(cls, root: Path) -> Agency:
        home = Home(root)
        records = Records.from_file(home.ledger_lines)
        with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
            places = _places(warehouse, records)
            charged = _charged(warehouse, records)
            totals = _totals(warehouse, records)
        return cls(root, read_policy(home.policy), records, places, charged, totals)

    @property
    def newest_year(self) -> BudgetYear:
        return self.records.years[-1]

    def months(self, year: BudgetYear) -> tuple[int, ...]:
        """The measured months of a budget year, oldest first."""
        return tuple(sorted({m.period.index for m in self.records.measurements if year.holds(m.period)}))

    @property
    def support_units(self) -> frozenset[str]:
        """Units whose service line is support, as the public register says."""
        periods = {m.period for m in self.records.measurements}
        units = (place for period in periods for place in self.records.tree(period).placements)
        return frozenset(place.unit for place in units if place.service_line == "support")

    @cached_property
    def people(self) -> pd.DataFrame:
        """One row per person and month, with the unit of the month."""
        return self.places.drop_duplicates(["person", "period"])[["person", "period", "unit_id"]]

    @property
    def recent_people(self) -> pd.DataFrame:
        """One row per person and month of the newest year."""
        recent = self.people["period"].isin(self.months(self.newest_year))
        return self.people.loc[recent, ["person", "period"]]

    def rho(self, *measures: str, years: tuple[BudgetYear, ...] = ()) -> float:
        """What some items cost a person: of all measures, and of the newest year, unless named."""
        items = (item for year in years or (self.newest_year,) for item in self.records.signed_items(year))
        return sum(float(item.rho) for item in items if not measures or item.measure in measures)

    def cells(self, people: pd.DataFrame, *measures: str) -> pd.DataFrame:
        """Every published number that holds a person in a month, with their own contribution x in it.

        Args:
            people: rows with ``person`` and ``period``, and what else is to be kept.
            measures: all unless named.
        """
        totals = self.totals[self.totals["measure"].isin(measures)] if measures else self.totals
        where = people.merge(self.places, on=["person", "period"])
        found = where.merge(totals, on=["period", "level", "group"])
        found = found.merge(self.charged, on=["person", "measure", "period"], how="left")
        return found.assign(x=found["x"].fillna(0).astype(int))

    def of_each(self, people: pd.DataFrame, measure: str) -> pd.Series:
        """The contribution of each person and month to a measure, 0 where there is none."""
        rows = self.charged[self.charged["measure"] == measure]
        found = people[["person", "period"]].merge(rows, on=["person", "period"], how="left")
        return found["x"].fillna(0).astype(int).set_axis(people.index)


def _places(warehouse: duckdb.DuckDBPyConnection, records: Records) -> pd.DataFrame:
    frames = []
    for month in sorted({m.period for m in records.measurements}, key=lambda period: period.index):
        build_person_period(warehouse, month)
        people = warehouse.execute("select person, unit_id from person_month").df()
        frames.append(people.merge(_lines(records, month), on="unit_id").assign(period=month.index))
    return pd.concat(frames, ignore_index=True)


def _lines(records: Records, month: Period) -> pd.DataFrame:
    """One row per unit and level: the group that holds it."""
    tree = records.tree(month)
    rows = [(p.unit, group.level, group.id) for p in tree.placements for group in tree.ancestry(p.leaf)]
    return pd.DataFrame(rows, columns=["unit_id", "level", "group"])


def _charged(warehouse: duckdb.DuckDBPyConnection, records: Records) -> pd.DataFrame:
    rows = warehouse.execute("select item, period_index as period, person, x from charged where x <> 0").df()
    names = {identity: item.measure for identity, item in records.items.items()}
    return rows.assign(measure=rows.pop("item").map(names))


def _totals(warehouse: duckdb.DuckDBPyConnection, records: Records) -> pd.DataFrame:
    exact = warehouse.execute(
        'select charge_id, level, group_id as "group", total from charge_total order by charge_id, position'
    ).df()
    rows = [
        (m.charge_id, m.item.identity, m.item.measure, m.period.index, m.level, m.sigma, group, value)
        for m in records.measurements
        for group, value in m.values.items()
    ]
    columns = ["charge_id", "item", "measure", "period", "level", "sigma", "group", "published"]
    cells = pd.DataFrame(rows, columns=columns).merge(exact, on=["charge_id", "level", "group"])
    heads = cells[cells["measure"] == "employed"].rename(columns={"total": "heads"})
    return cells.merge(heads[["period", "level", "group", "heads"]], on=["period", "level", "group"])
