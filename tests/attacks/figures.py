"""The figures of all attacks as they are kept: docs/figures/attacks.json."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sample_plan import SAMPLE, rho_of

from attacks.advantage import CONFIDENCE, Advantage, bound_by_epsilon
from attacks.agency import Agency
from attacks.finding import Finding

SCHEMA_VERSION = 1
PLACES = 4


def figures(agency: Agency, findings: Iterable[Finding], *, runs_of_the_flow: int) -> dict[str, Any]:
    """All that the page shows.

    Args:
        runs_of_the_flow: how often the flow was run on the home, with the same published bytes each time.
    """
    policy, year = agency.policy, agency.newest_year
    epsilon, delta = float(policy.epsilon.value), float(policy.delta.value)
    published = [m for m in agency.records.measurements if year.holds(m.period)]
    return {
        "command": "make attacks",
        "schema_version": SCHEMA_VERSION,
        "organisation": policy.organisation,
        "budget_year": year.title,
        "promise": {"epsilon": epsilon, "delta": delta, "rho": _rounded(float(policy.rho))},
        "rho_of_the_samples_plan": rho_of(SAMPLE),
        "bound_by_epsilon": _rounded(bound_by_epsilon(epsilon, delta)),
        "minimum_group": policy.minimum_group,
        "confidence": CONFIDENCE,
        "numbers_published": sum(len(m.values) for m in published),
        "runs_of_the_flow": runs_of_the_flow,
        "attacks": {finding.id: _finding(finding) for finding in findings},
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "guessing": _rounded(finding.guessing),
        "exact": _advantage(finding.exact),
        "suppressed": _advantage(finding.suppressed),
        "leeward": _advantage(finding.leeward),
        "expected": None if finding.expected is None else _rounded(finding.expected),
        "rho": _rounded(finding.rho),
        "at_most": _rounded(finding.at_most),
        "details": {name: _rounded(value) for name, value in finding.details.items()},
    }


def _advantage(found: Advantage) -> dict[str, Any]:
    low, high = found.interval()
    return {
        "advantage": _rounded(found.value),
        "low": _rounded(low),
        "high": _rounded(high),
        "accused_rightly": [found.hits, found.positives],
        "accused_wrongly": [found.alarms, found.negatives],
    }


def _rounded(value: float) -> float:
    return round(value, PLACES)
