"""How the dashboard is started: with the same settings whoever starts it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from dashboard.theme import OPTIONS as LOOKS

APP = Path(__file__).with_name("app.py")
SETTINGS: Mapping[str, str] = {
    "client.showErrorDetails": "none",
    "client.toolbarMode": "viewer",
    "browser.gatherUsageStats": "false",
    "server.address": "127.0.0.1",
    "server.headless": "true",
    "server.fileWatcherType": "none",
}
"""No tracebacks, no usage statistics, this machine only."""


def command(home: Path, port: int) -> list[str]:
    """The command line that shows a home on a port, run from anywhere.

    The home is handed over as ``LEEWARD_HOME`` in the environment: see :func:`environment`.
    """
    flags = [f"--{name}={value}" for name, value in {**SETTINGS, **LOOKS}.items()]
    return [sys.executable, "-m", "streamlit", "run", str(APP), f"--server.port={port}", *flags, "--", str(home)]
