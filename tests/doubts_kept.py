"""Rules of a mapping under which every doubtful row counts that may: where one person can bring most."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.exports import EXPORTS
from pipelines.rules import Choice, doubts_of


def doubts_kept(exports: Iterable[str]) -> str:
    """The sections to add to a mapping of these exports that chooses nothing itself."""
    return "".join(_section(name) for name in exports)


def _section(export: str) -> str:
    kept = (doubt.name for doubt in doubts_of(EXPORTS[export]) if Choice.KEEP in doubt.outcomes)
    return f"[exports.{export}.rules]\n" + "".join(f'{name} = "{Choice.KEEP.value}"\n' for name in kept)
