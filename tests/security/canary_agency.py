"""The tiny agency with canaries in every column of every declared export."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from canaries import Canary, Refuge, Salt
from planting import Planted, planted
from tiny_agency import TinyAgency

from pipelines.exports import PERSON_ID
from pipelines.home import Home
from pipelines.pseudonyms import Pseudonyms

SHIM = Path(__file__).with_name("shim")
SAID = ("stdout", "stderr", "exit_code", "struck", "watched")
WATCH = "LEEWARD_TEST_WATCH"
CASES_AND_EXPOSURE = """
[measures.case_holders]
highest = 1
half_width = 1
source = "by definition"
[measures.open_cases]
highest = 60
half_width = 12
centre = 15
source = "caseload standard"
[measures.exposure_hours]
highest = 200
half_width = 40
centre = 20
source = "job profile"
[indicators.mean_open_cases]
target_margin = { organisation = 30, division = 30 }
blank_above = { month = 60, year = 60 }
[indicators.exposure_hours]
target_margin = { organisation = 30, division = 30 }
blank_above = { month = 60, year = 60 }
"""


@dataclass(frozen=True)
class CanaryAgency:
    """A home whose plan is signed, and exports to run it on. All lies under one folder."""

    tiny: TinyAgency
    salt: Salt

    @classmethod
    def at(cls, root: Path, last_month: str = "2026-03", is_held: bool = False) -> CanaryAgency:
        """Written to disk, its plan signed, nothing taken in yet; exports cover the year up to a month.

        Args:
            is_held: its releases wait for approval.
        """
        tiny, salt = TinyAgency.at(root), Salt(secrets.token_hex(8))
        for name in [name for name in tiny.files if name.startswith("exports/")]:
            del tiny.files[name]
        agency = cls(tiny, salt)
        tiny.files["config/mapping.toml"] = "".join(each.mapping(last_month) for each in agency.planted)
        signing = "plan = 1\nrelease = 1" if is_held else "plan = 1"
        policy = tiny.files["config/policy.toml"].replace("plan = 1", signing)
        tiny.files["config/policy.toml"] = policy + CASES_AND_EXPOSURE
        tiny.begin()
        agency.exports.mkdir(exist_ok=True)
        for each in agency.planted:
            (agency.exports / each.file_name).write_bytes(each.content)
        return agency

    def moved_to(self, root: Path) -> CanaryAgency:
        """The same agency, which lies elsewhere."""
        return replace(self, tiny=replace(self.tiny, root=root))

    def copied_to(self, root: Path) -> CanaryAgency:
        """The same agency elsewhere, in whatever state it is, without what Prefect remembers."""
        shutil.copytree(self.root, root, symlinks=True, ignore=shutil.ignore_patterns("prefect", *SAID))
        return self.moved_to(root)

    @property
    def root(self) -> Path:
        return self.tiny.root

    @property
    def home(self) -> Home:
        return Home(self.tiny.home)

    @property
    def exports(self) -> Path:
        return self.tiny.exports

    @property
    def witness(self) -> Path:
        return self.root / "witness"

    @cached_property
    def planted(self) -> tuple[Planted, ...]:
        return planted(self.salt)

    def of(self, export: str) -> Planted:
        return next(each for each in self.planted if each.export.name == export)

    @property
    def environment(self) -> Mapping[str, str]:
        """Temporary files lie in a folder of its own, and what processes touch is written down."""
        temporary = self.root / "tmp"
        temporary.mkdir(exist_ok=True)
        return {
            **self.tiny.environment,
            "TMPDIR": str(temporary),
            "PYTHONPATH": str(SHIM),
            "PYTHONDONTWRITEBYTECODE": "1",
            WATCH: str(self.watched),
        }

    @property
    def watched(self) -> Path:
        """One line for each file opened for writing and each address called: see ``shim``."""
        return self.root / "watched"

    @property
    def canaries(self) -> tuple[Canary, ...]:
        """All that was planted, and what the product makes of it under its own key."""
        cells = [canary for each in self.planted for canary in each.canaries]
        return tuple(dict.fromkeys([*cells, *self._fingerprints(), *self._pseudonyms(cells)]))

    def _fingerprints(self) -> list[Canary]:
        """The hash of each export file, which the warehouse keeps to know it again."""
        files = sorted(path for path in self.exports.iterdir() if path.is_file())
        digests = [(path.name, sha256(path.read_bytes()).hexdigest()) for path in files]
        return [Canary(f"hash of {name}", digest, Refuge.WAREHOUSE) for name, digest in digests]

    def _pseudonyms(self, cells: list[Canary]) -> list[Canary]:
        """Of the planted persons, and the key itself."""
        if not self.home.pseudonym_key.is_file():
            return []
        key = self.home.pseudonym_key.read_bytes()
        people = [cell for cell in cells if PERSON_ID in cell.where or cell.where.startswith("person,")]
        hashed = [Pseudonyms(key).of(person.text) for person in people]
        return [
            Canary("pseudonym key", key.hex()),
            *(
                Canary(f"pseudonym, {p.where}", h, Refuge.WAREHOUSE)
                for p, h in zip(people, hashed, strict=True)
            ),
        ]


def row_text(agency: CanaryAgency) -> str:
    """What an error that quotes whole rows would say: every planted cell."""
    return " | ".join(canary.cell for each in agency.planted for canary in each.canaries)
