"""Which headings of a file feed which export, and which words of a column mean which canonical ones."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipelines.exports import EXPORTS, PERSON_ID, Export
from pipelines.forbidden import why_forbidden
from pipelines.layout import plain
from pipelines.proposing.sample import Sample

FEWEST = 5  # a word is shown only where so many rows of so many people share it
STATES = ("approvalstatus", "approval status", "status", "state", "absence status")
NUMBERED = ("no", "nr", "num", "number", "code", "ref", "id")  # what a heading calls a number of something
AS_OF = (
    "as of",
    "as of date",
    "as at",
    "snapshot date",
    "snapshot",
    "reporting date",
    "census date",
    "stichtag",
)
APPROVED = ("approved", "completed", "closed", "genehmigt")


@dataclass(frozen=True)
class Guess:
    """An export, and the heading found for each of its columns; the missing ones are left out."""

    export: Export
    columns: Mapping[str, str]

    @property
    def person(self) -> str | None:
        """The heading of people's ids."""
        return self.columns.get(PERSON_ID)

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns without a heading."""
        return tuple(c.name for c in self.export.columns if not c.nullable and c.name not in self.columns)

    @property
    def share(self) -> float:
        required = [column.name for column in self.export.columns if not column.nullable]
        return 1 - len(self.missing) / len(required)


def guesses(header: Sequence[str]) -> list[Guess]:
    """Every export by how many of its required columns have a heading, the best first."""
    return sorted((_guess(export, header) for export in EXPORTS.values()), key=lambda each: -each.share)


def spoken(heading: str) -> str:
    """A heading as it would be said, however a product writes it.

    >>> spoken("EmployeeID") == spoken("employee_id") == spoken("Employee Id")
    True
    >>> spoken("DateofHire") == spoken("Date of Hire")
    True
    >>> spoken("Pers. No.") == spoken("Pers.-Nr.") == spoken("pers number")
    True
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[\W_]+", " ", heading.replace("#", " no ")).casefold().split()
    return "".join("no" if word in NUMBERED and len(words) > 1 else word for word in words)


def _guess(export: Export, header: Sequence[str]) -> Guess:
    allowed = {spoken(name): name for name in reversed(header) if not why_forbidden(name, export.name)}
    columns = {}
    for column in export.columns:
        known = [spoken(each) for each in _known(export.name).get(column.name, ())]
        if (name := next((each for each in known if each in allowed), None)) is not None:
            columns[column.name] = allowed[name]
    return Guess(export, columns)


@cache
def _known(export: str) -> Mapping[str, Sequence[str]]:
    """The headings of each canonical column of an export, the likeliest first."""
    text = files("pipelines").joinpath("proposing", "headings.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    return {**document["any"], **document.get(export, {})}


def shared_words(sample: Sample, heading: str, person: str | None) -> tuple[list[str], int]:
    """The words of a column that enough people share, the commonest first, and how many others there are.

    Without a heading of people's ids none is known to be shared.
    """
    place = sample.header.index(heading)
    who = sample.header.index(person) if person else None
    people: dict[str, set[str]] = defaultdict(set)
    for _, cells in sample.rows:
        if cells[place]:
            people[cells[place]].add(cells[who] if who is not None else "")
    common = sorted((word for word in people if len(people[word]) >= FEWEST), key=lambda w: -len(people[w]))
    return common, len(people) - len(common)


def person_heading(header: Sequence[str]) -> str | None:
    """The heading of people's ids, if there is one that is known."""
    return _guess(EXPORTS["absences"], [name for name in header if name]).person


def day_heading(header: Sequence[str]) -> str | None:
    """The heading that says as of which day a row is, if there is one."""
    known = {spoken(each) for each in AS_OF}
    return next((name for name in header if spoken(name) in known), None)


def state_column(sample: Sample) -> str | None:
    """The column that says whether a request was approved, if there is one."""
    return next((name for name in sample.header if plain(name) in STATES), None)
