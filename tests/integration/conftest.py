"""The sample agency, released whole through the flow without noise: made once for all who look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from noise_free import Exact
from released import SAMPLE, Released
from signatories import SECOND, TESTER, key_of
from surroundings import kept_surroundings


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    root = tmp_path_factory.mktemp("sample") / "home"
    with kept_surroundings(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEEWARD_HOME", str(root))
        patch.setenv("LEEWARD_WITNESS", str(root.parent / "witness"))
        from pipelines.cli import main
        from pipelines.home import Home
        from pipelines.orchestration import settle

        assert main(["init", "--from", str(SAMPLE)]) == 0
        for name in (TESTER, SECOND):
            assert main(["signer", name, "--key", f"{key_of(name)}.pub"]) == 0
        for year in ("2024-07", "2025-07"):
            for name in (TESTER, SECOND):
                signature = ("--as", name, "--key", str(key_of(name)))
                assert main(["plan", "sign", "--year", year, *signature]) == 0
        settle(Home(root))
        from pipelines import flows

        patch.setattr(flows, "DiscreteGaussian", Exact)
        patch.setattr(flows, "today", lambda: date(2026, 11, 22))
        _, report = flows.monthly(str(root), str(SAMPLE / "exports"))
        yield Released(root, report.drawn, len(report.published))
