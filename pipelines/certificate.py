"""The certificate of a release: what an auditor holds in hand."""

from __future__ import annotations

import math
from typing import Any

from pipelines.release_files import SCHEMA_VERSION
from privacy.accounting import Delta, Rho, epsilon_of
from privacy.budget import budgets, lifetime
from privacy.records import Records
from privacy.releases import ReleaseState


def certificate(records: Records, state: ReleaseState) -> dict[str, Any]:
    """The promise, the loss so far, the files, and the head of the ledger when the release left.

    Args:
        records: the ledger up to the release's entry, or to its approval where that was asked for.
    """
    body = state.entry.body
    started = tuple(b for b in budgets(records) if b.year.first.index <= state.year.first.index)
    year = next(budget for budget in started if budget.year == state.year)
    policy = records.plan_in_force(state.year).body["policy"]
    return {
        "schema_version": SCHEMA_VERSION,
        "organisation": records.organisation,
        "release": body["release"],
        "period": body["period"],
        "date": records.entries[-1].time[:10],
        "head": str(records.head),
        "files": body["files"],
        "promise": {key: policy[key] for key in ("epsilon", "delta", "rho_pico")},
        "budget_year": str(state.year),
        "loss_one_month": _loss(year.one_month, year.delta),
        "loss_this_year": _loss(year.committed, year.delta),
        "loss_in_total": _loss(lifetime(started), year.delta),
        "policy": policy["fingerprint"],
        "statement": (
            "Whether any one person's records were in the exports or not changes the chance of every "
            "outcome published for a budget year by at most the factor e^epsilon, but for delta."
        ),
    }


def _loss(rho: Rho, delta: Delta) -> dict[str, Any]:
    return {"rho_pico": rho.pico, "epsilon": math.ceil(epsilon_of(rho, delta) * 1e4) / 1e4}
