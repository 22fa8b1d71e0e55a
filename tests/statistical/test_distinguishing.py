"""Publications of two neighbouring agencies: told apart no better than signed, but under a planted defect.

Each audit rejects the true product with a chance of FALSE_ALARM at most. The defects are found by the
audits named with a chance of missing each below 1e-4.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from defects import NO_DEFECT
from distinguishing import FOUND_BY, Verdicts, trial

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found() -> Mapping[str, Verdicts]:
    return trial()


@pytest.mark.parametrize("audit", ["events", "likelihood ratio", "noise variance"])
def test_publications_of_the_product_are_told_apart_no_better_than_signed(
    found: Mapping[str, Verdicts], audit: str
) -> None:
    assert not found[NO_DEFECT][audit].rejects


@pytest.mark.parametrize(
    ("defect", "audit"), [(defect, audit) for defect, audits in FOUND_BY.items() for audit in audits]
)
def test_publications_under_a_planted_defect_are_told_apart(
    found: Mapping[str, Verdicts], defect: str, audit: str
) -> None:
    assert found[defect][audit].rejects
