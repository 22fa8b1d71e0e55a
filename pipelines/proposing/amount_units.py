"""Whether a column beside amounts says of each row that it is in days, and which of its words mean it."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.day_amounts import DAYS, HOURS
from pipelines.layout import plain
from pipelines.proposing.columns import shared_words
from pipelines.proposing.sample import Sample
from pipelines.proposing.written import quoted

HEADINGS = (
    "unit of time", "time unit", "unit of measure", "uom", "units", "unit", "quantity unit", "amount unit",
    "absence unit", "unit type", "einheit",
)  # fmt: skip
MEANINGS = {
    DAYS: ("days", "day", "d", "tage", "tag", "jours"),
    HOURS: ("hours", "hour", "h", "stunden", "heures"),
}


def unit_lines(sample: Sample, person: str | None, questions: list[str]) -> Iterator[str]:
    """The lines of a file in which some amounts are in days; none where no row is known to be."""
    heading = next((name for wanted in HEADINGS for name in sample.header if plain(name) == wanted), None)
    words = shared_words(sample, heading, person)[0] if heading else []
    known = {word: unit for word in words for unit in MEANINGS if word.casefold() in MEANINGS[unit]}
    if heading is None or DAYS not in known.values():
        return
    questions.append("Of how many hours is a day of absence?")
    yield 'hours_a_day = "contract"  # decide: a fifth of the person\'s week, or a number such as 7.5'
    yield f"amount_unit = {quoted(heading)}  # says of each row whether it is in days"
    meant = ", ".join(f'{quoted(word)} = "{unit}"' for word, unit in known.items())
    yield f"amount_units = {{ {meant} }}  # rows with other words are set aside"
