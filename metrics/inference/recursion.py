"""The exact posterior of a linear-Gaussian model on a tree: a block of months a node, one sweep up, one down.

The model of one measure, over ``T`` months:

- each node has a rate a person, ``f = f_parent + e`` with ``e ~ N(0, K)``, ``K`` (T, T) the same for all
  nodes of a depth; the root's is ``N(0, K)`` itself;
- a leaf's total is ``x = n · f + s``, with ``n`` people a month and ``s ~ N(0, C)`` what its people add by
  themselves; a parent's total is the sum of its children's;
- of some nodes noisy totals are observed. All that is said of a node enters as the information ``Ω`` (T, T)
  and ``h`` (T,) of ``y = A x + noise``: ``Ω = Aᵀ R⁻¹ A``, ``h = Aᵀ R⁻¹ y``. So months that lack, and quarters
  in place of months, need no case of their own.

Given its rate, a node's children are independent of each other, so the sweep upwards keeps of each node what
its subtree says of its parent's rate (information ``Λ``, ``η``) and its total given that rate (``B f + b``,
``C``). The sweep downwards hands each child the posterior of its parent's rate and total. Both are linear in
the number of nodes. Source: the recursion of multiscale models (Chou, Willsky and Benveniste 1994), with
totals that add up carried beside the states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Layer:
    """All nodes of one depth.

    Args:
        parent: the place of each node's parent in the layer above, in ascending order; (nodes,).
        people: people of each leaf and month, 0 in every month of an inner node; (nodes, T).
        own: the covariance of what a leaf's people add by themselves; (nodes, T, T).
        spread: the covariance of a node's rate around its parent's; (T, T).
        information: ``Ω`` of each node; (nodes, T, T), or (T, T) where all are observed alike.
        observed: ``h`` of each node; (nodes, T).
    """

    parent: Places
    people: Array
    own: Array
    spread: Array
    information: Array
    observed: Array

    def __len__(self) -> int:
        return len(self.parent)


@dataclass(frozen=True)
class Posterior:
    """Totals of the nodes of one depth: mean (nodes, T) and covariance over months (nodes, T, T)."""

    mean: Array
    covariance: Array


@dataclass(frozen=True)
class _Upward:
    """What the sweep upwards keeps of a layer; see the module's words.

    A node's total is told by its own rate (``slope``, ``rest``), ``of_parent`` by its parent's.
    ``carry`` and ``shift`` give the rate's mean by the parent's, ``rate`` its covariance.
    """

    slope: Array
    rest: Array
    carry: Array
    shift: Array
    rate: Array
    slope_of_parent: Array
    offset_of_parent: Array
    rest_of_parent: Array


@dataclass(frozen=True)
class _Message:
    """What a layer tells the one above, added up by parent."""

    precision: Array
    information: Array
    slope: Array
    offset: Array
    rest: Array


@dataclass(frozen=True)
class Sweep:
    """The evidence of all that was observed, up to what no parameter changes; and the sweep itself."""

    log_evidence: float
    upward: tuple[_Upward, ...]
    sums: tuple[_Message, ...]


def sweep_up(layers: Sequence[Layer]) -> Sweep:
    """The sweep from the leaves to the root, the root's layer first in ``layers``."""
    evidence, kept, sums = 0.0, [], []
    message: _Message | None = None
    for depth in range(len(layers) - 1, -1, -1):
        layer = layers[depth]
        upward, told, found = _through(layer, message)
        evidence += found
        kept.append(upward)
        if depth:
            parents = len(layers[depth - 1])
            message = _Message(*(by_parent(layer.parent, parents, each) for each in vars(told).values()))
            sums.append(message)
    return Sweep(evidence, tuple(reversed(kept)), tuple(reversed(sums)))


def by_parent(parent: Places, parents: int, each: Array) -> Array:
    """Sums over the children of each parent; 0 for those without any. (nodes, ...) becomes (parents, ...)."""
    with_any, starts = np.unique(parent, return_index=True)
    table = np.zeros((parents, *each.shape[1:]))
    table[with_any] = np.add.reduceat(each, starts, axis=0)
    return table


