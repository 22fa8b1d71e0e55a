"""What is planted, declared once: the simulation, ``planted.toml`` and the README all read it here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

CASELOAD_STANDARD = 18


@dataclass(frozen=True)
class Plant:
    """One planted difference. ``before`` and ``after`` are monthly means in ``unit``."""

    unit_id: str
    measure: str
    month: date
    before: float
    after: float
    unit: str
    meaning: str


EXPOSURE = Plant(
    "D-CRI",
    "exposure_hours",
    date(2026, 1, 1),
    30.0,
    54.0,
    "direct and indirect hours a person and month",
    "mean exposure hours rise by 24 a month",
)
ABSENCE = Plant(
    "D-CRI",
    "absence_rate",
    date(2026, 3, 1),
    0.045,
    0.13,
    "hours lost / hours scheduled",
    "absence: more spells and longer ones",
)
LEAVING = Plant(
    "D-CRI",
    "turnover_month",
    date(2026, 3, 1),
    0.015,
    0.075,
    "leavers / mean head count",
    "people leave, most of their own will; hiring makes up for a part",
)
CASELOAD = Plant(
    "P-REU",
    "open_cases",
    date(2024, 7, 1),
    26.0,
    26.0,
    "open cases a case holder",
    f"caseload far above the standard of {CASELOAD_STANDARD} in both years",
)
PLANTS = (EXPOSURE, ABSENCE, LEAVING, CASELOAD)
