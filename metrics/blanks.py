"""Why a cell is blank: the codes with their sentences, and rule 2 of the minimum group."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum

from metrics.measures import HEAD_COUNT, MEASURES, Quantity
from metrics.totals import Totals
from privacy.groups import GroupTree, hidden_siblings, large_enough
from privacy.periods import Period


class Blank(Enum):
    """A blank code and what it tells the reader."""

    BELOW_MINIMUM = (
        "below-minimum-group",
        "The measured number of people, less its margin, is below the minimum group size.",
    )
    SIBLING = (
        "sibling-blank",
        "Hidden so that the one blank unit beside it cannot be worked out from their parent.",
    )
    TOO_NOISY = ("too-noisy", "The margin would be wider than the policy allows.")
    NOT_PLANNED = ("not-planned", "The plan does not measure this here, or did not in all of these months.")
    NO_DATA = ("no-data", "An export that this needs does not cover these months.")

    @property
    def code(self) -> str:
        return str(self.value[0])

    @property
    def sentence(self) -> str:
        return str(self.value[1])


def counted_measures(measures: Sequence[str]) -> tuple[str, ...]:
    """The counts of people that must reach the minimum before a number from these measures is shown."""
    bases = {measure for measure in measures if MEASURES[measure].quantity is not Quantity.PEOPLE}
    others = {MEASURES[measure].base for measure in bases} | {
        "case_holders" for measure in measures if "caseload" in MEASURES[measure].exports
    }
    return (HEAD_COUNT.id, *sorted(others - {"", HEAD_COUNT.id}))


def hidden_groups(
    totals: Totals, measures: Sequence[str], months: Sequence[Period], groups: GroupTree
) -> dict[str, Blank]:
    """Rule 2 for a number made of some measures over some months: the blank groups and their codes.

    Looks at noisy counts and public posts alone.
    """
    small = frozenset(
        group.id
        for group in groups.groups
        if not all(
            _reaches_minimum(totals, count, months, group.id, group.level)
            for count in counted_measures(measures)
        )
    )
    siblings = hidden_siblings(groups, small) - small
    return dict.fromkeys(small, Blank.BELOW_MINIMUM) | dict.fromkeys(siblings, Blank.SIBLING)


def _reaches_minimum(totals: Totals, count: str, months: Sequence[Period], group_id: str, level: str) -> bool:
    draws = [totals.noisy(count, month, group_id, level) for month in months]
    found = [draw for draw in draws if draw is not None]
    if len(found) < len(draws):
        return False
    mean = sum(draw.values[group_id] for draw in found) / len(found)
    deviation = math.sqrt(sum(draw.sigma**2 for draw in found)) / len(found)
    return large_enough(mean, deviation, totals.rules.minimum_group)
