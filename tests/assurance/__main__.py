"""``make assurance``: writes docs/assurance.md from the figures beside it."""

from __future__ import annotations

from assurance.page import DOCS, kept_figures, page

if __name__ == "__main__":
    (DOCS / "assurance.md").write_text(page(kept_figures()), encoding="utf-8")
