"""The sample agency, released through the flow without noise: made once for all who look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from noise_free import Exact
from quarterly import with_targets
from released import SAMPLE, Released
from signatories import sign_by_command
from surroundings import kept_surroundings

PROGRAMMES = "{ organisation = 10, division = 20, programme = 40 }"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    """All 24 months."""
    with released(tmp_path_factory.mktemp("sample"), SAMPLE, date(2026, 11, 22)) as made:
        yield made


@pytest.fixture(scope="module")
def quarterly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    """Three quarters told to the programmes, of which months are told for the whole alone."""
    root = tmp_path_factory.mktemp("quarterly")
    shutil.copytree(SAMPLE, root / "config", ignore=shutil.ignore_patterns("exports"))
    policy = root / "config" / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    for name in [line[12:-1] for line in text.splitlines() if line.startswith("[indicators.")]:
        month = "{ organisation = 10 }" if name in ("head_count", "absence_rate") else ""
        text = with_targets(text, name, month=month, quarter=PROGRAMMES)
    policy.write_text(text, encoding="utf-8")
    with released(root, root / "config", date(2025, 5, 10)) as made:
        yield made


@contextmanager
def released(folder: Path, source: Path, today: date) -> Iterator[Released]:
    """A home after the monthly flow has run on a day, configured as a folder says, without noise."""
    root = folder / "home"
    with kept_surroundings(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEEWARD_HOME", str(root))
        patch.setenv("LEEWARD_WITNESS", str(folder / "witness"))
        from pipelines.cli import main
        from pipelines.home import Home
        from pipelines.orchestration import settle

        assert main(["init", "--from", str(source)]) == 0
        sign_by_command(("2024-07", "2025-07"))
        settle(Home(root))
        from pipelines import flows

        patch.setattr(flows, "DiscreteGaussian", Exact)
        patch.setattr(flows, "today", lambda: today)
        _, report = flows.monthly(str(root), str(SAMPLE / "exports"))
        yield Released(root, report.drawn, len(report.published))
