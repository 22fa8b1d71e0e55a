"""One installation, opened: its policy, register, ledger and witness, checked against each other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from metrics.organisation import Register, parse_register
from pipelines.home import Home, alone_in
from privacy.durable import write_whole
from privacy.entries import Head, digest
from privacy.errors import BadRegister, BudgetRefused, LedgerRefused, Refusal
from privacy.ledger import Clock, Ledger, export, now
from privacy.policy import Policy, read_policy
from privacy.records import Records
from privacy.witness import Witness, default_witness, whole_heads

CONFIG_FILES = ("policy.toml", "register.csv", "mapping.toml")


@dataclass(frozen=True)
class Installation:
    """What the verbs that write work on."""

    home: Home
    policy: Policy
    register: Register
    ledger: Ledger
    witness: Witness

    @property
    def register_body(self) -> dict[str, Any]:
        """The register as it stands, as a plan's signers agree to it."""
        policy = self.policy
        return self.register.signed_body(policy.register_document, policy.levels, policy.minimum_group)

    def check_register(self) -> None:
        """Raises BadRegister when the register was changed since it was signed."""
        signed = self.ledger.records.newest_register_digest
        if signed and signed != digest(self.register_body):
            raise BadRegister(
                "config/register.csv or the policy's levels or minimum group changed since they were signed; "
                "look at 'leeward plan' and sign them with 'leeward plan sign'."
            )

    def settle(self) -> None:
        """After a verb that wrote: show the head to the witness and publish the ledger."""
        self.witness.see(self.ledger.records)
        export(self.ledger, self.home.ledger_lines)


def product_version() -> str:
    return version("leeward")


def read_register(home: Home, levels: tuple[str, ...]) -> Register:
    """The organisation register of a home. Raises BadRegister when it is missing or no tree."""
    try:
        return parse_register(home.register.read_text(encoding="utf-8-sig"), levels)
    except FileNotFoundError:
        raise BadRegister("There is no register.csv in config/; make one with 'leeward init'.") from None
    except UnicodeDecodeError:
        raise BadRegister("register.csv is not UTF-8; save it again as 'CSV UTF-8'.") from None


def begin(home: Home, source: Path | None, clock: Clock = now) -> tuple[str, ...]:
    """Make a home: folders, configuration that is missing, ledger and witness. Safe to repeat.

    The ledger begins once policy and register are the organisation's own: its name stays in it for good.

    Args:
        source: a folder with policy.toml, register.csv and mapping.toml; commented templates unless given.

    Returns the names of what was made.
    """
    if source is not None and not source.is_dir():
        raise Refusal(f"There is no folder {source}; give one that holds {', '.join(CONFIG_FILES)}.")
    home.make_folders()
    with alone_in(home.root):
        made = [name for name in CONFIG_FILES if _place(home, name, source)]
        if not home.ledger.exists():
            if unfilled(home):
                return tuple(made)
            policy = read_policy(home.policy)
            ledger = Ledger.create(home.ledger, policy.organisation, code=product_version(), clock=clock)
            home.ledger.chmod(0o640)
            ledger.close()
            made.append(home.ledger.name)
        _show_opening(home, clock)
    return tuple(made)


def unfilled(home: Home) -> tuple[str, ...]:
    """The configuration files that still speak of no organisation, but of the templates' example.

    Raises:
        BadPolicy: the policy cannot be read.
    """
    example = tomllib.loads(_template(home.policy.name).decode())["organisation"]["name"]
    unnamed = (home.policy.name,) * (read_policy(home.policy).organisation == example)
    unlisted = home.register.exists() and home.register.read_bytes() == _template(home.register.name)
    return (*unnamed, *((home.register.name,) * unlisted))


def _template(name: str) -> bytes:
    return files("pipelines").joinpath("templates", name).read_bytes()


def _show_opening(home: Home, clock: Clock) -> None:
    """Begin the witness of a ledger that holds nothing but its opening, also after a crash in between."""
    with whole_ledger(home, clock) as ledger:
        records = ledger.records
        witness = witness_of(home, ledger)
        if len(records.entries) == 1 and not witness.path.exists():
            witness.begin(records.head)
        if len(records.entries) == 1:
            witness.check(records)
            export(ledger, home.ledger_lines)


