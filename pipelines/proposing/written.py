"""What a proposal writes of a file: texts, on one line and never ending what they stand in, and its form."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.proposing.beginning import Beginning


def quoted(text: str) -> str:
    """A TOML text; what would end it is escaped."""
    escapes = {"\\": "\\\\", '"': '\\"', "\t": "\\t"}
    return '"' + "".join(escapes.get(sign) or plain_text(sign) for sign in text) + '"'


def plain_text(text: str) -> str:
    """A heading inside a comment: on one line."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def container_lines(found: Beginning, questions: list[str]) -> Iterator[str]:
    """The lines of which member, encoding, delimiter and sheet are meant; what is unsure is asked."""
    if found.member is not None:
        questions.append("Which file of the archive is meant? This is of the largest one.")
        yield f"member = {quoted(found.member)}  # decide, or a pattern for archives to come"
    if found.encoding not in (None, "utf-8"):
        yield f"encoding = {quoted(found.encoding or '')}  # {found.why_encoding}"
    if found.delimiter not in (None, ","):
        yield f"delimiter = {quoted(found.delimiter or '')}"
    if found.has_line_breaks:
        questions.append("Are there line breaks in cells, or is a quote missing? Best leave that column out.")
        yield "# line_breaks = true  # decide"
    if found.alike:
        names = ", ".join(map(quoted, found.alike))
        yield f"sheet = [{names}]  # they have the same headings; or a pattern for sheets to come"
    elif found.sheet is not None:
        yield f"sheet = {quoted(found.sheet)}"
