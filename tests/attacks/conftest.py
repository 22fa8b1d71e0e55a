"""A small agency and the sample, each released once with the real mechanism and attacked once."""

from __future__ import annotations

import pytest

from attacks.agency import Agency
from attacks.campaign import HALF, QUICK, Campaign, all_attacks
from attacks.homes import release_sample
from attacks.small_home import release_small


@pytest.fixture(scope="session", params=["small", pytest.param("sample", marks=pytest.mark.campaign)])
def campaign(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """All attacks: quickly on a small agency, with half the trials of 'make attacks' on the sample."""
    folder = tmp_path_factory.mktemp(request.param)
    release, effort = {"small": (release_small, QUICK), "sample": (release_sample, HALF)}[request.param]
    agency = Agency.read(release(folder))
    return Campaign(folder, agency, effort, {found.id: found for found in all_attacks(agency, effort)})