def _place(home: Home, name: str, source: Path | None) -> bool:
    target = home.config / name
    if target.exists():
        return False
    if source is None:
        content = _template(name)
    elif (source / name).is_file():
        content = (source / name).read_bytes()
    else:
        raise Refusal(f"{source.name} has no {name}; give a folder that holds {', '.join(CONFIG_FILES)}.")
    write_whole(target, content, 0o640)
    return True


@contextmanager
def opened(home: Home, clock: Clock = now) -> Iterator[Installation]:
    """The installation of a home, for writing.

    Raises:
        Refusal: there is none, its configuration is wrong, or it belongs to another organisation.
    """
    policy = read_policy(home.policy)
    register = read_register(home, policy.levels)
    with alone_in(home.root), whole_ledger(home, clock) as ledger:
        _check_owner(ledger, policy, register)
        witness = witness_of(home, ledger)
        witness.check(ledger.records)
        yield Installation(home, policy, register, ledger, witness)


def whole_ledger(home: Home, clock: Clock = now) -> Ledger:
    """The ledger of a home, read once. Raises LedgerRefused where there is none or the file is damaged."""
    ledger = Ledger(home.ledger, code=product_version(), clock=clock)
    _ = ledger.records
    return ledger


def witness_of(home: Home, ledger: Ledger) -> Witness:
    """The witness of a home's ledger. Raises LedgerRefused where it would be restored along with the home."""
    path = default_witness(ledger.records.ledger_id)
    if path.resolve().is_relative_to(home.root):
        raise LedgerRefused(
            "The witness may not lie inside the home, or one backup would roll both back; "
            "name another place with LEEWARD_WITNESS."
        )
    return Witness(path)


def check(home: Home, *, needs_plan: bool = False) -> None:
    """Refuse at once what a flow would refuse after it started: see :func:`opened`."""
    with opened(home) as installation:
        if needs_plan and not installation.ledger.records.years:
            raise BudgetRefused(
                "No plan has been signed yet; look at 'leeward plan' and sign it with 'leeward plan sign'."
            )


def _check_owner(ledger: Ledger, policy: Policy, register: Register) -> None:
    """A home belongs to one organisation for ever: its people's losses are counted there."""
    records = ledger.records
    if policy.organisation != records.organisation:
        raise LedgerRefused(
            f"This home belongs to '{records.organisation}', the policy names another organisation; "
            "use a home of its own (LEEWARD_HOME) for each."
        )
    for entry in records.of("register"):
        root = entry.body["trees"][0]["groups"][0][0]
        if root not in register.unit_ids:
            raise LedgerRefused(
                f"This home's signed register begins at the unit '{root}', which config/register.csv lacks; "
                "it is another organisation's, use a home of its own (LEEWARD_HOME)."
            )


def read_ledger(home: Home) -> list[str]:
    """The ledger's lines, for whoever verifies them. Raises LedgerRefused where there is none."""
    with whole_ledger(home) as ledger:
        return list(ledger.lines())


def witness_lines(ledger: list[str]) -> list[str]:
    """What a ledger's witness remembers, empty where it is missing or cannot be read."""
    path = default_witness(Records.from_lines(ledger[:1]).ledger_id)
    try:
        return whole_heads(path.read_bytes()).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def begin_witness(home: Home, head: str) -> Path:
    """Begin a new witness from a head that somebody kept, where the old one is lost.

    Raises:
        LedgerRefused: the head is not one of this ledger, or a witness exists.
    """
    try:
        seen = Head.parse(head)
    except ValueError as error:
        raise LedgerRefused(f"--head: {error}, as in a certificate.") from None
    with alone_in(home.root), whole_ledger(home) as ledger:
        records = ledger.records
        if not 0 < seen.seq <= len(records.entries) or records.entries[seen.seq - 1].hash != seen.hash:
            raise LedgerRefused(
                "This ledger never had that head: it is an older copy or another one; "
                "restore the newest ledger."
            )
        witness = witness_of(home, ledger)
        witness.begin(seen)
        witness.see(records)
    return witness.path
