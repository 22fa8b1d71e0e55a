"""What is published, flattened to paths and values, and held against the list in ``published_list.toml``."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

LIST = Path(__file__).with_name("published_list.toml")
PLACEHOLDER = re.compile(r"[A-Z]{4,}")
Flat = Iterator[tuple[str, object]]


def flat(value: Any, path: str = "") -> Flat:
    """Every value at the end of a path such as ``items[].centre.family``."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from flat(inner, f"{path}[]")
    else:
        yield path, value


@dataclass(frozen=True)
class Published:
    """The published zone of a home: one place is a ledger entry, a document or a table."""

    home: Path

    @cached_property
    def entries(self) -> list[dict[str, Any]]:
        lines = (self.home / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    @cached_property
    def releases(self) -> list[Path]:
        return sorted(path for path in (self.home / "releases").iterdir() if not path.is_symlink())

    def places(self) -> Iterator[tuple[str, Flat]]:
        """Each with its path in the list and its values."""
        for entry in self.entries:
            head = {key: value for key, value in entry.items() if key != "body"}
            yield "ledger.every", flat(head)
            yield f"ledger.{entry['kind']}", flat(entry["body"])
        for path in (path for release in self.releases for path in sorted(release.iterdir())):
            yield from self._file(path)

    def _file(self, path: Path) -> Iterator[tuple[str, Flat]]:
        if path.suffix == ".json":
            yield f"documents.{path.name}", flat(json.loads(path.read_text(encoding="utf-8")))
        elif path.suffix == ".csv":
            with path.open(encoding="utf-8", newline="") as file:
                yield f"tables.{path.stem}", (pair for row in csv.DictReader(file) for pair in row.items())
        else:
            table = pq.read_table(path)
            yield f"tables.{path.stem}", (pair for row in table.to_pylist() for pair in row.items())


@dataclass(frozen=True)
class Schema:
    """The list, with the names that its capitals stand for."""

    names: Mapping[str, frozenset[str]]
    rules: Mapping[str, Any] = field(default_factory=lambda: tomllib.loads(LIST.read_text(encoding="utf-8")))

    def shape_of(self, place: str, path: str) -> str | None:
        """The shape of the values at a path, if it is listed."""
        room, _, name = place.partition(".")
        listed = self.rules[room].get(name, {})
        return next((shape for pattern, shape in listed.items() if self._matches(pattern, path)), None)

    def _matches(self, pattern: str, path: str) -> bool:
        if pattern == path:
            return True
        parts = PLACEHOLDER.split(pattern)
        wanted = [self.names[name] for name in PLACEHOLDER.findall(pattern)]
        return bool(wanted) and _fits(path, parts, wanted)

    def wrong(self, place: str, path: str, value: object) -> str:
        """Why a value may not stand where it does; empty where it may."""
        shape = self.shape_of(place, path)
        if shape is None:
            return f"{place}: {path} is not listed"
        text = "" if value is None else str(value)
        if isinstance(value, bool) or not re.fullmatch(self.rules["shapes"][shape], text):
            return f"{place}: {path} is no {shape}"
        return ""


def _fits(path: str, parts: list[str], wanted: list[frozenset[str]]) -> bool:
    """Whether a path is the parts with one of the wanted names between each two."""
    if not path.startswith(parts[0]):
        return False
    if not wanted:
        return path == parts[0]
    rest = path[len(parts[0]) :]
    return any(
        rest.startswith(name) and _fits(rest[len(name) :], parts[1:], wanted[1:]) for name in wanted[0]
    )
