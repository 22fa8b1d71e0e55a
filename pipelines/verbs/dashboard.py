"""``leeward dashboard``: started as a process of its own, which sees the published zone alone."""

from __future__ import annotations

import argparse

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8501)
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    import os
    import subprocess
    import sys

    home = Home.from_environment()
    command = [sys.executable, "-m", "dashboard.launch", "--port", str(chosen.port)]
    return subprocess.call(command, env={**os.environ, "LEEWARD_HOME": str(home.root)})
