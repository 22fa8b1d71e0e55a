"""How dates and numbers are written, with what decides it; never a value, only lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipelines.dateformat import DateFormat

DAYS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d",
    "%-d/%-m/%Y", "%-m/%-d/%Y", "%-d.%-m.%Y",
)  # fmt: skip
TIMES = ("", " %H:%M", " %H:%M:%S", " %-H:%M", "T%H:%M:%S")
SENTINEL_YEARS = ("1900", "4712", "9999")
ENOUGH = 0.95  # of the cells must be of a form; the others will be set aside
CLOCK = re.compile(r"[0-9]{1,6}:[0-5][0-9](:[0-5][0-9])?")
COMMA, POINT = re.compile(r"[0-9]+,[0-9]+"), re.compile(r"[0-9]+[.][0-9]+")
Cells = Sequence[tuple[int, str]]


@dataclass(frozen=True)
class Form:
    """A form that cells have, and why; ``others`` fit as well, so that somebody must decide."""

    text: str
    why: str
    others: tuple[str, ...] = ()


def date_form(columns: Sequence[Cells]) -> Form | None:
    """The one date format that fits all of some columns; None where none does."""
    cells = [cell for column in columns for cell in column]
    fits = {text: found for text in _formats() if (found := _fitting(text, cells)) >= ENOUGH * len(cells)}
    if not cells or not fits:
        return None
    most = max(fits.values())
    best = [text for text, found in fits.items() if found == most]
    chosen, *others = _without_padded_twins(best)
    if others:
        return Form(chosen, "no line looked at has a day above 12, which would tell", tuple(others))
    return Form(chosen, _evidence(chosen, cells))


def _formats() -> list[str]:
    return [day + time for day in DAYS for time in TIMES]


def _fitting(text: str, cells: Cells) -> int:
    pattern = re.compile(DateFormat(text).pattern)
    return sum(_is_day(text, cell) for _, cell in cells if pattern.fullmatch(cell))


def _is_day(text: str, cell: str) -> bool:
    try:
        datetime.strptime(cell, text.replace("%-", "%"))
    except ValueError:
        return cell.endswith(SENTINEL_YEARS) or cell.startswith(SENTINEL_YEARS)
    return True


def _without_padded_twins(formats: Sequence[str]) -> list[str]:
    """Of two formats that differ in padding alone the strict one, which comes first."""
    seen: dict[str, str] = {}
    for text in formats:
        seen.setdefault(text.replace("%-", "%"), text)
    return list(seen.values())


def _evidence(chosen: str, cells: Cells) -> str:
    """The first line that another order of day and month would not fit."""
    swapped = chosen.replace("d", "#").replace("m", "d").replace("#", "m")
    if swapped.startswith("%Y") or swapped == chosen:
        return "every line looked at is of this form"
    line = next((line for line, cell in cells if not _fitting(swapped, [(line, cell)])), None)
    return f"line {line} can be read in no other order" if line else "every line looked at is of this form"


def hours_form(cells: Cells) -> Form | None:
    """``hh:mm`` where hours are written so; None where they are plain numbers."""
    written = [cell for _, cell in cells if CLOCK.fullmatch(cell)]
    return Form("hh:mm", f"{len(written)} cells are times") if len(written) > len(cells) / 2 else None


def decimal_mark(columns: Sequence[Cells]) -> Form:
    cells = [cell for column in columns for _, cell in column]
    commas, points = (sum(1 for cell in cells if form.fullmatch(cell)) for form in (COMMA, POINT))
    if commas and points:
        return Form(",", f"{commas} cells have a comma, {points} a point", (".",))
    return Form("," if commas else ".", f"{commas or points} cells have it")


def open_years(columns: Sequence[Cells]) -> list[int]:
    """The years that programs write for "no end", as far as they occur."""
    texts = [cell for column in columns for _, cell in column]
    found = {y for y in SENTINEL_YEARS if any(re.search(rf"(?<![0-9]){y}(?![0-9])", text) for text in texts)}
    return sorted(map(int, found))


def is_numbered(cells: Cells) -> bool:
    """Whether all ids are numbers, some of them with what spreadsheets add or take: leading zeros, ``.0``."""
    texts = [cell for _, cell in cells]
    numbers = all(re.fullmatch(r"[0-9]+([.]0+)?", text) for text in texts)
    return bool(texts) and numbers and any(text.startswith("0") or "." in text for text in texts)
