"""The canary agency with three published months, for whoever looks at what is published."""

from __future__ import annotations

import pytest
from canary_agency import CanaryAgency
from publishing_quietly import published


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> CanaryAgency:
    return published(CanaryAgency.at(tmp_path_factory.mktemp("released") / "agency"))
