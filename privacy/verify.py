"""The auditor's verifier: ledger, releases, policy and witness, checked without raw data or network.

    python verify.py LEDGER RELEASES POLICY [--witness FILE]

It needs Python 3.11 and this file alone, and shares no code with what it checks. It verifies records,
and that noise was added; not what was read from the raw files.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import re
import sqlite3
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

FALSE_ALARM = 1e-6  # the chance at most that the noise check breaks on an honest ledger
FEWEST_CONTRASTS = 12
PICO = 10**12
ENTRY_KEYS = {"seq", "kind", "time", "code", "previous", "body"}
BODY_KEYS = {
    "opened": {"ledger", "organisation", "schema_version"},
    "register": {"document", "levels", "minimum_group", "trees"},
    "plan": {"year", "items", "reserve_pico", "rho_pico", "policy", "signed_by", "register"},
    "closed": {"year", "item"},
    "measurement": {"item", "period", "level", "sigma", "charge", "register", "values"},
    "release": {"release", "period", "files"},
}
ITEM_KEYS = set("measure version base highest centre standard half_width cap_squared cadence sigma".split())
POLICY_KEYS = {"fingerprint", "lag_days", "epsilon", "delta", "rho_pico", "reading"}
TREE_KEYS = {"from", "groups", "units"}
BLANKS = {"below-minimum-group", "sibling-blank", "too-noisy", "not-planned", "no-data"}
VALUE_COLUMNS = {
    "indicators.csv": ("value", "low", "high"),
    "measurements.csv": ("noisy_total",),
    "estimates.csv": ("estimate", "deviation"),
}


@dataclass(frozen=True)
class Finding:
    """What one check found, in a sentence."""

    name: str
    holds: bool
    sentence: str


@dataclass(frozen=True)
class Entry:
    """One line of the ledger that has a known form."""

    seq: int
    kind: str
    time: str
    previous: str
    body: Mapping[str, Any]


class Broken(Exception):
    """A check does not hold; says why in one sentence."""


def require(holds: bool, sentence: str) -> None:
    if not holds:
        raise Broken(sentence)


def whole(value: object, low: int = -(2**63), high: int = 2**63) -> bool:
    return type(value) is int and low <= value <= high


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def parse(line: str) -> Entry | None:
    """The entry of a line in canonical JSON with known keys throughout, or None."""
    try:
        fields = json.loads(line)
        body, kind = fields["body"], fields["kind"]
        parts = [(fields, ENTRY_KEYS), (body, BODY_KEYS[kind])]
        parts += [(item, ITEM_KEYS) for item in body.get("items", ())] if kind == "plan" else []
        parts += [(body["policy"], POLICY_KEYS)] if kind == "plan" else []
        parts += [(tree, TREE_KEYS) for tree in body["trees"]] if kind == "register" else []
        known = all(part.keys() == keys for part, keys in parts) and whole(fields["seq"], 1)
        same = canonical(fields).encode() == line.encode()
        return Entry(fields["seq"], kind, fields["time"], fields["previous"], body) if known and same else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def last_month(period: str) -> int:
    """The number of the month that ends ``2026-03`` or ``2026-Q1``, counted from year 0."""
    if match := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", period, re.ASCII):
        return int(match[1]) * 12 + int(match[2]) - 1
    match = re.fullmatch(r"(\d{4})-Q([1-4])", period, re.ASCII)
    require(match is not None, "A period is neither a month nor a quarter.")
    return int(match[1]) * 12 + int(match[2]) * 3 - 1 if match else 0


def in_year(period: str, year: str) -> bool:
    return 0 <= last_month(period) - last_month(year) < 12


def items_of(plan: Entry) -> dict[str, Mapping[str, Any]]:
    """Items by identity: the hash of all that defines them."""
    return {sha256(canonical(item).encode())[:16]: item for item in plan.body["items"]}


def check_chain(lines: list[str]) -> str:
    require(bool(lines), "The ledger is empty.")
    previous, last = "0" * 64, ""
    for number, line in enumerate(lines, 1):
        entry = parse(line)
        if entry is None:
            raise Broken(f"Line {number} is no known entry in canonical JSON: cut off, edited or extended.")
        require(entry.seq == number, f"Line {number} holds entry {entry.seq}: one was removed or moved.")
        require(entry.previous == previous, f"Entry {number} does not follow from the one before it.")
        require((entry.kind == "opened") == (number == 1), "The ledger was not opened once, first of all.")
        minute = datetime.strptime(entry.time, "%Y-%m-%dT%H:%MZ").strftime("%Y-%m-%dT%H:%MZ")
        require(minute == entry.time >= last, f"Entry {number} goes back in time or tells more than minutes.")
        previous, last = sha256(line.encode()), entry.time
    return f"{len(lines)} entries, each naming the hash of the one before; the head is {len(lines)}:{previous}."


def certificates(releases: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted(releases.glob("[0-9]*/certificate.json")):
        yield path.parent.name, json.loads(path.read_text(encoding="utf-8"))


def check_heads(lines: list[str], releases: Path, witness: list[str] | None) -> str:
    require(witness is None or bool(witness), "The witness is missing or empty; a rollback would not show.")
    certified = [(f"The certificate of {name}", str(body["head"])) for name, body in certificates(releases)]
    for who, head in [("The witness", head) for head in witness or ()] + certified:
        match = re.fullmatch(r"([1-9][0-9]{0,11}):([0-9a-f]{64})", head.strip())
        if match is None:
            raise Broken(f"{who} holds a line that is no head, NUMBER:HASH.")
        seq = int(match[1])
        behind = f"{who} has seen entry {seq}, the ledger ends at {len(lines)}: an older copy was put back."
        require(seq <= len(lines), behind)
        same = sha256(lines[seq - 1].encode()) == match[2]
        require(same, f"{who} saw another entry {seq}: the ledger was forked or rewritten.")
    seen = f"{len(witness)} heads of the witness" if witness else "No witness was given; no head of one"
    return f"{seen} and {len(certified)} of certificates checked: all lie in this ledger."


def price(item: Mapping[str, Any]) -> int:
    """C²/(2σ²) over the levels in 1e-12, each rounded up and one unit more, as the plan signs it."""
    cap, scales = item["cap_squared"], [sigma for _, sigma in item["sigma"]]
    sound = whole(cap, 1, 2**40) and bool(scales) and all(whole(sigma, 1) for sigma in scales)
    require(sound, f"The item '{item['measure']}' has a cap or scale without meaning.")
    levels = {level for level, _ in item["sigma"]}
    require(len(levels) == len(scales), f"The item '{item['measure']}' names a level twice.")
    return sum(math.ceil(Fraction(cap * PICO, 2 * sigma * sigma)) + 1 for sigma in scales)


def committed(entries: list[Entry], year: str) -> int:
    """The year's items in 1e-12 of rho; a closed one is free only if nothing of the year was drawn with it."""
    signed: dict[str, int] = {}
    kept: set[str] = set()
    drawn: set[str] = set()
    for entry in entries:
        if entry.kind == "plan" and entry.body["year"] == year:
            signed |= {identity: price(item) for identity, item in items_of(entry).items()}
            kept |= items_of(entry).keys()
        elif entry.kind == "closed" and entry.body["year"] == year:
            kept.discard(entry.body["item"])
        elif entry.kind == "measurement" and in_year(entry.body["period"], year):
            drawn.add(entry.body["item"])
    return sum(cost for identity, cost in signed.items() if identity in kept | drawn)


