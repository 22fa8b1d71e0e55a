"""What of the policy a reader of the ledger needs, as it was signed with the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metrics.indicators import INDICATORS, Indicator
from privacy.periods import Cadence
from privacy.policy import IndicatorRule, Policy

Margins = Mapping[str, Mapping[str, float]]
MONTH, QUARTER, YEAR = 1, 3, 12
LIMITS = {MONTH: "month", QUARTER: "quarter", YEAR: "year"}
"""The windows of cells, in months, by the name of their limit in the policy."""


@dataclass(frozen=True)
class ReadingRules:
    """How published numbers are made from noisy ones. Margins are in the indicator's unit."""

    minimum_group: int
    turnover_denominator: str
    posts_tolerance: float
    blank_above: Margins
    targets: Margins
    quarter_targets: Margins = field(default_factory=dict)

    @classmethod
    def of(cls, policy: Policy) -> ReadingRules:
        return cls(
            minimum_group=policy.minimum_group,
            turnover_denominator=policy.turnover_denominator,
            posts_tolerance=float(policy.posts_tolerance),
            blank_above={name: _limits(rule) for name, rule in policy.indicators.items()},
            targets=_targets(policy, Cadence.MONTH),
            quarter_targets=_targets(policy, Cadence.QUARTER),
        )

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """The indicators that the policy names, in the order in which people read them."""
        return tuple(indicator for indicator in INDICATORS.values() if indicator.id in self.blank_above)

    def windows(self, indicator: Indicator) -> tuple[int, ...]:
        """The windows an indicator is told over, in months: of a month or quarter where one is asked for."""
        if indicator.id not in self.blank_above:
            return indicator.windows
        asked = {MONTH: self.targets, QUARTER: self.quarter_targets}
        told = {*indicator.windows, QUARTER}
        return tuple(w for w in LIMITS if w in told and (w not in asked or indicator.id in asked[w]))

    def limit(self, indicator: str, window: int) -> float:
        """The margin beyond which a cell stays blank."""
        return self.blank_above[indicator][LIMITS[window]]

    def target(self, indicator: str, window: int, level: str) -> float | None:
        """The margin wanted of a cell, if any is."""
        wanted = {MONTH: self.targets, QUARTER: self.quarter_targets}.get(window, {})
        return wanted.get(indicator, {}).get(level)

    @classmethod
    def from_signed(cls, body: Mapping[str, Any]) -> ReadingRules:
        """From the ``policy`` of a plan entry."""
        return cls(**body["reading"])

    def signed(self, policy: Policy) -> dict[str, Any]:
        """What a plan entry keeps of the policy it was signed under."""
        return {
            "fingerprint": policy.fingerprint,
            "lag_days": policy.lag_days,
            **policy.loss,
            "signing": policy.signers.to_json(),
            "reading": {
                "minimum_group": self.minimum_group,
                "turnover_denominator": self.turnover_denominator,
                "posts_tolerance": self.posts_tolerance,
                "blank_above": {name: dict(limits) for name, limits in self.blank_above.items()},
                "targets": {name: dict(margins) for name, margins in self.targets.items()},
                "quarter_targets": {name: dict(margins) for name, margins in self.quarter_targets.items()},
            },
        }


def _limits(rule: IndicatorRule) -> dict[str, float]:
    quarter = {} if rule.blank_above_quarter is None else {"quarter": rule.blank_above_quarter}
    return {"month": rule.blank_above_month, **quarter, "year": rule.blank_above_year}


def _targets(policy: Policy, cadence: Cadence) -> dict[str, dict[str, float]]:
    """The margins wanted of a cadence, for the indicators that ask for it."""
    found = {name: dict(rule.wanted(cadence)) for name, rule in policy.indicators.items()}
    return {name: margins for name, margins in found.items() if margins}
