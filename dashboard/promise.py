"""The wording of the promise, for people who are counted."""

from __future__ import annotations


def promised(organisation: str, epsilon: str, delta: str) -> tuple[str, ...]:
    """What is promised, one paragraph an item."""
    return (
        f"Every number that {organisation} publishes here was blurred with random noise before it left the "
        "protected zone. The noise is made so that the published numbers would be nearly as likely if none "
        "of your records had been in the exports.",
        f"How nearly is a number, chosen beforehand: ε = {epsilon} (with δ = {delta}) for each person and "
        "budget year, over everything that is published for that year, for ever. A smaller ε is a stronger "
        "promise.",
        "It holds against people who know everything about all your colleagues, and against any later data "
        "or computing power.",
        "What each person can add to a year's numbers is limited by public bounds, every draw of noise is "
        "entered in a public ledger, and nothing is ever drawn twice.",
    )


def limits(epsilon: str, colleague: float, pair: float) -> tuple[str, ...]:
    """How far the promise reaches, in numbers."""
    return (
        f"ε = {epsilon} compares with you not being in the exports at all. Telling one version of a known "
        f"colleague's records from another can cost up to ε = {colleague:.1f}.",
        f"Two people whose records move together can lose up to ε = {pair:.1f} together; larger groups more.",
        "Losses add up over the years. The page Budget and ledger shows one year beside the total.",
    )


NOT_PROMISED = (
    "That a file was refused, a release delayed or a study ordered stays secret.",
    "Facts about a unit or the organisation: what a division of hundreds of people went through is what the "
    "numbers are for.",
    "Anything about clients. They are not whom the promise is made to, which is why no rare case type is "
    "measured below the organisation.",
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


def short(epsilon: str) -> str:
    """The answer first."""
    return (
        "Very little: the numbers shown here would be nearly as likely without your records. "
        f"How nearly is set beforehand, at ε = {epsilon} a person and year, and can be checked by anyone."
    )
