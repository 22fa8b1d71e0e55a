"""A small true ledger with its releases and witness, for the verifier's tests to check and to falsify.

The noise is neither drawn nor seeded: cell i of month t is off by plus or minus one deviation, the sign
being Walsh function i at t. Over 16 months these signs are orthogonal, so that every linear contrast
has exactly the variance that independent noise would have.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from signatories import TESTER, enter_plan, public_key

from pipelines.certificate import certificate
from privacy.accounting import Delta, Epsilon, Rho, rho_for
from privacy.entries import canonical
from privacy.groups import GroupTree, Unit, plan_groups
from privacy.ledger import Ledger
from privacy.periods import BudgetYear, Cadence, Period
from privacy.plan import Charge, Plan, PlanItem
from privacy.releases import stages
from privacy.verify import Finding
from privacy.verify_more import FurtherAudit

LEVELS = ("organisation", "division", "programme")
MONTHS = Period.parse("2025-10").trailing(16)
YEARS = tuple(BudgetYear(Period.parse(text)) for text in ("2024-07", "2025-07"))
POLICY = {
    "budget": {"epsilon": "4", "delta": "1e-6"},
    "signing": {"plan": 1, "signers": {TESTER: f"{public_key(TESTER)} a comment"}},
}
RHO = rho_for(Epsilon.parse("4"), Delta.parse("1e-6"))
INDICATORS = ["period", "level", "unit_id", "indicator", "value", "low", "high", "status", "reason"]
MEASUREMENTS = ["period", "level", "unit_id", "measure", "noisy_total", "noise_deviation", "status", "reason"]


def item(measure: str, *, sigma: int = 24, cap_squared: int = 12) -> PlanItem:
    sigmas = tuple((level, sigma) for level in LEVELS)
    return PlanItem(measure, 1, "", 1, (("*", 0),), (), 1, cap_squared, Cadence.MONTH, sigmas)


ITEMS = (item("employed"), item("left", cap_squared=4))


def tree() -> GroupTree:
    units = [Unit("O", "Org", None, 20, "any")]
    units += [Unit(division, division, "O", 20, "any") for division in "AB"]
    units += [
        Unit(f"{division}{n}", f"{division}{n}", division, 40, "any") for division in "AB" for n in (1, 2)
    ]
    return plan_groups(units, LEVELS, 10)


def noisy(groups: GroupTree, level: str, sigma: int, month: int, loudness: float) -> dict[str, int]:
    """The totals of a level: each programme 50 people, all above their sums, plus the signed deviation."""
    values = {}
    for number, group in enumerate(groups.groups, 1):
        sign = -1 if (number & month).bit_count() % 2 else 1
        truth = 50 * max(1, sum(group in groups.ancestry(leaf.id)[1:] for leaf in groups.leaves))
        values[group.id] = truth + round(sign * sigma * loudness)
    return {group.id: values[group.id] for group in groups.at(level)}


@dataclass
class Audited:
    """What an auditor is given: the lines of a ledger, the folder of its releases, the witness's heads."""

    lines: list[str]
    releases: Path
    heads: list[str] = field(default_factory=list)

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    def rewritten(self, change: Callable[[list[dict[str, Any]]], object]) -> list[str]:
        """The ledger as a forger who knows the format would write it: changed, and chained anew."""
        entries, lines, previous = self.entries(), [], "0" * 64
        change(entries)
        for seq, entry in enumerate(entries, 1):
            lines.append(canonical({**entry, "seq": seq, "previous": previous}))
            previous = hashlib.sha256(lines[-1].encode()).hexdigest()
        return lines

    def copied_to(self, folder: Path) -> Audited:
        """The same with releases of its own, that a test may spoil."""
        shutil.copytree(self.releases, folder / "releases")
        return Audited(self.lines, folder / "releases", self.heads)


