"""The words around the data: ``planted.toml`` and ``README.md``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agency import PROGRAMMES, units_at_start
from broken import Planted
from plants import CASELOAD_STANDARD, PLANTS, Plant

TEMPLATE = Path(__file__).with_name("README.template.md")


def table(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    heading = list(heading)
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def planted_toml() -> str:
    """``planted.toml``: one table per plant."""
    return "# Written by make_sample.py from plants.py.\n" + "".join(_plant_toml(plant) for plant in PLANTS)


def _plant_toml(plant: Plant) -> str:
    standard = f"standard = {CASELOAD_STANDARD}\n" if plant.measure == "open_cases" else ""
    return (
        f'\n[[plant]]\nunit_id = "{plant.unit_id}"\nmeasure = "{plant.measure}"\n'
        f'from = "{plant.month:%Y-%m}"\nbefore = {plant.before}\nafter = {plant.after}\n'
        f'unit = "{plant.unit}"\nmeaning = "{plant.meaning}"\n{standard}'
    )


def plants_table() -> str:
    rows = [
        (f"`{p.unit_id}`", p.measure, f"{p.month:%Y-%m}", p.before, p.after, p.unit, p.meaning)
        for p in PLANTS
    ]
    return table(("unit", "measure", "from", "before", "after", "in", "what"), rows)


def programmes_table() -> str:
    rows = [
        (f"`{p.unit_id}`", p.name, f"`{p.division_id}`", p.service_line, len(p.team_posts), p.posts)
        for p in PROGRAMMES
    ]
    return table(("programme", "name", "division in 2024", "service line", "teams", "posts in all"), rows)


def authorised_posts() -> int:
    """All posts of the agency."""
    return sum(unit.posts for unit in units_at_start())


def broken_table(planted: list[Planted]) -> str:
    return table(("file", "line", "kind"), ((f"`{one.file}`", one.line, one.kind) for one in planted))
