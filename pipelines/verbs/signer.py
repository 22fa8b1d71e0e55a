"""``leeward signer``: name in the policy who may sign."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="as people know them, such as 'R. Okafor, staff representative'")
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="their public OpenSSH key")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from pipelines.signers import add_signer

    shown = add_signer(Home.from_environment(), chosen.name, chosen.key)
    print(f"'{chosen.name}' may sign with {shown}: compare this with them before anything is signed.")
    return 0
