"""How likely noisy totals are under some parameters, with months taken apart into independent patterns.

The lasting and the passing part of a difference have nearly the same principal patterns over months. Seen in
these, what is coupled over months nearly falls apart into one small problem a pattern, so that hundreds of
parameters can be tried in the time of one exact sweep. Only the choice of parameters rests on this; estimates
come from :mod:`metrics.inference.recursion`, which leaves nothing out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.inference.forest import Information
from metrics.inference.recursion import Array, Places, by_parent

EXACTLY = 1e4


@dataclass(frozen=True)
class Patterns:
    """Orthonormal patterns over months, and how much of each a kernel holds.

    ``basis`` holds a pattern a column, (T, T); the kernels are (T,).
    """

    basis: Array
    lasting: Array
    passing: Array

    @classmethod
    def of(cls, lasting: Array, passing: Array) -> Patterns:
        """The principal patterns of two kernels taken together; those of the first one exactly."""
        _, basis = np.linalg.eigh(EXACTLY * lasting + passing)
        return cls(basis, *(_diagonal(basis, kernel) for kernel in (lasting, passing)))


def _diagonal(basis: Array, kernel: Array) -> Array:
    return np.asarray(np.einsum("...tu,tk,uk->...k", kernel, basis, basis, optimize=True), dtype=np.float64)


@dataclass(frozen=True)
class PatternLayer:
    """All nodes of a depth: people (nodes, 1), and what is observed of each pattern, both (nodes, T)."""

    parent: Places
    people: Array
    precision: Array
    observed: Array

    @classmethod
    def of(cls, patterns: Patterns, parent: Places, people: Array, told: Information) -> PatternLayer:
        precision = np.broadcast_to(_diagonal(patterns.basis, told.precision), people.shape)
        return cls(parent, people.mean(axis=1, keepdims=True), precision, told.observed @ patterns.basis)


def log_evidence(layers: Sequence[PatternLayer], spreads: Sequence[Array], own: Array, least: float) -> float:
    """The log marginal likelihood, up to what no parameter changes.

    Args:
        layers: the root's first.
        spreads: the variance of rates around their parent's by depth, (T,) over the patterns.
        own: the variance of one person's amount, (T,) over the patterns.
        least: what is added to the variance of each leaf's own amount.
    """
    found, below = 0.0, None
    for depth in range(len(layers) - 1, -1, -1):
        layer, spread = layers[depth], spreads[depth]
        slope, rest = layer.people + np.zeros_like(own), layer.people * own + least
        offset = precision = information = np.zeros_like(layer.observed)
        if below is not None:
            slope, rest, offset = slope + below[0], rest + below[1], offset + below[2]
            precision, information = precision + below[3], information + below[4]
        gain = 1 / (1 + rest * layer.precision)
        residual = layer.observed - layer.precision * offset
        found += float(
            np.sum(np.log(gain) + offset * (layer.observed + residual) + gain * rest * residual**2)
        )
        precision = precision + slope**2 * layer.precision * gain
        information = information + slope * gain * residual
        offset, slope, rest = offset + rest * gain * residual, gain * slope, gain * rest
        carry = 1 / (1 + spread * precision)
        shift = carry * spread * information
        found += float(np.sum(np.log(carry) + information * shift))
        if depth:
            told = (
                slope * carry, rest + slope**2 * carry * spread, offset + slope * shift,
                precision * carry, carry * information,
            )  # fmt: skip
            added = by_parent(layer.parent, len(layers[depth - 1].parent), np.stack(told, axis=1))
            below = np.moveaxis(added, 1, 0)
    return found / 2
