"""The pages that people wrote, and what stands in them: blocks of code, commands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.support import ROOT

GENERATED = (ROOT / "docs" / "reference", ROOT / "docs" / "spec")

_BLOCK = re.compile(
    r"(?:<!-- no-run: (?P<reason>[^>]+?) -->\n+)?"
    r"^```python\n(?P<code>.*?)^```$"
    r"(?:\n+```text title=\"Output\"\n(?P<output>.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
)
_FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_SHELL = re.compile(r"^```(?:console|shell|bash|sh|text)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\s*(?:\$ )?(?:uv run |\.venv/bin/)?(kohort [^\n#]+)")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of Python on a page.

    Attributes:
        line: line on which the block begins.
        code: what it says.
        output: what the page says it prints; None if the page does not say.
        reason: why it is not run; None if it is.
    """

    line: int
    code: str
    output: str | None
    reason: str | None


def written_pages() -> list[Path]:
    """The README and every page of the manual that is not generated."""
    pages = [p for p in sorted((ROOT / "docs").rglob("*.md")) if not any(p.is_relative_to(g) for g in GENERATED)]
    return [*sorted(ROOT.glob("*.md")), *pages]


def python_blocks(text: str) -> list[Block]:
    """The Python blocks of a page, in order."""
    return [
        Block(text.count("\n", 0, m.start("code")), m["code"], m["output"], m["reason"]) for m in _BLOCK.finditer(text)
    ]


def kohort_commands(text: str) -> list[str]:
    """Commands that begin with ``kohort``, from shell blocks and from code within sentences."""
    lines = [line for block in _SHELL.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))
    return [found[1].strip() for line in lines if (found := _COMMAND.match(line))]
