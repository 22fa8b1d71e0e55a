"""The wording of the promise, for people who are counted."""

from __future__ import annotations

import math

from privacy.accounting import Rho


def best_guess(rho: Rho) -> float:
    """How often, of 100 times, the best bettor on one person at even odds is right at most.

    A mechanism that is ρ-zCDP moves the outcomes by at most ρ in Kullback-Leibler divergence, so by at
    most √(ρ/2) in total variation (Pinsker), and no bet at even odds wins more often than half of one
    plus that.

    >>> best_guess(Rho(0))
    50.0
    """
    return min(100.0, 50 * (1 + math.sqrt(float(rho) / 2)))


def short(rho: Rho) -> str:
    """The answer first."""
    return (
        "No more than a stated limit allows. Someone who knows everything about all your colleagues and bets "
        "on whether your records were in a year's exports at all, from everything published here, is right "
        f"at most {math.ceil(best_guess(rho))} times in 100; a coin is right 50 times."
    )


def promised(organisation: str, epsilon: str, delta: str) -> tuple[str, ...]:
    """What is promised, one paragraph an item."""
    return (
        f"Every number that {organisation} publishes here was blurred with random noise before it left the "
        "protected zone. Whatever is published could also have been published without any of your records.",
        f"How much likelier your records can make any result is limited beforehand: ε = {epsilon} "
        f"(δ = {delta}) for each person and budget year, over everything that is ever published for that "
        "year. A smaller ε is a stronger promise.",
        "It holds against people who know everything about all your colleagues, and against any later data "
        "or computing power.",
        "What each person can add to a year's numbers is limited by public bounds, every draw of noise is "
        "entered in a public ledger, and nothing is ever drawn twice.",
    )


def limits(epsilon: str, colleague: float, guess: float) -> tuple[str, ...]:
    """How far the promise reaches, in numbers. ``guess`` is of 100 times."""
    return (
        f"ε = {epsilon} compares with you not being in the exports at all. Telling one version of a known "
        f"colleague's records from another can cost up to ε = {colleague:.1f}: right at most "
        f"{math.ceil(guess)} times in 100.",
        "For people whose records move together the limit grows with the square of their number: for two, "
        "four times the loss ρ of one.",
        "Losses add up over the years. The page Budget and ledger shows one year beside the total.",
    )


NOT_PROMISED = (
    "That a file was refused, a release delayed or a study ordered stays secret.",
    "Facts about a unit or the organisation: what a division of hundreds of people went through is what the "
    "numbers are for.",
    "Anything about clients. They are not whom the promise is made to.",
    "Anything against whoever controls the machine on which the exports lie.",
    "That two installations that read the same people's records cost no more than one: their losses add.",
)

PUBLIC = (
    "Public by declaration, and so not protected: the register of units with their authorised posts, the "
    "policy, the plan and the calendar. Authorised posts come from an approved budget document, never from "
    "the staff list."
)


def blank_intro(minimum: int) -> str:
    return (
        f"A unit is shown only where its measured head count, less the margin, is at least {minimum}. "
        "The noise is the protection; this rule guards against reading too much into small groups. "
        "People in a unit that is not shown are counted in the unit above it."
    )
