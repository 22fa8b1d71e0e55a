"""Privacy loss: exact sums, rounding to the safe side, conversion against OpenDP and published values."""

from __future__ import annotations

import math
from fractions import Fraction

import opendp.prelude as dp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.accounting import PICO, Delta, Epsilon, Rho, epsilon_of, exact_decimal, price, rho_for, total
from privacy.errors import BadPolicy

DELTAS = ("1e-3", "1e-6", "1e-7", "1e-12")
whole_losses = st.integers(0, 100 * PICO).map(Rho)


def opendp_epsilon(rho: float, delta: float) -> float:
    """OpenDP's own conversion for a zCDP loss of ``rho``, as an oracle."""
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=dp.i64)), dp.l2_distance(T=float)
    curve = dp.c.make_zCDP_to_approxDP(dp.m.make_gaussian(*space, 1.0))
    return float(curve.map(math.sqrt(2 * rho)).epsilon(delta))


@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize("rho", ["0.0001", "0.001", "0.015", "0.31106", "1", "3.1106", "10", "100"])
def test_epsilon_is_opendps_and_never_below_it(rho: str, delta: str) -> None:
    ours = epsilon_of(Rho.up(Fraction(rho)), Delta.parse(delta))
    theirs = opendp_epsilon(float(rho), float(delta))
    assert theirs <= ours <= theirs * (1 + 1e-7) + 1e-8


def test_the_sample_policy_buys_the_loss_that_the_documents_state() -> None:
    rho = rho_for(Epsilon.parse("4"), Delta.parse("1e-6"))
    assert Fraction("0.31106") <= rho.value < Fraction("0.31107")


def test_ten_years_cost_what_the_documents_state() -> None:
    rho = total([Rho.down(Fraction("0.31106"))] * 10)
    assert round(epsilon_of(rho, Delta.parse("1e-6")), 1) == 15.3


def test_a_published_deployment_is_not_understated() -> None:
    """Wikimedia states about ε = 1 at δ = 1e-7 for ρ = 0.015, by the looser classical formula."""
    rho, delta = 0.015, 1e-7
    classical = rho + 2 * math.sqrt(rho * math.log(1 / delta))
    assert round(classical, 1) == 1.0
    assert 0.85 < epsilon_of(Rho.up(Fraction("0.015")), Delta.parse("1e-7")) < classical


@given(whole_losses, whole_losses, st.sampled_from(DELTAS))
def test_epsilon_rises_with_the_loss_and_falls_with_delta(one: Rho, other: Rho, delta: str) -> None:
    small, large = sorted((one, other))
    at = Delta.parse(delta)
    assert epsilon_of(small, at) <= epsilon_of(large, at) * (1 + 1e-9) + 1e-9
    assert epsilon_of(large, Delta.parse("1e-13")) >= epsilon_of(large, at) * (1 - 1e-9) - 1e-9


@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize("epsilon", ["0.01", "0.1", "1", "4", "8.8", "20"])
def test_the_loss_allowed_is_the_greatest_that_keeps_the_promise(epsilon: str, delta: str) -> None:
    promised, at = Epsilon.parse(epsilon), Delta.parse(delta)
    rho = rho_for(promised, at)
    assert epsilon_of(rho, at) <= promised.value
    assert epsilon_of(Rho(rho.pico + rho.pico // 10**6 + 1000), at) > promised.value


def test_no_loss_costs_nothing() -> None:
    assert epsilon_of(Rho(0), Delta.parse("1e-6")) == 0.0


@given(st.fractions(min_value=0, max_value=1000))
def test_what_is_spent_is_rounded_up_and_what_may_be_spent_down(value: Fraction) -> None:
    grain = Fraction(1, PICO)
    assert Rho.up(value).value - grain < value <= Rho.up(value).value
    assert Rho.down(value).value <= value < Rho.down(value).value + grain


@given(st.integers(1, 2**40), st.integers(1, 10**7))
def test_the_price_of_a_level_is_never_below_its_loss(cap_squared: int, sigma: int) -> None:
    exact = Fraction(cap_squared, 2 * sigma**2)
    assert exact < price(cap_squared, sigma).value <= exact + Fraction(2, PICO)


@given(st.lists(whole_losses, max_size=50))
def test_losses_add_exactly_in_any_order(losses: list[Rho]) -> None:
    assert total(losses) == total(reversed(losses)) == Rho(sum(loss.pico for loss in losses))


def test_a_negative_loss_does_not_exist() -> None:
    with pytest.raises(ValueError, match="negative"):
        Rho(-1)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "-inf", "sNaN", "", "four", "1e-6x"])
@pytest.mark.parametrize("kind", [Epsilon, Delta])
def test_an_epsilon_or_delta_without_guarantee_is_refused(kind: type[Epsilon | Delta], text: str) -> None:
    with pytest.raises(BadPolicy, match=r"(epsilon|delta) (must be|is not)"):
        kind.parse(text)


def test_a_delta_of_more_than_one_in_a_thousand_is_refused() -> None:
    assert Delta.parse("0.001")
    with pytest.raises(BadPolicy, match=r"at most 0\.001"):
        Delta.parse("0.0011")


@pytest.mark.parametrize(("epsilon", "delta"), [("1e400", "1e-6"), ("4", "1e-400")])
def test_numbers_beyond_what_a_computer_holds_are_refused_in_a_sentence(epsilon: str, delta: str) -> None:
    """Never a traceback."""
    with pytest.raises(BadPolicy):
        rho_for(Epsilon.parse(epsilon), Delta.parse(delta))


@pytest.mark.parametrize(
    "text",
    ["4", "12345", "3.996", "0.00025", "1e-6", "1.5e-6", "1e-13", "0.123456789012345678901234567890123"],
)
def test_a_promise_is_written_so_that_it_reads_back_exactly(text: str) -> None:
    """The ledger and the certificate keep this text: rounding it would change the promise."""
    assert Fraction(exact_decimal(Fraction(text))) == Fraction(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [("4", "4"), ("40", "40"), ("0.5", "0.5"), ("1.25", "1.25"), ("1e-30", "0." + 29 * "0" + "1")],
)
def test_an_exact_decimal_is_written_without_rounding_and_without_idle_zeros(number: str, text: str) -> None:
    assert exact_decimal(Fraction(number)) == text


def test_parameters_are_told_as_people_quote_them() -> None:
    assert str(Epsilon.parse("4")) == "4" and str(Epsilon.parse("0.12345")) == "0.123"
    assert str(Delta.parse("0.000001")) == "1e-06" and str(Rho(311_064_954_243)) == "0.31106"


@pytest.mark.parametrize("text", ["1e-30", "1000"])
def test_the_smallest_and_the_largest_parameter_may_be_asked_for(text: str) -> None:
    assert Epsilon.parse(text).value == Fraction(text)


def test_no_loss_is_no_epsilon_and_no_loss_is_below_nothing() -> None:
    assert epsilon_of(Rho(0), Delta.parse("1e-6")) == 0.0
    with pytest.raises(ValueError, match=r"^a privacy loss cannot be negative$"):
        Rho(-1)


@pytest.mark.parametrize("epsilon", ["1e-9", "0.5", "4"])
def test_what_an_epsilon_buys_is_the_most_to_the_last_grain(epsilon: str) -> None:
    asked, delta = Epsilon.parse(epsilon), Delta.parse("1e-6")
    bought = rho_for(asked, delta)
    assert epsilon_of(bought, delta) <= asked.value < epsilon_of(Rho(bought.pico + 1), delta)
