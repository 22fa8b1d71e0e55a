"""A disk of a few megabytes that can be filled, emptied and made read-only. Needs to be root on Linux."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KIB = 1024
SIZE_KIB = 64 * KIB
CAPABILITY_VERSION, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 0x20080522, 1 << 1, 1 << 2


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own in memory."""

    root: Path

    @property
    def _ballast(self) -> Path:
        return self.root / "ballast"

    def leave(self, room_kib: int) -> None:
        """Fill the disk so that no more than this is free."""
        self.empty()
        free = os.statvfs(self.root)
        self._ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - room_kib * KIB)))

    def empty(self) -> None:
        """Take the filling away."""
        self._ballast.unlink(missing_ok=True)

    def remount(self, how: str) -> None:
        """Make it read-only (``ro``) or writable (``rw``)."""
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.root)], check=True)


@contextmanager
def mounted(root: Path) -> Iterator[SmallDisk | None]:
    """The disk while the block runs; None where nothing can be mounted."""
    root.mkdir()
    if not _mounts(root):
        yield None
        return
    try:
        yield SmallDisk(root)
    finally:
        subprocess.run(["umount", "--lazy", str(root)], check=True)


def _mounts(root: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_KIB}k", "tmpfs", str(root)]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def bow_to_permissions() -> None:
    """From here on a file's mode binds this process also where it runs as root (Linux, capset(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    held = (ctypes.c_uint32 * 6)()  # twice: effective, permitted, inheritable
    if libc.capget(header, held) == 0:
        held[0] &= ~(CAP_DAC_OVERRIDE | CAP_DAC_READ_SEARCH)
        libc.capset(header, held)
