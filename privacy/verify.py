"""The auditor's verifier: python verify.py LEDGER RELEASES POLICY [--witness FILE]

It needs Python 3.11 and this file alone, no raw data, no network, and shares no code with what it
checks. It verifies records, and that noise was added; not what was read from the raw files.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
import sqlite3
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

Entry = dict[str, Any]
Groups = list[list[Any]]  # id, name, parent, level, posts, service line
FALSE_ALARM = 1e-6  # the chance, at most, that the noise check breaks on an honest ledger
FEWEST_CONTRASTS = 12
PICO = 10**12
KINDS = {
    "opened": "ledger organisation schema_version",
    "register": "document levels minimum_group trees",
    "plan": "year items reserve_pico rho_pico policy signed_by register",
    "closed": "year item",
    "measurement": "item period level sigma charge register values",
    "release": "release period files",
}
ENTRY = "seq kind time code previous body"
TREE = "from groups units"
ITEM = "measure version base highest centre standard half_width cap_squared cadence sigma"
POLICY = "fingerprint lag_days epsilon delta rho_pico reading"
BLANKS = {"below-minimum-group", "sibling-blank", "too-noisy", "not-planned", "no-data"}
NUMBERS = {"indicators.csv": ("low", "value", "high"), "measurements.csv": ("noisy_total",)}


@dataclass(frozen=True)
class Finding:
    """What one check found, in a sentence."""

    name: str
    holds: bool
    sentence: str


class Broken(Exception):
    """A check does not hold; says why in one sentence."""


def need(holds: object, sentence: str) -> None:
    if not holds:
        raise Broken(sentence)


def whole(value: object, low: int = -(2**63), high: int = 2**63) -> bool:
    return type(value) is int and low <= value <= high


def canonical(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def parse(line: str) -> Entry | None:
    """The entry of a line in canonical JSON with known keys throughout, or None."""
    try:
        entry = json.loads(line)
        kind, body = entry["kind"], entry["body"]
        parts = [(entry, ENTRY), (body, KINDS[kind]), *((tree, TREE) for tree in body.get("trees", ()))]
        if kind == "plan":
            parts += [(body["policy"], POLICY), *((item, ITEM) for item in body["items"])]
        known = all(part.keys() == set(keys.split()) for part, keys in parts)
        return entry if known and canonical(entry) == line.encode() else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def of(entries: list[Entry], kind: str) -> list[Entry]:
    return [entry["body"] for entry in entries if entry["kind"] == kind]


def last_month(period: str) -> int:
    """The month in which ``2026-03`` or ``2026-Q1`` ends, counted from year 0."""
    if not (match := re.fullmatch(r"([0-9]{4})-(?:(0[1-9]|1[0-2])|Q([1-4]))", period)):
        raise Broken("A period is neither a month nor a quarter.")
    return int(match[1]) * 12 + int(match[2] or 3 * int(match[3])) - 1


def in_year(period: str, year: str) -> bool:
    return 0 <= last_month(period) - last_month(year) < 12


def items_of(plan: Entry) -> dict[str, Entry]:
    """Items by identity: the hash of all that defines them."""
    return {digest(canonical(item))[:32]: item for item in plan["items"]}


def check_chain(lines: list[str]) -> str:
    need(lines, "The ledger is missing, unreadable or empty.")
    previous, last = "0" * 64, ""
    for number, line in enumerate(lines, 1):
        if not (entry := parse(line)):
            raise Broken(f"Line {number} is no known entry in canonical JSON: cut off, edited or extended.")
        in_order = whole(entry["seq"], number, number)
        need(in_order, f"Line {number} is not entry {number}: one was removed, added or moved.")
        need(entry["previous"] == previous, f"Entry {number} does not follow from the one before it.")
        need((entry["kind"] == "opened") == (number == 1), "The ledger was not opened once, first of all.")
        need(re.fullmatch(r"[\d-]{10}T\d\d:\d\dZ", entry["time"]), f"Entry {number} is not timed in minutes.")
        need(entry["time"] >= last, f"Entry {number} is older than the one before it: time ran backwards.")
        previous, last = digest(line.encode()), entry["time"]
    return f"{len(lines)} entries, each naming the hash before it; the head is {len(lines)}:{previous}."


def check_heads(lines: list[str], releases: Path, witness: list[str] | None) -> str:
    need(witness != [], "The witness is missing, unreadable or empty: a rollback would not show.")
    seen = [("The witness", head) for head in witness or ()]
    for path in sorted(releases.glob("[0-9]*/certificate.json")):
        seen.append((f"The certificate of {path.parent.name}", str(json.loads(path.read_bytes())["head"])))
    for who, head in seen:
        if not (match := re.fullmatch(r"([1-9][0-9]{0,11}):([0-9a-f]{64})", head.strip())):
            raise Broken(f"{who} holds a line that is no head, NUMBER:HASH.")
        seq, end = int(match[1]), len(lines)
        need(seq <= end, f"{who} is ahead: it saw entry {seq}, the ledger ends at {end}, so was rolled back.")
        same = digest(lines[seq - 1].encode()) == match[2]
        need(same, f"{who} saw another entry {seq}: the ledger was forked or rewritten.")
    given = "" if witness else "; no witness was given, so a rollback of ledger and releases would not show"
    return f"{len(seen)} heads seen by witness and certificates lie in this ledger{given}."


def price(item: Entry) -> int:
    """C²/(2σ²) over the levels in 1e-12, each rounded up and one unit more, as a plan signs it."""
    cap, scales = item["cap_squared"], dict(item["sigma"])
    sound = whole(cap, 1, 2**40) and all(whole(sigma, 1) for sigma in scales.values())
    need(sound and len(scales) == len(item["sigma"]) > 0, "An item has a cap or noise scale without meaning.")
    return sum(math.ceil(Fraction(cap * PICO, 2 * sigma**2)) + 1 for sigma in scales.values())


def committed(entries: list[Entry], year: str) -> int:
    """What a year's items cost; a closed one gives it back only if the year drew nothing with it."""
    signed: dict[str, Entry] = {}
    kept = {body["item"] for body in of(entries, "measurement") if in_year(body["period"], year)}
    closed: set[str] = set()
    for entry in entries:
        if entry["kind"] == "plan" and entry["body"]["year"] == year:
            signed |= items_of(entry["body"])
            closed -= items_of(entry["body"]).keys()
        elif entry["kind"] == "closed" and entry["body"]["year"] == year:
            closed.add(entry["body"]["item"])
    return sum(price(item) for identity, item in signed.items() if identity in kept or identity not in closed)


