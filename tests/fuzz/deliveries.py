"""What HR hands over: two files of each export, how they are to be read, and how that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from pipelines.exports import EXPORTS
from pipelines.rules import doubts_of

ONE_PERSON = frozenset({"p", "p2"})
"""The ids of the one person whose records one world lacks."""
ANCHOR = "r"
"""Has a row in each file that is never touched, so that no file is empty without the one person."""
IDS = ("p", "p", "p", "p2", "q", "q", "q", ANCHOR, "s")
MONTHS = ("2023-11", "2025-12", "2026-01", "2026-02", "2026-03")
DAYS = tuple(f"{month}-{day:02d}" for month in MONTHS for day in (1, 2, 5, 15, 28))
SNAPSHOTS = ("2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31")
REGISTERS = (frozenset({"U1", "U2"}), frozenset({"U1", "U2", "U9"}), frozenset({"U1"}))
COVERS = (("2026-01", "2026-03"), ("2025-12", "2026-03"), ("2026-02", "2026-03"))
COLUMNS = {
    "staff": {
        "person_id": "Id",
        "unit_id": "Unit",
        "role": "Job",
        "start_date": "From",
        "end_date": "To",
        "weekly_hours": "Hours",
    },
    "separations": {"person_id": "Id", "date": "Day", "reason": "Why"},
    "absences": {"person_id": "Id", "start_date": "From", "end_date": "To", "hours": "Lost"},
    "caseload": {"person_id": "Id", "date": "Census", "open_cases": "Open", "trauma_cases": "Trauma"},
    "exposure": {"person_id": "Id", "date": "Week", "direct_hours": "Direct"},
}
CONSTANTS = {
    "staff": {"is_supervisor": "false"},
    "absences": {"kind": "sickness"},
    "exposure": {"indirect_hours": "0", "critical_incidents": "0"},
}
STEADY = {
    "staff": ["U1", "worker", "2024-01-01", "", "37.5"],
    "separations": ["2024-01-01", "voluntary"],
    "absences": ["2024-01-01", "2024-01-02", "8"],
    "caseload": ["2024-01-01", "3", "1"],
    "exposure": ["2024-01-01", "3"],
}
FILES = tuple(f"{export} {number}.csv" for export in COLUMNS for number in (1, 2))


@dataclass(frozen=True)
class Row:
    """A line of a file and the id of the person of whom it is."""

    person: str
    cells: tuple[str, ...]

    @property
    def text(self) -> str:
        return ",".join((self.person, *self.cells))


@dataclass(frozen=True)
class Delivery:
    """The files, and all that is declared of them; the anchor's own rows come on top of ``rows``."""

    has_snapshots: bool
    hours_are_days: bool
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=lambda: dict.fromkeys(FILES, ()))
    absent: frozenset[str] = frozenset()
    rules: Mapping[tuple[str, str], str] = field(default_factory=dict)
    distinct: frozenset[str] = frozenset()
    units: frozenset[str] = REGISTERS[0]
    covers: tuple[str, str] = COVERS[0]

    def text(self, file: str, without: frozenset[str]) -> str:
        """A file's text, but for the rows of some ids."""
        export = export_of(file)
        header = ",".join([*COLUMNS[export].values(), *(["As of"] if self._is_snapshot(export) else [])])
        rows = [*self.steady_rows(export, ANCHOR), *self.rows[file]]
        return "\n".join([header, *(row.text for row in rows if row.person not in without)]) + "\n"

    @property
    def mapping(self) -> str:
        return "\n".join(line for export in COLUMNS for line in self._mapping(export))

    @property
    def manifest(self) -> str:
        first, last = self.covers
        return "[covers]\n" + "".join(f'{export} = ["{first}", "{last}"]\n' for export in COLUMNS)

    def steady_rows(self, export: str, person: str) -> tuple[Row, ...]:
        """Rows with which nothing is wrong."""
        days = [[day] for day in SNAPSHOTS] if self._is_snapshot(export) else [[]]
        return tuple(Row(person, (*STEADY[export], *day)) for day in days)

    def drawn_row(self, export: str, person: str, dice: Random) -> Row:
        """A row as it may be in a file of an export; some are wrong."""
        day = [dice.choice(SNAPSHOTS)] if self._is_snapshot(export) else []
        return Row(person, (*drawn_cells(export, dice), *day))

    def _is_snapshot(self, export: str) -> bool:
        return self.has_snapshots and export == "staff"

    def _mapping(self, export: str) -> list[str]:
        rules = {rule: choice for (of, rule), choice in self.rules.items() if of == export}
        lines = [
            f"[exports.{export}]",
            f'file = "{export} *.csv"',
            f"columns = {_as_toml(COLUMNS[export])}",
            f"constants = {_as_toml(CONSTANTS.get(export, {}))}",
            f"rules = {_as_toml(rules)}",
            f"distinct = {str(export in self.distinct).lower()}",
        ]
        if self._is_snapshot(export):
            lines += ['shape = "snapshot"', 'snapshot_date = "As of"', f"snapshots = {list(SNAPSHOTS)}"]
        if export == "absences" and self.hours_are_days:
            lines += ['hours_a_day = "contract"']
        return [*lines, 'grain = "week"', 'week_date = "end"'] if export == "exposure" else lines


