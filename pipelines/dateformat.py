"""Date formats that a mapping may declare, read strictly: a text of another shape is no date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from privacy.errors import BadExport

PATTERNS = {"%Y": "[0-9]{4}", "%m": "[0-9]{2}", "%d": "[0-9]{2}", "%-m": "[1-9][0-9]?", "%-d": "[1-9][0-9]?"}
TIMES = {"%H": "[0-9]{2}", "%-H": "[0-9]{1,2}", "%M": "[0-9]{2}", "%S": "[0-9]{2}"}
_TOKEN = re.compile(r"%-?[A-Za-z]")
_SEPARATORS = re.compile(r"[ ./-]*")
_TIME = re.compile(r"[ T]%-?H:%M(:%S)?$")


@dataclass(frozen=True)
class DateFormat:
    """Year, month and day in some order: ``%Y``, ``%m`` or ``%-m``, ``%d`` or ``%-d`` (``-``: no padding).

    A time of day may follow, as in ``%d/%m/%Y %H:%M``; it is dropped.
    """

    text: str

    @classmethod
    def parse(cls, text: object, where: str) -> DateFormat:
        """Raises BadExport unless year, month and day occur once each, parted by blanks or ``. / -``."""
        day = _TIME.sub("", text) if isinstance(text, str) else ""
        tokens = _TOKEN.findall(day)
        parts = sorted(token[-1] for token in tokens)
        known = all(token in PATTERNS for token in tokens)
        if not known or parts != ["Y", "d", "m"] or not _SEPARATORS.fullmatch(_TOKEN.sub("", day)):
            raise BadExport(
                f"{where}: date_format must hold %Y, %m (or %-m) and %d (or %-d) once each, parted by "
                "blanks or . / -, such as %d/%m/%Y; %H:%M or %H:%M:%S may follow."
            )
        return cls(str(text))

    @property
    def pattern(self) -> str:
        """A regular expression for exactly the texts of this shape."""
        parts = re.split(f"({_TOKEN.pattern})", self.text)
        known = {**PATTERNS, **TIMES}
        return "".join(known.get(part) or "".join(f"[{sign}]" for sign in part) for part in parts)

    def write(self, day: date) -> str:
        """The text of a day in this format."""
        values = {"%Y": f"{day.year:04d}", "%m": f"{day.month:02d}", "%d": f"{day.day:02d}"}
        values |= {"%-m": str(day.month), "%-d": str(day.day), "%H": "00", "%-H": "0", "%M": "00", "%S": "00"}
        return _TOKEN.sub(lambda match: values[match[0]], self.text)


ISO = DateFormat("%Y-%m-%d")
