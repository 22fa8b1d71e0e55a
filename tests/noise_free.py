"""A mechanism without noise. It exists here alone: no setting of the product selects it."""

from __future__ import annotations

from collections.abc import Sequence

from privacy.accounting import Rho


class Exact:
    """Returns the exact totals, so that everything around the noise can be tested by equality."""

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        return list(totals)
