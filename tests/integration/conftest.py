"""The sample agency, released whole through the flow without noise: made once for all tests that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from noise_free import Exact

from privacy.records import Records

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@dataclass(frozen=True)
class Released:
    """A home after the monthly flow has run over the sample."""

    root: Path
    drawn: int
    published: int

    @property
    def records(self) -> Records:
        return Records.from_file(self.root / "ledger.jsonl")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    root = tmp_path_factory.mktemp("sample") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEEWARD_HOME", str(root))
        patch.setenv("LEEWARD_WITNESS", str(root.parent / "witness"))
        from pipelines.cli import main
        from pipelines.home import Home
        from pipelines.orchestration import settle

        assert main(["init", "--from", str(SAMPLE)]) == 0
        for year in ("2024-07", "2025-07"):
            assert main(["plan", "sign", "--year", year, "--by", "A Tester"]) == 0
        settle(Home(root))
        from pipelines import flows

        patch.setattr(flows, "DiscreteGaussian", Exact)
        patch.setattr(flows, "today", lambda: date(2026, 11, 22))
        _, report = flows.monthly(root, SAMPLE / "exports")
        yield Released(root, report.drawn, len(report.published))
