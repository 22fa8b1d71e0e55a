"""A mapping proposed for a grid: a file with a row a person and a column a day."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from pipelines.day_headings import DAY_NUMBER, WEEKDAY
from pipelines.exports import ABSENCES, PERSON_ID
from pipelines.grid import CELL
from pipelines.layout import Numbered
from pipelines.proposing.beginning import TITLES, Beginning
from pipelines.proposing.columns import FEWEST, person_heading
from pipelines.proposing.written import container_lines, plain_text, quoted

FEWEST_DAYS = 20
FEWEST_INITIALS = 5  # M T W T F S S
_YEAR = re.compile(r"(?<![0-9])(19|20)[0-9]{2}(?![0-9])")
_AMOUNT = re.compile(r"[0-9]{1,2}([.,][0-9]{1,2})?")


@dataclass
class CalendarProposal:
    """The lines of ``[exports.absences]`` for a grid, and questions that somebody must answer.

    ``header_line`` is that of the days, ``months`` the cells above them where those name months,
    ``weekdays`` the cells below them where those name weekdays.
    """

    file: str
    beginning: Beginning
    header_line: int
    days: Sequence[str]
    months: Sequence[str] | None
    weekdays: Sequence[str] | None
    rows: Sequence[Numbered]
    questions: list[str] = field(default_factory=list)

    name = ABSENCES.name

    @cached_property
    def text(self) -> str:
        body = "\n".join(self._lines())
        asked = [f"# {n}. {question}" for n, question in enumerate(self.questions, start=1)]
        title = f"# Proposed for {plain_text(self.file)} as '{self.name}'; read it, then add it."
        shape = "# It is a grid: a row a person and a column a day, each filled cell of which is a row."
        return "\n".join([title, shape, "# To decide (each place is marked 'decide'):", *asked, "", body, ""])

    @property
    def _places(self) -> list[int]:
        return [place for place, cell in enumerate(self.days) if DAY_NUMBER.fullmatch(cell)]

    def _lines(self) -> Iterator[str]:
        yield f"[exports.{self.name}]"
        yield f"file = {quoted(self.file)}  # or a pattern for files to come"
        yield 'shape = "grid"  # a row a person and a column a day'
        yield from container_lines(self.beginning, self.questions)
        yield from self._header()
        yield from self._columns()

    def _header(self) -> Iterator[str]:
        first = self.header_line - 1 if self.months else self.header_line
        if first > 1:
            yield f"header_line = {first}  # lines before it are titles"
        lines = {"months": self.months, "days": self.days, "weekdays": self.weekdays}
        if len(said := [name for name, cells in lines.items() if cells]) > 1:
            yield f"header_lines = {len(said)}  # {', '.join(said)}, each below the one before"
        if not any(_YEAR.search(cell) for cell in self.months or ()):
            self.questions.append("Of which year or month are the days? Their headings do not say.")
            yield '# period = "2026"  # decide: a year, a month "2026-02", or a year\'s end "2026-03/P12M"'

    def _columns(self) -> Iterator[str]:
        lines = [line for line in (self.months, self.days, self.weekdays) if line]
        headings = [" / ".join(filter(None, parts)) for parts in zip(*lines, strict=True)]
        person = person_heading(headings)
        yield ""
        yield f"[exports.{self.name}.columns]"
        if person is None:
            self.questions.append("Which heading holds person_id?")
            yield f'# {PERSON_ID} = ""  # decide: a heading'
        else:
            yield f"{PERSON_ID} = {quoted(person)}"
        codes, are_amounts = self._codes(headings.index(person) if person else None)
        filled, constant = ("hours", "kind") if are_amounts else ("kind", "hours")
        example = "sickness" if are_amounts else "7.5"
        self.questions.append(f"Which {constant} has each filled cell?")
        yield f'{filled} = "{CELL}"'
        yield ""
        yield f"[exports.{self.name}.constants]"
        yield f'# {constant} = "{example}"  # decide'
        if not are_amounts:
            self.questions.append("What does each code mean? Those that are no absence go under skip.")
            kinds = ", ".join(ABSENCES.column("kind").choices)
            yield ""
            yield f"[exports.{self.name}.values.kind]  # each to one of: {kinds}"
            yield from (f'# {quoted(code)} = ""  # decide' for code in codes)

    def _codes(self, who: int | None) -> tuple[list[str], bool]:
        """The codes that enough people share, and whether most cells are amounts instead."""
        people: dict[str, set[str]] = defaultdict(set)
        for _, cells in self.rows:
            for place in self._places:
                if cell := cells[place].strip():
                    people[cell].add(cells[who] if who is not None else "")
        amounts = sum(1 for code in people if _AMOUNT.fullmatch(code))
        shared = sorted(code for code in people if len(people[code]) >= FEWEST)
        return shared, 2 * amounts > len(people)


def _are_days(cells: Sequence[str]) -> bool:
    """Whether most of many cells are each a day later than the one before, as they are in no line of data."""
    days = [int(found[1]) for cell in cells if (found := DAY_NUMBER.fullmatch(cell))]
    steps = sum(1 for one, other in pairwise(days) if other == one + 1)
    return len(days) >= FEWEST_DAYS and 10 * steps >= 9 * (len(days) - 1)


def _are_weekdays(cells: Sequence[str], days: Sequence[str]) -> bool:
    """Whether the cells below days are the words of weekdays over and over, as no codes of people are."""
    below = [cell for cell, day in zip(cells, days, strict=False) if DAY_NUMBER.fullmatch(day) and cell]
    is_word = all(WEEKDAY.fullmatch(cell) for cell in below)
    return is_word and len(set(below)) >= FEWEST_INITIALS and below[7:] == below[:-7]


def calendar_in(file: str, beginning: Beginning) -> CalendarProposal | None:
    """The proposal for a file in which a line of days is among the first ones; None for any other."""
    rows = beginning.rows
    for place, (number, cells) in enumerate(rows[:TITLES]):
        days = [cell.strip().removesuffix(".0") for cell in cells]
        if not _are_days(days):
            continue
        above = [cell.strip() for cell in rows[place - 1][1]] if place else []
        months = above if len(above) == len(days) and rows[place - 1][0] == number - 1 else None
        body = [row for row in rows[place + 1 :] if len(row[1]) == len(days)]
        below = [cell.strip() for cell in body[0][1]] if body else []
        weekdays = below if _are_weekdays(below, days) else None
        return CalendarProposal(
            file, beginning, number, days, months, weekdays, body[1:] if weekdays else body
        )
    return None