def _as_toml(words: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f'{name} = "{word}"' for name, word in words.items()) + " }"


def export_of(file: str) -> str:
    return file.split()[0]


def drawn_cells(export: str, dice: Random) -> list[str]:
    """The cells of a row but for the person's id."""
    first, last = sorted(dice.choices(DAYS, k=2), reverse=dice.random() < 0.1)
    start = dice.choice((first,) * 7 + ("",))
    if export == "staff":
        unit, hours = (
            dice.choice(("U1", "U1", "U2", "U2", "U9")),
            dice.choice(("37.5", "20", "20", "41", "0")),
        )
        return [unit, "worker", start, dice.choice((last, "")), hours]
    if export == "separations":
        return [first, dice.choice(("voluntary", "other"))]
    if export == "absences":
        return [start, last, dice.choice(("8", "16", "7.25", "7.5", "999999", "x"))]
    if export == "caseload":
        return [first, dice.choice(("3", "9", "15")), dice.choice(("1", "3", "20"))]
    return [first, dice.choice(("3", "20.5", "180"))]


def first_delivery(dice: Random) -> Delivery:
    """Everybody is employed; beside that, a few dozen rows of any kind."""
    delivery = Delivery(has_snapshots=dice.random() < 0.35, hours_are_days=dice.random() < 0.3)
    roster = tuple(row for person in ("p", "q", "s") for row in delivery.steady_rows("staff", person))
    delivery = replace(delivery, rows={**delivery.rows, FILES[0]: roster})
    for _ in range(dice.randint(15, 40)):
        delivery, _ = one_row(delivery, dice)
    return delivery


Changed = tuple[Delivery, str]
"""Another delivery, and in words what is new about it."""


def one_row(delivery: Delivery, dice: Random) -> Changed:
    """A person's row in one file comes, comes twice, is corrected or goes."""
    file, person = dice.choice(FILES), dice.choice(IDS)
    rows, fresh = list(delivery.rows[file]), delivery.drawn_row(export_of(file), person, dice)
    theirs = [place for place, row in enumerate(rows) if row.person == person]
    what = dice.choices(("comes", "comes twice", "is corrected", "goes"), (40, 15, 25, 20))[0]
    if what == "goes" and theirs:
        del rows[dice.choice(theirs)]
    elif what == "is corrected" and theirs:
        rows[dice.choice(theirs)] = fresh
    else:
        for _ in range(2 if what == "comes twice" else 1):
            rows.insert(dice.randint(0, len(rows)), fresh)
    return replace(delivery, rows={**delivery.rows, file: tuple(rows)}), f"a row of {person} in {file}"


def several_rows(delivery: Delivery, dice: Random) -> Changed:
    told = []
    for _ in range(dice.randint(2, 5)):
        delivery, change = one_row(delivery, dice)
        told.append(change)
    return delivery, ", ".join(told)


def a_file_gone_or_back(delivery: Delivery, dice: Random) -> Changed:
    """One file of an export may be absent, but no snapshot."""
    file = dice.choice(FILES)
    if file in delivery.absent:
        return replace(delivery, absent=delivery.absent - {file}), f"{file} back"
    gone = {export_of(each) for each in delivery.absent} | ({"staff"} if delivery.has_snapshots else set())
    if export_of(file) in gone:
        return delivery, "nothing new"
    return replace(delivery, absent=delivery.absent | {file}), f"{file} gone"


def a_choice(delivery: Delivery, dice: Random) -> Changed:
    """What is done about rows that one rule doubts."""
    export = dice.choice(list(COLUMNS))
    doubt = dice.choice(doubts_of(EXPORTS[export]))
    choice = dice.choice(doubt.choices).value
    return replace(delivery, rules={**delivery.rules, (export, doubt.name): choice}), (
        f"{export}: {doubt.name} {choice}"
    )


def equal_rows_counted_otherwise(delivery: Delivery, dice: Random) -> Changed:
    export = dice.choice(list(COLUMNS))
    return replace(delivery, distinct=delivery.distinct ^ {export}), f"{export}: distinct or not"


def a_register(delivery: Delivery, dice: Random) -> Changed:
    units = dice.choice(REGISTERS)
    return replace(delivery, units=units), f"units {' '.join(sorted(units))}"


def a_coverage(delivery: Delivery, dice: Random) -> Changed:
    covers = dice.choice(COVERS)
    return replace(delivery, covers=covers), f"covers {' to '.join(covers)}"


def nothing(delivery: Delivery, dice: Random) -> Changed:
    return delivery, "nothing new"


CHANGES: Mapping[Callable[[Delivery, Random], Changed], float] = {
    one_row: 4,
    several_rows: 3,
    a_file_gone_or_back: 2,
    a_choice: 2,
    nothing: 2,
    a_register: 1,
    equal_rows_counted_otherwise: 0.7,
    a_coverage: 0.5,
}
"""Each with how often it is among what happens."""
