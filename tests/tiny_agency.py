"""A tiny agency written from scratch: configuration and exports that a test may then spoil."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from signatories import TESTER, key_of

AS_TESTER = ("--as", TESTER, "--key", str(key_of(TESTER)))
POLICY = """
[organisation]
name = "Tiny House"
levels = ["organisation", "division"]
[register]
document = "budget of the tests"
posts_tolerance = "0.15"
[budget]
epsilon = "4"
delta = "1e-6"
reserve_share = "0.1"
year_starts = 1
[release]
minimum_group = 10
lag_days = 35
[signing]
plan = 1
[measures.employed]
highest = 1
half_width = 1
source = "by definition"
[measures.left]
highest = 1
yearly_cap = 1
source = "by definition"
[measures.scheduled_hours]
highest = 250
centre = 150
half_width = 40
source = "contract"
[measures.absent_hours]
highest = 60
yearly_cap = 150
source = "synthetic workforce"
[indicators.head_count]
target_margin = { organisation = 30, division = 30 }
blank_above = { month = 60, year = 60 }
[indicators.turnover]
target_margin = { organisation = 20, division = 20 }
blank_above = { month = 40, year = 40 }
[indicators.absence_rate]
target_margin = { organisation = 20, division = 20 }
blank_above = { month = 90, year = 90 }
"""
REGISTER = """unit_id,name,parent_id,authorised_posts,service_line,valid_from,valid_to,successor_id
ORG,Tiny House,,0,support,2026-01-01,,
NORTH,North,ORG,60,family,2026-01-01,,
SOUTH,South,ORG,60,family,2026-01-01,,
"""
MAPPING = """
[exports.staff]
file = "staff.csv"
covers = ["2026-01", "2026-03"]
[exports.staff.columns]
person_id = "Person"
unit_id = "Unit"
role = "Role"
start_date = "From"
end_date = "To"
weekly_hours = "Hours"
is_supervisor = "Leads"
[exports.staff.values.is_supervisor]
"Y" = "true"
"N" = "false"
[exports.separations]
file = "leavers.csv"
covers = ["2026-01", "2026-03"]
[exports.separations.columns]
person_id = "Person"
date = "Last day"
reason = "Reason"
[exports.absences]
file = "absences.csv"
covers = ["2026-01", "2026-03"]
[exports.absences.columns]
person_id = "Person"
start_date = "From"
end_date = "To"
hours = "Hours"
kind = "Kind"
"""


@dataclass
class TinyAgency:
    """Its folders; ``files`` may be changed before :meth:`write`."""

    root: Path
    files: dict[str, str]

    @classmethod
    def at(cls, root: Path) -> TinyAgency:
        people = [f"P{number:03d}" for number in range(100)]
        staff = [
            f"{person},{'NORTH' if place % 2 else 'SOUTH'},Case worker,2025-01-01,,37.5,N"
            for place, person in enumerate(people)
        ]
        absences = [f"{person},2026-02-02,2026-02-06,37.5,sickness" for person in people[::5]]
        return cls(
            root,
            {
                "config/policy.toml": POLICY,
                "config/register.csv": REGISTER,
                "config/mapping.toml": MAPPING,
                "exports/staff.csv": "\n".join(["Person,Unit,Role,From,To,Hours,Leads", *staff, ""]),
                "exports/leavers.csv": "Person,Last day,Reason\nP001,2026-02-20,voluntary\n",
                "exports/absences.csv": "\n".join(["Person,From,To,Hours,Kind", *absences, ""]),
            },
        )

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def exports(self) -> Path:
        return self.root / "exports"

    @property
    def environment(self) -> dict[str, str]:
        """As on a bare machine: an empty home directory, the witness beside it."""
        (self.root / "user").mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "XDG"))}
        here = {"LEEWARD_HOME": str(self.home), "HOME": str(self.root / "user")}
        return {**kept, **here, "LEEWARD_WITNESS": str(self.root / "witness")}

    def write(self) -> TinyAgency:
        for name, text in self.files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return self

    def leeward(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command in a process of its own."""
        command = [sys.executable, "-m", "pipelines.cli", *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=self.root, capture_output=True, text=True, timeout=300
        )

    def begin(self) -> TinyAgency:
        """Write everything and sign the plan of 2026."""
        self.write()
        for arguments in (
            ("init", "--from", str(self.root / "config")),
            ("signer", TESTER, "--key", f"{key_of(TESTER)}.pub"),
            ("plan", "sign", "--year", "2026-01", *AS_TESTER),
        ):
            done = self.leeward(*arguments)
            assert done.returncode == 0, done.stderr
        return self
