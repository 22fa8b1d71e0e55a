"""Averaging: the product is run again and again in the hope that its noise averages out.

What is decided is whether one person left of their own will. A product that draws anew with each run is
beaten; the ledger serves the numbers of the first run, and their average is those numbers.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from attacks.advantage import Advantage, Array, expected
from attacks.agency import Agency
from attacks.finding import Finding, against_all
from attacks.leaving import LEAVING, cases, evidence
from attacks.likelihood import as_happened, both_pasts, information, log_ratio, repeated, scores, truths
from attacks.tables import Leeward

FEWER = 10  # a product that draws anew is run often, so it is tried on so many times fewer releases


def the_leaver(agency: Agency) -> pd.DataFrame:
    """The evidence on one person who left, whose numbers tell most, in both pasts."""
    people = cases(agency)
    left = people[people["truth"]].reset_index(drop=True)
    rows = evidence(agency, left.assign(trial=left.index))
    chosen = rows[rows["trial"] == int(information(rows).argmax())]
    return both_pasts(chosen.assign(trial=0))


def drawn_anew(
    agency: Agency, leaver: pd.DataFrame, trials: int, runs: Sequence[int]
) -> dict[int, Advantage]:
    """The advantage from the average of so many independent draws of every number, for each count of runs."""
    rows, tables = repeated(leaver, trials), Leeward(agency.records.items)
    truth, happened = truths(rows), as_happened(rows)
    total, found = np.zeros(len(rows)), {}
    for run in range(1, max(runs) + 1):
        total += tables.publish(happened)
        if run in runs:
            found[run] = Advantage.of(_by_average(rows, total / run) > 0, truth)
    return found


def _by_average(rows: pd.DataFrame, average: Array) -> Array:
    """The likelihood ratio of averages; that their noise is less changes its size, not its sign."""
    known, shift, sigma = (rows[column].to_numpy(dtype=float) for column in ("known", "shift", "sigma"))
    return np.bincount(rows["trial"], weights=log_ratio(average, known, shift, sigma))


def expected_anew(leaver: pd.DataFrame, runs: int) -> float:
    """What the average of so many independent draws should reach."""
    known = runs * information(leaver)
    return expected(known, np.zeros(len(known)), truths(leaver))


def averaging(agency: Agency, trials: int, runs: Sequence[int]) -> Finding:
    """On what the ledger serves, however often the product is run; beside a product that draws anew."""
    leaver = the_leaver(agency)
    anew = drawn_anew(agency, leaver, math.ceil(trials / FEWER), runs)
    rows = repeated(leaver, trials)
    return Finding(
        id="averaging",
        guessing=0.0,
        rho=agency.rho(*LEAVING),
        expected=expected_anew(leaver, 1),
        details={f"drawn_anew_{run}": found.value for run, found in anew.items()},
        **against_all(agency, lambda tables: scores(rows, tables), truths(rows)),
    )


def published_bytes(home: Path) -> str:
    """One digest of the ledger and of every released file."""
    files = sorted(path for path in (home / "releases").rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in (home / "ledger.jsonl", *files):
        digest.update(str(path.relative_to(home)).encode() + path.read_bytes())
    return digest.hexdigest()
