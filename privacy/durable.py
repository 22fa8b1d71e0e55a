"""Files that survive a crash and a power cut: written whole, and their names brought to the disk as well.

Syncing a file keeps its content; its name stands in its folder, which is synced apart.
"""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Write a file in one step: readers, and the next run, see the old file or the new one, never a part."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(mode)
    put_in_place(draft, path)


def put_in_place(draft: Path, path: Path) -> None:
    """Give a finished draft, whose content is synced, its name: in the same folder or in another."""
    draft.replace(path)
    sync_folder(path.parent)
    if draft.parent != path.parent:
        sync_folder(draft.parent)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it, where they are missing."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode, exist_ok=True)
    sync_folder(folder.parent)


def sync_file(path: Path) -> None:
    """Bring the content of a file to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
