"""A proposal as text: margins before anything is spent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from metrics.indicators import INDICATORS
from metrics.measures import MEASURES
from metrics.planner import Proposal
from metrics.rehearsal import Promise
from privacy.accounting import epsilon_of
from privacy.groups import Z95
from privacy.plan import Plan, PlanItem
from privacy.policy import Policy

HEAD_COUNT = INDICATORS["head_count"]
OVER = {1: "month", 3: "quarter", 12: "12 months"}
MARGINS = ("indicator", "level", "over", "margin", "in people", "target", "units shown")
COSTS = ("measure", "each", "noise by level", "ρ", "of the plan")
DEAREST = 3


def plan_lines(policy: Policy, proposal: Proposal, *, with_blanks: bool = False) -> Iterator[str]:
    """The plan as tables of expected 95 % margins and of what each item costs, with what that adds up to."""
    plan = proposal.plan
    yield f"Plan of the budget year {plan.year.title} for {policy.organisation}"
    yield ""
    yield from _table([MARGINS, *(_row(promise) for promise in proposal.promises)])
    yield ""
    yield "Margins are half-widths of 95 % intervals in a typical unit, if every post is filled as usual."
    yield from _all_blank_lines(proposal) if with_blanks else _blank_lines(proposal)
    yield ""
    yield from _table([COSTS, *(_cost(item, plan) for item in plan.items)])
    yield ""
    yield f"Cost: ρ = {plan.rho} of {policy.rho} a person and year, of it {plan.reserve} in reserve;"
    yield (
        f"ε = {epsilon_of(plan.rho, policy.delta):.2f} of {policy.epsilon} at δ = {policy.delta}. "
        "It compares with the person's records not being there at all."
    )
    yield from _missed_lines(policy, proposal)
    yield from _dearest_lines(proposal)
    if proposal.kept:
        kept = ", ".join(dict.fromkeys(item.measure for item in proposal.kept))
        yield f"Kept from last year, so that their caps run on: {kept}."


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cost(item: PlanItem, plan: Plan) -> tuple[str, ...]:
    scale = MEASURES[item.measure].quantity.scale
    noise = ", ".join(f"{level} ± {Z95 * sigma / scale:,.0f}" for level, sigma in item.sigmas)
    share = 100 * item.rho.pico / plan.rho.pico
    return item.measure, str(item.cadence), noise, str(item.rho), f"{share:.0f} %"


def _missed_lines(policy: Policy, proposal: Proposal) -> Iterator[str]:
    """Which targets the plan does not meet, and what it would take."""
    if proposal.is_met:
        yield "Every target is met."
        return
    for promise in proposal.missed:
        title = f"{INDICATORS[promise.indicator].title}, {promise.level}, {OVER[promise.window]}"
        if promise.margin is None or not promise.shown:
            yield f"Missed: {title}: no unit would be large enough, or told precisely enough, to be shown."
        else:
            yield f"Missed: {title}: ± {_number(promise.margin)} where ± {promise.target:g} is wanted."
    if proposal.needed is None:
        yield "No epsilon would meet all of them: widen these targets, or ask for them less deeply."
    elif proposal.needed > policy.rho:
        yield f"Meeting all of them would take about ε = {epsilon_of(proposal.needed, policy.delta):.1f}."


def _dearest_lines(proposal: Proposal) -> Iterator[str]:
    """Where relaxing a target would save most."""
    dearest = sorted(proposal.shares.items(), key=lambda each: -each[1])[:DEAREST]
    told = [
        f"{INDICATORS[wanted.indicator].title.lower()} by {wanted.cadence} in each {wanted.level} "
        f"({100 * share:.0f} %)"
        for wanted, share in dearest
        if share > 0
    ]
    if told:
        yield f"Targets that account for most of the loss: {', '.join(told)}."


def _all_blank_lines(proposal: Proposal) -> Iterator[str]:
    """Every group that would be left blank, by indicator, level and window."""
    for promise in proposal.promises:
        if promise.blank:
            title = f"{INDICATORS[promise.indicator].title}, {promise.level}, {OVER[promise.window]}"
            yield f"Blank: {title}: {', '.join(promise.blank)}."


def _blank_lines(proposal: Proposal) -> Iterator[str]:
    """The groups that even a head count would leave blank, by month and by quarter."""
    counts = [promise for promise in proposal.promises if promise.indicator == HEAD_COUNT.id]
    for level in dict.fromkeys(promise.level for promise in counts):
        first, *others = (promise.blank for promise in counts if promise.level == level)
        if never := [name for name in first if all(name in blank for blank in others)]:
            yield f"Never shown alone, {level}: {', '.join(never)}."


def _number(margin: float) -> str:
    """Two digits that count; nobody reads a margin of many thousands, or of a ratio to nothing.

    >>> _number(0.1234), _number(174.0), _number(float("inf"))
    ('0.12', '174', 'any')
    """
    if not math.isfinite(margin):
        return "any"
    return f"{margin:.2g}" if margin < 100 else f"{margin:,.0f}"


def _row(promise: Promise) -> tuple[str, ...]:
    indicator = INDICATORS[promise.indicator]
    unit = indicator.reading.unit
    margin = "blank" if promise.margin is None else f"± {_number(promise.margin)} {unit}"
    target = "" if promise.target is None else f"± {promise.target:g}" + (" !" if promise.is_missed else "")
    return (
        indicator.title,
        promise.level,
        OVER[promise.window],
        margin,
        "" if promise.people is None else f"± {promise.people:.0f}",
        target,
        f"{promise.shown} of {promise.groups}",
    )
