"""What is kept of a comparison: medians and spread over workforces, and how many times better than plain."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from utility.comparing import Compared
from utility.indicators import INDICATORS
from utility.protecting import levels
from utility.workforce import LEVELS

WAYS = "abcdef"


def of_size(found: Sequence[Compared]) -> dict[str, Any]:
    """Of every level and indicator, over some workforces of a size."""
    return {
        LEVELS[level]: {
            "plain_by_ours": _plain_by_ours(found, level),
            "indicators": {each.name: _cell(found, (each.name, level)) for each in INDICATORS},
        }
        for level in levels()
    }


def _cell(found: Sequence[Compared], key: tuple[str, int]) -> dict[str, Any]:
    errors = {way: _spread([each.errors[way, *key] for each in found]) for way in WAYS}
    beside = {
        name: _rounded(statistics.mean(getattr(each, name)[key] for each in found))
        for name in ("bias", "margin", "covered")
    }
    return {"errors": errors, **beside}


def _spread(values: Sequence[float]) -> dict[str, float]:
    middle = statistics.median(values)
    return {"median": _rounded(middle), "least": _rounded(min(values)), "most": _rounded(max(values))}


def _plain_by_ours(found: Sequence[Compared], level: int) -> float:
    """(a)/(d): the geometric mean over the indicators of the medians' ratios."""
    logs = [
        math.log(statistics.median(each.errors["a", i.name, level] for each in found))
        - math.log(statistics.median(each.errors["d", i.name, level] for each in found))
        for i in INDICATORS
    ]
    return _rounded(math.exp(statistics.mean(logs)))


def _rounded(value: float) -> float:
    """To four digits."""
    return float(f"{value:.4g}")


Kept = Mapping[str, Any]