def build(root: Path, loudness: float = 1.0, months: tuple[Period, ...] = MONTHS) -> Audited:
    """A ledger of two items, two budget years and one release a year, the noise as loud as asked for."""
    minutes = iter(range(10**6))
    audited = Audited([], root / "releases")
    path = root / "ledger.sqlite"

    def clock() -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=next(minutes))

    with Ledger.create(path, "Example", code="1", clock=clock) as ledger:
        audited.heads.append(str(ledger.records.head))
        body = {"document": "Budget", "levels": list(LEVELS), "minimum_group": 10}
        register = {**body, "trees": [{"from": "2024-07-01", **tree().to_json()}]}
        for year in YEARS:
            sign(ledger, year, ITEMS, register)
        for number, month in enumerate(months):
            draw(ledger, month, number, loudness)
            if month in (months[-1], MONTHS[11]):
                publish(ledger, audited, month)
        audited.lines = list(ledger.lines())
    return audited


def sign(ledger: Ledger, year: BudgetYear, items: tuple[PlanItem, ...], register: Mapping[str, Any]) -> None:
    policy = {"fingerprint": "0" * 64, "lag_days": 35, "epsilon": "4", "delta": "1e-06", "rho_pico": RHO.pico}
    plan = Plan(year, items, Rho(RHO.pico // 10))
    enter_plan(ledger, plan, {**policy, "reading": {}}, register)


def draw(ledger: Ledger, month: Period, number: int, loudness: float) -> None:
    year, groups = BudgetYear.of(month, starts=7), tree()
    for item in ledger.records.open_items(year):
        charge = Charge(f"{item.measure}-{month}", item, month, 2)

        def noise(level: str, item: PlanItem = item) -> Mapping[str, int]:
            return noisy(groups, level, item.sigma[level], number, loudness)

        ledger.measure(charge, year, noise)


def publish(ledger: Ledger, audited: Audited, month: Period) -> None:
    records = ledger.records
    name = f"{month}-{records.head.seq:06d}"
    folder = audited.releases / name
    folder.mkdir(parents=True)
    drawn = [m for m in records.measurements if m.period == month and m.item.measure == "employed"]
    numbers: list[list[object]] = []
    totals: list[list[object]] = []
    for draw in drawn:
        key = [str(month), draw.level]
        for unit, value in draw.values.items():
            numbers.append([*key, unit, "head_count", value, value - 9, value + 9, "shown", "", draw.seq])
            totals.append([*key, unit, "employed", value, draw.sigma, "shown", "", draw.seq])
        numbers.append([*key, "O", "turnover", "", "", "", "blank", "too-noisy", ""])
    write(folder / "indicators.csv", [*INDICATORS, "ledger_entries"], numbers)
    write(folder / "measurements.csv", [*MEASUREMENTS, "ledger_entry"], totals)
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    body = {"release": name, "period": str(month), "files": files}
    ledger.append("release", body)
    audited.heads.append(str(ledger.records.head))
    certify(ledger, audited, name)


def certify(ledger: Ledger, audited: Audited, name: str) -> None:
    """Write the certificate of a release as the product does, from the ledger as it is."""
    true = certificate(ledger.records, stages(ledger.records)[name])
    (audited.releases / name / "certificate.json").write_text(json.dumps(true))


def write(path: Path, columns: list[str], rows: list[list[object]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    path.write_text(text.getvalue())


def finding(name: str, lines: list[str], made: Audited, heads: list[str] | None = None) -> Finding:
    audit = FurtherAudit(lines, made.releases, POLICY, heads)
    return next(found for found in audit.run() if found.name == name)


def refused(found: Finding, words: str) -> None:
    """The check broke, and says so in a sentence that holds some words."""
    assert not found.holds
    assert words in found.sentence and is_sentence(found.sentence)


def is_sentence(text: str) -> bool:
    """Whether a text begins and ends as a sentence does; one may begin with the name of a file."""
    return re.fullmatch(r"([A-Z0-9]|[a-z]+\.csv )[^\n]*\.", text) is not None


def body(entries: list[dict[str, Any]], kind: str, number: int = 0) -> dict[str, Any]:
    return [entry["body"] for entry in entries if entry["kind"] == kind][number]
