"""Every way to fail, forced: the exit code, the one sentence, the modes, and no canary anywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from canary_agency import CanaryAgency
from forced_paths import CTRL_C, IN_ONE_PROCESS, KILLED, REFUSED, RESUMED, Forced
from forced_session import Session, alone, press_ctrl_c_at

from privacy.records import Records

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    session = Session.at(tmp_path_factory.mktemp("failures"))
    session.force(IN_ONE_PROCESS)
    return session


@pytest.mark.parametrize("path", IN_ONE_PROCESS.values(), ids=lambda path: path.name)
def test_every_ending_is_one_sentence_and_nothing_leaks(path: Forced, session: Session) -> None:
    outcome = session.outcome(path)
    if path.needs_root and outcome.exit_code.startswith("not forced"):
        need(f"{path.name} was not forced: no small disk may be mounted here; run as root")
    outcome.check_ending()
    outcome.check_nothing_leaked()


def need(why: str) -> None:
    """Skip, and say why; in CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def test_nothing_was_written_elsewhere_and_no_other_machine_was_called(session: Session) -> None:
    lines = session.watched.read_text(encoding="utf-8").splitlines()
    written = [Path(line.removeprefix("write ")) for line in lines if line.startswith("write /")]
    assert not {path for path in written if not path.is_relative_to(session.folder)} - {Path("/dev/null")}
    assert not [line for line in lines if line.startswith("call")]


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CanaryAgency]:
    yield CanaryAgency.at(tmp_path_factory.mktemp("killed") / "agency", last_month="2026-01")


@pytest.mark.apart
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
