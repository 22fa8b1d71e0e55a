"""Measures: whole-number quantities of one person in a month or quarter. Each is declared once, here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from privacy.periods import Cadence


class Over(Enum):
    """What a quarter's value is made of: the sum of its months (flows) or its last month's (stocks)."""

    SUM = "sum"
    LAST = "last"


class Quantity(Enum):
    """The unit people read, and the smallest whole unit it is counted in."""

    PEOPLE = ("people", 1)
    HOURS = ("hours", 4)
    CASES = ("cases", 1)

    @property
    def words(self) -> str:
        return str(self.value[0])

    @property
    def scale(self) -> int:
        """Smallest units in one unit: hours are counted in quarters."""
        return int(self.value[1])


@dataclass(frozen=True)
class Measure:
    """One quantity of a person in a period.

    ``typical`` is a public figure of the field for an employed person and month, used only to plan margins.
    ``column`` is the column of ``person_month`` it is read from, ``over`` what that column is in a quarter,
    ``base`` the 0/1 measure that says for whom it counts, ``exports`` what must cover a period before it
    can be measured. With ``standard_in`` the value is 1 where the column exceeds the policy's standard for
    a month, given in that quantity; with ``cut_of`` it is 1 where the contribution to another measure was
    cut. Either counts a person once a period, a quarter like a month.
    """

    id: str
    words: str
    quantity: Quantity
    column: str
    over: Over
    exports: tuple[str, ...]
    typical: float
    base: str = ""
    standard_in: Quantity | None = None
    cut_of: str = ""
    version: int = 1

    def said_of(self, cadence: Cadence) -> str:
        """What is counted of a person in a period, in words."""
        if cadence is Cadence.MONTH:
            return self.words
        if self.cut_of:
            return f"{self.words}, once a quarter"
        if self.over is Over.LAST:
            return f"{self.words}, in the quarter's last month"
        thrice = " and three times the standard" if self.standard_in else ""
        return f"{self.words}, over the whole quarter{thrice}"

    def months_in_column(self, cadence: Cadence) -> int:
        """How many months' amounts the column holds in a period."""
        return cadence.value if self.over is Over.SUM else 1

    def months_in_value(self, cadence: Cadence) -> int:
        """How many months' amounts the value of a period holds: its bounds are as many times a month's."""
        return 1 if self.standard_in or self.cut_of else self.months_in_column(cadence)

    def months_stood_for(self, cadence: Cadence) -> int:
        """How many person-months each unit of a period's value stands for: a stock holds for every month."""
        return cadence.value // self.months_in_value(cadence)


_DECLARED = (
    Measure(
        "employed", "People employed on the last day of the month", Quantity.PEOPLE, "employed",
        Over.LAST, ("staff",), 1.0,
    ),
    Measure(
        "left", "People who left in the month", Quantity.PEOPLE, "has_left",
        Over.SUM, ("staff", "separations"), 0.015,
    ),
    Measure(
        "left_voluntarily", "People who left by their own decision in the month", Quantity.PEOPLE,
        "has_left_voluntarily", Over.SUM, ("staff", "separations"), 0.011,
    ),
    Measure(
        "scheduled_hours", "Contracted hours on the Mondays to Fridays of the month", Quantity.HOURS,
        "scheduled_quarter_hours", Over.SUM, ("staff",), 150.0, base="employed",
    ),
    Measure(
        "absent_hours", "Hours lost to absence in the month", Quantity.HOURS, "absent_quarter_hours",
        Over.SUM, ("staff", "absences"), 6.8,
    ),
    Measure(
        "absent_people", "People with any absence in the month", Quantity.PEOPLE, "has_absence",
        Over.SUM, ("staff", "absences"), 0.22,
    ),
    Measure(
        "absence_cut", "People whose absence hours were cut to the yearly cap", Quantity.PEOPLE, "",
        Over.LAST, ("staff", "absences"), 0.02, cut_of="absent_hours",
    ),
    Measure(
        "case_holders", "People who hold cases at the month's last census", Quantity.PEOPLE,
        "holds_cases", Over.LAST, ("staff", "caseload"), 0.5,
    ),
    Measure(
        "open_cases", "Open cases at the month's last census", Quantity.CASES, "open_cases",
        Over.LAST, ("staff", "caseload"), 8.0, base="case_holders",
    ),
    Measure(
        "trauma_cases", "Open cases flagged as trauma work at the month's last census", Quantity.CASES,
        "trauma_cases", Over.LAST, ("staff", "caseload"), 3.6, base="case_holders",
    ),
    Measure(
        "over_caseload_standard", "Case holders with more open cases than the standard", Quantity.PEOPLE,
        "open_cases", Over.LAST, ("staff", "caseload"), 0.1, standard_in=Quantity.CASES,
    ),
    Measure(
        "exposure_hours", "Hours of direct and indirect exposure to trauma in the month", Quantity.HOURS,
        "exposure_quarter_hours", Over.SUM, ("staff", "exposure"), 18.0, base="employed",
    ),
    Measure(
        "over_exposure_standard", "People with more exposure hours than the standard", Quantity.PEOPLE,
        "exposure_quarter_hours", Over.SUM, ("staff", "exposure"), 0.1, standard_in=Quantity.HOURS,
    ),
)  # fmt: skip

MEASURES: Mapping[str, Measure] = {measure.id: measure for measure in _DECLARED}
"""Every measure by id, each after its base."""

HEAD_COUNT = MEASURES["employed"]
