"""What the warehouse already holds, for those who only ask."""

from __future__ import annotations

from pipelines.home import Home
from pipelines.warehouse import connect
from privacy.bounding import charged_periods, prepare


def charged_months_of(home: Home) -> frozenset[str]:
    """The periods of which anything has been charged: none where there is no warehouse yet."""
    if not home.warehouse.exists():
        return frozenset()
    with connect(home) as warehouse:
        prepare(warehouse)
        return charged_periods(warehouse)