def delta_of(rho: float, epsilon: float) -> float:
    """The delta at epsilon of rho-zCDP (Canonne, Kamath and Steinke 2020): every order gives a valid one.

    Its logarithm is convex in the order, so halving finds where the derivative is zero.
    """
    low, order = 1 + 1e-9, 1e9
    for _ in range(200):
        middle = math.sqrt(low * order)
        rises = (2 * middle - 1) * rho - epsilon + math.log1p(-1 / middle) > 0
        low, order = (low, middle) if rises else (middle, order)
    log = (order - 1) * (order * rho - epsilon) - math.log(order - 1) + order * math.log1p(-1 / order)
    return math.exp(min(log, 0.0))


def check_loss(entries: list[Entry], policy: Entry | None) -> str:
    need(policy is None or "budget" in policy, "The policy is missing, unreadable or without a budget.")
    allowed: dict[str, tuple[int, int]] = {}
    for plan in of(entries, "plan"):
        year, rho, reserve = plan["year"], plan["policy"]["rho_pico"], plan["reserve_pico"]
        epsilon, delta = (Decimal(plan["policy"][key]) for key in ("epsilon", "delta"))
        need(whole(rho, 1) and whole(reserve, 0), f"The plan of {year} has a budget without meaning.")
        stated = sum(map(price, plan["items"])) + reserve == plan["rho_pico"]
        need(stated, f"The plan of {year} states another loss than its items and reserve have.")
        within = delta_of(rho / PICO, float(epsilon)) <= delta
        need(within, f"The rho that the plan of {year} allows is not within its epsilon at its delta.")
        promise = [Decimal(policy["budget"][key]) for key in ("epsilon", "delta")] if policy else None
        agrees = promise in (None, [epsilon, delta])
        need(agrees, f"The plan of {year} was signed for another epsilon or delta than the policy's.")
        allowed[year] = rho, reserve
    years = sorted(allowed)
    apart = not any(in_year(after, before) for before, after in pairwise(years))
    need(apart, "Two budget years overlap, so that some months have two budgets.")
    for year, (rho, reserve) in allowed.items():
        need(committed(entries, year) + reserve <= rho, f"The items of {year} cost more than is allowed.")
    given = "" if policy else "; no policy was given to compare with"
    return f"The loss of {len(years)} years, recomputed from caps and scales, is within the budget{given}."


