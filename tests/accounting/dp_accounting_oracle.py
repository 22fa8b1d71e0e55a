"""What dp-accounting makes of plans: run by the interpreter of ``.venv-accounting``, which lacks our code.

Reads {"delta": text, "plans": [plan, ...]} from standard input; a plan is a list of items as the ledger
writes them. Writes one {"rdp": epsilon, "pld": epsilon, "discrete": epsilon or null} a plan.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from typing import Any

import dp_accounting
from dp_accounting.pld import PLDAccountant
from dp_accounting.pld.privacy_loss_distribution import from_discrete_gaussian_mechanism
from dp_accounting.rdp import RdpAccountant

ORDERS = [1 + 10 ** (step / 250) for step in range(-500, 1000)]
LARGEST_DISCRETE = 50  # the scale up to which whole-number noise is accounted as such

Item = dict[str, Any]
Draw = tuple[int, int, int]  # squared distance of neighbours, noise scale, how often a year


def draws(plan: list[Item]) -> Iterator[Draw]:
    """The draws of a person's worst year: every period by its clamp, or one that holds the whole cap."""
    for item in plan:
        periods = {"month": 12, "quarter": 4}[item["cadence"]]
        clamp, cap = item["half_width"] ** 2, item["cap_squared"]
        for _, sigma in item["sigma"]:
            yield (clamp, sigma, periods) if clamp * periods == cap else (cap, sigma, 1)


def epsilon(accountant: Any, plan: list[Item], delta: float) -> float:
    for square, sigma, times in draws(plan):
        event = dp_accounting.GaussianDpEvent(sigma / math.sqrt(square))
        accountant.compose(event, times)
    return float(accountant.get_epsilon(delta))


def discrete(plan: list[Item], delta: float) -> float | None:
    """By the loss distribution of the discrete Gaussian itself, where scales are small enough for it."""
    whole = None
    for square, sigma, times in draws(plan):
        if sigma > LARGEST_DISCRETE or math.isqrt(square) ** 2 != square:
            return None
        one = from_discrete_gaussian_mechanism(sigma, math.isqrt(square)).self_compose(times)
        whole = one if whole is None else whole.compose(one)
    return None if whole is None else float(whole.get_epsilon_for_delta(delta))


def main() -> None:
    asked = json.load(sys.stdin)
    delta = float(asked["delta"])
    json.dump(
        [
            {
                "rdp": epsilon(RdpAccountant(ORDERS), plan, delta),
                "pld": epsilon(PLDAccountant(), plan, delta),
                "discrete": discrete(plan, delta),
            }
            for plan in asked["plans"]
        ],
        sys.stdout,
    )


if __name__ == "__main__":
    main()
