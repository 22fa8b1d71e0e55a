"""The product's accounting beside dp-accounting's, plan by plan.

Run as a command it writes docs/figures/accounting.json; ``make .venv-accounting/ready`` comes first.
"""

from __future__ import annotations

import json
import math
import random
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from sample_plan import SAMPLE, sample_plan
from signatories import enter_plan

from privacy.accounting import PICO, Delta, Epsilon, Rho, epsilon_of, rho_for, total
from privacy.budget import YearBudget
from privacy.ledger import Ledger
from privacy.periods import BudgetYear, Cadence, Period
from privacy.plan import Charge, Plan, PlanItem

ROOT = Path(__file__).parents[2]
ORACLE_PYTHON = ROOT / ".venv-accounting" / "bin" / "python"
FIGURES = ROOT / "docs" / "figures" / "accounting.json"
COMMAND = "make figures-accounting"
SAMPLES = (SAMPLE, *sorted(f"data/mappings/{path.name}" for path in (ROOT / "data" / "mappings").iterdir()))
DELTA = "1e-6"
RANDOM_PLANS = 20


@dataclass(frozen=True)
class Compared:
    """The epsilon of one plan at DELTA by the product, and by each accountant of dp-accounting."""

    plan: str
    items: int
    product: float
    rdp: float
    pld: float
    discrete: float | None

    @property
    def row(self) -> dict[str, object]:
        """As the figures say it: how far RDP lies from the product, how much less PLD needs, in percent."""
        return {
            "plan": self.plan,
            "items": self.items,
            "epsilon": round(self.product, 5),
            "rdp_epsilon": round(self.rdp, 5),
            "rdp_relative_difference": float(f"{self.rdp / self.product - 1:.1e}"),
            "pld_epsilon": round(self.pld, 5),
            "pld_tighter_by_percent": round(100 * (1 - self.pld / self.product), 1),
            "discrete_pld_epsilon": None if self.discrete is None else round(self.discrete, 5),
        }


def random_plans() -> Iterator[tuple[PlanItem, ...]]:
    """Small plans, of losses from harmless to absurd; every other one of small scales alone."""
    dice = random.Random("plans for an accountant")
    for number in range(RANDOM_PLANS):
        largest = 40 if number % 2 else 4000
        yield tuple(_random_item(dice, measure, largest) for measure in range(dice.randint(1, 4)))


def _random_item(dice: random.Random, measure: int, largest: int) -> PlanItem:
    cadence, half_width = dice.choice(list(Cadence)), dice.randint(1, max(1, largest // 12))
    cap_squared = dice.choice([half_width**2, cadence.a_year * half_width**2])
    levels = ("organisation", "division", "programme")[: dice.randint(1, 3)]
    sigmas = tuple((level, dice.randint(max(1, largest // 4), largest)) for level in levels)
    name = f"measure {measure}"
    return PlanItem(name, 1, "", half_width, (("*", 0),), (), half_width, cap_squared, cadence, sigmas)


def whole_budget(epsilon: str) -> PlanItem:
    """One item that spends what a policy of this epsilon allows, to the last unit of its cap."""
    sigma = 500_000
    allowed = rho_for(Epsilon.parse(epsilon), Delta.parse(DELTA))
    cap_squared = int(2 * sigma**2 * (allowed.value - Fraction(1, PICO)))
    half_width = 1 + math.isqrt(cap_squared)
    return PlanItem(
        "hours", 1, "", half_width, (("*", 0),), (), half_width, cap_squared, Cadence.MONTH, (("all", sigma),)
    )


def amended_plan(folder: Path) -> tuple[tuple[PlanItem, ...], Rho]:
    """A year whose plan was changed: what a person may have lost to, told apart here, and the ledger's sum.

    Of the first plan one item was drawn before it was closed, one was not; a third one stayed.
    """
    drawn, undrawn, stays, fresh = (
        _random_item(random.Random(name), n, 4000) for n, name in enumerate("abcd")
    )
    year = BudgetYear.parse("2025-07", starts=7)
    with Ledger.create(folder / "ledger.sqlite", "Oracle", code="0") as ledger:
        policy = {"epsilon": "4", "delta": DELTA, "rho_pico": 10**15}
        register = {"document": "", "levels": [], "minimum_group": 10, "trees": []}
        for items in ((drawn, undrawn, stays), (stays, fresh)):
            enter_plan(ledger, Plan(year, items, Rho(0)), policy, register)
            period = Period.holding(year.first.first_day, drawn.cadence)
            if drawn in items:
                ledger.measure(Charge("charge", drawn, period, 2), year, lambda _: {})
        return (drawn, stays, fresh), YearBudget.of(ledger.records, year).committed


def ask(plans: Sequence[Sequence[PlanItem]]) -> list[Mapping[str, float | None]]:
    """dp-accounting's epsilons of plans, by an interpreter of its own."""
    asked = {"delta": DELTA, "plans": [[item.to_json() for item in plan] for plan in plans]}
    script = Path(__file__).with_name("dp_accounting_oracle.py")
    run = subprocess.run(
        [str(ORACLE_PYTHON), str(script)], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    answers: list[Mapping[str, float | None]] = json.loads(run.stdout)
    return answers


def compared() -> list[Compared]:
    """Plans of the sample and the presets, of whole budgets, random ones, and an amended year."""
    plans = {folder: sample_plan(folder) for folder in SAMPLES}
    plans |= {f"all of epsilon {epsilon}": (whole_budget(epsilon),) for epsilon in ("0.5", "1", "4", "8")}
    plans |= {f"random {number}": plan for number, plan in enumerate(random_plans(), start=1)}
    losses = {name: total(item.rho for item in plan) for name, plan in plans.items()}
    with TemporaryDirectory() as folder:
        plans["amended"], losses["amended"] = amended_plan(Path(folder))
    return [
        Compared(name, len(plan), epsilon_of(losses[name], Delta.parse(DELTA)), **answer)  # type: ignore[arg-type]
        for (name, plan), answer in zip(plans.items(), ask(list(plans.values())), strict=True)
    ]


def write(path: Path, found: Sequence[Compared]) -> None:
    body = {"command": COMMAND, "delta": DELTA, "rows": [one.row for one in found]}
    path.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(FIGURES, compared())