def tree_of(entries: list[Entry], body: Entry) -> Groups:
    """The groups in force on the first day of a measurement's period, by the register that it names."""
    year, month = divmod(last_month(body["period"]) - 2 * ("Q" in body["period"]), 12)
    register = next(e["body"] for e in entries if e["kind"] == "register" and e["seq"] == body["register"])
    trees = [tree for tree in register["trees"] if tree["from"] <= f"{year:04d}-{month + 1:02d}-01"]
    return list(max(trees, key=lambda tree: str(tree["from"]))["groups"])


def draws_of(entries: list[Entry]) -> Iterator[tuple[str, Entry, Entry, Groups]]:
    """Every measurement, its item (signed and open in the year it ends in) and the groups in force."""
    held: dict[str, dict[str, Entry]] = defaultdict(dict)
    for entry in entries:
        body, kind, who = entry["body"], entry["kind"], f"Measurement {entry['seq']}"
        if kind == "plan":
            held[body["year"]] |= items_of(body)
        elif kind == "closed":
            held[body["year"]].pop(body["item"], None)
        elif kind == "measurement":
            found = [items for year, items in held.items() if in_year(body["period"], year)]
            need(found and body["item"] in found[0], f"{who} has no item signed for its year and still open.")
            item = found[0][body["item"]]
            need(body["level"] in dict(item["sigma"]), f"{who} is of a level that its item does not have.")
            yield who, body, item, tree_of(entries[: entry["seq"]], body)


def check_draws(entries: list[Entry]) -> str:
    drawn: dict[tuple[str, str], list[str]] = defaultdict(list)
    sources: dict[tuple[str, str], tuple[str, int]] = {}
    for who, body, item, groups in draws_of(entries):
        key, level, scales = (body["item"], body["period"]), body["level"], dict(item["sigma"])
        signed = whole(body["sigma"], scales[level], scales[level])
        need(signed, f"{who} has another noise scale than was signed.")
        need(("Q" in key[1]) == (item["cadence"] == "quarter"), f"{who} has another cadence than its item.")
        need(level not in drawn[key], f"{who} draws an item, period and level a second time.")
        source = body["charge"], body["register"]
        one = sources.setdefault(key, source) == source
        need(one, f"{who} has another charge or register than the other levels of its item and period.")
        inside = {row[0] for row in groups if row[3] == level}
        depth = [*scales].index(level)
        above = {row[0] for row in groups if depth and row[3] == [*scales][depth - 1]} or {None}
        tree = {row[2] for row in groups if row[0] in inside} <= above
        need(tree, f"{who} has groups whose parents are not at the level above.")
        need(body["values"].keys() == inside, f"{who} has other groups than its register at that level.")
        need(all(map(whole, body["values"].values())), f"{who} holds a value that is no whole number.")
        drawn[key].append(level)
    need(len({charge for charge, _ in sources.values()}) == len(sources), "Two draws share one charge.")
    items = {name: item for plan in of(entries, "plan") for name, item in items_of(plan).items()}
    for (name, period), levels in drawn.items():
        need(len(levels) == len(items[name]["sigma"]), f"An item lacks the draw of a level for {period}.")
    return f"{sum(map(len, drawn.values()))} draws: signed, open, at the signed scale, once, for all groups."


