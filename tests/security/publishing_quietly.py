"""The canary agency, taken in and published by the product's functions in this process, without Prefect."""

from __future__ import annotations

import os
from datetime import date

from canary_agency import CanaryAgency
from surroundings import kept_surroundings

from pipelines.ingest import ingest
from pipelines.installation import opened
from pipelines.release import release_due
from privacy.mechanism import DiscreteGaussian

LATER = date(2026, 11, 22)


def published(agency: CanaryAgency) -> CanaryAgency:
    """The same agency, all that is due published with real noise."""
    with kept_surroundings():
        os.environ.update(agency.environment)
        with opened(agency.home) as installation:
            units = installation.register.unit_ids
            ingest(agency.home, agency.exports, known_units=units, today=LATER, check=lambda *_: ())
            release_due(
                agency.home, installation.ledger, installation.witness, DiscreteGaussian(),
                installation.policy, today=LATER,
            )  # fmt: skip
    return agency
