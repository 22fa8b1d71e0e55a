"""What has arrived: each mapped export as it lies in the folder of exports."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipelines.coverage import MANIFEST, Covers, read_manifest
from pipelines.exports import Export
from pipelines.home import Home
from pipelines.mapping import ExportMapping, read_mapping
from pipelines.reading import find_files
from privacy.errors import BadExport

READS = ("duckdb", "pyarrow", "python-calamine")  # what parses files beside Python itself


@dataclass(frozen=True)
class Arrival:
    """One export as it lies in the folder: its mapping, its files by name, its declared coverage."""

    mapping: ExportMapping
    paths: tuple[Path, ...]
    covers: Covers

    @property
    def export(self) -> Export:
        return self.mapping.export

    @property
    def mapping_hash(self) -> str:
        return hash_of([self.mapping.fingerprint, *filter(None, self.covers.texts)])


def arrivals_in(home: Home, folder: Path) -> tuple[Arrival, ...]:
    """Every mapped export, in the order in which they are taken in.

    Raises:
        BadExport: there is no such folder, or a mapping, the manifest, a file or what it covers is not as
            declared.
    """
    if not folder.is_dir():
        raise BadExport(f"There is no folder {folder} to ingest; give the folder that holds the exports.")
    mappings, declared = read_mapping(home.mapping), read_manifest(folder)
    return tuple(_arrival(folder, mapping, declared) for mapping in mappings)


def _arrival(folder: Path, mapping: ExportMapping, declared: dict[str, Covers]) -> Arrival:
    paths = find_files(folder, mapping)
    covers = declared.get(mapping.export.name) or mapping.covers
    if covers is None:
        raise BadExport(
            f"{mapping.export.name}: nothing says which months it covers; declare them under [covers] in "
            f"{MANIFEST} beside the exports, or as 'covers' in the mapping."
        )
    if mapping.snapshots:
        mapping.snapshots.check_covers(covers, mapping.export)
    return Arrival(mapping, paths, covers)


def check_whole(arrival: Arrival, stored: Collection[str]) -> None:
    """Spells are made of all snapshots together. Raises BadExport where one that is stored is not there."""
    there = {path.name for path in arrival.paths}
    for name in sorted(stored):
        if name not in there and fnmatchcase(name, arrival.mapping.file):
            raise BadExport(
                f"{arrival.export.name}: the snapshot {name} is stored and no longer in the folder of "
                "exports; put it back, since spells are made of all snapshots together."
            )


def hash_of(parts: Sequence[str]) -> str:
    """SHA-256 of some texts one after the other, in hex."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def reader_hash() -> str:
    """Hash of all that decides how files are read but for mapping and files: our code and the libraries.

    Else one person's correction after an upgrade would decide whether all others are read by the new rules.
    """
    rooms = Path(__file__).parents[1]
    code = sorted(path for room in ("pipelines", "privacy") for path in (rooms / room).rglob("*.*"))
    ours = [hashlib.sha256(path.read_bytes()).hexdigest() for path in code if path.suffix in (".py", ".sql")]
    return hash_of([platform.python_version(), *map(version, READS), *ours])