def contrasts(groups: Groups, draws: dict[str, Entry], scales: Entry) -> Iterator[float]:
    """Parents against their children for one item and period: squares of independent, standard numbers.

    Plain differences of neighbouring levels share the noise of the level between. So each parent meets
    the best estimate from all below it, and the mean of both by inverse variance, which does not
    correlate with their difference, stands for it further up.
    """
    below: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for level in reversed(scales):
        for group, _, parent, _, *_ in (row for row in groups if row[3] == level):
            best, variance = draws[level]["values"][group], scales[level] ** 2
            if group in below:
                mean, spread = below[group]
                yield (best - mean) ** 2 / (variance + spread)
                best = (best * spread + mean * variance) / (variance + spread)
                variance = variance * spread / (variance + spread)
            below[parent] = [below[parent][0] + best, below[parent][1] + variance]


def check_noise(entries: list[Entry]) -> str:
    """Two-sided chi-square, by Chernoff's bound: it never understates a tail, so the named rate is kept."""
    draws: dict[tuple[str, str], dict[str, Entry]] = defaultdict(dict)
    tests: dict[str, list[float]] = defaultdict(list)
    for _, body, item, groups in draws_of(entries):
        known = draws[body["item"], body["period"]]
        known[body["level"]] = body
        if len(known) == len(item["sigma"]):
            squares = list(contrasts(groups, known, dict(item["sigma"])))
            tests["all draws"] += squares
            tests[f"the measure '{item['measure']}'"] += squares
    enough = {name: squares for name, squares in tests.items() if len(squares) >= FEWEST_CONTRASTS}
    told = [f"There are too few draws to tell: fewer than {FEWEST_CONTRASTS} parents with children."]
    for name, squares in enough.items():
        degrees, ratio = len(squares), sum(squares) / len(squares)
        tail = degrees / 2 * (1 - ratio + math.log(ratio)) if ratio > 0 else -math.inf
        told.append(
            f"In {name} noise is {ratio**0.5:.2f} times what was signed ({degrees} degrees of freedom)."
        )
        need(tail >= math.log(FALSE_ALARM / 2 / len(enough)), told[-1])
    return f"{told[min(1, len(enough))]} An honest ledger breaks this once in {1 / FALSE_ALARM:.0f} at most."


def check_files(entries: list[Entry], releases: Path) -> str:
    bodies = {body["release"]: body for body in of(entries, "release")}
    need(len(bodies) == len(of(entries, "release")), "A release was entered twice.")
    found = {path.name for path in releases.iterdir()} if releases.is_dir() else set()
    unfinished = {f".{name}.draft" for name in (*bodies, "latest")}
    strange = sorted(found - bodies.keys() - unfinished - {"latest"})
    need(not strange, f"{strange[:1]} lies among the releases and has no ledger entry.")
    for name in [*bodies, *found & {"latest"}]:  # latest stands for the newest one
        body, folder, who = bodies.get(name) or [*bodies.values()][-1], releases / name, f"Release {name}"
        need(re.fullmatch(r"[\dQ-]+", body["release"]), "A release has a name that no release has.")
        need(folder.is_dir(), f"{who} was entered but its folder is missing: it was withheld or removed.")
        files = {path.name for path in folder.iterdir()} - {"certificate.json"}
        need(files >= body["files"].keys(), f"{who} lacks a file that its entry names.")
        need(files <= body["files"].keys(), f"{who} holds a file that its entry does not name.")
        for file, hashed in body["files"].items():
            same = digest((folder / file).read_bytes()) == hashed
            need(same, f"{who} has another {file} than was entered.")
        need((folder / "certificate.json").is_file(), f"{who} has no certificate.")
        certificate = json.loads((folder / "certificate.json").read_bytes())
        need(body.items() <= certificate.items(), f"{who} has a certificate that does not repeat its entry.")
    return f"{len(bodies)} releases hold every file as entered and none besides."


def fault(row: dict[str, str], numbers: list[str], draws: dict[str, Entry]) -> str:
    """What is wrong with a row of a release, if anything is."""
    if row["status"] == "blank":
        known = "" if row["reason"] in BLANKS else "a blank without a known reason"
        return "a value in a blank" if any(numbers) else known
    if row["status"] != "shown" or row["reason"] or not all(numbers):
        return "a row neither shown with value and interval nor blank with a reason"
    values = [float(number) for number in numbers]
    if not all(map(math.isfinite, values)) or values != sorted(values):
        return "a value outside its interval"
    month, _, window = row["period"].partition("/")
    for seq in (row.get("ledger_entries") or row.get("ledger_entry") or "none").split():
        body = draws.get(seq, {"period": month, "level": "", "values": ()})
        age = last_month(month) - last_month(body["period"])
        in_window = 0 <= age <= int(window.strip("PM") or 1)  # turnover needs the month before, too
        if not in_window or body["level"] != row["level"] or row["unit_id"] not in body["values"]:
            return "a number whose ledger entries do not exist or do not fit"
    return ""


