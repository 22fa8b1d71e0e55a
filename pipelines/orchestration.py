"""Prefect's surroundings, settled before it is imported: its home lies in the protected zone."""

from __future__ import annotations

import os
import tempfile

from pipelines.home import Home

QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}


def settle(home: Home, log_level: str = "CRITICAL") -> None:
    """Point Prefect and all temporary files at the protected zone, each the owner's alone.

    On the command line a verb says itself what happened, so Prefect's own log stays silent there.
    """
    home.make_folders()
    os.umask(0o077)
    os.environ["PREFECT_HOME"] = str(home.prefect)
    home.temporary.mkdir(mode=0o700, exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(home.temporary)
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", log_level)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
