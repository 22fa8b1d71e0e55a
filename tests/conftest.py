"""Shared by all tests: hypothesis profiles, and the smallest world in which something can be measured."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, settings
from signatories import POLICY, enter_plan

from privacy import bounding
from privacy.accounting import Rho
from privacy.groups import GroupTree, Unit, plan_groups
from privacy.ledger import Ledger
from privacy.periods import BudgetYear, Cadence
from privacy.plan import Plan, PlanItem

# The same examples on every run; LEEWARD_HYPOTHESIS=search looks further, by hand.
settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", settings.get_profile("ci"), derandomize=False, max_examples=2000)
settings.load_profile(os.environ.get("LEEWARD_HYPOTHESIS", "ci"))

# Prefect reads this as it is imported, which tests may do before a flow settles it.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")

LEVELS = ("organisation", "division", "programme")
UNITS = (
    Unit("ORG", "Whole house", None, 0, "support"),
    Unit("A", "Division A", "ORG", 2, "crisis"),
    Unit("B", "Division B", "ORG", 0, "family"),
    Unit("A1", "Programme A1", "A", 20, "crisis"),
    Unit("A2", "Programme A2", "A", 30, "crisis"),
    Unit("B1", "Programme B1", "B", 25, "family"),
    Unit("B2", "Programme B2", "B", 4, "crisis"),
)
PLENTY, NOTHING = Rho(10**15), Rho(0)

LONGEST_FIRST = (
    "test_every_failure.py", "test_beginnings.py", "test_distinguishing.py",
    "test_neighbours.py", "test_kills.py", "test_stopped_and_resumed.py", "test_quarters.py",
    "test_detection_power.py", "test_full_disk.py", "test_power_cuts.py", "test_schedule.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes come first, so that none begins when all others have ended."""
    order = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


class NoiseFree:
    """The mechanism without noise. It exists in tests alone; no setting of the product selects it."""

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        return list(totals)


@pytest.fixture(scope="session")
def noise_free() -> NoiseFree:
    return NoiseFree()


@pytest.fixture(scope="session")
def tree() -> GroupTree:
    """ORG over A (A1, A2, people attached to A itself) and B (B1, and B2 that is too small alone)."""
    return plan_groups(UNITS, LEVELS, 10)


@pytest.fixture(scope="session")
def register(tree: GroupTree) -> dict[str, Any]:
    """The body of a register entry that holds the tree from 2020 on."""
    trees = [{"from": "2020-01-01", **tree.to_json()}]
    return {"document": "Board paper", "levels": list(LEVELS), "minimum_group": 10, "trees": trees}


@pytest.fixture(scope="session")
def make_item() -> Callable[..., PlanItem]:
    """An item with harmless bounds, of which a test changes what it is about."""

    def make(**changes: Any) -> PlanItem:
        fields: dict[str, Any] = {
            "measure": "absent_hours",
            "version": 1,
            "base": "",
            "highest": 1000,
            "centre": (("*", 0),),
            "standard": (),
            "half_width": 1000,
            "cap_squared": 100**2,
            "cadence": Cadence.MONTH,
            "sigmas": tuple((level, 200) for level in LEVELS),
        }
        return PlanItem(**{**fields, **changes})

    return make


@pytest.fixture(scope="session")
def year() -> BudgetYear:
    """July 2025 to June 2026."""
    return BudgetYear.parse("2025-07", starts=7)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        bounding.prepare(connection)
        yield connection


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger whose clock stands at noon of 1 August 2026."""

    def clock() -> datetime:
        return datetime(2026, 8, 1, 12, 0, 59, tzinfo=UTC)

    with Ledger.create(tmp_path / "ledger.sqlite", "Testers", code="0", clock=clock) as fresh:
        yield fresh


@pytest.fixture
def sign(ledger: Ledger, register: dict[str, Any], year: BudgetYear) -> Callable[..., Ledger]:
    """Sign the register and a plan of the items given."""

    def signed(
        *items: PlanItem,
        allowed: Rho = PLENTY,
        in_year: BudgetYear = year,
        reserve: Rho = NOTHING,
        in_register: dict[str, Any] | None = None,
    ) -> Ledger:
        policy = {**POLICY, "rho_pico": allowed.pico}
        enter_plan(ledger, Plan(in_year, items, reserve), policy, in_register or register)
        return ledger

    return signed
