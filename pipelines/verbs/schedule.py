"""``leeward schedule``."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the folder into which HR exports arrive")
    parser.add_argument(
        "--cron", default="0 6 3 * *", help="when, as a cron line (default: 06:00 on the third of each month)"
    )
    parser.add_argument(
        "--server-port",
        type=int,
        default=4200,
        help="of Prefect's own server, with its pages (default: 4200)",
    )
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from pipelines.installation import check
    from pipelines.orchestration import end_runs, local_server, settle
    from privacy.errors import Refusal

    if len(chosen.cron.split()) != 5:
        raise Refusal("--cron takes five fields, such as '0 6 3 * *'.")
    if not chosen.folder.is_dir():
        raise Refusal(f"There is no folder {chosen.folder}; name the one into which exports arrive.")
    home = Home.from_environment()
    check(home)
    settle(home, log_level="INFO")
    with local_server(chosen.server_port) as server:
        from pipelines.flows import serve_monthly

        print(f"Serving the flow 'monthly' at '{chosen.cron}' on {server}; stop with Ctrl-C.", flush=True)
        try:
            serve_monthly(str(home.root), str(chosen.folder.resolve()), chosen.cron)
        finally:
            end_runs()
    return 0
