"""Every way to fail, forced: the exit code, the one sentence, the modes, and no canary anywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from forced_paths import IN_ONE_PROCESS, Forced
from forced_session import Session

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
