"""Colours and settings of looks: grey unless it matters, one accent, one warning.

All are told apart by the colour-blind (blue and vermilion) and read on a light and a dark ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

GREY = "#858a93"
ACCENT = "#1f77c9"
WARNING = "#d2571c"

STYLESHEET = Path(__file__).with_name("theme.css")

OPTIONS: Mapping[str, str] = {
    "theme.baseRadius": "6px",
    "theme.light.primaryColor": "#1565b0",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#f5f6f7",
    "theme.light.textColor": "#1d2430",
    "theme.dark.primaryColor": "#6cb2f5",
    "theme.dark.backgroundColor": "#14181f",
    "theme.dark.secondaryBackgroundColor": "#1e242d",
    "theme.dark.textColor": "#e6e9ee",
}
