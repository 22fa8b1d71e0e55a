"""A certificate or a withdrawal says what the ledger does, and says it in one way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vectors.agreed import build_agreed, found
from vectors.audited import Audited, body, refused

Entries = list[dict[str, Any]]


@pytest.fixture(scope="module")
def agreed(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    return build_agreed(tmp_path_factory.mktemp("agreed"))


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(organisation="Somebody else"),
        lambda told: told["promise"].update(epsilon="0.1"),
        lambda told: told["loss_this_year"].update(rho_pico=1),
        lambda told: told["loss_in_total"].update(rho_pico=1),
        lambda told: told.update(budget_year="2024-07"),
        lambda told: told["loss_one_month"].update(rho_pico=1),
        lambda told: told.update(date="2020-01-01"),
        lambda told: told.update(policy="f" * 64),
        lambda told: told.update(statement="Nobody can learn anything."),
        lambda told: told.update(note="trust us"),
        lambda told: told.pop("schema_version"),
        lambda told: told["loss_this_year"].update(delta="0"),
    ],
    ids=range(12),
)
def test_a_certificate_that_says_otherwise_than_the_ledger_is_refused(
    agreed: Audited, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    shutil.copytree(agreed.releases, tmp_path / "releases")
    path = next((tmp_path / "releases").glob("*/certificate.json"))
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))
    refused(found("certificates", agreed.lines, tmp_path / "releases"), "says otherwise than the ledger")


@pytest.mark.parametrize("loss", ["loss_one_month", "loss_this_year", "loss_in_total"])
@pytest.mark.parametrize("more", [-0.0002, 0.0002, 1e6, 1e400])
def test_a_certificate_that_states_another_epsilon_than_its_rho_has_is_refused(
    agreed: Audited, tmp_path: Path, loss: str, more: float
) -> None:
    shutil.copytree(agreed.releases, tmp_path / "releases")
    path = next((tmp_path / "releases").glob("*/certificate.json"))
    told = json.loads(path.read_text())
    told[loss]["epsilon"] += more
    path.write_text(json.dumps(told).replace("Infinity", "1e400"))
    refused(found("certificates", agreed.lines, tmp_path / "releases"), "states another epsilon")


SAID_TWICE = [
    ("certificates", "certificate.json", '"promise":{"epsilon":"0.1"},', "holds a key twice"),
    ("certificates", "certificate.json", '"note":NaN,', "holds a number that is none"),
    ("approvals", "withdrawn.json", '"reason":"wrong-mapping",', "holds a key twice"),
]


@pytest.mark.parametrize(("check", "file", "more", "words"), SAID_TWICE, ids=range(3))
def test_what_two_readers_could_read_in_two_ways_is_refused(
    agreed: Audited, tmp_path: Path, check: str, file: str, more: str, words: str
) -> None:
    shutil.copytree(agreed.releases, tmp_path / "releases")
    path = next((tmp_path / "releases").glob(f"*/{file}"))
    path.write_text(path.read_text().replace("{", "{" + more, 1))
    refused(found(check, agreed.lines, tmp_path / "releases"), words)


def test_a_release_whose_rule_changed_while_it_waited_has_its_certificate_checked(
    agreed: Audited, tmp_path: Path
) -> None:
    """It waited by the plan before its entry; the plan after it asks for no approval any more."""

    def amend(entries: Entries) -> None:
        place = next(n for n, entry in enumerate(entries) if entry["kind"] == "approved")
        plan = json.loads(json.dumps(body(entries, "plan")))
        plan["policy"]["signing"]["release"] = 0
        entries.insert(place, {**entries[place], "kind": "plan", "body": plan})

    shutil.copytree(agreed.releases, tmp_path / "releases")
    lines = agreed.rewritten(amend)
    approved = next(
        entry["body"]["release"] for entry in map(json.loads, lines) if entry["kind"] == "approved"
    )
    path = tmp_path / "releases" / approved / "certificate.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"organisation": "Somebody else"}))
    refused(found("certificates", lines, tmp_path / "releases"), f"certificate of {approved} says otherwise")


def test_a_withdrawn_release_gives_the_reason_that_was_signed(agreed: Audited, tmp_path: Path) -> None:
    shutil.copytree(agreed.releases, tmp_path / "releases")
    (mark,) = (tmp_path / "releases").glob("*/withdrawn.json")
    mark.write_text(json.dumps(json.loads(mark.read_text()) | {"reason": "wrong-mapping"}))
    refused(
        found("approvals", agreed.lines, tmp_path / "releases"), "says otherwise than the ledger if it holds"
    )
