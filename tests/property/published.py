"""An agency's exports taken in, measured and published: all that leaves, and what was charged inside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from adversaries import MAPPING, POLICY, Edition
from signatories import TESTER, enter_plan, signing

from metrics.planner import propose
from metrics.rules import ReadingRules
from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.installation import Installation, begin, opened
from pipelines.release import release_due
from privacy import bounding, ledger
from privacy.mechanism import Mechanism
from privacy.periods import BudgetYear, Period
from privacy.plan import Plan, PlanItem

TODAY = date(2025, 12, 24)
YEARS = ("2024-07", "2025-07")
KEY = bytes(32)
Totals = dict[tuple[str, str, int], dict[str, int]]  # item's identity, level, period index: total by group
Charged = dict[str, list[tuple[Any, ...]]]  # pseudonym: item, period index, x, whether it was cut


def noon() -> datetime:
    return datetime(2025, 12, 24, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Published:
    """``outside`` is every byte beyond the protected zone, by path; the rest lies in the warehouse."""

    outside: dict[str, bytes]
    charged: Charged
    totals: Totals
    items: tuple[PlanItem, ...]


@contextmanager
def numbered_ids() -> Iterator[None]:
    """Random ids numbered instead: all that may differ between two runs of one input, beside the noise."""
    numbers = count()
    numbered = SimpleNamespace(token_hex=lambda size: f"{next(numbers):0{2 * size}x}")
    with pytest.MonkeyPatch.context() as patch:
        for module in (bounding, ledger):
            patch.setattr(module, "secrets", numbered)
        yield


def publish(
    root: Path,
    story: Sequence[Edition],
    mechanism: Mechanism,
    *,
    without: str = "",
    interleaved: bool = False,
) -> Published:
    """Take in each edition, sign its register, measure and publish its months; ``without`` one person."""
    home = Home(root / "home")
    (root / "config").mkdir(parents=True)
    (root / "exports").mkdir()
    _write(root / "config", [("policy.toml", POLICY), ("mapping.toml", MAPPING), ("register.csv", "")])
    with numbered_ids(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEEWARD_WITNESS", str(root / "witness"))
        begin(home, root / "config", noon)
        home.pseudonym_key.write_bytes(KEY)
        home.pseudonym_key.chmod(0o400)
        for edition in story:
            _write(
                root / "exports", [*edition.files(without, interleaved), ("manifest.toml", edition.manifest)]
            )
            home.register.write_text(edition.register, encoding="utf-8")
            _take_in_and_release(home, root / "exports", edition, mechanism)
        return _found(home, root / "witness")


def _write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    for name, text in files:
        (folder / name).write_text(text, encoding="utf-8")


def _take_in_and_release(home: Home, exports: Path, edition: Edition, mechanism: Mechanism) -> None:
    with opened(home, noon) as installation:
        known, charged = installation.register.unit_ids, _charged_periods(home)
        ingest(home, exports, known_units=known, charged_periods=charged, today=TODAY, check=_no_check)
        _sign(installation)
        for month in edition.order:
            release_due(
                home, installation.ledger, installation.witness, mechanism, installation.policy,
                today=TODAY, only=Period.parse(month),
            )  # fmt: skip


def _no_check(*_: object) -> tuple[()]:
    """Checks over many people only warn; they take seconds."""
    return ()


def _charged_periods(home: Home) -> frozenset[str]:
    if not home.warehouse.exists():
        return frozenset()
    with duckdb.connect(str(home.warehouse)) as warehouse:
        return bounding.charged_periods(warehouse)


def _sign(installation: Installation) -> None:
    """The plans of both years on the register as it stands: proposed at first, then of the same items."""
    policy, register = installation.policy, installation.register
    rules = {**ReadingRules.of(policy).signed(policy), "signing": signing(TESTER)}
    for text in YEARS:
        year = BudgetYear.parse(text, starts=policy.year_starts)
        items = installation.ledger.records.open_items(year) or propose(policy, register, year).plan.items
        plan = Plan(year, items, policy.reserve)
        enter_plan(installation.ledger, plan, rules, installation.register_body)
    installation.settle()


def _found(home: Home, witness: Path) -> Published:
    with opened(home, noon) as installation:
        items = tuple(installation.ledger.records.items.values())
        outside = {"ledger": "\n".join(installation.ledger.lines()).encode(), "witness": witness.read_bytes()}
    for path in sorted(home.root.rglob("*")):
        if path.is_file() and home.protected not in path.parents and path.suffix != ".sqlite":
            outside[str(path.relative_to(home.root))] = path.read_bytes()
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        return Published(outside, charged_of(warehouse), totals_of(warehouse), items)


def charged_of(warehouse: duckdb.DuckDBPyConnection) -> Charged:
    table: Charged = {}
    rows = "select person, item, period_index, x, is_cut from charged order by all"
    for person, *row in warehouse.execute(rows).fetchall():
        table.setdefault(person, []).append(tuple(row))
    return table


def totals_of(warehouse: duckdb.DuckDBPyConnection) -> Totals:
    table: Totals = {}
    rows = "select item, level, period_index, group_id, total from charge_total join charge using (charge_id)"
    for item, level, index, group, total in warehouse.execute(rows).fetchall():
        table.setdefault((item, level, index), {})[group] = total
    return table


def largest_change(item: PlanItem, level: str, here: Totals, there: Totals) -> int:
    """The largest sum of squared differences of an item's totals over any twelve months (four quarters).

    Raises AssertionError where the two do not have the same periods and groups.
    """
    moved = {}
    for key in here.keys() | there.keys():
        if key[:2] == (item.identity, level):
            assert here[key].keys() == there[key].keys()
            moved[key[2]] = sum((here[key][group] - there[key][group]) ** 2 for group in here[key])
    span = range(item.cadence.a_year)
    return max((sum(moved.get(last - step, 0) for step in span) for last in moved), default=0)
