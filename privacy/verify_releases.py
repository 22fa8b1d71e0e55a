"""What an auditor checks of releases: certificates, every row and blank, and what readers see as the newest.

It lies beside verify.py and verify_more.py, which run it.
"""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING or __package__:
    from privacy.verify import PICO, Audit, Body, delta_of, digest, last_month, need, price
else:
    from verify import PICO, Audit, Body, delta_of, digest, last_month, need, price

SCHEMA_VERSION = 2
STATEMENT = (
    "Whether any one person's records were in the exports or not changes the chance of every outcome "
    "published for a budget year by at most the factor e^epsilon, but for delta."
)
BLANKS = {"below-minimum-group", "sibling-blank", "too-noisy", "not-planned", "no-data", "withdrawn"}
SCALES = {"hours": 4}  # counted in quarters; all else in ones
NUMBERS = {"indicators.csv": ("low", "value", "high"), "measurements.csv": ("noisy_total",)}


class ReleaseAudit(Audit):
    """The core's checks and two more."""

    checks = (*Audit.checks, "certificates", "rows")

    def check_files(self) -> str:
        """The core's check; and that ``latest`` is the newest release that readers may rely on."""
        told, latest = super().check_files(), self.releases / "latest"
        draft = self.releases / ".latest.draft"
        need(draft.is_symlink() or not draft.exists(), "What lies under '.latest.draft' is no link.")
        if latest.exists():
            gone = {body["release"] for body in self.of("withdrawn")}
            out = [b for b in self.of("release") if (self.releases / b["release"]).is_dir()]
            newest = [body for body in out if body["release"] not in gone][-1]
            whole = {path.name: path.read_bytes() for path in (self.releases / newest["release"]).iterdir()}
            same = whole == {path.name: path.read_bytes() for path in latest.iterdir()}
            need(same, "What lies under 'latest' is not the newest release that was published.")
        return told

    def with_rules(self) -> Iterator[tuple[Body, Body]]:
        """Every entry with the rules of signing that its budget year's plan set before it."""
        by_year: dict[str, Body] = {}
        periods = {body["release"]: body["period"] for body in self.of("release")}
        for entry in self.entries:
            body = entry["body"]
            if entry["kind"] == "plan":
                by_year[body["year"]] = body["policy"]["signing"]
            period = body.get("year") or periods.get(body.get("release", ""), "")
            yield entry, by_year.get(year_of(period, by_year), {"signers": {}, "plan": 1, "release": 0})

    def check_certificates(self) -> str:
        """A certificate says what the ledger does: whose it is, what was promised, what was lost by then."""
        drawn: Body = {}
        plans: dict[str, Body] = {}
        burnt_before = ""
        periods, seen = {body["release"]: body["period"] for body in self.of("release")}, 0
        for (entry, items), (_, rules) in zip(self.replay(), self.with_rules(), strict=True):
            kind, body = entry["kind"], entry["body"]
            plans |= {body["year"]: body["policy"]} if kind == "plan" else {}
            burnt_before = max(burnt_before, body.get("burnt_before", ""))
            if kind == "measurement":
                key = year_of(body["period"], plans), body["item"]
                drawn[key] = items[key]
            file = self.releases / str(body.get("release")) / "certificate.json"
            left = kind == ("approved" if rules["release"] else "release")
            if left and file.exists():
                seen, year = seen + 1, year_of(periods[body["release"]], plans)
                gone = {at: plan for at, plan in plans.items() if f"{at}-01" < burnt_before}
                self.check_certificate(file, entry, year, plans[year], drawn | items, gone)
        return f"{seen} certificates say what the ledger does of promise and loss."

    def check_certificate(
        self, file: Path, entry: Body, year: str, policy: Body, paid: Body, burnt: Body
    ) -> None:
        said, by_year = json.loads(file.read_bytes()), defaultdict[str, int](int)
        for (at, _), (item, _) in paid.items():
            by_year[at] += price(item)
        by_year |= {at: plan["rho_pico"] for at, plan in burnt.items()}
        losses = {
            "loss_one_month": sum(
                price(of_one_period(item)) for (at, _), (item, _) in paid.items() if at == year
            ),
            "loss_this_year": by_year[year],
            "loss_in_total": sum(cost for at, cost in by_year.items() if at <= year),
        }
        released = next(body for body in self.of("release") if body["release"] == said["release"])
        true = {
            **released,
            "schema_version": SCHEMA_VERSION,
            "organisation": self.of("opened")[0]["organisation"],
            "date": entry["time"][:10],
            "head": f"{entry['seq']}:{digest(self.lines[entry['seq'] - 1].encode())}",
            "promise": {key: policy[key] for key in ("epsilon", "delta", "rho_pico")},
            "budget_year": year,
            "policy": policy["fingerprint"],
            "statement": STATEMENT,
            **{key: {"rho_pico": rho, "epsilon": said[key]["epsilon"]} for key, rho in losses.items()},
        }
        need(said == true, f"The certificate of {said['release']} says otherwise than the ledger.")
        delta = float(policy["delta"])
        kept = all(delta_of(rho / PICO, said[key]["epsilon"]) <= delta for key, rho in losses.items())
        need(kept, f"The certificate of {said['release']} states a smaller epsilon than its rho has.")

    def check_rows(self) -> str:
        """Every number has its interval and its ledger entries, every blank a known reason and no number."""
        draws: dict[str, Body] = {}
        seen: dict[str, int] = defaultdict(int)
        for entry in self.entries:
            draws |= {str(entry["seq"]): entry["body"]} if entry["kind"] == "measurement" else {}
            folder = self.releases / str(entry["body"].get("release"))
            for table in NUMBERS if entry["kind"] == "release" and folder.is_dir() else ():
                with open(folder / table, encoding="utf-8", newline="") as file:
                    for row in csv.DictReader(file):
                        seen[row["status"]] += 1
                        wrong = fault(row, [row[column] for column in NUMBERS[table]], draws)
                        need(not wrong, f"{table} of release {folder.name} has {wrong}.")
        return f"{seen['shown']} numbers have interval and entries, {seen['blank']} blanks a reason."


