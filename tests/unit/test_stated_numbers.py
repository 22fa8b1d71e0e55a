"""The numbers that the page for staff and the guarantee state follow from the sample's policy."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, sqrt
from pathlib import Path

import pytest

from privacy.accounting import Rho, epsilon_of
from privacy.policy import Policy, read_policy

ROOT = Path(__file__).parents[2]
STAFF, GUARANTEE = (
    " ".join((ROOT / "docs" / name).read_text(encoding="utf-8").split())
    for name in ("for-staff.md", "guarantee.md")
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return read_policy(ROOT / "data" / "sample" / "policy.toml")


def times(rho: Rho, factor: int) -> Rho:
    return Rho.up(rho.value * factor)


def bets_right(rho: Rho) -> int:
    """Of 100 bets at even odds between two inputs at distance ρ, how many at most are right.

    By Pinsker's inequality: total variation is at most √(divergence / 2), and the divergence at most ρ.
    """
    return ceil(50 * (1 + sqrt(float(rho) / 2)))


def test_the_promise_is_the_samples(policy: Policy) -> None:
    assert float(policy.epsilon.value) == 4 and policy.delta.value == Fraction(1, 10**6)
    assert "ε = 4 (with δ = one in a million) for each person and year" in STAFF
    assert f"(ε, δ); the sample policy says ε = 4 at δ = 10⁻⁶, which is ρ = {policy.rho}." in GUARANTEE


def test_what_a_bet_can_win_is_what_rho_leaves(policy: Policy) -> None:
    assert f"with all our figures the bet is right at most {bets_right(policy.rho)} times." in STAFF
    versions = bets_right(times(policy.rho, 4))  # a version replaces a version: twice the distance
    assert f"two versions of your year is true, at most {versions} times." in STAFF


def test_losses_of_years_and_versions_are_converted_from_rho(policy: Policy) -> None:
    ten, version = times(policy.rho, 10), times(policy.rho, 4)
    epsilon = f"ε = {epsilon_of(ten, policy.delta):.1f}"
    assert f"ten such years are {epsilon}." in STAFF
    assert f"ten such years are ρ = {float(ten):.1f}, {epsilon}." in GUARANTEE
    assert f"can cost up to 4ρ (ε = {epsilon_of(version, policy.delta):.1f} for the sample's)" in GUARANTEE


def test_the_smallest_unit_shown_is_the_samples(policy: Policy) -> None:
    assert policy.minimum_group == 10
    assert "head count, less its margin, is at least ten." in STAFF
