"""What differs from usual: the comparisons of a release, told where they happen and told once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

REAL = ("very likely real", "likely real")
TOPICS: Mapping[str, tuple[str, ...]] = {
    "absence": ("absence_rate", "any_absence"),
    "turnover": ("turnover", "voluntary_turnover"),
    "exposure": ("exposure_hours", "over_exposure_standard"),
    "caseload": ("mean_open_cases", "over_caseload_standard"),
}
"""Indicators that tell one story, the one to lead with first. Any other indicator is its own topic."""

ENOUGH = 0.75
"""The share of a unit's change that units inside it must account for to be named in its place."""


@dataclass(frozen=True)
class Unit:
    """One public unit of the newest month. ``parent`` is empty at the root."""

    id: str
    name: str
    parent: str
    level: str
    posts: int


@dataclass(frozen=True)
class Change:
    """One comparison of recent months with the ones before, in ``unit``; the interval is the change's."""

    unit_id: str
    unit_name: str
    indicator: str
    before: float
    now: float
    change: float
    low: float
    high: float
    unit: str
    months_before: int
    probability: float
    words: str

    @property
    def is_real(self) -> bool:
        return self.words in REAL

    @property
    def rose(self) -> bool:
        return self.change > 0

    @property
    def topic(self) -> str:
        return next((name for name, members in TOPICS.items() if self.indicator in members), self.indicator)


@dataclass(frozen=True)
class Finding:
    """What a person should know: the leading change of a topic in a unit, and those that go with it."""

    lead: Change
    also: tuple[Change, ...]

    @property
    def probability(self) -> float:
        return max(change.probability for change in (self.lead, *self.also))

    @property
    def words(self) -> str:
        return max((self.lead, *self.also), key=lambda change: change.probability).words


def differing(changes: Iterable[Change], units: Sequence[Unit]) -> tuple[Finding, ...]:
    """The real changes, each topic named in the deepest units that account for it, strongest first."""
    stories: dict[tuple[str, bool], list[Change]] = {}
    for change in changes:
        if change.is_real:
            stories.setdefault((change.topic, change.rose), []).append(change)
    found = [finding for story in stories.values() for finding in _told(story, units)]
    return tuple(sorted(found, key=lambda finding: -finding.probability))


def _told(story: Sequence[Change], units: Sequence[Unit]) -> list[Finding]:
    moved: dict[str, list[Change]] = {}
    for change in story:
        moved.setdefault(change.unit_id, []).append(change)
    roots = [unit for unit in units if unit.parent not in {each.id for each in units}]
    named = [unit_id for root in roots for unit_id in _deepest(root, moved, units)]
    return [_finding(moved[unit_id]) for unit_id in named]


def _deepest(unit: Unit, moved: Mapping[str, Sequence[Change]], units: Sequence[Unit]) -> list[str]:
    """The units to name at and below a unit: itself, unless some inside, not most, account for its change."""
    children = [child for child in units if child.parent == unit.id]
    within = [found for child in children if (found := _deepest(child, moved, units))]
    inside = [unit_id for found in within for unit_id in found]
    if unit.id not in moved:
        return inside
    is_everywhere = len(within) > 1 and 2 * len(within) > sum(child.posts > 0 for child in children)
    return inside if not is_everywhere and _accounted_for(unit, inside, moved, units) else [unit.id]


def _accounted_for(
    unit: Unit, inside: Sequence[str], moved: Mapping[str, Sequence[Change]], units: Sequence[Unit]
) -> bool:
    """Whether some indicator's change in the unit is, weighed by authorised posts, mostly theirs."""
    posts = {each.id: each.posts for each in units}
    for change in moved[unit.id]:
        theirs = sum(
            abs(part.change) * posts[part.unit_id]
            for unit_id in inside
            for part in moved[unit_id]
            if part.indicator == change.indicator
        )
        if theirs and theirs >= ENOUGH * abs(change.change) * posts[unit.id]:
            return True
    return False


def _finding(changes: Sequence[Change]) -> Finding:
    order = TOPICS.get(changes[0].topic, ())
    ranked = sorted(changes, key=lambda change: order.index(change.indicator) if order else 0)
    return Finding(ranked[0], tuple(ranked[1:]))
