"""The agency's home before its first release: made once, copied for each fault."""

from __future__ import annotations

import pytest
from agency_home import AgencyHome, make


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> AgencyHome:
    return make(tmp_path_factory.mktemp("agency"))
