"""The mapping: how each export's file, headings and words become the canonical ones."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from pipelines.coverage import Covers
from pipelines.dateformat import DateFormat
from pipelines.day_amounts import AMOUNT_UNIT, DayAmounts
from pipelines.day_amounts import KEYS as DAY_AMOUNTS
from pipelines.exports import EXPORTS, GRID, PERSON_ID, ROWS, SNAPSHOT, STAFF, Export
from pipelines.grid import DAY, Grid
from pipelines.layout import Layout
from pipelines.pseudonyms import AS_NUMBER, AS_TEXT
from pipelines.rules import Choice, read_choices
from pipelines.snapshots import Snapshots
from pipelines.words import Words, as_table, check_allowed, read_row_rule, read_values
from privacy.errors import BadExport

ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "iso-8859-1", "iso-8859-15", "utf-16")
TABLES = ("columns", "constants", "values", "skip", "keep", "rules")
TEXTS = (
    "file", "member", "encoding", "delimiter", "date_format", "decimal_mark", "hours_format", "id_format",
    "grain", "week_date", "shape", "snapshot_date",
)  # fmt: skip
OTHERS = (
    "sheet", "covers", "distinct", "header_line", "header_lines", "totals", "open_years", "snapshots",
    "period", "line_breaks", *DAY_AMOUNTS,
)  # fmt: skip
DECIMAL, CLOCK = "decimal", "hh:mm"


@dataclass(frozen=True)
class ExportMapping:
    """How one export is read.

    ``sheet`` holds names or patterns of sheets, none for the first one of a workbook.
    ``member`` is the name or pattern of the file in an archive, None where it holds only one.
    ``columns`` and ``skip`` name headings of the file, ``constants`` and the outer keys of
    ``values`` canonical columns. ``grain`` and ``week_date`` are None where they mean nothing. A row counts
    where no cell is among those of ``skip`` and each is among those of ``keep``. A date in one of
    ``open_years`` means that there is none. ``rules`` holds the choices that are not the default. ``in_days``
    is None where all amounts are in hours.
    """

    export: Export
    file: str
    sheet: tuple[str, ...]
    encoding: str
    delimiter: str | None
    date_format: DateFormat
    decimal_mark: str
    grain: str | None
    week_date: str | None
    distinct: bool
    covers: Covers | None
    columns: Words
    constants: Words
    values: Mapping[str, Words]
    skip: Mapping[str, frozenset[str]]
    keep: Mapping[str, frozenset[str]] = field(default_factory=dict)
    layout: Layout = field(default_factory=Layout)
    hours_format: str = DECIMAL
    id_format: str = AS_TEXT
    open_years: frozenset[int] = frozenset()
    member: str | None = None
    rules: Mapping[str, Choice] = field(default_factory=dict)
    snapshots: Snapshots | None = None
    grid: Grid | None = None
    in_days: DayAmounts | None = None

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading that is read, each once: those of columns, then those that decide on rows."""
        return tuple(dict.fromkeys([*self.columns.values(), *self.skip, *self.keep, *self.beside.values()]))

    @property
    def beside(self) -> Words:
        """What is staged of a row beside the export's columns, each with its heading."""
        found = {SNAPSHOT: self.snapshots.heading} if self.snapshots else {}
        unit = self.in_days.heading if self.in_days else None
        return found if unit is None else {**found, AMOUNT_UNIT: unit}

    @property
    def may_have_several_sheets(self) -> bool:
        """Whether the rows of a workbook come sheet by sheet, each below a row 0 with its name."""
        return len(self.sheet) > 1 or any(sign in name for name in self.sheet for sign in "*?[")

    @property
    def fingerprint(self) -> str:
        """Hash of all that decides how a file is read; coverage is apart."""
        parts = [(each.name, getattr(self, each.name)) for each in fields(self) if each.name != "covers"]
        text = repr([(name, _plain(value)) for name, value in parts])
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Export):
        return value.name
    if isinstance(value, Mapping):
        return sorted((key, _plain(inner)) for key, inner in value.items())
    return sorted(value) if isinstance(value, frozenset) else value


