"""A run that is refused, stopped and killed in turn leaks nothing, and the next one finishes its work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from canary_agency import CanaryAgency
from forced_paths import CTRL_C, KILLED, REFUSED, RESUMED
from forced_session import alone, press_ctrl_c_at

from privacy.records import Records

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CanaryAgency]:
    yield CanaryAgency.at(tmp_path_factory.mktemp("killed") / "agency", last_month="2026-01")


def test_a_refusal_ctrl_c_and_kills_one_after_the_other_leak_nothing_and_the_next_run_finishes(
    agency: CanaryAgency,
) -> None:
    """Each in a process of its own, which goes on from where the one before was stopped."""
    refused = alone(REFUSED, agency)
    refused.check_ending()
    refused.check_nothing_leaked()
    interrupted = alone(CTRL_C, agency, press_ctrl_c_at(agency.root / "waiting"))
    interrupted.check_ending()
    interrupted.check_nothing_leaked()
    for path in KILLED:
        killed = alone(path, agency)
        assert killed.exit_code == str(path.code), killed.stderr
        killed.check_nothing_leaked()
    resumed = alone(RESUMED, agency)
    resumed.check_ending()
    resumed.check_nothing_leaked()
    records = Records.from_file(agency.home.ledger_lines)
    drawn = [(m.item.identity, m.period, m.level) for m in records.measurements]
    assert len(set(drawn)) == len(drawn) and len([*records.of("release")]) == 1
