"""``leeward dashboard``: started as a process of its own, which sees the published zone alone."""

from __future__ import annotations

import argparse

from pipelines.home import Home
from privacy.errors import Refusal


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8501, help="of the page (default: 8501)")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    import os
    import subprocess
    import sys

    home = Home.from_environment()
    if not 0 < chosen.port < 65536:
        raise Refusal("--port must be a number from 1 to 65535.")
    if not home.releases.is_dir():
        raise Refusal(f"There is no home at {home.root}; set LEEWARD_HOME or run 'leeward init' first.")
    command = [sys.executable, "-m", "dashboard.launch", "--port", str(chosen.port)]
    return subprocess.call(command, env={**os.environ, "LEEWARD_HOME": str(home.root)})
