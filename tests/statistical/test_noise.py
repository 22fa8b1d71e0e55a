"""The noise has the promised distribution, and never comes twice. Nothing here is seeded.

Every random test states FALSE_ALARM, the chance that it fails although all is well.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable

import pytest
from scipy.stats import chi2, norm

from privacy.accounting import Rho, price
from privacy.groups import GroupTree
from privacy.mechanism import DiscreteGaussian

FALSE_ALARM = 1e-6
DRAWS = 20_000
CELLS = 40


def noise(sigma: int, cells: int) -> list[int]:
    """Noise alone: the draw of a vector of zeros."""
    return DiscreteGaussian().draw([0] * cells, cap_squared=1, sigma=sigma, signed=price(1, sigma))


def mass(sigma: int) -> dict[int, float]:
    """The discrete Gaussian's probabilities, up to what lies beyond 12 deviations (under 1e-30)."""
    weights = {x: math.exp(-x * x / (2 * sigma * sigma)) for x in range(-12 * sigma, 12 * sigma + 1)}
    whole = math.fsum(weights.values())
    return {x: weight / whole for x, weight in weights.items()}


def bins(sigma: int) -> Callable[[int], int]:
    """Whole numbers gathered into cells of a fifth of a deviation, the tails beyond 3 together."""
    width = max(1, sigma // 5)
    return lambda x: max(-3 * sigma, min(3 * sigma, x)) // width


@pytest.mark.parametrize("sigma", [1, 3, 40, 1000])
def test_draws_follow_the_exact_discrete_gaussian(sigma: int) -> None:
    """Pearson's chi-square over cells that each expect more than 20 draws."""
    cell, expected = bins(sigma), Counter[int]()
    for x, probability in mass(sigma).items():
        expected[cell(x)] += DRAWS * probability  # type: ignore[assignment]
    assert min(expected.values()) > 20
    seen = Counter(cell(x) for x in noise(sigma, DRAWS))
    statistic = sum((seen[c] - wanted) ** 2 / wanted for c, wanted in expected.items())
    assert statistic < chi2.isf(FALSE_ALARM, len(expected) - 1)


def test_the_noise_has_the_signed_variance_and_no_drift() -> None:
    """The sum of squares is close to normal at this many draws; both bounds are two-sided."""
    sigma, limit = 200, norm.isf(FALSE_ALARM / 4)
    drawn = noise(sigma, DRAWS)
    assert abs(sum(drawn)) < limit * sigma * math.sqrt(DRAWS)
    excess = sum(x * x for x in drawn) / sigma**2 - DRAWS
    assert abs(excess) < limit * math.sqrt(2 * DRAWS)


def test_noise_is_added_to_the_total_and_does_not_depend_on_it() -> None:
    """A total of ten thousand is drawn around ten thousand, with the same variance as around nothing."""
    sigma, limit = 50, norm.isf(FALSE_ALARM / 4)
    drawn = DiscreteGaussian().draw([10_000] * DRAWS, cap_squared=1, sigma=sigma, signed=price(1, sigma))
    assert abs(sum(drawn) / DRAWS - 10_000) < limit * sigma / math.sqrt(DRAWS)
    assert abs(sum((x - 10_000) ** 2 for x in drawn) / sigma**2 - DRAWS) < limit * math.sqrt(2 * DRAWS)


def test_the_cells_of_one_draw_have_noise_of_their_own() -> None:
    """Neighbouring cells are uncorrelated: parent minus children would not be pure noise otherwise."""
    sigma, limit = 200, norm.isf(FALSE_ALARM / 2)
    drawn = noise(sigma, DRAWS)
    products = sum(a * b for a, b in zip(drawn[::2], drawn[1::2], strict=True))
    assert abs(products) < limit * sigma**2 * math.sqrt(DRAWS / 2)


def test_parent_minus_children_has_the_variance_that_the_scales_promise(tree: GroupTree) -> None:
    """What the verifier tests on a ledger: each level is drawn by itself, whatever its exact totals."""
    sigmas = {"division": 60, "programme": 30}
    squares, terms = 0.0, 0
    for _ in range(300):
        drawn: dict[str, int] = {}
        for level, sigma in sigmas.items():
            groups = [group.id for group in tree.at(level)]
            exact = [100 * max(1, len(tree.children(group))) for group in groups]
            values = DiscreteGaussian().draw(exact, cap_squared=1, sigma=sigma, signed=price(1, sigma))
            drawn |= dict(zip(groups, values, strict=True))
        for parent in ("A", "B"):
            children = tree.children(parent)
            variance = sigmas["division"] ** 2 + len(children) * sigmas["programme"] ** 2
            squares += (drawn[parent] - sum(drawn[child.id] for child in children)) ** 2 / variance
            terms += 1
    assert chi2.ppf(FALSE_ALARM / 2, terms) < squares < chi2.isf(FALSE_ALARM / 2, terms)


def test_two_draws_two_processes_and_two_forks_have_different_noise() -> None:
    """The chance that two of these vectors agree is far below FALSE_ALARM: (1/2500)^40."""
    script = (
        "from privacy.accounting import price; from privacy.mechanism import DiscreteGaussian;"
        f"print(DiscreteGaussian().draw([0] * {CELLS}, cap_squared=1, sigma=1000, signed=price(1, 1000)))"
    )
    fresh = [
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    ]
    noise(1000, CELLS)  # so that a fork would inherit a generator's state, were there one
    forked = [_in_fork() for _ in range(2)]
    here = [str(noise(1000, CELLS)) for _ in range(2)]
    assert all(text.count(",") == CELLS - 1 for text in (*fresh, *forked, *here))
    assert len({*fresh, *forked, *here}) == 6


def _in_fork() -> str:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, str(noise(1000, CELLS)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read().decode()
    os.waitpid(child, 0)
    return text


def test_a_scale_of_nothing_is_refused_however_much_is_signed() -> None:
    """OpenDP would return the exact totals at a loss without bound."""
    with pytest.raises(Exception, match="nothing was drawn"):
        DiscreteGaussian().draw([5], cap_squared=1, sigma=0, signed=Rho(10**30))
