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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from privacy.verify import PICO, Audit, Body, Broken, delta_of, digest, last_month, need, price
else:
    from verify import PICO, Audit, Body, Broken, delta_of, digest, last_month, need, price

SCHEMA_VERSION = 2
STATEMENT = (
    "Whether any one person's records were in the exports or not changes the chance of every outcome "
    "published for a budget year by at most the factor e^epsilon, but for delta."
)
LATEST = "What lies under 'latest' is not the newest release that was published."
BLANKS = {"below-minimum-group", "sibling-blank", "too-noisy", "not-planned", "no-data", "withdrawn"}
ROUNDING = 2e-4  # a stated epsilon is its rho's, rounded up to four digits, and no larger
SCALES = {"hours": 4}  # counted in quarters; all else in ones
NUMBERS = {"indicators.csv": ("low", "value", "high"), "measurements.csv": ("noisy_total",)}


class ReleaseAudit(Audit):
    """The core's checks and two more."""

    checks = (*Audit.checks, "certificates", "rows")

    def check_files(self) -> str:
        """The core's check; and that ``latest`` is the newest release that readers may rely on."""
        told, latest = super().check_files(), self.releases / "latest"
        gone = {body["release"] for body in self.of("withdrawn")}
        entered = [body["release"] for body in self.of("release")]
        out = [name for name in entered if (self.releases / name).is_dir() and name not in gone]
        draft = self.releases / ".latest.draft"
        harmless = (
            draft.readlink().name == str(draft.readlink()) if draft.is_symlink() else not draft.exists()
        )
        need(harmless, "What lies under '.latest.draft' is no link to a release.")
        need(latest.exists() or not latest.is_symlink(), "The link 'latest' leads nowhere.")
        if latest.exists():
            need(out, "What lies under 'latest' is withdrawn or was never published.")
            need(contents(latest) == contents(self.releases / out[-1]), LATEST)
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
        periods = {body["release"]: body["period"] for body in self.of("release")}
        seen, waits = set[str](), set[str]()
        for (entry, items), (_, rules) in zip(self.replay(), self.with_rules(), strict=True):
            kind, body = entry["kind"], entry["body"]
            plans |= {body["year"]: body["policy"]} if kind == "plan" else {}
            burnt_before = max(burnt_before, body.get("burnt_before", ""))
            if kind == "measurement":
                key = year_of(body["period"], plans), body["item"]
                drawn[key] = items[key]
            release = str(body.get("release"))
            file = self.releases / release / "certificate.json"
            waits |= {release} if kind == "release" and rules["release"] else set()
            left = kind == "approved" or (kind == "release" and release not in waits)
            if left and file.exists():
                seen, year = seen | {release}, year_of(periods[release], plans)
                gone = {at: plan for at, plan in plans.items() if f"{at}-01" < burnt_before}
                self.check_certificate(file, entry, year, plans[year], drawn | items, gone)
        unseen = sorted(path.name for path in self.releases.glob("[0-9]*") if path.name not in seen)
        need(not unseen, f"The certificate of {' '.join(unseen)} is of no release that may be published.")
        return f"{len(seen)} certificates say what the ledger does of promise and loss."

    def check_certificate(
        self, file: Path, entry: Body, year: str, policy: Body, paid: Body, burnt: Body
    ) -> None:
        said, by_year = document(file), defaultdict[str, int](int)
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
        for key, rho in losses.items():
            true_one = is_epsilon_of(said[key]["epsilon"], rho / PICO, float(policy["delta"]))
            need(true_one, f"The certificate of {said['release']} states another epsilon than its rho has.")

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


def document(file: Path) -> Any:
    """JSON that every reader reads alike: no key twice, no number that is none."""

    def once(pairs: list[tuple[str, Any]]) -> Body:
        need(len(dict(pairs)) == len(pairs), f"In {file.parent.name} {file.name} holds a key twice.")
        return dict(pairs)

    def number(text: str) -> None:
        raise Broken(f"In {file.parent.name} {file.name} holds a number that is none.")

    return json.loads(file.read_bytes(), object_pairs_hook=once, parse_constant=number)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def is_epsilon_of(epsilon: float, rho: float, delta: float) -> bool:
    """Whether an epsilon is what a rho has at a delta, rounded up, so neither smaller nor much larger."""
    if not rho:
        return epsilon == 0
    return delta_of(rho, epsilon) <= delta < delta_of(rho, epsilon - ROUNDING)


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
