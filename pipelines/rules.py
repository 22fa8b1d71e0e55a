"""Rows that may be wrong: each rule declared once, with what a mapping can choose to do about such rows.

Code, documentation and report derive from :data:`DOUBTS`. Each rule looks at one person's rows and at public
tables alone, whatever is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from pipelines.exports import (
    ABSENCES,
    CASELOAD,
    EXPORTS,
    EXPOSURE,
    PERSON_ID,
    SEPARATIONS,
    STAFF,
    UNIT_ID,
    Export,
)
from privacy.errors import BadExport


class Choice(Enum):
    """What is done about a doubtful row; kept and cut rows count, and the report tells how many."""

    SET_ASIDE = "set-aside"
    CUT = "cut"
    KEEP = "keep"


@dataclass(frozen=True)
class Failure:
    """What is wrong with a row: the rule, the column it concerns, and a reason without any value."""

    rule: str
    column: str
    reason: str


@dataclass(frozen=True)
class Doubt:
    """One rule: the rows it doubts and what each choice does; set aside is possible always, and the default.

    ``broken`` is the SQL condition of a single row, and ``replaced`` the SQL by which a cut row's columns are
    replaced (``{first_day}`` is the first day that the export covers). Where a person's rows decide together,
    ``found_by`` names the statement that finds those in doubt.
    """

    failure: Failure
    exports: tuple[str, ...]
    outcomes: Mapping[Choice, str]
    broken: str = ""
    found_by: str = ""
    replaced: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if Choice.SET_ASIDE in self.outcomes:
            raise ValueError(f"{self.name}: setting aside needs no outcome of its own")
        if bool(self.broken) == bool(self.found_by):
            raise ValueError(f"{self.name}: either a row decides or a person's rows do")
        if self.broken and (Choice.CUT in self.outcomes) != bool(self.replaced):
            raise ValueError(f"{self.name}: a cut and what it replaces go together")

    @property
    def name(self) -> str:
        return self.failure.rule

    @property
    def choices(self) -> tuple[Choice, ...]:
        return (Choice.SET_ASIDE, *self.outcomes)


_SPELLS = (STAFF.name, ABSENCES.name)
HOURS_A_WEEK = 80
NO_START, END_BEFORE_START = "no-start", "end-before-start"

DOUBTS = (
    Doubt(
        Failure(NO_START, "start_date", "the spell has no first day"),
        _SPELLS,
        {Choice.CUT: "it begins on the first day that the export covers, or on its last if that is earlier"},
        broken="start_date_text = ''",
        replaced={"start_date": "least(date '{first_day}', end_date)"},
    ),
    Doubt(
        Failure(END_BEFORE_START, "end_date", "the last day lies before the first day"),
        _SPELLS,
        {Choice.CUT: "it counts on its first day alone"},
        broken="end_date < start_date",
        replaced={"end_date": "start_date"},
    ),
    Doubt(
        Failure("unknown-unit", UNIT_ID, "the unit is not in the organisation register"),
        (STAFF.name,),
        {Choice.KEEP: "it stays; the person counts in the whole organisation alone"},
        broken="unit_id not in (from known_unit)",
    ),
    Doubt(
        Failure("duplicate", "", "repeats an earlier row of the same person in all that is read"),
        tuple(EXPORTS),
        {Choice.KEEP: "each counts, hours and all"},
        found_by="ingest_duplicates",
    ),
    Doubt(
        Failure("unknown-person", PERSON_ID, "no accepted row of the staff export has this person"),
        (SEPARATIONS.name, ABSENCES.name, CASELOAD.name, EXPOSURE.name),
        {Choice.KEEP: "it stays; nothing is measured of it until a roster has the person"},
        found_by="ingest_unknown_people",
    ),
    Doubt(
        Failure("overlap", "start_date", "overlaps an earlier spell of the same person"),
        _SPELLS,
        {
            Choice.CUT: "it begins after the earlier spell, with its share of the hours; set aside where "
            "no day is left",
            Choice.KEEP: "both count, hours and all",
        },
        found_by="ingest_overlaps",
    ),
    Doubt(
        Failure(
            "contradiction",
            "weekly_hours",
            f"contracts of one id at one time are of more than {HOURS_A_WEEK} hours a week together, as if "
            "two people had it",
        ),
        (STAFF.name,),
        {Choice.KEEP: "all of them count, hours and all"},
        found_by="ingest_contradicting_hours",
    ),
    Doubt(
        Failure("contradiction", "date", "rows of one id and day differ, as if two people had it"),
        (SEPARATIONS.name, CASELOAD.name),
        {Choice.KEEP: "they stay; the last census counts, and one leaving"},
        found_by="ingest_contradicting_days",
    ),
)


def doubts_of(export: Export) -> tuple[Doubt, ...]:
    """The rules of an export, in the order in which they are applied."""
    return tuple(doubt for doubt in DOUBTS if export.name in doubt.exports)


def read_choices(export: Export, table: Mapping[str, object], where: str) -> Mapping[str, Choice]:
    """The choices that a mapping makes, by rule; those that are the default are left out.

    Raises:
        BadExport: the export has no such rule, or the rule no such choice.
    """
    doubts = {doubt.name: doubt for doubt in doubts_of(export)}
    for name, chosen in table.items():
        if name not in doubts:
            known = f"it has {', '.join(doubts)}" if doubts else "it has none"
            raise BadExport(f"{where} names the rule '{name}', which {export.name} does not have; {known}.")
        possible = [choice.value for choice in doubts[name].choices]
        if chosen not in possible:
            raise BadExport(f"{where}: '{name}' can be {' or '.join(possible)}; choose one of them.")
    chosen_ones = {name: Choice(chosen) for name, chosen in table.items()}
    return {name: choice for name, choice in chosen_ones.items() if choice is not Choice.SET_ASIDE}


def choices_table() -> str:
    """Every rule with its choices, as the table in ``docs/mappings.md``."""
    lines = ["| rule | of | a row is doubtful where | choices beside `set-aside` |", "|---|---|---|---|"]
    for doubt in DOUBTS:
        other = "; ".join(f"`{choice.value}`: {outcome}" for choice, outcome in doubt.outcomes.items())
        lines.append(f"| `{doubt.name}` | {', '.join(doubt.exports)} | {doubt.failure.reason} | {other} |")
    return "\n".join(lines)