def read_mapping(path: Path) -> tuple[ExportMapping, ...]:
    """Read and check a mapping file; one entry per export in the order they are loaded, staff first.

    Raises:
        BadExport: the file is missing or no TOML, names something unknown or forbidden, or lacks a
            column that the export needs.
    """
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise BadExport(f"There is no mapping at {path.name}; make one with 'leeward init'.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = f" ({error})" if isinstance(error, tomllib.TOMLDecodeError) else ""
        raise BadExport(f"{path.name} is not TOML in UTF-8{where}; correct it and try again.") from None
    exports = document.pop("exports", None)
    if document or not isinstance(exports, dict):
        raise BadExport(f"{path.name} must hold tables [exports.NAME] and nothing else.")
    if unknown := sorted(set(exports) - set(EXPORTS)):
        raise BadExport(
            f"{path.name} names the unknown export '{unknown[0]}'; the known ones are {', '.join(EXPORTS)}."
        )
    if STAFF.name not in exports:
        raise BadExport(f"{path.name} lacks [exports.staff]: without a roster no other rows can count.")
    present = [export for name, export in EXPORTS.items() if name in exports]
    return tuple(_Entry(path.name, export, exports[export.name]).read() for export in present)


class _Entry:
    """One ``[exports.NAME]`` table while it is checked."""

    def __init__(self, file: str, export: Export, table: object) -> None:
        self.export = export
        self.where = f"{file} [exports.{export.name}]"
        self.table: dict[str, object] = dict(as_table(table, self.where))
        self.texts = {key: self._text(key) for key in TEXTS if key in self.table}

    def read(self) -> ExportMapping:
        if unknown := sorted(set(self.table) - {*TEXTS, *TABLES, *OTHERS}):
            raise BadExport(f"{self.where} has the unknown key '{unknown[0]}'; correct its spelling.")
        shape = self._choice("shape", (ROWS, *self.export.shapes), ROWS)
        columns, constants = self._words("columns"), self._words("constants")
        if shape == GRID:
            columns = {**columns, **{name: DAY for name in self.export.spell if name not in columns}}
        self._check_columns(columns, constants)
        mark = self._choice("decimal_mark", (".", ","), ".")
        return ExportMapping(
            export=self.export,
            file=self._file(),
            member=self._member(),
            sheet=self._sheet(),
            encoding=self._choice("encoding", ENCODINGS, "utf-8"),
            delimiter=self._delimiter(),
            date_format=DateFormat.parse(self.texts.get("date_format", "%Y-%m-%d"), self.where),
            decimal_mark=mark,
            distinct=self._distinct(),
            covers=Covers.parse(self.table["covers"], self.where) if "covers" in self.table else None,
            columns=columns,
            constants=constants,
            values=read_values(
                self.export, columns, self._table("values"), self.where, mark if shape == GRID else None
            ),
            skip=read_row_rule(self.export, self._table("skip"), f"{self.where} skip"),
            keep=read_row_rule(self.export, self._table("keep"), f"{self.where} keep"),
            layout=Layout.parse(self.table, self.where),
            hours_format=self._choice("hours_format", (DECIMAL, CLOCK), DECIMAL),
            id_format=self._choice("id_format", (AS_TEXT, AS_NUMBER), AS_TEXT),
            open_years=self._open_years(),
            in_days=DayAmounts.parse(self.export, self.table, self.where),
            rules=self._rules(),
            snapshots=Snapshots.parse(self.export, self.table, self.where),
            grid=Grid.parse(self.export, self.table, columns, self.where),
            **self._grain(),
        )

    def _text(self, key: str) -> str:
        value = self.table[key]
        if not isinstance(value, str) or not value:
            raise BadExport(f"{self.where}: '{key}' must be a text in quotes.")
        return value

    def _table(self, key: str) -> Mapping[str, object]:
        return as_table(self.table.get(key, {}), f"{self.where} {key}")

    def _choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.texts.get(key, default)
        if value not in choices:
            raise BadExport(f"{self.where}: '{key}' must be one of {' '.join(choices)}.")
        return value

    def _file(self) -> str:
        file = self.texts.get("file", "")
        if not file or "/" in file or "\\" in file or "**" in file:
            raise BadExport(f"{self.where} needs 'file', the name or pattern of files in the exports folder.")
        return file

    def _member(self) -> str | None:
        member = self.texts.get("member")
        if member is not None and ("/" in member or "\\" in member):
            raise BadExport(f"{self.where}: 'member' is the name or pattern of a file, without its folders.")
        return member

    def _sheet(self) -> tuple[str, ...]:
        sheets = self.table.get("sheet", [])
        found = [sheets] if isinstance(sheets, str) else sheets
        if not isinstance(found, list) or not all(isinstance(each, str) and each for each in found):
            raise BadExport(
                f"{self.where}: 'sheet' must be a name or a pattern in quotes, or a list of them."
            )
        return tuple(found)

    def _delimiter(self) -> str | None:
        delimiter = self.texts.get("delimiter")
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
            raise BadExport(f"{self.where}: 'delimiter' must be a single character, such as ; or a comma.")
        return delimiter

    def _distinct(self) -> bool:
        value = self.table.get("distinct", False)
        if not isinstance(value, bool):
            raise BadExport(f"{self.where}: 'distinct' must be true or false.")
        return value

    def _grain(self) -> dict[str, str | None]:
        if not self.export.grains:
            if given := {"grain", "week_date"} & set(self.texts):
                raise BadExport(f"{self.where}: '{min(given)}' means nothing for this export; remove it.")
            return {"grain": None, "week_date": None}
        grain = self._choice("grain", self.export.grains, "month")
        if (grain == "week") != ("week_date" in self.texts):
            raise BadExport(f"{self.where}: 'week_date' (start or end) goes with grain = \"week\" alone.")
        week_date = self._choice("week_date", ("start", "end"), "start") if grain == "week" else None
        return {"grain": grain, "week_date": week_date}

    def _words(self, key: str) -> Words:
        table = self._table(key)
        for name, word in table.items():
            if not isinstance(word, str):
                raise BadExport(f"{self.where} {key}: '{name}' must be a text in quotes.")
        return {name: str(word).strip() for name, word in table.items()}

    def _check_columns(self, columns: Words, constants: Words) -> None:
        for name in (*columns, *constants):
            self._check_known(name)
        for heading in columns.values():
            check_allowed(heading, self.export, self.where)
        if twice := sorted(set(columns) & set(constants)):
            raise BadExport(f"{self.where}: '{twice[0]}' is both a column and a constant; keep one of them.")
        if PERSON_ID in constants:
            raise BadExport(f"{self.where}: 'person_id' must be a column of the file, never a constant.")
        made = self.export.spell if self.table.get("shape") == SNAPSHOT else ()
        needed = [each.name for each in self.export.columns if not each.nullable and each.name not in made]
        if missing := [name for name in needed if name not in columns and name not in constants]:
            raise BadExport(f"{self.where} lacks the column '{missing[0]}'; map a heading or set a constant.")
        for name, text in constants.items():
            if not self.export.column(name).accepts(text):
                raise BadExport(
                    f"{self.where}: the constant '{name}' is not in canonical form or outside its limits."
                )

    def _check_known(self, name: str) -> None:
        if name not in self.export.names:
            check_allowed(name, self.export, self.where)
            raise BadExport(
                f"{self.where} names the unknown column '{name}'; it may hold {', '.join(self.export.names)}."
            )

    def _open_years(self) -> frozenset[int]:
        years = self.table.get("open_years", [])
        if not isinstance(years, list) or not all(type(year) is int and 1 <= year <= 9999 for year in years):
            raise BadExport(f"{self.where}: 'open_years' must be a list of years, such as [4712, 9999].")
        return frozenset(years)

    def _rules(self) -> Mapping[str, Choice]:
        return read_choices(self.export, self._table("rules"), f"{self.where} rules")
