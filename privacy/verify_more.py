"""Further checks for the auditor: python verify_more.py LEDGER RELEASES POLICY [WITNESS]

Everything that verify.py checks, which must lie beside this file, and: that the ledger says nothing but
what is listed here, the signatures (by ssh-keygen), approvals, and every row and blank of every release.
"""

from __future__ import annotations

import csv
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from privacy.verify import Audit, Body, canonical, digest, last_month, main, need, price
else:
    from verify import Audit, Body, canonical, digest, last_month, main, need, price

KINDS = {
    "opened": "ledger organisation schema_version",
    "register": "document levels minimum_group trees",
    "plan": "year revision items reserve_pico rho_pico policy register signatures",
    "closed": "year item",
    "study": "year number item periods signatures",
    "measurement": "item period level sigma charge register values",
    "release": "release period files",
    "approved": "release entry signatures",
    "withdrawn": "release entry reason signatures",
    "restored": "abandoned burnt_before",
}
ENTRY, TREE, SIGNING = "seq kind time code previous body", "from groups units", "plan release signers"
ITEM = "study measure version base highest centre standard half_width cap_squared cadence sigma"
POLICY = "fingerprint lag_days epsilon delta rho_pico signing reading"
BLANKS = {"below-minimum-group", "sibling-blank", "too-noisy", "not-planned", "no-data", "withdrawn"}
SCALES = {"hours": 4}  # counted in quarters; all else in ones
NUMBERS = {"indicators.csv": ("low", "value", "high"), "measurements.csv": ("noisy_total",)}


class FurtherAudit(Audit):
    """The core's checks and five more."""

    checks = (*Audit.checks, "schema", "signatures", "approvals", "certificates", "rows")

    def check_draws(self) -> str:
        """The core's check; and that every level of an item is drawn, by a register entered before."""
        told = super().check_draws()
        missing: dict[tuple[str, str], set[str]] = {}
        for who, _, body, item, _ in self.draws():
            kind = self.entries[body["register"] - 1]["kind"]
            before = kind == "register" and 0 < body["register"] < int(who.split()[1])
            need(before, f"{who} names a register that was not entered before it.")
            levels = missing.setdefault((body["item"], body["period"]), set(dict(item["sigma"])))
            levels.discard(body["level"])
        lacking = sorted(period for (_, period), levels in missing.items() if levels)
        need(not lacking, f"An item lacks the draw of a level for {lacking[:1]}.")
        return told

    def check_files(self) -> str:
        """The core's check; and that ``latest`` is the newest release that readers may rely on."""
        told, latest = super().check_files(), self.releases / "latest"
        if latest.exists():
            gone = {body["release"] for body in self.of("withdrawn")}
            out = [b for b in self.of("release") if (self.releases / b["release"]).is_dir()]
            newest = [body for body in out if body["release"] not in gone][-1]
            whole = {path.name: path.read_bytes() for path in (self.releases / newest["release"]).iterdir()}
            same = whole == {path.name: path.read_bytes() for path in latest.iterdir()}
            need(same, "What lies under 'latest' is not the newest release that was published.")
        return told

    def check_schema(self) -> str:
        """No row counts, durations, check results or free text: only what is listed, timed in minutes."""
        last = ""
        for entry in self.entries:
            who, body = f"Entry {entry['seq']}", entry["body"]
            known = all(part.keys() == set(keys.split()) for part, keys in parts(entry))
            need(known, f"{who} says more or less than its kind may.")
            need((entry["kind"] == "opened") == (entry["seq"] == 1), "The ledger was not opened once, first.")
            in_minutes = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", entry["time"])
            need(in_minutes, f"{who} is not timed in minutes.")
            need(entry["time"] >= last, f"{who} is older than the one before it: time ran backwards.")
            need(all(map(is_tree, body.get("trees", ()))), f"{who} has groups without parents.")
            last = entry["time"]
        self.check_numbering()
        return f"{len(self.entries)} entries say what is listed for their kind, and nothing else."

    def check_numbering(self) -> None:
        """A year's plans and studies are numbered in order; a plan stands on a register that was entered."""
        counted: dict[tuple[str, str], int] = defaultdict(int)
        registers = {digest(canonical(register)) for register in self.of("register")}
        stood_on: set[str] = set()
        promises: dict[str, list[Any]] = {}
        for entry in self.entries:
            kind, body = entry["kind"], entry["body"]
            who, year = f"Entry {entry['seq']}, a {kind},", year_of(entry["time"][:7], promises)
            ends = f"{int(year[:4]) + 1}{year[4:]}-01" if year else entry["time"]
            burns = body.get("burnt_before", ends) >= ends
            need(burns, f"Entry {entry['seq']}, a restore, burns less than the year in which it was made.")
            if kind in ("plan", "study"):
                counted[kind, body["year"]] += 1
                number = body["revision" if kind == "plan" else "number"]
                need(number == counted[kind, body["year"]], f"{who} has a number out of order.")
                stands = kind == "study" or body["register"] in registers
                stood_on |= {body["register"]} if kind == "plan" else set()
                need(stands, f"{who} stands on a register that was never entered.")
            if kind == "plan":
                promise = [body["policy"][key] for key in ("epsilon", "delta", "rho_pico")]
                kept = promises.setdefault(body["year"], promise) == promise
                need(kept, f"The promise of {body['year']} was changed within its year.")
        need(registers <= stood_on, "A register was entered that no plan stands on.")

    def check_signatures(self) -> str:
        """By signers of the plan itself and of the one before; all else by those of its year's plan."""
        checked, signing = 0, Body()
        need(shutil.which("ssh-keygen"), "There is no ssh-keygen here to verify signatures: install OpenSSH.")
        for entry, rules in self.with_rules():
            kind, body = entry["kind"], entry["body"]
            if "signatures" in body:
                who = f"Entry {entry['seq']} ({kind})"
                keys = {rules["signers"].get(name) for name in body["signatures"]}
                need(None not in keys, f"{who} is signed by somebody who is no signer.")
                needed = max(1, rules["plan" if kind in ("plan", "study") else "release"])
                need(len(keys) >= needed, f"{who} has fewer signatures than it needs.")
                if kind == "plan":
                    before, signing = signing or rules, rules
                    same = sum(before["signers"].get(n) == rules["signers"][n] for n in body["signatures"])
                    need(same >= max(1, before["plan"]), f"{who} is not signed by the signers before it.")
                for name, signature in body["signatures"].items():
                    true = is_signed(self.text_of(entry), signature, rules["signers"][name])
                    need(true, f"{who} has a signature that is not over it, or not by its signer's key.")
                checked += len(body["signatures"])
        if self.policy:
            named = {name: key.split()[:2] for name, key in self.policy["signing"]["signers"].items()}
            same = named == {name: key.split() for name, key in signing.get("signers", {}).items()}
            need(same, "The newest plan was signed under other signers than the policy names.")
        return f"{checked} signatures are over what was entered, by keys that the plans name."

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

    def text_of(self, entry: Body) -> bytes:
        """What people signed of an entry."""
        unsigned = {key: value for key, value in entry["body"].items() if key != "signatures"}
        ledger = self.of("opened")[0]["ledger"]
        return canonical({"body": unsigned, "kind": entry["kind"], "ledger": ledger})

    def check_approvals(self) -> str:
        """What needs approval lies among the releases only with it; what is withdrawn says so."""
        held, marked = set(), set()
        released = [entry for entry in self.entries if entry["kind"] == "release"]
        hashes = {e["body"]["release"]: digest(self.lines[e["seq"] - 1].encode()) for e in released}
        for entry, rules in self.with_rules():
            kind, body = entry["kind"], entry["body"]
            if kind == "release" and rules["release"] > 0:
                held.add(body["release"])
            elif kind in ("approved", "withdrawn"):
                same = body["entry"] == hashes.get(body["release"])
                need(same, f"Release {body['release']} was {kind} by signatures over another entry.")
                held -= {body["release"]} if kind == "approved" else set()
                marked |= {body["release"]} if kind == "withdrawn" else set()
        there = sorted(path.name for path in self.releases.glob("[0-9]*"))
        for name in there:
            need(name not in held, f"Release {name} was published without the approval that it needs.")
            says_so = (self.releases / name / "withdrawn.json").exists()
            need(says_so == (name in marked), f"Release {name} says otherwise than the ledger if it holds.")
        gone = sorted(hashes.keys() - held - set(there))
        need(not gone, f"Release {' '.join(gone)} waits for no approval and is missing: withheld or removed.")
        return f"{len(held - marked)} releases wait for approval, {len(marked)} are withdrawn."

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
                self.check_certificate(file, year, plans[year], drawn | items, gone)
        return f"{seen} certificates say what the ledger does of promise and loss."

    def check_certificate(self, file: Path, year: str, policy: Body, paid: Body, burnt: Body) -> None:
        said, by_year = json.loads(file.read_bytes()), defaultdict[str, int](int)
        for (at, _), (item, _) in paid.items():
            by_year[at] += price(item)
        by_year |= {at: plan["rho_pico"] for at, plan in burnt.items()}
        losses = [by_year[year], sum(cost for at, cost in by_year.items() if at <= year)]
        promise = {key: policy[key] for key in ("epsilon", "delta", "rho_pico")}
        true = [self.of("opened")[0]["organisation"], year, promise, *losses]
        told = [said[key] for key in ("organisation", "budget_year", "promise")]
        told += [said[key]["rho_pico"] for key in ("loss_this_year", "loss_in_total")]
        need(told == true, f"The certificate of {said['release']} says otherwise than the ledger.")

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


