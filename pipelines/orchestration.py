"""Prefect's surroundings, settled before it is imported: its home lies in the protected zone."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.home import Home
from privacy.errors import Refusal

STARTUP_SECONDS = 120
GRACE_SECONDS = 10
LEAST_FREE_MIB = 32
API_URL, OWN_SERVER = "PREFECT_API_URL", "LEEWARD_OWN_PREFECT_SERVER"

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

    Raises:
        Refusal: the disk has too little room for a run.
    """
    home.make_folders()
    _check_room(home)
    os.umask(0o077)
    os.environ["PREFECT_HOME"] = str(home.prefect)
    home.temporary.mkdir(mode=0o700, exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(home.temporary)
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", log_level)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def _check_room(home: Home) -> None:
    """Prefect on a full disk waits for minutes and then tells in a thousand lines."""
    free = shutil.disk_usage(home.root).free // 2**20
    if free < LEAST_FREE_MIB:
        raise Refusal(
            f"The disk of {home.root} has {free} MiB free, a run needs {LEAST_FREE_MIB}; "
            "make room and try again."
        )


@contextmanager
def local_server(port: int) -> Iterator[str]:
    """Prefect's own server on this machine while the block runs, unless ``PREFECT_API_URL`` names another.

    The server that Prefect starts by itself for a flow fires no schedules. It has a session of its own, so
    that Ctrl-C leaves it to a run that still has to tell it how it ended. Yields the address.

    Raises:
        Refusal: the server does not answer in time.
    """
    if named := os.environ.get(API_URL):
        yield named
        return
    address = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    nowhere = subprocess.DEVNULL
    server = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, start_new_session=True)
    try:
        _await(f"{address}/health", server)
        os.environ[API_URL] = os.environ[OWN_SERVER] = address
        yield address
    finally:
        server.terminate()
        server.wait(STARTUP_SECONDS)


def end_runs() -> None:
    """End the runs of a schedule that is stopped, while its server is still there for them.

    Each gets some seconds; then it is killed, as it may be at any step: the next run finishes what it began.
    Left alone it would ask for minutes for a server that is gone, and this process would wait for it.
    """
    for run in multiprocessing.active_children():
        run.join(GRACE_SECONDS)
        if run.is_alive():
            run.kill()
            run.join()


def keeps_in_protected_zone() -> bool:
    """Whether what Prefect is told stays in its home here: not where the environment names another server."""
    return os.environ.get(API_URL) in (None, "", os.environ.get(OWN_SERVER))


def _await(health: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(health, timeout=2).close()
            return
        except OSError:
            time.sleep(0.5)
    raise Refusal("Prefect's server did not start; see that its port is free (--server-port) and try again.")