def _through(layer: Layer, below: _Message | None) -> tuple[_Upward, _Message, float]:
    """One layer: its observations join what is below, then each node's rate is integrated out."""
    months = layer.people.shape[1]
    slope = layer.people[:, :, None] * np.eye(months)
    rest, offset = layer.own, np.zeros_like(layer.people)
    precision, information = np.zeros_like(rest), np.zeros_like(offset)
    if below is not None:
        slope, rest, offset = slope + below.slope, rest + below.rest, offset + below.offset
        precision, information = precision + below.precision, information + below.information
    # the observation
    gain = _inverse(np.eye(months) + rest @ layer.information)
    residual = layer.observed - _times(layer.information, offset)
    evidence = (
        -_log_det(gain, -1) / 2
        + float(
            np.sum(offset * (layer.observed + residual))
            + np.einsum("nt,ntu,nu->", residual, gain @ rest, residual)
        )
        / 2
    )
    seen = _across(gain, residual)
    precision = precision + _t(slope) @ (layer.information @ (gain @ slope))
    information = information + _across(slope, seen)
    offset = offset + _times(rest, seen)
    slope, rest = gain @ slope, gain @ rest
    # the rate
    carry = _inverse(np.eye(months) + layer.spread @ precision)
    rate = _symmetric(carry @ layer.spread)
    shift = _times(rate, information)
    evidence += -_log_det(carry, -1) / 2 + float(np.sum(information * shift)) / 2
    slope_rate = slope @ rate
    upward = _Upward(
        slope, rest, carry, shift, rate,
        slope @ carry, offset + _times(slope, shift), _symmetric(rest + slope_rate @ _t(slope)),
    )  # fmt: skip
    told = _Message(
        _symmetric(precision @ carry), _across(carry, information),
        upward.slope_of_parent, upward.offset_of_parent, upward.rest_of_parent,
    )  # fmt: skip
    return upward, told, evidence


def sweep_down(layers: Sequence[Layer], sweep: Sweep) -> tuple[Posterior, ...]:
    """The posterior of every node's total, by layer."""
    root = sweep.upward[0]
    rate = _Rates(root.shift, root.rate, root.rate @ _t(root.slope))
    found = [Posterior(root.offset_of_parent, root.rest_of_parent)]
    for depth in range(1, len(layers)):
        total, rate = _below(
            layers[depth].parent, sweep.upward[depth], sweep.sums[depth - 1], found[-1], rate
        )
        found.append(total)
    return tuple(found)


@dataclass(frozen=True)
class _Rates:
    """The posterior of the rates of a layer, and their covariance with the totals."""

    mean: Array
    covariance: Array
    with_total: Array


def _below(
    parent: Places, up: _Upward, sums: _Message, above: Posterior, rates: _Rates
) -> tuple[Posterior, _Rates]:
    """One layer further down: its totals and rates, given those of the layer above."""
    with_any, place = np.unique(parent, return_inverse=True)
    share = up.rest_of_parent @ _inverse(sums.rest[with_any])[place]
    by_rate = up.slope_of_parent - share @ sums.slope[parent]
    offset = up.offset_of_parent - _times(share, sums.offset[parent])
    mean = _times(by_rate, rates.mean[parent]) + _times(share, above.mean[parent]) + offset
    rate_total, total = rates.with_total[parent], above.covariance[parent]
    with_rate = rates.covariance[parent] @ _t(by_rate) + rate_total @ _t(
        share
    )  # parent's rate, child's total
    with_sum = _t(rate_total) @ _t(by_rate) + total @ _t(share)
    own = up.rest_of_parent - share @ up.rest_of_parent
    covariance = _symmetric(by_rate @ with_rate + share @ with_sum + own)
    # the rate of the child, given its total and its parent's rate
    lift = up.rate @ _t(up.slope) @ _inverse(up.rest_of_parent)
    kept = up.carry - lift @ up.slope_of_parent
    rate_mean = _times(kept, rates.mean[parent]) + up.shift + _times(lift, mean - up.offset_of_parent)
    cross = kept @ with_rate + lift @ covariance
    mixed = kept @ with_rate @ _t(lift)
    rate_covariance = (
        kept @ rates.covariance[parent] @ _t(kept) + mixed + _t(mixed) + lift @ covariance @ _t(lift)
        + up.rate - lift @ up.slope @ up.rate
    )  # fmt: skip
    return Posterior(mean, covariance), _Rates(rate_mean, _symmetric(rate_covariance), cross)


def _inverse(matrices: Array) -> Array:
    return np.asarray(np.linalg.inv(matrices), dtype=np.float64)


def _times(matrices: Array, vectors: Array) -> Array:
    return (matrices @ vectors[..., None])[..., 0]


def _across(matrices: Array, vectors: Array) -> Array:
    return (vectors[..., None, :] @ matrices)[..., 0, :]


def _t(matrices: Array) -> Array:
    return np.swapaxes(matrices, -1, -2)


def _symmetric(matrices: Array) -> Array:
    return (matrices + _t(matrices)) / 2


def _log_det(matrices: Array, sign: int) -> float:
    return sign * float(np.linalg.slogdet(matrices)[1].sum())