def parts(entry: Body) -> Iterator[tuple[Body, str]]:
    """Every table of an entry with the keys that it may have."""
    body = entry["body"]
    yield entry, ENTRY
    yield body, KINDS.get(entry["kind"], "unknown")
    yield from [*((t, TREE) for t in body.get("trees", ())), *((i, ITEM) for i in body.get("items", ()))]
    if entry["kind"] == "study":
        yield body["item"], ITEM
    if entry["kind"] == "plan":
        yield from ((body["policy"], POLICY), (body["policy"]["signing"], SIGNING))


def is_tree(tree: Body) -> bool:
    """Every group but the first lies in one that comes before it."""
    known: set[str | None] = {None}
    for group, _, parent, *_ in tree["groups"]:
        if parent not in known or group in known:
            return False
        known = (known - {None}) | {group}
    return True


def is_signed(text: bytes, signature: str, key: str) -> bool:
    """Whether ssh-keygen takes a signature, with nothing beside it, for one over this text by this key."""
    armour = r"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=]+\n)+-----END SSH SIGNATURE-----\n?"
    with tempfile.TemporaryDirectory() as folder:
        allowed, signed = Path(folder, "allowed"), Path(folder, "signature")
        allowed.write_text(f'signer namespaces="leeward" {key}\n')
        signed.write_text(signature)
        files = ("-f", str(allowed), "-s", str(signed))
        command = ("ssh-keygen", "-Y", "verify", "-n", "leeward", "-I", "signer", *files)
        done = subprocess.run(command, input=text, capture_output=True, check=False)
        return done.returncode == 0 and re.fullmatch(armour, signature) is not None


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], FurtherAudit))
