"""The auditor's verifier: python verify.py LEDGER RELEASES POLICY [WITNESS]

It needs Python 3.11 and this file alone, no raw data and no network, and shares no code with what it
checks. It verifies records, and that noise was added; not what was read. verify_more.py, run the same way
with verify_releases.py beside both, checks further: signatures, certificates, every row, nothing unlisted.
"""

import json
import math
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

Body = dict[Any, Any]
FALSE_ALARM = 1e-6  # the chance, at most, that the noise check breaks on an honest ledger
FEWEST_CONTRASTS = 12
PICO = 10**12
LINKS = ("latest", ".latest.draft")


class Finding(NamedTuple):
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


def parse(line: str) -> Body:
    """The entry of a line; empty unless the line is its canonical JSON."""
    try:
        entry: Body = json.loads(line)
        sound = isinstance(entry["body"], dict) and canonical(entry) == line.encode()
        return entry if sound else {}
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}


def last_month(period: str) -> int:
    """The month in which ``2026-03`` or ``2026-Q1`` ends, counted from year 0."""
    if not (match := re.fullmatch(r"([0-9]{4})-(?:(0[1-9]|1[0-2])|Q([1-4]))", period)):
        raise Broken("A period is neither a month nor a quarter.")
    return int(match[1]) * 12 + int(match[2] or 3 * int(match[3])) - 1


def price(item: Body) -> int:
    """C²/(2σ²) over the levels in 1e-12, each rounded up and one unit more, as a plan signs it."""
    cap, scales = item["cap_squared"], dict(item["sigma"])
    sound = whole(cap, 1, 2**40) and all(whole(sigma, 1) for sigma in scales.values())
    need(sound and len(scales) == len(item["sigma"]) > 0, "An item has a cap or noise scale without meaning.")
    return sum(math.ceil(Fraction(cap * PICO, 2 * sigma * sigma)) + 1 for sigma in scales.values())


def delta_of(rho: float, epsilon: float) -> float:
    """The delta of rho-zCDP at an epsilon: Canonne, Kamath and Steinke (2020), proposition 12.

    Every order gives a valid bound; the log of it has one minimum, found by bisection of its slope.
    """
    low, order = 1.0, 2.0**40
    for _ in range(200):
        middle = math.sqrt(low * order)
        rises = (2 * middle - 1) * rho - epsilon + math.log1p(-1 / middle) > 0
        low, order = (low, middle) if rises else (middle, order)
    log = (order - 1) * (order * rho - epsilon) - math.log(order - 1) + order * math.log1p(-1 / order)
    return math.exp(min(log, 0.0))


def contrasts(groups: list[list[Any]], draws: Body, scales: Body) -> Iterator[float]:
    """Parents against their children for one item and period: squares of independent, standard numbers.

    Each parent meets the best estimate from all below it; the mean of both by inverse variance, which
    does not correlate with their difference, stands for it further up.
    """
    below: Body = defaultdict(lambda: (0.0, 0.0))
    for level in reversed(scales):
        for group, _, parent, *_ in (row for row in groups if row[3] == level):
            best, variance = draws[level][group], scales[level] ** 2
            if group in below:
                mean, spread = below[group]
                yield (best - mean) ** 2 / (variance + spread)
                best = (best * spread + mean * variance) / (variance + spread)
                variance = variance * spread / (variance + spread)
            below[parent] = below[parent][0] + best, below[parent][1] + variance


