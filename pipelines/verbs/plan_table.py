"""A proposal as text: margins before anything is spent."""

from __future__ import annotations

from collections.abc import Iterator

from metrics.indicators import INDICATORS
from metrics.planner import Proposal
from metrics.rehearsal import Promise
from privacy.accounting import epsilon_of
from privacy.policy import Policy

HEAD_COUNT = INDICATORS["head_count"]
OVER = {1: "month", 3: "quarter", 12: "12 months"}
HEADINGS = ("indicator", "level", "over", "margin", "in people", "target", "units shown")


def plan_lines(policy: Policy, proposal: Proposal) -> Iterator[str]:
    """The plan as a table of expected 95 % margins, with its cost."""
    plan = proposal.plan
    yield f"Plan of the budget year {plan.year.title} for {policy.organisation}"
    yield ""
    rows = [HEADINGS, *(_row(promise) for promise in proposal.promises)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""
    yield "Margins are half-widths of 95 % intervals in a typical unit, if every post is filled as usual."
    yield from _blank_lines(proposal)
    yield f"Cost: ρ = {plan.rho} of {policy.rho} a person and year, of it {plan.reserve} in reserve;"
    yield (
        f"ε = {epsilon_of(plan.rho, policy.delta):.2f} of {policy.epsilon} at δ = {policy.delta}. "
        "It compares with the person's records not being there at all."
    )
    if proposal.is_met:
        yield "Every target is met wherever a unit would be shown."
    else:
        needed = f"{proposal.epsilon_needed:.1f}"
        yield f"Not every target is met (marked !); meeting all would take about ε = {needed}."


def _blank_lines(proposal: Proposal) -> Iterator[str]:
    """The groups that even a head count would leave blank, by month and by quarter."""
    counts = [promise for promise in proposal.promises if promise.indicator == HEAD_COUNT.id]
    for level in dict.fromkeys(promise.level for promise in counts):
        first, *others = (promise.blank for promise in counts if promise.level == level)
        if never := [name for name in first if all(name in blank for blank in others)]:
            yield f"Never shown alone, {level}: {', '.join(never)}."


def _row(promise: Promise) -> tuple[str, ...]:
    indicator = INDICATORS[promise.indicator]
    unit = indicator.reading.unit
    margin = "blank" if promise.margin is None else f"± {promise.margin:.2g} {unit}"
    target = (
        "" if promise.target is None else f"± {promise.target:g}" + (" !" if promise.shortfall > 1 else "")
    )
    return (
        indicator.title,
        promise.level,
        OVER[promise.window],
        margin,
        "" if promise.people is None else f"± {promise.people:.0f}",
        target,
        f"{promise.shown} of {promise.groups}",
    )
