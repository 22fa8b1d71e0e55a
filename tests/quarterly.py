"""A policy text with other targets of an indicator: by the month, by the quarter, or both."""

from __future__ import annotations

WIDE = 10**6  # a limit that leaves nothing blank for its margin


def with_targets(
    policy: str, indicator: str, *, month: str = "", quarter: str = "", limit: int = WIDE
) -> str:
    """The text with the section of an indicator replaced; targets as TOML, none where empty."""
    head = f"[indicators.{indicator}]"
    start = policy.index(head)
    end = policy.find("[indicators.", start + 1)
    wanted = [f"{key} = {margins}" for key, margins in named(month, quarter) if margins]
    limits = f"month = {limit}, year = {limit}" + (f", quarter = {limit}" if quarter else "")
    section = "\n".join([head, *wanted, f"blank_above = {{ {limits} }}", "", ""])
    return policy[:start] + section + (policy[end:] if end > 0 else "")


def named(month: str, quarter: str) -> tuple[tuple[str, str], ...]:
    return ("target_margin", month), ("target_quarter", quarter)


def without(policy: str, *sections: str) -> str:
    """The text without some sections, such as ``indicators.turnover``."""
    for section in sections:
        start = policy.index(f"[{section}]")
        end = policy.find("\n[", start + 1)
        policy = policy[:start] + (policy[end + 1 :] if end > 0 else "")
    return policy
