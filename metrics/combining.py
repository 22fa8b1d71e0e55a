"""Several draws of a measure and period, by the plan and by studies, as one: weighted by their precision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from metrics.measures import MEASURES
from privacy.plan import PlanItem
from privacy.records import Measurement


@dataclass(frozen=True)
class NoisyLevel:
    """What all draws of a level say together: ``deviation`` and ``values`` are in smallest units.

    ``entries`` are the ledger entries behind it.
    """

    deviation: float
    values: Mapping[str, float]
    entries: tuple[int, ...]


@dataclass(frozen=True)
class Drawn:
    """A measure in a period as drawn. ``item`` says how it was counted, ``levels`` the root's level first."""

    item: PlanItem
    levels: Mapping[str, NoisyLevel]

    @property
    def depth(self) -> tuple[str, ...]:
        return tuple(self.levels)

    @property
    def sigmas(self) -> tuple[tuple[str, float], ...]:
        """The noise deviation of each level."""
        return tuple((level, noisy.deviation) for level, noisy in self.levels.items())


def combine(measurements: Sequence[Measurement], levels: Sequence[str]) -> Drawn:
    """One reading of all draws of a measure and period, at least one, in the order in which they were drawn.

    The newest item says how people were counted; what was counted otherwise is left aside.

    Args:
        levels: every level of the organisation, the root's first.
    """
    newest = measurements[-1].item
    alike = [draw for draw in measurements if _is_read_alike(draw.item, newest)]
    planned = [draw.item for draw in alike if not draw.item.study]
    by_level = {level: [draw for draw in alike if draw.level == level] for level in levels}
    found = {level: _weighted(draws) for level, draws in by_level.items() if draws}
    return Drawn(planned[-1] if planned else newest, found)


def _weighted(draws: Iterable[Measurement]) -> NoisyLevel:
    draws = tuple(draws)
    if len(draws) == 1:
        (draw,) = draws
        return NoisyLevel(float(draw.sigma), dict(draw.values), (draw.seq,))
    weights = [1 / draw.sigma**2 for draw in draws]
    total = sum(weights)
    values = {
        group: sum(weight * draw.values[group] for weight, draw in zip(weights, draws, strict=True)) / total
        for group in draws[0].values
        if all(group in draw.values for draw in draws)
    }
    return NoisyLevel(total**-0.5, values, tuple(draw.seq for draw in draws))


def _is_read_alike(item: PlanItem, other: PlanItem) -> bool:
    """Whether two items count the same; a study has a cap of its own, which changes nobody's meaning."""
    if item.study or other.study:
        return definition(item)[:-1] == definition(other)[:-1] and item.centre == other.centre
    return item == other or (definition(item) == definition(other) and item.centre == other.centre)


def definition(item: PlanItem) -> tuple[object, ...]:
    """What a reader takes for the meaning of a number, in a month's terms; noise and centre leave it alone.

    The last part is the cap; one that only follows from the half-width adds nothing.
    """
    measure = MEASURES[item.measure]
    column, value = measure.months_in_column(item.cadence), measure.months_in_value(item.cadence)
    is_capped = item.cap_squared != item.cadence.a_year * item.half_width**2
    return (
        item.version,
        tuple((line, standard / column) for line, standard in item.standard),
        item.highest / value,
        item.half_width / value,
        item.cap_squared if is_capped else None,
    )