class Audit:
    """What an auditor was given, and a method a check, which says what holds or raises Broken.

    ``policy`` is the parsed policy.toml, ``witness`` its lines; None where it was not given.
    """

    checks: tuple[str, ...] = ("chain", "heads", "loss", "draws", "noise", "files")

    def __init__(self, lines: list[str], releases: Path, policy: Body | None, witness: list[str] | None):
        self.lines, self.releases, self.policy, self.witness = lines, releases, policy, witness
        self.entries = [entry for entry in map(parse, lines) if entry]

    def of(self, kind: str) -> list[Body]:
        return [entry["body"] for entry in self.entries if entry["kind"] == kind]

    def replay(self) -> Iterator[tuple[Body, Body]]:
        """Every entry, with the items that may be drawn then: (year, identity) to item and its periods."""
        items: Body = {}
        for entry in self.entries:
            kind, body = entry["kind"], entry["body"]
            if kind == "closed":
                items.pop((body["year"], body["item"]), None)
            for item in {"plan": body.get("items"), "study": [body.get("item")]}.get(kind, ()):
                items[body["year"], digest(canonical(item))[:32]] = item, body.get("periods")
            yield entry, items

    def draws(self) -> Iterator[tuple[str, str, Body, Body, list[list[Any]]]]:
        """Every measurement: its name, year, body, item (signed and open) and the groups in force."""
        burnt = ""
        for entry, items in self.replay():
            body, who = entry["body"], f"Measurement {entry['seq']}"
            burnt = max(burnt, body.get("burnt_before", ""))
            if entry["kind"] == "measurement":
                last = last_month(body["period"])
                year = next((year for year, _ in items if 0 <= last - last_month(year) < 12), "")
                item, periods = items.get((year, body["item"]), ({}, []))
                signed = item and (periods is None or body["period"] in periods)
                need(signed, f"{who} has no item signed for its period and still open.")
                first = last - 2 * ("Q" in body["period"])
                day = f"{first // 12:04d}-{first % 12 + 1:02d}-01"
                ends = f"{last // 12:04d}-{last % 12 + 1:02d}-31"
                need(ends >= burnt, f"{who} is of a period that a restore has burnt.")
                trees = self.entries[body["register"] - 1]["body"]["trees"]
                in_force = sorted((tree["from"], tree["groups"]) for tree in trees if tree["from"] <= day)
                yield who, year, body, item, in_force[-1][1]

    def check_chain(self) -> str:
        need(self.lines, "The ledger is missing, unreadable or empty.")
        previous = "0" * 64
        for number, line in enumerate(self.lines, 1):
            entry = parse(line)
            need(entry, f"Line {number} is no entry in canonical JSON: cut off, edited or extended.")
            in_order = whole(entry["seq"], number, number)
            need(in_order, f"Line {number} is not entry {number}: one was removed, added or moved.")
            need(entry["previous"] == previous, f"Entry {number} does not follow from the one before it.")
            previous = digest(line.encode())
        return f"{number} entries, each naming the hash before it; the head is {number}:{previous}."

    def check_heads(self) -> str:
        need(self.witness != [], "The witness is missing, unreadable or empty: a rollback would not show.")
        seen = [("The witness", head.strip()) for head in self.witness or ()]
        for path in sorted(self.releases.glob("[0-9]*/certificate.json")):
            seen.append((f"The certificate of {path.parent.name}", json.loads(path.read_bytes())["head"]))
        abandoned, end = {head for body in self.of("restored") for head in body["abandoned"]}, len(self.lines)
        for who, head in (each for each in seen if each[1] not in abandoned):
            if not (match := re.fullmatch(r"([1-9][0-9]{0,11}):([0-9a-f]{64})", head)):
                raise Broken(f"{who} holds a line that is no head, NUMBER:HASH.")
            seq = int(match[1])
            need(seq <= end, f"{who} is ahead: it saw entry {seq}, the ledger ends at {end}: rolled back.")
            same = digest(self.lines[seq - 1].encode()) == match[2]
            need(same, f"{who} saw another entry {seq}: the ledger was forked or rewritten.")
        gone = f"; a restore openly gave up {len(abandoned)}" * bool(abandoned)
        given = "; no witness was given, so a rollback of all would not show" * (self.witness is None)
        return f"{len(seen)} heads seen by witness and certificates lie in this ledger{gone}{given}."

    def check_loss(self) -> str:
        need(self.policy is None or "budget" in self.policy, "The policy is missing, unreadable or none.")
        newest, others = {plan["year"]: plan for plan in self.of("plan")}, list[str]()
        need(len({last_month(year) % 12 for year in newest}) < 2, "Two budget years overlap.")
        for plan in self.of("plan"):
            year, rho, reserve, promise = plan["year"], plan["rho_pico"], plan["reserve_pico"], plan["policy"]
            need(whole(promise["rho_pico"], 1) and whole(reserve, 0), f"The budget of {year} has no meaning.")
            stated = sum(map(price, plan["items"])) + reserve == rho
            need(stated, f"The plan of {year} states another loss than its items and reserve have.")
            delta = delta_of(promise["rho_pico"] / PICO, float(promise["epsilon"]))
            need(delta <= Fraction(promise["delta"]), f"The rho of {year} is not within its epsilon.")
            told = self.policy["budget"] if self.policy else promise
            same = all(Fraction(told[key]) == Fraction(promise[key]) for key in ("epsilon", "delta"))
            others += [f"; {year} has epsilon {promise['epsilon']}, delta {promise['delta']}"] * (not same)
            same |= plan is not newest[max(newest)]
            need(same, f"The plan of {year} was signed for another epsilon or delta than the policy's.")
        drawn = {(year, body["item"]): (item, None) for _, year, body, item, _ in self.draws()}
        *_, (_, still_open) = self.replay()
        for year, plan in newest.items():
            paid = [each for (at, _), each in (drawn | still_open).items() if at == year]
            studied = sum(price(item) for item, periods in paid if periods)
            need(studied <= plan["reserve_pico"], f"The studies of {year} cost more than its reserve.")
            whole_year = sum(price(item) for item, _ in paid) - studied + plan["reserve_pico"]
            need(whole_year <= plan["policy"]["rho_pico"], f"The items of {year} cost more than is allowed.")
        given = "; no policy was given to compare with" * (self.policy is None) + "".join(sorted({*others}))
        return f"The loss of {len(newest)} years, recomputed from caps and scales, is in the budget{given}."

    def check_draws(self) -> str:
        drawn: Body = defaultdict(list)
        sources: Body = {}
        for who, _, body, item, groups in self.draws():
            key, level, scales = (body["item"], body["period"]), body["level"], dict(item["sigma"])
            signed = type(body["sigma"]) is int and body["sigma"] == scales.get(level)
            need(signed, f"{who} has another noise scale than was signed for its level.")
            in_step = ("Q" in key[1]) == (item["cadence"] == "quarter")
            need(in_step, f"{who} has another cadence than its item.")
            need(level not in drawn[key], f"{who} draws an item, period and level a second time.")
            source = body["charge"], body["register"]
            need(sources.setdefault(key, source) == source, f"{who} has another charge than other levels.")
            inside = {row[0]: row[2] for row in groups if row[3] == level}
            need(body["values"].keys() == inside.keys(), f"{who} has other groups than its register.")
            need(all(map(whole, body["values"].values())), f"{who} holds a value that is no whole number.")
            drawn[key].append(level)
        need(len({charge for charge, _ in sources.values()}) == len(sources), "Two draws share one charge.")
        return (
            f"{sum(map(len, drawn.values()))} draws: signed, open, once, at the signed scale, of all groups."
        )

    def check_noise(self) -> str:
        """Two-sided chi-square, by Chernoff's bound: it never understates a tail, so the rate is kept."""
        known: Body = defaultdict(dict)
        tests: dict[str, list[float]] = defaultdict(list)
        for _, _, body, item, groups in self.draws():
            draws, scales = known[body["item"], body["period"]], dict(item["sigma"])
            draws[body["level"]] = body["values"]
            for square in contrasts(groups, draws, scales) if len(draws) == len(scales) else ():
                tests["all draws"].append(square)
                tests[f"the measure '{item['measure']}'"].append(square)
        enough = {name: squares for name, squares in tests.items() if len(squares) >= FEWEST_CONTRASTS}
        told = [f"There are too few draws to tell: fewer than {FEWEST_CONTRASTS} parents with children."]
        for name, squares in enough.items():
            count, ratio = len(squares), sum(squares) / len(squares)
            tail = count / 2 * (1 - ratio + math.log(ratio)) if ratio > 0 else -math.inf
            told.append(f"In {name} noise is {ratio**0.5:.2f} times what was signed ({count} contrasts).")
            need(tail >= math.log(FALSE_ALARM / 2 / len(enough)), told[-1])
        return f"{told[min(1, len(enough))]} An honest ledger breaks this with a chance of {FALSE_ALARM}."

    def check_files(self) -> str:
        bodies = {body["release"]: body for body in self.of("release")}
        need(len(bodies) == len(self.of("release")), "A release was entered twice.")
        there = {path.name: path for path in self.releases.iterdir() if path.name not in LINKS}
        strange = sorted(there.keys() - bodies.keys())
        need(not strange, f"Folder {' '.join(strange)} lies among the releases without a ledger entry.")
        gone = {body["release"]: ["withdrawn.json"] for body in self.of("withdrawn")}
        may_be_held = any(plan["policy"]["signing"]["release"] for plan in self.of("plan"))
        out = {body["release"] for body in self.of("approved" if may_be_held else "release")}
        missing = sorted(out - there.keys())
        need(not missing, f"Release {' '.join(missing)} was entered but is missing: withheld or removed.")
        for name, folder in there.items():
            body, who = bodies[name], f"Release {name}"
            found = {path.name: path for path in folder.iterdir()}
            need(found.keys() >= {*body["files"], "certificate.json"}, f"{who} lacks a file.")
            beside = found.keys() - body["files"] - {"certificate.json", *gone.get(name, ())}
            need(not beside, f"{who} holds a file that its entry does not name.")
            for file, hashed in body["files"].items():
                need(digest(found[file].read_bytes()) == hashed, f"{who} has another {file} than entered.")
            certificate = json.loads(found["certificate.json"].read_bytes())
            need(body.items() <= certificate.items(), f"{who} has a certificate that contradicts its entry.")
        return f"{len(there)} releases hold every file as entered and none besides."

    def run(self) -> list[Finding]:
        """Every check; whatever is wrong with the records, the auditor gets a sentence."""
        found = []
        for name in self.checks:
            try:
                holds, sentence = True, getattr(self, f"check_{name}")()
            except Broken as broken:
                holds, sentence = False, str(broken)
            except Exception as error:
                holds, sentence = False, f"What this reads is missing or malformed ({type(error).__name__})."
            printable = "".join(sign if " " <= sign <= "~" else "?" for sign in sentence)
            found.append(Finding(name, holds, printable))
        return found


