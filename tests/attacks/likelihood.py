"""The best test between two pasts of one person, given everybody else's records: the likelihood ratio.

A frame of evidence is a frame of cells with, besides, ``trial``, ``known`` (what the cell's total would be
were the fact false), ``shift`` (what the fact changes it by) and ``truth`` (whether the fact is true).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attacks.advantage import Array, Flags
from attacks.tables import Tables

COLUMNS = ["trial", "item", "level", "sigma", "heads", "known", "shift", "truth"]


def log_ratio(published: Array, known: Array, shift: Array, deviation: Array) -> Array:
    """How much more likely each number is with the fact than without it, as a logarithm.

    Discrete Gaussian noise has mass proportional to exp(-z² / 2σ²), so the ratio is exact for it; a
    number without noise decides for certain, a hidden one says nothing.
    """
    rest = published - known
    with np.errstate(divide="ignore", invalid="ignore"):
        noisy = (shift * rest - shift**2 / 2) / deviation**2
    certain = np.where(rest == shift, np.inf, -np.inf)
    return np.where(np.isnan(published), 0.0, np.where(deviation > 0, noisy, certain))


def scores(evidence: pd.DataFrame, tables: Tables) -> Array:
    """The log-likelihood ratio of each trial, over all its cells, trials numbered from 0."""
    known, shift = (evidence[column].to_numpy(dtype=float) for column in ("known", "shift"))
    published = tables.publish(as_happened(evidence))
    parts = log_ratio(published, known, shift, tables.deviation(evidence))
    return np.bincount(evidence["trial"], weights=parts)


def as_happened(evidence: pd.DataFrame) -> pd.DataFrame:
    """The cells with the totals that the trials' truths make."""
    return evidence.assign(total=evidence["known"] + evidence["truth"] * evidence["shift"])


def information(evidence: pd.DataFrame) -> Array:
    """Of each trial, the sum of (shift / noise scale)² over its cells, at the signed scales."""
    return np.bincount(evidence["trial"], weights=(evidence["shift"] / evidence["sigma"]) ** 2)


def truths(evidence: pd.DataFrame) -> Flags:
    """Whether the fact is true, by trial."""
    return evidence.groupby("trial")["truth"].first().to_numpy(dtype=bool)


def both_pasts(evidence: pd.DataFrame) -> pd.DataFrame:
    """Each trial twice: once with the fact true, once with it false."""
    count = int(evidence["trial"].max()) + 1
    other = evidence.assign(trial=evidence["trial"] + count, truth=False)
    return pd.concat([evidence.assign(truth=True), other], ignore_index=True)


def repeated(evidence: pd.DataFrame, times: int) -> pd.DataFrame:
    """Every trial so many times, each with draws of its own."""
    count, rows = int(evidence["trial"].max()) + 1, len(evidence)
    copies = evidence[COLUMNS].iloc[np.tile(np.arange(rows), times)].reset_index(drop=True)
    return copies.assign(trial=copies["trial"] + count * np.repeat(np.arange(times), rows))


def leaning_of_units(strata: pd.Series, truth: Flags) -> Array:
    """The best guess from true unit rates: log of a unit's share of true cases over its share of false ones.

    Whoever accuses where it is above 0 reaches the greatest advantage that unit rates alone allow.
    """
    codes, _ = pd.factorize(strata)
    with np.errstate(divide="ignore"):
        true_share = np.log(np.bincount(codes, weights=truth) / truth.sum())
        false_share = np.log(np.bincount(codes, weights=~truth) / (~truth).sum())
    return np.clip(true_share - false_share, -50, 50)[codes]
