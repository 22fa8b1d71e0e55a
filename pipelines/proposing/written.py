"""Texts of a file as a proposal may quote them: on one line, and never ending what they stand in."""

from __future__ import annotations


def quoted(text: str) -> str:
    """A TOML text; what would end it is escaped."""
    escapes = {"\\": "\\\\", '"': '\\"', "\t": "\\t"}
    return '"' + "".join(escapes.get(sign) or plain_text(sign) for sign in text) + '"'


def plain_text(text: str) -> str:
    """A heading inside a comment: on one line."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
