"""The cards of the overview, prepared once a release: building their charts takes most of the page's time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dashboard import charts, headlines, wording
from dashboard.figures import Figure
from dashboard.findings import Change
from dashboard.headlines import Newest
from dashboard.store import KEPT, Definition, Release


@dataclass(frozen=True)
class Card:
    """What a card shows of one indicator of the organisation; ``spark`` is a Vega-Lite chart, if any."""

    definition: Definition
    title: str
    window: int
    unit_id: str
    figure: Figure | None
    why_blank: str
    change: str
    spark: dict[str, Any] | None


@lru_cache(maxsize=2 * KEPT)
def cards(release: Release, family: str) -> tuple[Card, ...]:
    """The cards of a family, in the order of the release."""
    return tuple(_card(release, definition) for definition in headlines.headlines(release, family))


def _card(release: Release, definition: Definition) -> Card:
    root = headlines.root_id(release)
    window = headlines.first_window(release, definition, root)
    newest = headlines.newest(release, definition.id, root, window)
    change = headlines.change_of(release, definition.id, root)
    return Card(
        definition=definition,
        title=wording.card_title(definition.title, release.month, window, newest.when),
        window=window,
        unit_id=root,
        figure=newest.figure,
        why_blank=release.blanks.get(newest.reason, ""),
        change=wording.change_sentence(change, is_monthly=definition.is_monthly),
        spark=_spark(release, definition, window, newest, change),
    )


def _spark(
    release: Release, definition: Definition, window: int, newest: Newest, change: Change | None
) -> dict[str, Any] | None:
    """The chart of a card; None where fewer than two periods are shown."""
    series = headlines.series(release, definition.id, headlines.root_id(release), window)
    if newest.figure is None or len(series) < 2:
        return None
    first = float(series["value"].iloc[0])
    said = wording.change_sentence(change, is_monthly=definition.is_monthly)
    where = (definition.title, release.organisation, newest.when)
    chart = charts.sparkline(
        series=series,
        description=wording.series_alt(*where, first, newest.figure, said),
        color=charts.tone_of(change, higher_is_worse=definition.higher_is_worse),
    )
    return chart.to_dict()
