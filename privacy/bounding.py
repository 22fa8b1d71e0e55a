"""Bounding a person's year: the cap, and the charge that freezes what counts against it.

The rule, for a person's wanted deviation x in a period and the cap C² on any 12 consecutive months
(4 quarters): ``x <- sign(x) * min(|x|, isqrt(C² - S))`` with S the largest sum of that person's
charged squares over any such window that holds the period.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import duckdb

from privacy.durable import sync_folder
from privacy.errors import LedgerRefused
from privacy.forgetting import check_chargeable
from privacy.groups import GroupTree
from privacy.periods import Period
from privacy.plan import Charge, PlanItem


def prepare(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Create the tables that hold charges, where they are missing."""
    warehouse.execute(_sql("charge_tables"))


@contextmanager
def transaction(warehouse: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: roll back on any error."""
    warehouse.execute("begin transaction")
    try:
        yield
    except BaseException:
        warehouse.execute("rollback")
        raise
    warehouse.execute("commit")


def freeze(
    warehouse: duckdb.DuckDBPyConnection,
    item: PlanItem,
    period: Period,
    tree: GroupTree,
    register: int,
    values_sql: str,
) -> Charge:
    """Freeze the contributions to an item and period that was not drawn yet, or find them frozen already.

    Args:
        tree: the public groups in force at the period's start, from register version ``register``.
        values_sql: a query with one row per person: person, unit_id, value, base; value and base are
            whole numbers of the measure's smallest unit, value at least 0, base 0 or 1.

    Raises:
        LedgerRefused: the cap would not hold, a person could not be placed in a group, or the period lies
            before what is kept of charges.
    """
    stored = stored_charge(warehouse, item, period)
    if stored is not None and stored.register == register:
        return stored
    check_chargeable(warehouse, period)
    charge = Charge(secrets.token_hex(8), item, period, register)
    with _reworded(item), transaction(warehouse):
        if stored is not None:  # of other groups, and nothing was drawn of it
            _discard(warehouse, stored.charge_id)
        _stage(warehouse, item, tree.cut_below(item.levels[-1]), values_sql)
        _cut(warehouse, charge)
        warehouse.execute(_sql("group_totals"), {"charge_id": charge.charge_id})
        warehouse.execute(
            "insert into charge values (?, ?, ?, ?, ?, 0)",
            [charge.charge_id, item.identity, str(period), period.index, register],
        )
        check_cap(warehouse, item, period)
        for table in ("person_value", "unit_constant", "group_line"):
            warehouse.execute(f"delete from {table}")  # noqa: S608
    _sync_log_name(warehouse)
    return charge


@contextmanager
def _reworded(item: PlanItem) -> Iterator[None]:
    """DuckDB's errors quote keys and values; here they lose their text."""
    try:
        yield
        return
    except duckdb.Error as error:
        fault = type(error).__name__
    raise LedgerRefused(
        f"The contributions to '{item.measure}' could not be charged ({fault}), so nothing is drawn: "
        "see that every person has one row of whole numbers and that disk and memory suffice."
    ) from None


def _sync_log_name(warehouse: duckdb.DuckDBPyConnection) -> None:
    """DuckDB syncs its log, not the log's name: a power cut could take the charge and leave the draw."""
    row = warehouse.execute(_sql("warehouse_file")).fetchone()
    if row and row[0]:
        sync_folder(Path(row[0]).parent)


def stored_charge(warehouse: duckdb.DuckDBPyConnection, item: PlanItem, period: Period) -> Charge | None:
    """The charge that was frozen for an item and period, if any."""
    row = warehouse.execute(
        "select charge_id, register from charge where item = ? and period = ?", [item.identity, str(period)]
    ).fetchone()
    return Charge(row[0], item, period, row[1]) if row else None


def _discard(warehouse: duckdb.DuckDBPyConnection, charge_id: str) -> None:
    for table in ("charged", "charge_total", "charge"):
        warehouse.execute(f"delete from {table} where charge_id = ?", [charge_id])  # noqa: S608


def charge_ids(warehouse: duckdb.DuckDBPyConnection, item: PlanItem) -> frozenset[str]:
    """All charges of an item that the warehouse holds."""
    rows = warehouse.execute("select charge_id from charge where item = ?", [item.identity]).fetchall()
    return frozenset(row[0] for row in rows)


def assume_lost(warehouse: duckdb.DuckDBPyConnection, drawn: Iterable[Charge]) -> int:
    """Stand in for charges that were drawn and that this warehouse has lost; returns how many.

    Who contributed what is not known any more, so everybody counts as having contributed the most that
    the item lets through in a period. That is a public bound, so the cap holds and locality is kept. What
    was frozen without knowing of the lost charges and not drawn yet is cut anew.
    """
    drawn = tuple(drawn)
    with transaction(warehouse):
        lost = [charge for charge in drawn if charge.charge_id not in charge_ids(warehouse, charge.item)]
        for item in {charge.item for charge in lost}:
            _discard_undrawn(warehouse, item, [charge.charge_id for charge in drawn])
        for charge in lost:
            _check_no_fork(warehouse, charge)
            most = min(charge.item.half_width**2, charge.item.cap_squared)
            warehouse.execute(
                "insert into charge values (?, ?, ?, ?, ?, ?)",
                [
                    charge.charge_id, charge.item.identity, str(charge.period), charge.period.index,
                    charge.register, most,
                ],
            )  # fmt: skip
    return len(lost)


def _discard_undrawn(warehouse: duckdb.DuckDBPyConnection, item: PlanItem, drawn: list[str]) -> None:
    undrawn = warehouse.execute(_sql("undrawn_charges"), {"item": item.identity, "drawn": drawn}).fetchall()
    for (charge_id,) in undrawn:
        _discard(warehouse, charge_id)


def _check_no_fork(warehouse: duckdb.DuckDBPyConnection, charge: Charge) -> None:
    """A charge that is still there in place of a lost one was drawn, too."""
    if stored_charge(warehouse, charge.item, charge.period) is not None:
        raise LedgerRefused(
            f"The warehouse knows that its charge of '{charge.item.measure}' in {charge.period} was drawn, "
            "and the ledger holds another draw: they are of two forks, and nothing may be drawn from either."
        )


def charged_periods(warehouse: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """All periods of which anything has been charged."""
    return frozenset(row[0] for row in warehouse.execute("select distinct period from charge").fetchall())


def totals(warehouse: duckdb.DuckDBPyConnection, charge: Charge, level: str) -> dict[str, int]:
    """The exact frozen totals of a level by group. For the mechanism alone."""
    rows = warehouse.execute(
        "select group_id, total from charge_total where charge_id = ? and level = ? order by position",
        [charge.charge_id, level],
    ).fetchall()
    return dict(rows)


def check_cap(warehouse: duckdb.DuckDBPyConnection, item: PlanItem, period: Period) -> None:
    """Assert in whole numbers that no person's year exceeds the cap.

    Raises:
        LedgerRefused: it does, so nothing may be drawn.
    """
    window = {"item": item.identity, "period_index": period.index, "periods": item.cadence.a_year}
    largest = _number(warehouse.execute(_sql("largest_yearly_square"), window))
    if largest > item.cap_squared:
        raise LedgerRefused(
            f"The charged state of '{item.measure}' exceeds its cap in the year around {period}; nothing is "
            "drawn. Restore the warehouse that belongs to this ledger and try again."
        )


def _stage(warehouse: duckdb.DuckDBPyConnection, item: PlanItem, tree: GroupTree, values_sql: str) -> None:
    _stage_units(warehouse, item, tree)
    _stage_groups(warehouse, item, tree)
    warehouse.execute(f"insert into person_value {values_sql}")
    if _number(warehouse.execute(_sql("people_with_several_rows"))):
        raise LedgerRefused(
            f"'{item.measure}' has several rows for one person in a period, so no year could be bounded; "
            "nothing is charged. This is a fault of the product, please report it."
        )
    # A person in a unit that this register version does not know counts with the whole organisation.
    warehouse.execute(_sql("place_at_root"), {"root": tree.groups[0].id})


def _stage_units(warehouse: duckdb.DuckDBPyConnection, item: PlanItem, tree: GroupTree) -> None:
    lines = {group.id: group.service_line for group in tree.leaves}
    places = tree.placements
    standard = [
        item.constant(item.standard, place.service_line) if item.standard else None for place in places
    ]
    columns = {
        "units": [place.unit for place in places],
        "leaves": [place.leaf for place in places],
        "centres": [item.constant(item.centre, lines[place.leaf]) for place in places],
        "standards": standard,
    }
    warehouse.execute(_sql("stage_units"), columns)


def _stage_groups(warehouse: duckdb.DuckDBPyConnection, item: PlanItem, tree: GroupTree) -> None:
    position = {group.id: place for place, group in enumerate(tree.groups)}
    pairs = [
        (leaf, group)
        for leaf in tree.leaves
        for group in tree.ancestry(leaf.id)
        if group.level in item.levels
    ]
    columns = {
        "leaves": [leaf.id for leaf, _ in pairs],
        "levels": [group.level for _, group in pairs],
        "positions": [position[group.id] for _, group in pairs],
        "groups": [group.id for _, group in pairs],
    }
    warehouse.execute(_sql("stage_groups"), columns)


def _cut(warehouse: duckdb.DuckDBPyConnection, charge: Charge) -> None:
    item = charge.item
    warehouse.execute(
        _sql("bounded_contributions"),
        {
            "charge_id": charge.charge_id,
            "item": item.identity,
            "period_index": charge.period.index,
            "periods": item.cadence.a_year,
            "highest": item.highest,
            "half_width": item.half_width,
            "cap_squared": item.cap_squared,
        },
    )


def _number(result: duckdb.DuckDBPyConnection) -> int:
    row = result.fetchone()
    assert row is not None
    return int(row[0])


def _sql(name: str) -> str:
    return files("privacy").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
