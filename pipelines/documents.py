"""The product's own documents and measured figures, as they lie in a clone or in an installation."""

from __future__ import annotations

import sys
from pathlib import Path

NAMES = ("guarantee.md", "for-staff.md", "assurance.md", "attacks.md", "mutants.md")
CLONE = Path(__file__).parents[1] / "docs"
INSTALLED = Path(sys.prefix) / "share" / "leeward"


def documents() -> Path:
    """The folder that holds the documents of :data:`NAMES` and ``figures/``."""
    return CLONE if CLONE.is_dir() else INSTALLED
