"""Homes to show: each state that a reader can meet."""

from __future__ import annotations

from pathlib import Path

import pytest
from published_home import Shape, write_home

from privacy.periods import Period

SHAPES = {
    "usual year": Shape(),
    "quiet year": Shape(is_unusual=False),
    "first month": Shape(months=1),
    "all blank": Shape(is_blank=True),
    "all withdrawn": Shape(is_withdrawn=True),
    "quarters only": Shape(last=Period.parse("2026-05"), by_quarters=True),
}


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every state by name; those that a shape does not describe are damaged or empty homes."""
    root = tmp_path_factory.mktemp("homes")
    made = {name: write_home(root / name, shape) for name, shape in SHAPES.items()}
    made["no home"] = root / "nowhere"
    made["no release"] = root / "empty"
    (made["no release"] / "releases").mkdir(parents=True)
    made["no ledger"] = write_home(root / "no ledger", Shape())
    (made["no ledger"] / "ledger.jsonl").unlink()
    made["broken release"] = write_home(root / "broken", Shape())
    (made["broken release"] / "releases" / "latest" / "indicators.parquet").write_bytes(b"PAR1 not")
    made["broken certificate"] = write_home(root / "broken certificate", Shape())
    (made["broken certificate"] / "releases" / "latest" / "certificate.json").write_text("{")
    return made
