"""What of the policy a reader of the ledger needs, as it was signed with the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metrics.indicators import INDICATORS, Indicator
from privacy.policy import Policy


@dataclass(frozen=True)
class ReadingRules:
    """How published numbers are made from noisy ones. Margins are in the indicator's unit."""

    minimum_group: int
    turnover_denominator: str
    posts_tolerance: float
    blank_above: Mapping[str, Mapping[str, float]]
    targets: Mapping[str, Mapping[str, float]]

    @classmethod
    def of(cls, policy: Policy) -> ReadingRules:
        return cls(
            minimum_group=policy.minimum_group,
            turnover_denominator=policy.turnover_denominator,
            posts_tolerance=float(policy.posts_tolerance),
            blank_above={
                name: {"month": rule.blank_above_month, "year": rule.blank_above_year}
                for name, rule in policy.indicators.items()
            },
            targets={name: dict(rule.targets) for name, rule in policy.indicators.items()},
        )

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """The indicators that the policy names, in the order in which people read them."""
        return tuple(indicator for indicator in INDICATORS.values() if indicator.id in self.blank_above)

    def limit(self, indicator: str, window: int) -> float:
        """The margin beyond which a cell stays blank."""
        return self.blank_above[indicator]["month" if window == 1 else "year"]

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
            },
        }
