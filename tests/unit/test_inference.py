"""The posterior on a tree is that of the dense normal equations, whatever was drawn and in whatever order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from metrics.inference.estimate import estimate
from metrics.inference.forest import Forest, Path, Reading
from metrics.inference.model import Model
from metrics.inference.recursion import sweep_down, sweep_up
from metrics.inference.spread import WIDE, Prior, Spread, fading, likely, parameters, spread_of, weights

Array = NDArray[np.float64]
MONTHS = 6
PRIOR = Prior(rate=1.0, between=0.2, own=0.1)
SPREAD = Spread((0.05, 0.2, 0.15), 0.7, 0.3, 0.4)
# a division without programmes, one with two, one with three of which two have people in some months alone
ROOT, A, B, C = ("o",), ("o", "a"), ("o", "b"), ("o", "c")
B1, B2, C1, C2, C3 = ("o", "b", "1"), ("o", "b", "2"), ("o", "c", "1"), ("o", "c", "2"), ("o", "c", "3")
NODES: tuple[tuple[Path, ...], ...] = ((ROOT,), (A, B, C), (B1, B2, C1, C2, C3))
LEAVES = (A, B1, B2, C1, C2, C3)


def forest() -> Forest:
    place = {path: (depth, row) for depth, layer in enumerate(NODES) for row, path in enumerate(layer)}
    parents = [
        np.array([place[path[:-1]][1] if depth else 0 for path in layer]) for depth, layer in enumerate(NODES)
    ]
    return Forest(NODES, tuple(parents), place)


@dataclass(frozen=True)
class World:
    """People and what was drawn: months at all levels, a quarter; of some programmes months lack."""

    model: Model
    people: dict[Path, Array]


def world(seed: int, *, steady: bool = False, noise: float = 1.0) -> World:
    dice = np.random.default_rng(seed)
    people = {leaf: dice.uniform(5, 30, 1 if steady else MONTHS) * np.ones(MONTHS) for leaf in LEAVES}
    if not steady:
        people[C2][:3] = people[C3][3:] = 0
    tables = forest().zeros(MONTHS)
    for leaf, each in people.items():
        depth, row = forest().place[leaf]
        tables[depth][row] = each
    readings = []
    for month in range(MONTHS):
        there = {*NODES[1], *NODES[2]} - (set() if steady else {C3 if month > 2 else C2})
        for nodes, deviation in (({ROOT}, 8.0), ({A, B, C}, 5.0), (there & {*NODES[2]}, 6.0)):
            if steady or month != 4 or nodes == {ROOT}:
                values = {path: float(dice.normal(20, 9)) for path in sorted(nodes)}
                readings.append(Reading(np.eye(MONTHS)[month], noise * deviation, values))
    quarter = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    readings.append(Reading(quarter, noise * 7.0, {path: float(dice.normal(60, 9)) for path in (A, B, C)}))
    return World(Model(forest(), tables, PRIOR, readings), people)


def dense(each: World, spread: Spread) -> tuple[dict[Path, Array], dict[Path, Array], float]:
    """Means and covariances of all totals by the normal equations, and the log evidence of what was drawn."""
    order = [path for layer in NODES for path in layer]
    at = {path: slice(MONTHS * n, MONTHS * (n + 1)) for n, path in enumerate(order)}
    size = MONTHS * len(order)
    lasting, eye = np.ones((MONTHS, MONTHS)), np.eye(MONTHS)
    mixed = spread.lasting * lasting + (1 - spread.lasting) * fading(MONTHS)
    kernels = [
        WIDE**2 * lasting + spread.levels[0] ** 2 * fading(MONTHS),
        *(s**2 * mixed for s in spread.levels[1:]),
    ]
    own = spread.own * (spread.own_lasting * mixed + (1 - spread.own_lasting) * eye)
    rates, up, cov = np.zeros((size, size)), np.zeros((size, size)), np.zeros((size, size))
    for one in order:
        for two in order:
            shared = [n for n in range(1, 4) if one[:n] == two[:n] and n <= min(len(one), len(two))]
            rates[at[one], at[two]] = sum(kernels[n - 1] for n in shared)
    for leaf in LEAVES:
        n = each.people[leaf]
        for above in range(1, len(leaf) + 1):
            up[at[leaf[:above]], at[leaf]] = eye
        for other in LEAVES:
            cov[at[leaf], at[other]] = n[:, None] * rates[at[leaf], at[other]] * each.people[other]
        cov[at[leaf], at[leaf]] += np.sqrt(np.outer(n, n)) * own
    total = up @ cov @ up.T
    rows, values, noise = [], [], []
    for reading in each.model.readings:
        for path, value in reading.values.items():
            row = np.zeros(size)
            row[at[path]] = reading.design
            rows.append(row)
            values.append(value)
            noise.append(reading.deviation**2)
    design, y = np.array(rows), np.array(values)
    seen = design @ total @ design.T + np.diag(noise)
    gain = np.linalg.solve(seen, design @ total).T
    mean, left = gain @ y, total - gain @ design @ total
    free = np.sum(y**2 / noise) + np.sum(np.log(noise))
    evidence = (free - y @ np.linalg.solve(seen, y) - np.linalg.slogdet(seen)[1]) / 2
    return {p: mean[at[p]] for p in order}, {p: left[at[p], at[p]] for p in order}, evidence


@pytest.mark.parametrize("seed", range(5))
def test_mean_covariance_and_evidence_are_those_of_the_normal_equations(seed: int) -> None:
    each = world(seed)
    means, covariances, evidence = dense(each, SPREAD)
    layers = each.model.layers(SPREAD)
    up = sweep_up(layers)
    posterior = sweep_down(layers, up)
    for path, (depth, row) in each.model.forest.place.items():
        assert posterior[depth].mean[row] == pytest.approx(means[path], rel=1e-4, abs=1e-3)
        assert posterior[depth].covariance[row] == pytest.approx(covariances[path], rel=1e-3, abs=1e-3)
    assert up.log_evidence == pytest.approx(evidence, abs=1e-2)


def sums(found: Sequence[Array], forest: Forest) -> None:
    """Children add up to their parent."""
    for depth in range(1, len(found)):
        added = np.zeros_like(found[depth - 1])
        np.add.at(added, forest.parents[depth], found[depth])
        inner = [row for row, path in enumerate(forest.nodes[depth - 1]) if path not in LEAVES]
        assert found[depth - 1][inner] == pytest.approx(added[inner], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_estimates_add_up_over_the_tree(seed: int) -> None:
    model = world(seed).model
    sums(estimate(model).mean, model.forest)


def test_the_order_in_which_draws_are_given_changes_nothing() -> None:
    model = world(1).model
    other = Model(model.forest, model.people, model.prior, model.readings[::-1])
    for one, two in zip(estimate(model).mean, estimate(other).mean, strict=True):
        assert one == pytest.approx(two, rel=1e-6, abs=1e-6)


def test_the_quick_evidence_of_steady_units_is_nearly_the_exact_one() -> None:
    model = world(2, steady=True, noise=6.0).model
    spreads = [
        Spread((0.05, w, w), lasting, own, 0.4)
        for w in (0.05, 0.3)
        for lasting in (0.3, 0.8)
        for own in (0.1, 1)
    ]
    quick = np.array([model.evidence(spread) for spread in spreads])
    exact = np.array([sweep_up(model.layers(spread)).log_evidence for spread in spreads])
    assert quick - quick[0] == pytest.approx(exact - exact[0], abs=1.0)


def test_parameters_without_evidence_are_those_that_were_expected() -> None:
    found = likely(lambda spread: 0.0, PRIOR, 3).points
    each = weights(np.array([one.log_weight for one in found]))
    mean = sum(w * parameters(one.spread) for w, one in zip(each, found, strict=True))
    expected = parameters(Spread((0.2,) * 3, 0.7, 0.1, 0.5))
    assert mean == pytest.approx(expected, abs=0.05)
    square = sum(w * (parameters(one.spread) - mean) ** 2 for w, one in zip(each, found, strict=True))
    assert np.sqrt(square) == pytest.approx([1, 1, 1, 1, 0.7, 1], rel=0.05)


def test_a_spread_is_its_parameters() -> None:
    again = spread_of(parameters(SPREAD))
    assert (*again.levels, again.lasting, again.own, again.own_lasting) == pytest.approx(
        (*SPREAD.levels, SPREAD.lasting, SPREAD.own, SPREAD.own_lasting)
    )


LINE = {A: 0, B1: 0, B2: 1, C1: 1, C2: 0, C3: 1}
LINES = tuple(np.array([LINE.get(path, 0) for path in layer]) for layer in NODES)
RATES = np.array([0.4, 2.5])


def of_lines(model: Model) -> Model:
    """The same model with two lines, of which each reading is told as ``RATES`` would have it."""
    usual = model.forest.rolled_up(
        [RATES[line][:, None] * n for line, n in zip(LINES, model.people, strict=True)]
    )
    readings = []
    for each in model.readings:
        places = {path: model.forest.place[path] for path in each.values}
        values = {path: float(each.design @ usual[depth][row]) for path, (depth, row) in places.items()}
        readings.append(replace(each, values=values))
    return replace(model, readings=readings, lines=LINES)


def test_what_is_usual_in_each_line_is_found() -> None:
    model = of_lines(world(3).model)
    told = [replace(each, deviation=0.1) for each in model.readings]
    model = replace(model, readings=told, prior=Prior(rate=1.0, between=0.01, own=0.001))
    for usual, line, people in zip(model.usual, LINES, model.people, strict=True):
        leaf = people.sum(axis=1) > 0
        assert usual[leaf] == pytest.approx((RATES[line][:, None] * people)[leaf], rel=1e-3)


def test_the_tree_tells_what_lies_beyond_the_usual() -> None:
    """Estimates are the usual, and those of what was drawn beyond it."""
    given = of_lines(world(4).model)
    model = replace(given, readings=[*given.readings, *world(5).model.readings])
    beyond = []
    for each in model.readings:
        places = {path: model.forest.place[path] for path in each.values}
        values = {p: each.values[p] - float(each.design @ model.usual[d][r]) for p, (d, r) in places.items()}
        beyond.append(replace(each, values=values))
    rest = estimate(replace(model, readings=beyond, lines=None)).mean
    sums(estimate(model).mean, model.forest)
    for whole, usual, part in zip(estimate(model).mean, model.usual, rest, strict=True):
        assert whole == pytest.approx(usual + part, rel=1e-4, abs=1e-3)


def test_estimates_are_nearly_those_of_all_parameters_each_told_exactly() -> None:
    model = world(6, steady=True, noise=2.0).model
    points = model.likely.points
    assert len(points) > 2
    each = weights(np.array([one.log_weight + model.evidence(one.spread) for one in points]))
    told = [sweep_down(layers, sweep_up(layers)) for layers in (model.layers(one.spread) for one in points)]
    found = estimate(model)
    for depth, (mean, covariance) in enumerate(zip(found.mean, found.covariance, strict=True)):
        middle = sum(w * part[depth].mean for w, part in zip(each, told, strict=True))
        whole = sum(
            w * (part[depth].covariance + (away := part[depth].mean - middle)[:, :, None] * away[:, None, :])
            for w, part in zip(each, told, strict=True)
        )
        deviation = np.sqrt(np.diagonal(whole, axis1=1, axis2=2))
        assert np.abs(mean - middle).max() < 0.1 * deviation.min()
        assert np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)) == pytest.approx(deviation, rel=0.05)
