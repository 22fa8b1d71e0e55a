"""How the dashboard is started: with the same settings whoever starts it."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
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
    "runner.magicEnabled": "false",
}
"""No tracebacks, no usage statistics, this machine only."""


def command(home: Path, port: int) -> list[str]:
    """The command line that shows a home on a port; it may be run from any folder."""
    flags = [f"--{name}={value}" for name, value in {**SETTINGS, **LOOKS}.items()]
    app = [sys.executable, "-m", "streamlit", "run", str(APP)]
    return [*app, f"--server.port={port}", *flags, "--", str(home.resolve())]


def home_named_in(arguments: Sequence[str]) -> str:
    """The home that :func:`command` put behind the app's own name; empty where another program runs."""
    if len(arguments) != 2 or Path(arguments[0]).resolve() != APP.resolve():
        return ""
    return arguments[1]


def main() -> int:
    """Show the home that ``LEEWARD_HOME`` names (``var`` unless set) until stopped."""
    parser = argparse.ArgumentParser(prog="python -m dashboard.launch")
    parser.add_argument("--port", type=int, default=8501)
    port = parser.parse_args().port
    home = Path(os.environ.get("LEEWARD_HOME") or "var")
    try:
        return subprocess.call(command(home, port))
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
