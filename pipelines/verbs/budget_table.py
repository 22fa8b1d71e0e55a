"""The privacy budget as text, from the published ledger alone."""

from __future__ import annotations

from collections.abc import Iterator

from privacy.accounting import Delta, Rho, epsilon_of, total
from privacy.periods import BudgetYear
from privacy.records import Records


def budget_lines(records: Records) -> Iterator[str]:
    """Each year's loss beside the running total; ρ adds, ε is converted from the total."""
    yield f"Privacy budget of one person at {records.organisation}"
    if not records.years:
        yield "No plan has been signed yet."
        return
    yield "Losses add as ρ; the ε of parts or years must not be added."
    running = Rho(0)
    for year in records.years:
        running = running + records.committed(year)
        yield from _year_lines(records, year, running)


def _year_lines(records: Records, year: BudgetYear, running: Rho) -> Iterator[str]:
    policy = records.plan_in_force(year).body["policy"]
    delta, allowed = Delta.parse(policy["delta"]), Rho(policy["rho_pico"])
    committed, reserve = records.committed(year), records.reserve(year)
    drawn = {m.item.identity for m in records.measurements if year.holds(m.period)}
    spent = total(item.rho for item in records.signed_items(year) if item.identity in drawn)
    left = Rho(allowed.pico - committed.pico - reserve.pico)
    yield ""
    yield f"{year.title}  allowed ρ = {allowed} (ε = {policy['epsilon']}, δ = {policy['delta']})"
    for name, loss in (("spent", spent), ("planned", committed), ("reserve", reserve), ("unplanned", left)):
        yield f"  {name:<10} ρ = {loss}   ε = {epsilon_of(loss, delta):.2f}"
    yield f"  all years  ρ = {running}   ε = {epsilon_of(running, delta):.2f}"
    for item in records.signed_items(year):
        mark = "drawn" if item.identity in drawn else "not drawn"
        yield f"    {item.measure:<24} ρ = {item.rho}  {', '.join(item.levels)}  ({mark})"
