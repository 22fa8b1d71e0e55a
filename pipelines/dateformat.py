"""Date formats that a mapping may declare, read strictly: a text of another shape is no date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from privacy.errors import BadExport

PATTERNS = {"%Y": "[0-9]{4}", "%m": "[0-9]{2}", "%d": "[0-9]{2}", "%-m": "[1-9][0-9]?", "%-d": "[1-9][0-9]?"}
_TOKEN = re.compile(r"%-?[A-Za-z]")
_SEPARATORS = re.compile(r"[ ./-]*")


@dataclass(frozen=True)
class DateFormat:
    """Year, month and day in some order: ``%Y``, ``%m`` or ``%-m``, ``%d`` or ``%-d`` (``-``: no padding)."""

    text: str

    @classmethod
    def parse(cls, text: object, where: str) -> DateFormat:
        """Raises BadExport unless year, month and day occur once each, parted by blanks or ``. / -``."""
        tokens = _TOKEN.findall(text) if isinstance(text, str) else []
        parts = sorted(token[-1] for token in tokens)
        known = all(token in PATTERNS for token in tokens)
        if not known or parts != ["Y", "d", "m"] or not _SEPARATORS.fullmatch(_TOKEN.sub("", str(text))):
            raise BadExport(
                f"{where}: date_format must hold %Y, %m (or %-m) and %d (or %-d) once each, parted by "
                "blanks or . / -, such as %d/%m/%Y."
            )
        return cls(str(text))

    @property
    def pattern(self) -> str:
        """A regular expression for exactly the texts of this shape."""
        parts = re.split(f"({_TOKEN.pattern})", self.text)
        return "".join(PATTERNS.get(part) or "".join(f"[{sign}]" for sign in part) for part in parts)

    def write(self, day: date) -> str:
        """The text of a day in this format."""
        values = {"%Y": f"{day.year:04d}", "%m": f"{day.month:02d}", "%d": f"{day.day:02d}"}
        values |= {"%-m": str(day.month), "%-d": str(day.day)}
        return _TOKEN.sub(lambda match: values[match[0]], self.text)


ISO = DateFormat("%Y-%m-%d")
