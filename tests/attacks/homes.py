"""Homes to attack, released by the product's own flow with the real mechanism."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from unittest.mock import patch

from signatories import sign_by_command
from surroundings import kept_surroundings

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
LONG_AFTER = date(2026, 11, 22)  # every month of the exports is due by then


@contextmanager
def surroundings_of(root: Path) -> Iterator[Path]:
    """A home under ``root`` with the witness beside it, for verbs run in this process."""
    home = root / "home"
    with kept_surroundings():
        os.environ |= {"LEEWARD_HOME": str(home), "LEEWARD_WITNESS": str(root / "witness")}
        yield home


def release_sample(root: Path) -> Path:
    """The sample agency, both years planned, signed and released by the monthly flow."""
    with surroundings_of(root) as home:
        from pipelines.cli import main

        assert main(["init", "--from", str(SAMPLE)]) == 0
        sign_by_command(("2024-07", "2025-07"))
    assert run_sample_again(root) > 0
    return home


def run_sample_again(root: Path) -> int:
    """Run the monthly flow on the sample's home; returns the number of measurements drawn."""
    with surroundings_of(root) as home:
        from pipelines.home import Home
        from pipelines.orchestration import settle

        settle(Home(home))
        from pipelines import flows

        with patch.object(flows, "today", lambda: LONG_AFTER):
            _, report = flows.monthly(str(home), str(SAMPLE / "exports"))
        return report.drawn
