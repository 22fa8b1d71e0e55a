"""What the estimates of many units take, and how that grows with them.

Run by ``make bench-estimates``: 10 measures over 36 months, two at a time, each a process of its own.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(library, "1")  # before numpy is imported: the two processes use both cores

import numpy as np  # noqa: E402

from metrics.inference.estimate import estimate  # noqa: E402
from metrics.inference.forest import Forest, Path, Reading  # noqa: E402
from metrics.inference.model import Model  # noqa: E402
from metrics.inference.spread import Prior  # noqa: E402

MONTHS, MEASURES, PROCESSES = 36, 10, 2
UNITS = (625, 1_250, 2_500, 5_000)
PRIOR = Prior(rate=1.0, between=0.3, own=0.5)
DEVIATION = 20.0


def forest(units: int) -> Forest:
    """An organisation, divisions of about 250 units, programmes of 10, and teams."""
    divisions, programmes = max(2, units // 250), max(4, units // 11)
    teams = units - 1 - divisions - programmes
    division = [p * divisions // programmes for p in range(programmes)]
    programme = [t * programmes // teams for t in range(teams)]
    nodes: list[list[Path]] = [
        [("o",)],
        [("o", f"{d:05d}") for d in range(divisions)],
        [("o", f"{division[p]:05d}", f"{p:05d}") for p in range(programmes)],
        [("o", f"{division[p]:05d}", f"{p:05d}", f"{t:05d}") for t, p in enumerate(programme)],
    ]
    parents = ([0], [0] * divisions, division, programme)
    place = {path: (depth, row) for depth, layer in enumerate(nodes) for row, path in enumerate(layer)}
    return Forest(tuple(map(tuple, nodes)), tuple(np.array(each, dtype=np.int64) for each in parents), place)


def model(units: int, measure: int) -> Model:
    """A measure of which every level was drawn every month; people and amounts are invented."""
    dice = np.random.default_rng(measure)
    tree = forest(units)
    people = tree.zeros(MONTHS)
    teams = len(tree.nodes[-1])
    people[-1][:] = dice.uniform(5, 30, (teams, 1)) * dice.uniform(0.9, 1.1, (teams, MONTHS))
    amounts = tree.zeros(MONTHS)
    amounts[-1][:] = people[-1] * dice.lognormal(0, 0.3, (teams, 1))
    totals = tree.rolled_up(amounts)
    return Model(tree, people, PRIOR, list(readings(tree, totals, dice)))


def readings(tree: Forest, totals: list[np.ndarray], dice: np.random.Generator) -> Iterator[Reading]:
    for layer, total in zip(tree.nodes, totals, strict=True):
        noisy = total + dice.normal(0, DEVIATION, total.shape)
        for month in range(MONTHS):
            values = dict(zip(layer, noisy[:, month].tolist(), strict=True))
            yield Reading(np.eye(MONTHS)[month], DEVIATION, values)


def one(units: int, measure: int) -> tuple[float, int]:
    """Seconds and MiB at most of the estimates of one measure."""
    each = model(units, measure)
    started = time.perf_counter()
    estimate(each)
    return time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    before = None
    for units in UNITS:
        with ProcessPoolExecutor(PROCESSES, get_context("spawn"), max_tasks_per_child=None) as processes:
            started = time.perf_counter()
            found = list(processes.map(one, [units] * MEASURES, range(MEASURES)))
            took = time.perf_counter() - started
        growth = "" if before is None else f", {took / before:.2f} times as long as half as many"
        memory = PROCESSES * max(most for _, most in found)
        middle = sum(each for each, _ in found) / MEASURES
        print(f"{units:,} units: {took:.1f} s in all, {middle:.1f} s a measure, {memory:,} MiB{growth}")
        before = took


if __name__ == "__main__":
    main()
