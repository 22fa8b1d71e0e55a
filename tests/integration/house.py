"""A tiny agency's home, driven by the command's own verbs in this process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from ingest_folder import no_checks
from signatories import SECOND, TESTER, key_of
from tiny_agency import TinyAgency

from pipelines.cli import main
from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.ingest_report import IngestReport
from pipelines.installation import opened
from pipelines.release import release_due
from pipelines.stored import charged_months_of
from privacy.mechanism import DiscreteGaussian, Mechanism
from privacy.records import Records

TODAY = date(2026, 11, 22)
PLAN = ("plan", "sign", "--year", "2026-01")


@dataclass
class House:
    """A tiny agency's home, and what its verbs printed last."""

    agency: TinyAgency
    capsys: pytest.CaptureFixture[str]

    @classmethod
    def begun(
        cls, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], signing: str
    ) -> House:
        """A home that holds nothing but its configuration; ``signing`` is the policy's section."""
        agency = TinyAgency.at(root)
        policy = agency.files["config/policy.toml"]
        agency.files["config/policy.toml"] = policy.replace("plan = 1", signing)
        agency.write()
        monkeypatch.setenv("LEEWARD_HOME", str(agency.home))
        monkeypatch.setenv("LEEWARD_WITNESS", str(root / "witness"))
        house = cls(agency, capsys)
        house.does("init", "--from", str(root / "config"))
        return house

    @property
    def home(self) -> Home:
        return Home(self.agency.home)

    @property
    def records(self) -> Records:
        return Records.from_file(self.home.ledger_lines)

    def does(self, *arguments: str) -> str:
        """Run a verb that must succeed; returns what it printed."""
        code = main(list(arguments))
        told = self.capsys.readouterr()
        assert code == 0, told.err + told.out
        return told.out

    def refuses(self, *arguments: str) -> str:
        """Run a verb that must refuse; returns its sentence."""
        assert main(list(arguments)) > 1
        return self.capsys.readouterr().err

    def signs(self, name: str, *verb: str) -> str:
        return self.does(*verb, "--as", name, "--key", str(key_of(name)))

    def measures(self, mechanism: Mechanism | None = None) -> IngestReport:
        """Take in what is new and measure everything due, without Prefect; returns what was taken in."""
        with opened(self.home) as installation:
            known, charged = installation.register.unit_ids, charged_months_of(self.home)
            report = ingest(
                self.home, self.agency.exports, known_units=known, charged_periods=charged, today=TODAY,
                check=no_checks,
            )  # fmt: skip
            release_due(
                installation.home, installation.ledger, installation.witness,
                mechanism or DiscreteGaussian(), installation.policy, today=TODAY, say=lambda _: None,
            )  # fmt: skip
        return report


def with_signers(house: House) -> House:
    for name in (TESTER, SECOND):
        house.does("signer", name, "--key", f"{key_of(name)}.pub")
    return house


def with_plan(house: House) -> House:
    with_signers(house)
    for name in (TESTER, SECOND):
        house.signs(name, *PLAN)
    return house
