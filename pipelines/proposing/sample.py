"""A file as it looks: its header, and cells of allowed columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pipelines import presets
from pipelines.forbidden import Forbidden, why_forbidden
from pipelines.layout import Numbered
from pipelines.proposing.beginning import TITLES, Beginning, beginning_of, below_header


@dataclass(frozen=True)
class Sample:
    """What a file looks like. ``rows`` hold no cell of a forbidden column, which ``refused`` names.

    ``presets`` names those that fit.
    """

    file: str
    beginning: Beginning
    header_line: int
    header: tuple[str, ...]
    refused: tuple[tuple[str, Forbidden], ...]
    rows: tuple[Numbered, ...]
    presets: tuple[str, ...]

    def column(self, heading: str) -> list[tuple[int, str]]:
        """The cells below a heading that are not empty, each with its line."""
        place = self.header.index(heading)
        return [(number, cells[place]) for number, cells in self.rows if cells[place]]


def look_at(path: Path, seen: Beginning | None = None) -> Sample:
    """Read the beginning of a file, unless it was ``seen`` already.

    Raises:
        BadExport: it cannot be read, is of another kind, or has no table.
    """
    beginning = seen or beginning_of(path)
    header_line, header, body = below_header(path.name, beginning.rows)
    found = {place: why_forbidden(name, "") for place, name in enumerate(header)}
    refused = {place: why for place, why in found.items() if why is not None}
    kept = tuple(
        (number, tuple("" if place in refused else cell.strip() for place, cell in enumerate(cells)))
        for number, cells in body
    )
    return Sample(
        file=path.name,
        beginning=beginning,
        header_line=header_line,
        header=header,
        refused=tuple((header[place], why) for place, why in refused.items()),
        rows=kept,
        presets=presets.fitting(_possible_headers(beginning.rows)),
    )


def _possible_headers(rows: Sequence[Numbered]) -> tuple[tuple[str, ...], ...]:
    """The first lines, alone and each with the one below it, as far as they could be headers."""
    lines = [tuple(cell.strip() for cell in cells) for _, cells in rows[:TITLES]]
    both = (
        tuple(f"{upper} / {lower}" for upper, lower in zip(one, other, strict=True))
        for one, other in pairwise(lines)
        if len(one) == len(other)
    )
    return (*lines, *both)
