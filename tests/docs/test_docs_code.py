"""Every block of Python in the manual runs and prints what the page says; every command it names exists."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from kohort.cli import app
from kohort.match.linter import lint
from tests.docs.pages import kohort_commands, python_blocks, written_pages
from tests.structure.tree import shown
from tests.support import ROOT

WITH_CODE = [page for page in written_pages() if python_blocks(page.read_text("utf-8"))]
WITH_COMMANDS = [page for page in written_pages() if kohort_commands(page.read_text("utf-8"))]


@pytest.mark.parametrize("page", WITH_CODE, ids=shown)
def test_the_code_of_a_page_runs_and_prints_what_the_page_says(page: Path, tmp_path, monkeypatch) -> None:
    """The blocks of one page run one after the other, as a reader would type them."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "manual"}
    for block in python_blocks(page.read_text("utf-8")):
        if block.reason is not None:
            continue
        tree = ast.parse(block.code, filename=str(page))
        ast.increment_lineno(tree, block.line)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, str(page), "exec"), names)  # noqa: S102 - our own manual
        assert printed.getvalue() == (block.output or ""), f"{shown(page)}, line {block.line}"


def test_a_block_knows_its_line_its_output_and_why_it_is_not_run() -> None:
    """The reader of pages sees the block's place, what follows it, and the remark before it."""
    text = (
        "# Page\n\n```python\nprint(1)\n```\n\n"
        '```text title="Output"\n1\n```\n\n'
        "<!-- no-run: needs two days -->\n```python\nwait()\n```\n"
    )
    one, two = python_blocks(text)
    assert (one.line, one.code, one.output, one.reason) == (3, "print(1)\n", "1\n", None)
    assert (two.code, two.output, two.reason) == ("wait()\n", None, "needs two days")


def unknown_words(command: str) -> list[str]:
    """What of a command line the program does not know: sub-commands and options."""
    words = shlex.split(command)[1:]
    here: Any = typer.main.get_command(app)
    while words and hasattr(here, "commands"):
        if words[0].startswith("-"):
            break
        if words[0] not in here.commands:
            return [] if words[0].isupper() else [words[0]]
        here = here.commands[words.pop(0)]
    options = {name for parameter in here.params for name in parameter.opts} | {"--help"}
    given = [word.partition("=")[0].strip("[]") for word in words if word.strip("[").startswith("--")]
    return [name for name in given if name not in options]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=shown)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    """The program knows each sub-command and each option that a page tells people to type."""
    commands = kohort_commands(page.read_text("utf-8"))
    assert {c: unknown for c in commands if (unknown := unknown_words(c))} == {}


def test_commands_are_found_in_blocks_and_in_sentences() -> None:
    """Prompts, continued lines and the ways to start the program do not hide a command."""
    text = (
        "Run `kohort demo`, or `uv run kohort ingest --site DIR`; `kohort.errors` is a module.\n\n"
        "```console\n$ kohort site create a \\\n    --name b  # a remark\n```\n\n```python\nkohort = 1\n```\n"
    )
    found = [" ".join(command.split()) for command in kohort_commands(text)]
    assert found == ["kohort site create a --name b", "kohort demo", "kohort ingest --site DIR"]


def test_an_unknown_command_or_option_is_noticed() -> None:
    """A misspelt sub-command or option does not pass."""
    assert unknown_words("kohort demmo") == ["demmo"]
    assert unknown_words("kohort demo --studdy x") == ["--studdy"]
    assert unknown_words("kohort demo [--study DIR --split-by COLUMN] --out x") == []
    assert unknown_words("kohort COMMAND --help") == []


def test_the_trial_of_the_manual_reads_and_has_nothing_to_remark(tmp_path: Path) -> None:
    """The page on trials shows a whole trial: it is read, and the linter is content with it."""
    (text,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "trials.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "trial.yaml").write_text(text)
    problems = [problem for problem in lint(tmp_path / "trial.yaml") if problem.severity != "note"]
    assert [str(problem) for problem in problems] == []
