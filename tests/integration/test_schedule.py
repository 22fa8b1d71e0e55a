"""The schedule is served by Prefect's own server and fires: checked with a cron line for every minute."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny_agency import TinyAgency

PATIENCE_SECONDS = 180


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_the_scheduled_flow_fires_publishes_and_can_be_stopped_while_it_runs(tmp_path: Path) -> None:
    agency = TinyAgency.at(tmp_path).begin()
    command = [sys.executable, "-m", "pipelines.cli", "schedule", str(agency.exports), "--cron", "* * * * *"]
    command += ["--server-port", str(free_port())]
    with open(tmp_path / "served.log", "wb") as log:
        served = subprocess.Popen(
            command, env=agency.environment, cwd=tmp_path, stdout=log, stderr=log, start_new_session=True
        )
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while time.monotonic() < deadline and not (agency.home / "releases" / "latest").exists():
                time.sleep(2)
        finally:
            os.killpg(served.pid, signal.SIGTERM)
            ended = served.wait(PATIENCE_SECONDS)
    assert ended == 0
    assert (agency.home / "releases" / "latest").exists(), (tmp_path / "served.log").read_text()[-2000:]


def test_a_cron_line_that_is_none_is_refused(tmp_path: Path) -> None:
    agency = TinyAgency.at(tmp_path).write()
    done = agency.leeward("schedule", str(agency.exports), "--cron", "monthly")
    assert done.returncode == 2 and "five fields" in done.stderr