def attempt(read: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return read()
    except (OSError, ValueError):
        return otherwise


def main(arguments: list[str], audit: type[Audit] = Audit) -> int:
    paths = [Path(argument) for argument in arguments]
    missing = [f"{path.name} does not exist." for path in paths[:3] if not path.exists()]
    if len(paths) not in (3, 4) or missing:
        print("Name a ledger (ledger.jsonl), its releases, its policy and, if kept, the witness.", *missing)
        return 1
    text = attempt(lambda: paths[0].read_bytes().decode(), "")
    policy = attempt(lambda: tomllib.loads(paths[2].read_text(encoding="utf-8")), {})
    *seen, end = attempt(lambda: paths[3].read_bytes().decode(), "").split("\n") if paths[3:] else [""]
    # An end that is no whole head is what a crash left of one that nobody was told of.
    heads = [*seen, *[end] * (len(end) > 64)] if paths[3:] else None
    # Not splitlines, which cuts inside some names.
    return tell(audit(text.removesuffix("\n").split("\n") if text else [], paths[1], policy, heads).run())


def tell(findings: list[Finding]) -> int:
    """Print a line for each check and a last one for all; 0 when everything holds, else 1."""
    for finding in findings:
        print(f"{'holds' if finding.holds else 'BROKE'}  {finding.name}: {finding.sentence}")
    broke = sum(not finding.holds for finding in findings)
    print(f"{broke} check{'s' * (broke > 1)} broke." if broke else "Everything holds.")
    return int(broke > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
