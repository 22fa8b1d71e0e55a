"""A ledger with what people agreed to: signatures, a study, an approval and a withdrawal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from signatories import SECOND, TESTER, enter, public_key, signing
from vectors.audited import (
    ITEMS,
    LEVELS,
    MONTHS,
    RHO,
    YEARS,
    Audited,
    body,
    certify,
    draw,
    item,
    publish,
    tree,
)  # fmt: skip

from privacy.accounting import Rho
from privacy.agreements import Reason, approval_body, plan_body, study_body, withdrawal_body
from privacy.ledger import Ledger
from privacy.plan import Charge, Plan, Study, study_label
from privacy.verify import Finding
from privacy.verify_more import FurtherAudit

POLICY = {
    "budget": {"epsilon": "4", "delta": "1e-6"},
    "signing": {"plan": 2, "release": 1, "signers": {name: public_key(name) for name in (TESTER, SECOND)}},
}


def build_agreed(root: Path) -> Audited:
    """A plan and a study signed by two, one release approved, one withdrawn after its approval."""
    audited = Audited([], root / "releases")
    with Ledger.create(root / "ledger.sqlite", "Example", code="1", clock=noon) as ledger:
        signers = signing(TESTER, SECOND, plan=2, release=1)
        sign_plan(ledger, signers)
        study = Study(
            YEARS[1], 1, replace(item("left", cap_squared=1), study=study_label(YEARS[1], 1)), MONTHS[-1:]
        )
        enter(ledger, "study", study_body(study), TESTER, SECOND)
        values = {level: dict.fromkeys((group.id for group in tree().at(level)), 50) for level in LEVELS}
        ledger.measure(Charge("study", study.item, MONTHS[-1], 2), YEARS[1], values.__getitem__)
        for number, month in enumerate(MONTHS[-2:]):
            draw(ledger, month, number, 1.0)
            publish(ledger, audited, month)
            name = body([json.loads(line) for line in ledger.lines()], "release", -1)["release"]
            enter(ledger, "approved", approval_body(ledger.records, name), SECOND)
            certify(ledger, audited, name)
        enter(ledger, "withdrawn", withdrawal_body(ledger.records, name, Reason.WRONG_EXPORT), TESTER)
        mark = {"release": name, "reason": Reason.WRONG_EXPORT.value}
        (audited.releases / name / "withdrawn.json").write_text(json.dumps(mark))
        audited.lines = list(ledger.lines())
    return audited


def noon() -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


def sign_plan(ledger: Ledger, signers: dict[str, Any]) -> None:
    policy = {
        "fingerprint": "0" * 64, "lag_days": 35, "epsilon": "4", "delta": "1e-06", "rho_pico": RHO.pico,
        "signing": signers, "reading": {},
    }  # fmt: skip
    trees = [{"from": "2024-07-01", **tree().to_json()}]
    register = {"document": "Budget", "levels": list(LEVELS), "minimum_group": 10, "trees": trees}
    plan = plan_body(ledger.records, Plan(YEARS[1], ITEMS, Rho(RHO.pico // 10)), policy, register)
    enter(ledger, "plan", plan, TESTER, SECOND, register=register)


def found(name: str, lines: list[str], releases: Path, policy: dict[str, Any] = POLICY) -> Finding:
    audit = FurtherAudit(lines, releases, policy, None)
    return next(each for each in audit.run() if each.name == name)
