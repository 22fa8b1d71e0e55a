"""A proposed mapping as commented TOML, what is unsure on top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pipelines.exports import STAFF, Column, Kind
from pipelines.proposing import forms
from pipelines.proposing.amount_units import unit_lines
from pipelines.proposing.columns import (
    APPROVED,
    FEWEST,
    Guess,
    day_heading,
    guesses,
    shared_words,
    state_column,
)
from pipelines.proposing.forms import Form
from pipelines.proposing.sample import Sample
from pipelines.proposing.written import container_lines, plain_text, quoted
from privacy.errors import BadExport

MOST_WORDS = 30
YES_OR_NO = {"y": "true", "yes": "true", "1": "true", "ja": "true", "n": "false", "no": "false", "0": "false"}


@dataclass
class Proposal:
    """The lines of one ``[exports.NAME]``, and questions that somebody must answer."""

    sample: Sample
    guess: Guess
    questions: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.guess.export.name

    @property
    def person(self) -> str | None:
        return self.guess.person

    @cached_property
    def text(self) -> str:
        body = "\n".join(self._lines())
        asked = [f"# {n}. {plain_text(question)}" for n, question in enumerate(self.questions, start=1)]
        title = f"# Proposed for {plain_text(self.sample.file)} as '{self.name}'; read it, then add it."
        decide = "To decide (each place is marked 'decide'):" if asked else "Nothing is left to decide."
        return "\n".join([title, f"# {decide}", *asked, "", body, ""])

    def _lines(self) -> Iterator[str]:
        yield f"[exports.{self.name}]"
        yield f'file = {quoted(self.sample.file)}  # or a pattern, such as "Absence*.csv", for files to come'
        yield from self._shape()
        yield from container_lines(self.sample.beginning, self.questions)
        if self.sample.header_line > 1:
            yield f"header_line = {self.sample.header_line}  # lines before it are titles"
        yield from self._forms()
        if self.guess.export.grains:
            self.questions.append("Is a row a day, a week or a month?")
            yield '# grain = "month"  # decide: "day", "week" (then week_date = "start" or "end"), "month"'
        yield from self._columns()
        for column in self.guess.export.columns:
            if column.kind in (Kind.CHOICE, Kind.FLAG) and column.name in self.guess.columns:
                yield from self._values(column, self.guess.columns[column.name])
        yield from self._states()
        yield from self._never_read()

    @cached_property
    def _as_of(self) -> str | None:
        """The heading that says as of which day a roster's row is, if it is one of snapshots."""
        return day_heading(self.sample.header) if self.guess.export is STAFF else None

    def _shape(self) -> Iterator[str]:
        if self._as_of is not None:
            self.questions.append("Of which days are the snapshots? Name each, whoever is in the file.")
            yield 'shape = "snapshot"  # a column says as of which day each row is'
            yield f"snapshot_date = {quoted(self._as_of)}"
            yield '# snapshots = ["2025-12-31"]  # decide: all days that count'
        elif self.guess.export is STAFF and not set(STAFF.spell) & set(self.guess.columns):
            self.questions.append("Does it say who is there as of a day, not from when to when?")
            yield '# shape = "snapshot"  # decide: then no start_date is needed'
            yield f'# snapshots = {{ {quoted(self.sample.file)} = "2025-12-31" }}  # decide: of each file'

    def _cells(self, *kinds: Kind, unit: str = "") -> list[list[tuple[int, str]]]:
        return [
            self.sample.column(self.guess.columns[column.name])
            for column in self.guess.export.columns
            if column.name in self.guess.columns and column.kind in kinds and unit in ("", column.unit)
        ]

    def _forms(self) -> Iterator[str]:
        dates, hours = self._cells(Kind.DATE), self._cells(Kind.DECIMAL, unit="hours")
        if any(dates):
            yield from self._date_line(forms.date_form(dates))
        elif not dates:
            self.questions.append("How are dates written? Their headings come first; then look again.")
            yield '# date_format = "%d/%m/%Y"  # decide: it depends on the headings of dates below'
        if years := forms.open_years(dates):
            yield f"open_years = {years}  # a date in such a year means that there is none"
        if clock := next((form for cells in hours if (form := forms.hours_form(cells))), None):
            yield f'hours_format = "hh:mm"  # {clock.why}'
        elif any(hours):
            yield from self._mark_line(forms.decimal_mark(hours))
        if self.guess.export.spread in self.guess.columns:
            yield from unit_lines(self.sample, self.person, self.questions)
        if self.person and forms.is_numbered(self.sample.column(self.person)):
            yield 'id_format = "number"  # ids are numbers, some with leading zeros or .0: 0016 is 16'

    def _date_line(self, form: Form | None) -> Iterator[str]:
        if form is None:
            self.questions.append("How are dates written? No known form fits those of this file.")
            yield '# date_format = "%d/%m/%Y"  # decide: no form that is known fits'
        elif form.others:
            self.questions.append(f"Is a date {form.text} or {' or '.join(form.others)}? Nothing tells.")
            yield f"# date_format = {quoted(form.text)}  # decide, or {', '.join(form.others)}: {form.why}"
        else:
            yield f"date_format = {quoted(form.text)}  # {form.why}"

    def _mark_line(self, mark: Form) -> Iterator[str]:
        if mark.others:
            self.questions.append("Is the decimal mark a comma or a point? Both occur.")
            yield f"# decimal_mark = {quoted(mark.text)}  # decide: {mark.why}"
        elif mark.text != ".":
            yield f"decimal_mark = {quoted(mark.text)}  # {mark.why}"

    def _columns(self) -> Iterator[str]:
        yield ""
        yield f"[exports.{self.name}.columns]"
        for column in self.guess.export.columns:
            if column.name in self.guess.columns:
                yield f"{column.name} = {quoted(self.guess.columns[column.name])}"
            elif self._as_of is not None and column.name in STAFF.spell:
                continue
            elif not column.nullable:
                self.questions.append(f"Which heading holds {column.name}? {column.meaning}")
                yield f'# {column.name} = ""  # decide: a heading, or one value for all under .constants'
            elif self.guess.export is STAFF and column.name == STAFF.spell[1]:
                self.questions.append("Which heading holds end_date? Without it nobody ever leaves a post.")
                yield f'# {column.name} = ""  # decide: a heading; without it nobody ever leaves a post'

    def _values(self, column: Column, heading: str) -> Iterator[str]:
        words, others = shared_words(self.sample, heading, self.person)
        known = column.choices or ("true", "false")
        yield ""
        yield f"[exports.{self.name}.values.{column.name}]  # each to one of: {', '.join(known)}"
        for word in words[:MOST_WORDS]:
            meant = YES_OR_NO.get(word.casefold(), word.casefold())
            if meant not in known:
                self.questions.append(f"What does the word {quoted(word)} of '{heading}' mean?")
                yield f'# {quoted(word)} = ""  # decide'
            elif word != meant:
                yield f'{quoted(word)} = "{meant}"'
        if others:
            yield f"# {others} further words, each of fewer than {FEWEST} people, are not shown"

    def _states(self) -> Iterator[str]:
        """Which requests count, where a column says what became of them."""
        heading = state_column(self.sample)
        words = shared_words(self.sample, heading, self.person)[0] if heading else []
        if heading and (kept := [word for word in words if word.casefold() in APPROVED]):
            self.questions.append(f"Which words of '{heading}' count? Others are left out.")
            yield ""
            yield f"[exports.{self.name}.keep]  # decide: {plain_text(', '.join(words[:MOST_WORDS]))}"
            yield f"{quoted(heading)} = [{', '.join(map(quoted, kept))}]"

    def _never_read(self) -> Iterator[str]:
        if self.sample.refused:
            yield ""
            yield "# Never read, and not looked at:"
        for heading, found in self.sample.refused:
            yield f"#   {plain_text(heading)}: looks like {found.what}; {found.reason}"


def propose(sample: Sample, export: str | None) -> Proposal:
    """The proposal for a file.

    Raises:
        BadExport: the file feeds no export that could be told, or not the one that was named.
    """
    found = [g for g in guesses(sample.header) if g.export.name == export or (not export and g.person)]
    if not found:
        raise BadExport(
            f"{sample.file} has no heading that is known to be of a person's id; say what it is an export "
            "of, --export NAME, and the rest is proposed."
        )
    return Proposal(sample, found[0])


def summary(proposal: Proposal, others: Sequence[Guess]) -> str:
    """One line on what was written, and which exports the file could feed as well."""
    also = [guess.export.name for guess in others if guess.share == 1 and guess.export.name != proposal.name]
    more = f" It may feed {', '.join(also)} as well: --export NAME." if also else ""
    return f"{proposal.sample.file}: {proposal.name}, {len(proposal.questions)} to decide.{more}"
