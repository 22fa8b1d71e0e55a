"""What is read of people, why, and what never is, from the declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from metrics.indicators import INDICATORS
from metrics.measures import MEASURES
from pipelines.exports import EXPORTS, Column, Export
from pipelines.forbidden import FORBIDDEN

PAGE = Path(__file__).parents[1] / "docs" / "data-read.md"
INTRODUCTION = """# What is read of people, and why

Written by `make data-read` from the declarations that the product itself reads by. Of an export only
the columns of this list are read, and of them only those that your mapping names. All of it stays in
the protected zone; what is published are totals with noise. Rows stay for as long as each table says,
unless the policy says otherwise; until `leeward erase` takes out a person; or until a file of that name is
loaded again without them. [What is kept](keeping.md) says more."""
NEVER = """## Never read
A mapping that names such a heading is refused with the reason, and `leeward map` does not keep its cells."""


def fields() -> Iterator[Mapping[str, str]]:
    """One row a column of an export: what it is, how it is kept and what it is for."""
    for export in EXPORTS.values():
        for column in export.columns:
            yield {
                "export": export.name,
                "column": column.name,
                "what it is": column.meaning,
                "kept": f"{_kept(column)}, in the protected zone",
                "why": f"for the measures {', '.join(needing(export))}",
            }


def never_read() -> Iterator[Mapping[str, str]]:
    """One row a kind of data that no mapping may name."""
    return ({"what": each.what, "why": each.reason} for each in FORBIDDEN)


def needing(export: Export) -> list[str]:
    """The measures that are made from an export."""
    return [measure.id for measure in MEASURES.values() if export.name in measure.exports]


def _time_kept(export: Export) -> str:
    return f"Kept for {export.months_kept} months after the {export.spell[1].replace('_', ' ')}."


def _kept(column: Column) -> str:
    return "as a keyed hash" if column.name != column.stored_name else "as it is"


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for export in EXPORTS.values():
        titles = [i.title for i in INDICATORS.values() if set(i.measures) & set(needing(export))]
        rows = [(f"`{c.name}`", c.meaning, _kept(c)) for c in export.columns]
        parts += [
            f"## `{export.name}`: {export.grain}",
            f"{export.meaning} For: {', '.join(titles)}.",
            _time_kept(export),
        ]
        parts.append(_table(("column", "what it is", "kept"), rows))
    never = [(each["what"], each["why"]) for each in never_read()]
    return "\n\n".join([*parts, NEVER, _table(("what", "why not"), never)]) + "\n"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
