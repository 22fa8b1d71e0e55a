"""A retry of the flow's task serves what the ledger holds: noise is drawn once however often a step fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from surroundings import kept_surroundings
from tiny_agency import TinyAgency

from privacy.accounting import Rho
from privacy.mechanism import DiscreteGaussian
from privacy.records import Records


class Counting(DiscreteGaussian):
    """The real mechanism, counting its calls."""

    calls = 0

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        type(self).calls += 1
        return super().draw(totals, cap_squared=cap_squared, sigma=sigma, signed=signed)


@pytest.fixture
def agency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TinyAgency]:
    agency = TinyAgency.at(tmp_path).begin()
    monkeypatch.setenv("LEEWARD_WITNESS", agency.environment["LEEWARD_WITNESS"])
    from pipelines.home import Home
    from pipelines.orchestration import settle

    with kept_surroundings():
        settle(Home(agency.home))
        yield agency


def test_a_task_that_fails_after_its_draws_is_retried_and_draws_nothing_more(
    agency: TinyAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines import flows, release

    monkeypatch.setattr(flows, "DiscreteGaussian", Counting)
    monkeypatch.setattr(flows, "today", lambda: date(2026, 11, 22))
    true, failures = release.publish_pending, []

    def failing(*given):  # type: ignore[no-untyped-def]
        drawn = len(given[1].records.measurements)
        if drawn and len(failures) < 2:
            failures.append(drawn)
            raise OSError("a fault that is no answer")
        return true(*given)

    monkeypatch.setattr(release, "publish_pending", failing)
    flows.monthly(str(agency.home), str(agency.exports))
    records = Records.from_file(agency.home / "ledger.jsonl")
    assert len(failures) == 2
    assert Counting.calls == len(records.measurements) == 3 * 4 * 2  # months, items, levels
    assert len({(m.item.identity, m.period, m.level) for m in records.measurements}) == Counting.calls
    assert len(list((agency.home / "releases").glob("2026-*"))) == 3
