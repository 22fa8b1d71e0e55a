"""A disk that loses what was not synced: what could lie there after a power cut, from what a program did.

The rules are those of POSIX, stricter than most file systems: a file's content is there once the file was
synced, a name (made, given, taken away) once its folder was. Of all the rest any part may be there.
Database files count as synced whenever they are seen: their libraries sync them, which the trials of the
ledger's file test apart. SQLite syncs the names of its own files; what it keeps in shared memory is gone.
DuckDB does not, but bears its log to come back: it marks a log that it has taken over.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from os.path import commonpath
from pathlib import Path

SYNCED_BY_SQLITE = ("-wal", "-journal")
Keep = Callable[[], bool]
Names = dict[str, "Node"]


@dataclass(eq=False)
class Node:
    """A file, a link or a folder: as it is, and as much of it as was synced."""

    mode: int
    written: tuple[int, int] = (0, 0)
    content: bytes = b""
    synced: bytes = b""
    names: Names = field(default_factory=dict)
    synced_names: Names = field(default_factory=dict)
    changes: list[Callable[[Names], None]] = field(default_factory=list)

    def sync(self) -> None:
        self.synced, self.synced_names = self.content, dict(self.names)
        self.changes.clear()


class Disk:
    """Watches a folder. Everything that lies there at first is synced."""

    def __init__(self, root: Path, *, syncs_folders: bool = True) -> None:
        self._root, self._syncs_folders = root, syncs_folders
        self._top = Node(root.stat().st_mode)
        self._by_number: dict[tuple[int, int], Node] = {}
        self._syncing: Path | None = None
        self._see_folder(self._top, root)
        for node in self._all(self._top):
            node.sync()

    def told(self, operation: str, about: str) -> None:
        """A step is about to be made: see what the one before it left, and whether that was a sync."""
        if self._syncing is not None:
            self._sync(self._syncing)
        self._see_folder(self._top, self._root)
        self._forget_what_is_gone()
        self._syncing = Path(about) if operation == "fsync" else None

    def write(self, target: Path, keep: Keep) -> None:
        """Lay out what is left after a power cut; ``keep`` decides for each thing that was not synced."""
        _write_folder(self._top, target, keep)

    def _sync(self, path: Path) -> None:
        if not path.is_relative_to(self._root):
            return
        node = self._top
        for name in path.relative_to(self._root).parts:
            node = node.names[name]
        if self._syncs_folders or not stat.S_ISDIR(node.mode):
            node.sync()

    def _see_folder(self, folder: Node, path: Path) -> None:
        with os.scandir(path) as found:
            entries = {entry.name: entry.stat(follow_symlinks=False) for entry in found}
        before, seen = folder.names, {name: self._node(about) for name, about in entries.items()}
        folder.changes += _changes(before, seen) if before != seen else ()
        folder.names = seen
        for name, node in seen.items():
            self._see(node, path / name, entries[name])

    def _node(self, about: os.stat_result) -> Node:
        number = about.st_ino, stat.S_IFMT(about.st_mode)
        node = self._by_number.setdefault(number, Node(about.st_mode))
        node.mode = about.st_mode
        return node

    def _forget_what_is_gone(self) -> None:
        """The number of a file that is gone may be given to another."""
        there = set(self._all(self._top))
        self._by_number = {number: node for number, node in self._by_number.items() if node in there}

    def _see(self, node: Node, path: Path, about: os.stat_result) -> None:
        written = about.st_mtime_ns, about.st_size
        if stat.S_ISDIR(node.mode):
            self._see_folder(node, path)
        elif node.written == written:
            return
        elif stat.S_ISLNK(node.mode):
            node.content = node.synced = os.fsencode(os.readlink(path))
        else:
            node.content, node.written = path.read_bytes(), written
            if _is_database(path.name):
                node.synced = node.content

    def _all(self, node: Node) -> Iterator[Node]:
        yield node
        for below in node.names.values():
            yield from self._all(below)


def _changes(before: Names, after: Names) -> Iterator[Callable[[Names], None]]:
    """What happened to a folder's names, each a change that may be on the disk or not. SQLite's are."""
    old_name = {id(node): name for name, node in before.items()}
    for name, node in after.items():
        if before.get(name) is not node:
            yield _named(name, node, old_name.get(id(node)))
    kept = {id(node) for node in after.values()}
    for name, node in before.items():
        if name not in after and id(node) not in kept:
            yield lambda names, name=name: names.pop(name, None)  # type: ignore[misc]


def _named(name: str, node: Node, old: str | None) -> Callable[[Names], None]:
    def change(names: Names) -> None:
        if old is None:
            names[name] = node
        elif names.get(old) is node:
            names[name] = names.pop(old)

    return change


def _is_database(name: str) -> bool:
    return ".sqlite" in name or ".duckdb" in name


def _write_folder(folder: Node, target: Path, keep: Keep) -> None:
    target.mkdir(parents=True)
    for name, node in _survivors(folder, keep).items():
        _write(node, target / name, keep)
    target.chmod(stat.S_IMODE(folder.mode))


def _survivors(folder: Node, keep: Keep) -> Names:
    names = dict(folder.synced_names)
    for change in folder.changes:
        if keep():
            change(names)
    own = {name: node for name, node in folder.names.items() if name.endswith(SYNCED_BY_SQLITE)}
    left = {name: node for name, node in names.items() if not name.endswith((*SYNCED_BY_SQLITE, "-shm"))}
    gone = {name for name in left if name.endswith(".wal") and name not in folder.names}
    return {name: node for name, node in {**left, **own}.items() if name not in gone}


def _write(node: Node, path: Path, keep: Keep) -> None:
    if stat.S_ISDIR(node.mode):
        _write_folder(node, path, keep)
    elif stat.S_ISLNK(node.mode):
        path.symlink_to(os.fsdecode(node.content))
    else:
        path.write_bytes(_survived(node, keep))
        path.chmod(stat.S_IMODE(node.mode))


def _survived(node: Node, keep: Keep) -> bytes:
    """What was synced; or, if more was written, that as well, or half of it and zeros for the rest."""
    if node.content == node.synced or not keep():
        return node.synced
    start = len(commonpath([node.synced, node.content]))
    half = start + (len(node.content) - start) // 2
    return node.content if keep() else node.content[:half] + bytes(len(node.content) - half)