def delta_of(rho: float, epsilon: float) -> float:
    """The delta of rho-zCDP at epsilon (Canonne, Kamath, Steinke 2020), at the order where it is least.

    The logarithm is convex in the order; its derivative is halved to zero. Every order is a valid bound.
    """
    low, high = 1 + 1e-9, 1e9
    for _ in range(200):
        order = math.sqrt(low * high)
        rising = (2 * order - 1) * rho - epsilon + math.log1p(-1 / order) > 0
        low, high = (low, order) if rising else (order, high)
    exponent = (high - 1) * (high * rho - epsilon) - math.log(high - 1) + high * math.log1p(-1 / high)
    return math.exp(min(exponent, 0.0))


def check_plan(plan: Entry, policy: Mapping[str, Any] | None) -> None:
    body, signed, year = plan.body, plan.body["policy"], plan.body["year"]
    epsilon, delta = Decimal(signed["epsilon"]), Decimal(signed["delta"])
    numbers = whole(body["reserve_pico"], 0) and whole(signed["rho_pico"], 1) and 0 < epsilon < 1000
    require(numbers and 0 < delta < 1, f"The plan of {year} has a budget without meaning.")
    items = sum(price(item) for item in body["items"])
    stated = items + body["reserve_pico"] == body["rho_pico"]
    require(stated, f"The plan of {year} (entry {plan.seq}) states another loss than its items and reserve have.")
    within = delta_of(signed["rho_pico"] / PICO, float(epsilon)) <= float(delta)
    require(within, f"The loss that the plan of {year} allows exceeds its own epsilon {epsilon} at delta {delta}.")
    if policy is not None:
        promised = [Decimal(str(policy["budget"][key])) for key in ("epsilon", "delta")]
        agrees = [epsilon, delta] == promised
        require(agrees, f"The plan of {year} (entry {plan.seq}) was signed for another epsilon or delta than the policy's.")


def check_loss(entries: list[Entry], policy: Mapping[str, Any] | None) -> str:
    require(policy is None or "budget" in policy, "The policy is missing, unreadable or without a budget.")
    plans = {entry.body["year"]: entry for entry in entries if entry.kind == "plan"}
    apart = all(last_month(b) - last_month(a) >= 12 for a, b in pairwise(sorted(plans)))
    require(apart, "Two budget years overlap, so that some months have two budgets.")
    for entry in entries:
        if entry.kind == "plan":
            check_plan(entry, policy)
    spent = {year: committed(entries, year) + plan.body["reserve_pico"] for year, plan in plans.items()}
    for year, plan in plans.items():
        allowed = plan.body["policy"]["rho_pico"]
        over = f"{year} costs rho {spent[year] / PICO:.5f}, {allowed / PICO:.5f} is allowed: it is over budget."
        require(spent[year] <= allowed, over)
    years = ", ".join(f"{year} rho {loss / PICO:.5f}" for year, loss in sorted(spent.items())) or "no plan"
    given = "" if policy is not None else "; no policy was given to compare with"
    return f"The loss recomputed from caps and scales, reserve included, is within the budget ({years}){given}."