def check_blanks(entries: list[Entry], releases: Path) -> str:
    draws: dict[str, Entry] = {}
    seen: dict[str, int] = defaultdict(int)
    for entry in entries:
        draws |= {str(entry["seq"]): entry["body"]} if entry["kind"] == "measurement" else {}
        for table in NUMBERS if entry["kind"] == "release" else ():
            name = entry["body"]["release"]
            with open(releases / name / table, encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    seen[row["status"]] += 1
                    wrong = fault(row, [row[column] for column in NUMBERS[table]], draws)
                    need(not wrong, f"{table} of release {name} has {wrong}.")
    return f"{seen['shown']} numbers have interval and entries, {seen['blank']} blanks a reason."


def examine(name: str, check: Callable[..., str], *given: Any) -> Finding:
    try:
        holds, sentence = True, check(*given)
    except Broken as broken:
        holds, sentence = False, str(broken)
    except Exception as error:  # whatever is wrong with the records, the auditor gets a sentence
        holds, sentence = False, f"What this reads is missing or malformed ({type(error).__name__})."
    return Finding(name, holds, "".join(sign if " " <= sign <= "~" else "?" for sign in sentence))


def verify(
    lines: list[str], releases: Path, policy: Entry | None = None, heads: list[str] | None = None
) -> list[Finding]:
    """All checks. ``policy`` is the parsed policy.toml, ``heads`` the witness's lines; None: not given."""
    entries = [entry for entry in map(parse, lines) if entry]
    return [
        examine("chain", check_chain, lines),
        examine("heads", check_heads, lines, releases, heads),
        examine("loss", check_loss, entries, policy),
        examine("draws", check_draws, entries),
        examine("noise", check_noise, entries),
        examine("files", check_files, entries, releases),
        examine("blanks", check_blanks, entries, releases),
    ]


def read_ledger(path: Path) -> list[str]:
    """The lines of ledger.jsonl or ledger.sqlite. Raises OSError, ValueError or sqlite3.Error."""
    if path.suffix != ".sqlite":
        return path.read_bytes().decode().removesuffix("\n").split("\n")  # splitlines cuts inside some names
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        return [str(line) for (line,) in database.execute("SELECT line FROM entry ORDER BY seq")]


def attempt(read: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return read()
    except (OSError, ValueError, sqlite3.Error):
        return otherwise


def main(argv: list[str] | None = None) -> int:
    """Print a line for each check and a last one for all; 0 when everything holds, else 1."""
    parser = argparse.ArgumentParser(description="Verify a ledger, its releases, its policy and a witness.")
    for name in ("ledger", "releases", "policy", "--witness"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args(argv)
    absent = [str(path) for path in (given.ledger, given.releases, given.policy) if not path.exists()]
    if absent:
        sys.stdout.write(
            f"There is no {absent[0]}: name a ledger (ledger.jsonl), its releases, its policy.\n"
        )
        return 1
    lines = attempt(lambda: read_ledger(given.ledger), [])
    policy = attempt(lambda: tomllib.loads(given.policy.read_text(encoding="utf-8")), {})
    heads = attempt(lambda: given.witness and given.witness.read_text(encoding="utf-8").splitlines(), [])
    findings = verify(lines, given.releases, policy, heads)
    broke = sum(not found.holds for found in findings)
    told = [f"{'holds' if found.holds else 'BROKE'}  {found.name}: {found.sentence}" for found in findings]
    told.append(f"{broke} check{'s' * (broke > 1)} broke." if broke else "Everything holds.")
    sys.stdout.write("\n".join(told) + "\n")
    return int(broke > 0)


if __name__ == "__main__":
    sys.exit(main())
