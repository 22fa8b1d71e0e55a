"""The split of the loss: variances on a tree without estimates, a convex programme solved to its optimum."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.estimates import estimate_leaves, membership
from metrics.optimiser import Part, Priced, Split, Target, least_loss
from metrics.tree_precision import TreePrecision
from privacy.groups import GroupTree, Unit, plan_groups

SCALES = st.integers(1, 3000)


@st.composite
def trees(draw: st.DrawFn) -> GroupTree:
    """Up to 4 levels of units of uneven size, some too small, some with people of their own."""
    levels = ("a", "b", "c", "d")[: draw(st.integers(1, 4))]
    units = [Unit("O", "O", None, draw(st.integers(0, 20)), "x")]
    above = ["O"]
    for level in levels[1:]:
        names = [f"{level}{n}" for n in range(draw(st.integers(1, 5)))]
        units += [Unit(n, n, draw(st.sampled_from(above)), draw(st.integers(0, 40)), "x") for n in names]
        above = names
    return plan_groups(units, levels, 10)


@given(tree=trees(), data=st.data())
def test_two_sweeps_give_the_variances_of_the_least_squares_estimates(
    tree: GroupTree, data: st.DataObject
) -> None:
    precision = TreePrecision(tree)
    sigmas = tuple((level, data.draw(SCALES)) for level in precision.levels)
    dense = estimate_leaves(tree, sigmas, {group.id: 0 for group in tree.groups}).covariance
    rows = membership(tree)
    expected = np.einsum("gl,lk,gk->g", rows, dense, rows)
    found = precision.variances(np.array([1 / sigma**2 for _, sigma in sigmas]))
    assert np.allclose(found, expected, rtol=1e-6)


@given(tree=trees(), data=st.data())
def test_the_slopes_are_those_of_the_variance(tree: GroupTree, data: st.DataObject) -> None:
    precision = TreePrecision(tree)
    at = np.array([1 / data.draw(SCALES) ** 2 for _ in precision.levels])
    group = data.draw(st.integers(0, len(tree.groups) - 1))
    variances, slopes = precision.variances_and_slopes(at)
    variance = variances[group]
    assert variance == pytest.approx(precision.variances(at)[group])
    for place, slope in enumerate(slopes[group]):
        shift = np.zeros(len(at))
        shift[place] = at[place] * 1e-6
        change = precision.variances(at + shift)[group] - precision.variances(at - shift)[group]
        assert slope * 2 * shift[place] == pytest.approx(change, rel=1e-3, abs=1e-9 * variance)


def alone(tree: GroupTree, cap_squared: int) -> Priced:
    return Priced(TreePrecision(tree), cap_squared)


ONE = plan_groups([Unit("O", "O", None, 50, "x")], ("a",), 10)


def test_one_item_at_one_level_costs_what_its_target_takes() -> None:
    split = least_loss({"m": alone(ONE, 12)}, [Target(25.0, (Part("m", 0, 4.0),))])
    assert split.rho == pytest.approx(12 / 2 * 4.0 / 25.0)
    assert split.precisions["m"] == pytest.approx([4.0 / 25.0])


def test_two_items_of_one_target_share_it_as_lagrange_says() -> None:
    """Minimise C₁p₁ + C₂p₂ under s₁/p₁ + s₂/p₂ = v: p is in proportion to √(s/C)."""
    caps, slopes, wanted = (12.0, 3000.0), (2.0, 0.5), 9.0
    parts = tuple(Part(name, 0, slope) for name, slope in zip("mn", slopes, strict=True))
    split = least_loss({"m": alone(ONE, 12), "n": alone(ONE, 3000)}, [Target(wanted, parts)])
    root = sum(math.sqrt(c * s) for c, s in zip(caps, slopes, strict=True))
    assert split.rho == pytest.approx(root**2 / (2 * wanted), rel=1e-6)
    ratio = float(split.precisions["m"][0] / split.precisions["n"][0])
    assert ratio == pytest.approx(math.sqrt(slopes[0] / caps[0] / (slopes[1] / caps[1])), rel=1e-3)


def test_of_two_targets_on_one_item_the_stricter_alone_costs_anything() -> None:
    split = least_loss(
        {"m": alone(ONE, 12)}, [Target(100.0, (Part("m", 0, 1.0),)), Target(4.0, (Part("m", 0, 1.0),))]
    )
    assert split.rho == pytest.approx(12 / 2 / 4.0) and list(split.shares) == pytest.approx(
        [0.0, 1.0], abs=1e-3
    )


def cost(split: Split[str], items: dict[str, Priced]) -> float:
    return sum(item.cap_squared / 2 * float(split.precisions[name].sum()) for name, item in items.items())


@given(tree=trees(), data=st.data())
def test_the_split_is_within_a_thousandth_of_what_no_split_can_beat(
    tree: GroupTree, data: st.DataObject
) -> None:
    """The bound is the dual's; neighbours that meet the targets test that it is one."""
    items = {"m": alone(tree, 12), "n": alone(tree, 900)}
    rows = st.integers(0, len(tree.groups) - 1)
    targets = [
        Target(
            data.draw(st.floats(1, 1e4)),
            (Part("m", row, data.draw(st.floats(0.1, 10))), Part("n", row, data.draw(st.floats(0.01, 1)))),
        )
        for row in data.draw(st.lists(rows, min_size=1, max_size=4))
    ]
    split = least_loss(items, targets)
    assert worst(split.precisions, items, targets) <= 1 + 1e-6
    assert cost(split, items) == pytest.approx(split.rho)
    gap = split.rho / split.at_least - 1
    assert -1e-5 <= gap <= 1e-3
    for name in items:
        for level in range(len(split.precisions[name])):
            for factor in (0.8, 0.95, 1.05, 1.25):
                other = {n: p.copy() for n, p in split.precisions.items()}
                other[name][level] *= factor
                scale = worst(other, items, targets)
                nearby = Split({n: p * scale for n, p in other.items()}, 0.0, 0.0, split.shares)
                assert cost(nearby, items) >= split.at_least * (1 - 1e-5)


def worst(precisions: dict[str, np.ndarray], items: dict[str, Priced], targets: list[Target[str]]) -> float:
    def variance(part: Part[str]) -> float:
        return float(items[part.item].tree.variances(precisions[part.item])[part.group])

    return max(sum(p.slope_squared * variance(p) for p in t.parts) / t.variance for t in targets)


def test_what_is_fixed_stays_and_the_rest_is_chosen_beside_it() -> None:
    kept = np.array([1.0])
    items = {"m": Priced(TreePrecision(ONE), 12, fixed=kept), "n": alone(ONE, 12)}
    parts = (Part("m", 0, 1.0), Part("n", 0, 1.0))
    split = least_loss(items, [Target(3.0, parts)])
    assert split.precisions["m"] == kept and split.precisions["n"] == pytest.approx(
        [1 / (3.0 - 1.0)], rel=1e-6
    )
