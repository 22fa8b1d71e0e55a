"""A mechanism whose answers do not depend on what it is asked. It exists here alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from privacy.accounting import Rho

SHOWN_AND_BLANK = (900, 7, 0, 260, -40, 75)


@dataclass
class FixedVector:
    """Answers by the number of the draw and the place of the cell alone, never by the totals.

    Whatever differs between two releases made with it has found another way out than the noise. The
    values lie on both sides of every limit, so that some cells are shown and some blank.
    """

    asked: list[tuple[int, int, int]] = field(default_factory=list)

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        self.asked.append((len(totals), cap_squared, sigma))
        number = len(self.asked)
        return [SHOWN_AND_BLANK[(number + 5 * place) % 6] + 3 * place for place in range(len(totals))]
