"""Tables of a policy file, read key by key: what is left over, missing or of another kind is refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from privacy.errors import BadPolicy

ANY_LINE = "*"
LARGEST_NUMBER = 10**9


@dataclass(frozen=True)
class ByLine:
    """A public constant that may differ by a unit's service line, in the measure's own unit."""

    values: tuple[tuple[str, Fraction], ...]

    def at(self, service_line: str) -> Fraction:
        """The constant of a service line, or else the one that holds for any line."""
        table = dict(self.values)
        return table.get(service_line, table[ANY_LINE])


class Section:
    """A TOML table that is read key by key and complains of what is left over."""

    def __init__(self, where: str, table: object) -> None:
        if not isinstance(table, dict):
            raise BadPolicy(f"{where} must be a table of keys and values.")
        self.where = where
        self.left: dict[str, object] = dict(table)

    def _take(self, key: str, default: object) -> object:
        value = self.left.pop(key, default)
        if value is ...:
            raise BadPolicy(
                f"{self.where} lacks the key '{key}'; 'leeward init' writes a commented template."
            )
        return value

    def text(self, key: str, default: object = ...) -> str:
        value = self._take(key, default)
        if not isinstance(value, str) or not value.strip():
            raise BadPolicy(f"{self.where}: '{key}' must be a text in quotes.")
        return value.strip()

    def whole(self, key: str, low: int, high: int, default: object = ...) -> int:
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise BadPolicy(f"{self.where}: '{key}' must be a whole number from {low} to {high}.")
        return value

    def number(self, key: str, default: object = ...) -> Fraction:
        return _number(self._take(key, default), f"{self.where}: '{key}'")

    def maybe_number(self, key: str) -> Fraction | None:
        return self.number(key) if key in self.left else None

    def choice(self, key: str, choices: tuple[str, ...], default: object = ...) -> str:
        value = self._take(key, default)
        if value not in choices:
            raise BadPolicy(f"{self.where}: '{key}' must be one of {', '.join(choices)}.")
        return str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._take(key, ...)
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            raise BadPolicy(f"{self.where}: '{key}' must be a list of texts.")
        if len(set(value)) != len(value):
            raise BadPolicy(f"{self.where}: '{key}' names something twice.")
        return tuple(value)

    def by_line(self, key: str, default: object = ...) -> ByLine:
        value = self._take(key, default)
        table = value if isinstance(value, dict) else {ANY_LINE: value}
        if ANY_LINE not in table:
            raise BadPolicy(f"{self.where}: '{key}' needs a value for any other service line, '*'.")
        return ByLine(
            tuple(sorted((line, _number(v, f"{self.where}: '{key}'")) for line, v in table.items()))
        )

    def section(self, key: str, default: object = ...) -> Section:
        return Section(f"{self.where} [{key}]", self._take(key, default))

    def sections(self, key: str) -> dict[str, Section]:
        inner = self.section(key, {})
        return {name: Section(f"{inner.where[:-1]}.{name}]", table) for name, table in inner.left.items()}

    def done(self) -> None:
        if self.left:
            names = ", ".join(f"'{name}'" for name in sorted(self.left))
            raise BadPolicy(f"{self.where} has unknown keys: {names}; remove them or correct their spelling.")


def _number(value: object, where: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise BadPolicy(f"{where} must be a whole number, or a decimal in quotes so that it stays exact.")
    try:
        number = Decimal(value)
    except ArithmeticError:
        raise BadPolicy(f"{where} is not a number.") from None
    if not number.is_finite() or abs(number) > LARGEST_NUMBER or (number and number.adjusted() < -12):
        raise BadPolicy(f"{where} must be finite and at most {LARGEST_NUMBER:,}, to at most twelve decimals.")
    return Fraction(number)
