"""What the planner proposes for a policy and register of the repository: figures are of one such plan."""

from __future__ import annotations

from pathlib import Path

from metrics.organisation import parse_register
from metrics.planner import propose
from privacy.accounting import total
from privacy.periods import BudgetYear, Period
from privacy.plan import PlanItem
from privacy.policy import read_policy

ROOT = Path(__file__).parents[1]
SAMPLE = "data/sample"
PLACES = 4


def sample_plan(folder: str) -> tuple[PlanItem, ...]:
    """The plan of the year in which the register's newest version begins."""
    policy = read_policy(ROOT / folder / "policy.toml")
    register = parse_register((ROOT / folder / "register.csv").read_text(encoding="utf-8-sig"), policy.levels)
    day = max(register.starts)
    year = BudgetYear.of(Period.holding(day), starts=policy.year_starts)
    return propose(policy, register, year).plan.items


def rho_of(folder: str) -> float:
    """What that plan costs a person, rounded as it is kept beside figures."""
    return round(float(total(item.rho for item in sample_plan(folder))), PLACES)
