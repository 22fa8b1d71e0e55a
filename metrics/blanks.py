"""Why a cell is blank: the codes with their sentences, and rule 2 of the minimum group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from metrics.measures import HEAD_COUNT, MEASURES, Quantity
from metrics.totals import Totals
from privacy.groups import Group, GroupTree, hidden_siblings, large_enough
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
    WITHDRAWN = ("withdrawn", "What was measured for these months was withdrawn as wrong.")

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
    totals: Totals, measures: Sequence[str], periods: Sequence[Period], groups: GroupTree
) -> dict[str, Blank]:
    """Rule 2 for a number made of some measures over some periods: the blank groups and their codes.

    Looks at noisy counts and public posts alone.
    """
    return blanked(groups, (group for group in groups.groups if is_small(totals, measures, periods, group)))


def blanked(groups: GroupTree, small: Iterable[Group]) -> dict[str, Blank]:
    """The groups that are blank where some are too small: those, and siblings that would give one away."""
    below = frozenset(group.id for group in small)
    siblings = hidden_siblings(groups, below) - below
    return dict.fromkeys(below, Blank.BELOW_MINIMUM) | dict.fromkeys(siblings, Blank.SIBLING)


def is_small(totals: Totals, measures: Sequence[str], periods: Sequence[Period], group: Group) -> bool:
    """Whether a count of people behind some measures may lie below the minimum in a group."""
    counts = (totals.noisy_mean(count, periods, group) for count in counted_measures(measures))
    return not all(count is not None and large_enough(*count, totals.rules.minimum_group) for count in counts)
