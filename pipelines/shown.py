"""Files written to show a person what is held: protected, and gone as soon as anything is taken out."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from pipelines.home import Home
from privacy.durable import make_folder, write_whole


def write_shown(home: Home, text: str) -> Path:
    """Write one person's file, its owner's alone; its name says nothing of the person."""
    make_folder(home.shown)
    home.shown.chmod(0o700)
    path = home.shown / f"{secrets.token_hex(4)}.txt"
    write_whole(path, text.encode(), 0o600)
    return path


def forget_shown(home: Home) -> int:
    """Delete all such files; returns how many there were."""
    count = len(list(home.shown.iterdir())) if home.shown.exists() else 0
    shutil.rmtree(home.shown, ignore_errors=True)
    return count
