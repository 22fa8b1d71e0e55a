"""The one kind of error a person at the keyboard is meant to read."""

from __future__ import annotations

import os


class Refusal(Exception):
    """Leeward declines to go on, in one sentence: what, where, the limit, what to do.

    The sentence never holds a cell's value or a person's id: it may name files, lines,
    columns, declared limits and units of the public register.
    """

    exit_code = 2


def kind_of(error: BaseException) -> str:
    """What to call an error whose text may hold data: the system's words for its number, or its name.

    >>> kind_of(OSError(28, "what it says")), kind_of(ValueError("a cell"))
    ('No space left on device', 'ValueError')
    """
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(getattr(error, "sqlite_errorname", type(error).__name__))


class BadPolicy(Refusal):
    """The policy cannot be read, or asks for what the guarantee does not allow."""

    exit_code = 3


class BadRegister(Refusal):
    """The organisation register is not a tree of dated units."""

    exit_code = 4


class BadExport(Refusal):
    """A file's structure is not what its mapping declares."""

    exit_code = 5


class BudgetRefused(Refusal):
    """A plan or a draw would cost more than was signed."""

    exit_code = 6


class LedgerRefused(Refusal):
    """The ledger, its witness and the warehouse do not tell the same story."""

    exit_code = 7
