"""What the documents tell people to type, open or look at exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.cli import parser

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md")), ROOT / "tests" / "TESTPLAN.md",
    *sorted(ROOT.glob("data/**/README.md")),
]  # fmt: skip
IN_CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def code(path: Path) -> Iterator[str]:
    """Every piece of code in a document: what stands between backticks, and each line of a block."""
    text = path.read_text(encoding="utf-8")
    for block in BLOCK.findall(text):
        yield from (line.split(" #")[0].strip() for line in block.splitlines())
    yield from IN_CODE.findall(BLOCK.sub("", text))


def found(first: str) -> list[tuple[str, str]]:
    """Document and command of all that begins with a word."""
    named = ((path, line) for path in DOCUMENTS for line in code(path))
    return [(str(path.relative_to(ROOT)), line) for path, line in named if line.startswith(f"{first} ")]


@pytest.mark.parametrize(("document", "command"), found("leeward"))
def test_every_leeward_command_can_be_typed(document: str, command: str) -> None:
    """One that only names a verb, such as ``leeward audit export``, need not name what it is given."""
    words = shlex.split(command)[1:]
    if not all(re.fullmatch("[a-z-]+", word) for word in words):
        parser().parse_args(words)
        return
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([*words, "--help"])
    assert ended.value.code == 0


@pytest.mark.parametrize(("document", "command"), found("make"))
def test_every_make_target_exists(document: str, command: str) -> None:
    target = command.split()[1]
    assert re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (document.parent / target).exists(), target


def test_the_documents_name_enough_commands_to_be_worth_the_test() -> None:
    assert len(found("leeward")) > 20 and len(found("make")) > 8
