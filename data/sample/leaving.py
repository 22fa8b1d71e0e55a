"""Why people leave, in the words that the agency's HR system prints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dice import Dice
from plants import LEAVING

VOLUNTARY = {
    "Resigned – other employer": 34,
    "Resigned – personal reasons": 20,
    "Resigned – relocation": 8,
    "At employee’s own request": 8,
}
INVOLUNTARY = {"Dismissed – conduct": 5, "Dismissed – performance": 5, "Redundancy": 5}
OTHER = {"Retired": 8, "End of fixed term": 6, "Death in service": 1}
USUAL = VOLUNTARY | INVOLUNTARY | OTHER
IN_EXCESS = VOLUNTARY | {"End of fixed term": 4}


@dataclass(frozen=True)
class Exit:
    """A person's last day and the reason recorded for it."""

    day: date
    reason: str

    def may_return(self, latest: date) -> bool:
        """Who resigned by then may be hired again."""
        return self.reason in VOLUNTARY and self.day <= latest


def leaving_reason(dice: Dice, planted: bool) -> str:
    """A reason as usual; where more leave than usual, those in excess mostly resign."""
    excess = planted and dice.chance(1 - LEAVING.before / LEAVING.after)
    return dice.weighted(IN_EXCESS if excess else USUAL)
