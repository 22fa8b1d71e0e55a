"""Further checks for the auditor: python verify_more.py LEDGER RELEASES POLICY [WITNESS]

Everything that verify.py and verify_releases.py check, which must lie beside this file, and: that the ledger
says nothing but what is listed here, the signatures (by ssh-keygen) and approvals.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from privacy.verify import Body, canonical, digest, main, need
    from privacy.verify_releases import ReleaseAudit, document, year_of
else:
    from verify import Body, canonical, digest, main, need
    from verify_releases import ReleaseAudit, document, year_of

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


class FurtherAudit(ReleaseAudit):
    """The checks of ledger and releases, and three more."""

    checks = (*ReleaseAudit.checks, "schema", "signatures", "approvals")

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

    def text_of(self, entry: Body) -> bytes:
        """What people signed of an entry."""
        unsigned = {key: value for key, value in entry["body"].items() if key != "signatures"}
        ledger = self.of("opened")[0]["ledger"]
        return canonical({"body": unsigned, "kind": entry["kind"], "ledger": ledger})

    def check_approvals(self) -> str:
        """What needs approval lies among the releases only with it; what is withdrawn says so."""
        held, marked = set(), dict[str, str]()
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
                marked |= {body["release"]: body["reason"]} if kind == "withdrawn" else {}
        there = sorted(path.name for path in self.releases.glob("[0-9]*"))
        for name in there:
            need(name not in held, f"Release {name} was published without the approval that it needs.")
            mark = self.releases / name / "withdrawn.json"
            said = document(mark) if mark.exists() else None
            true = {"release": name, "reason": marked[name]} if name in marked else None
            need(said == true, f"Release {name} says otherwise than the ledger if it holds.")
        gone = sorted(hashes.keys() - held - set(there))
        need(not gone, f"Release {' '.join(gone)} waits for no approval and is missing: withheld or removed.")
        return f"{len(held - marked.keys())} releases wait for approval, {len(marked)} are withdrawn."


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], FurtherAudit))
