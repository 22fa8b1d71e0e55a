"""Planted defects are detected by the audits that the product passes: the power, in runs out of runs.

A detection here is a p-value below 1e-6. By the exact distributions the strongest audit misses less than
one run in 1e6 of any defect, and every audit rejects the true product in FALSE_ALARM of its runs at most;
so each of these tests fails by chance in fewer than one in 1e4 of its executions.
"""

from __future__ import annotations

import pytest
from audits import AUDITS
from defects import NO_DEFECT
from detection import STRONGEST, Power, power

pytestmark = pytest.mark.slow
RUNS = 8  # 'make figures-detection' takes more


@pytest.fixture(scope="module")
def found() -> Power:
    return power(RUNS)


@pytest.mark.parametrize("defect", STRONGEST)
def test_a_planted_defect_is_detected_in_every_run(found: Power, defect: str) -> None:
    assert found[defect][STRONGEST[defect]] == RUNS


@pytest.mark.parametrize("audit", AUDITS)
def test_the_true_product_is_rejected_in_no_run(found: Power, audit: str) -> None:
    assert found[NO_DEFECT][audit] == 0


@pytest.mark.parametrize(
    "defect", ["half the noise", "80 % of the noise", "no cap", "a second draw on a retry"]
)
def test_the_variance_of_the_noise_alone_finds_what_weakens_it(found: Power, defect: str) -> None:
    assert found[defect]["noise variance"] == RUNS
