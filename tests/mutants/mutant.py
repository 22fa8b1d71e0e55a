"""A mutant and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

KILLED, TIMEOUT, SURVIVED = "killed", "timeout", "survived"


@dataclass(frozen=True)
class Mutant:
    """One change of one line: what stood there, what stands there now, and whether a test noticed.

    ``module`` is a Python module of ``privacy/`` or ``sql``; a test that never ends noticed too.
    """

    module: str
    before: str
    after: str
    outcome: str

    @property
    def is_killed(self) -> bool:
        return self.outcome in (KILLED, TIMEOUT)