def year_of(period: str, years: Iterable[str]) -> str:
    """The budget year, by its first month, that holds a month, a quarter or itself; none where empty."""
    last = last_month(period) if period else -1
    return next((year for year in years if 0 <= last - last_month(year) < 12), "")


def of_one_period(item: Body) -> Body:
    """An item as if of a single period, to which nobody contributes more than its half-width."""
    return item | {"cap_squared": min(item["cap_squared"], item["half_width"] ** 2)}


def fault(row: Body, numbers: list[str], draws: dict[str, Body]) -> str:
    """What is wrong with a row of a release, if anything is."""
    if row["status"] == "blank":
        known = "" if row["reason"] in BLANKS else "a blank without a known reason"
        return "a value in a blank" if any(numbers) else known
    if row["status"] != "shown" or row["reason"] or not all(numbers):
        return "a row neither shown with value and interval nor blank with a reason"
    values = [float(number) for number in numbers]
    if not all(map(math.isfinite, values)) or values != sorted(values):
        return "a value outside its interval"
    last, _, window = row["period"].partition("/")
    months = int(window.strip("PM") or (3 if "Q" in last else 1))
    for seq in (row.get("ledger_entries") or row.get("ledger_entry") or "none").split():
        body = draws.get(seq, {"period": last, "level": "", "values": ()})
        in_window = 0 <= last_month(last) - last_month(body["period"]) <= months  # turnover: one before
        if not in_window or body["level"] != row["level"] or row["unit_id"] not in body["values"]:
            return "a number whose ledger entries do not exist or do not fit"
        if "noisy_total" in row:
            drawn, scale = (body["values"][row["unit_id"]], body["sigma"]), SCALES.get(row.get("unit", ""), 1)
            if [f"{number / scale:.6g}" for number in drawn] != [row["noisy_total"], row["noise_deviation"]]:
                return "a total or a deviation other than was drawn"
    return ""
