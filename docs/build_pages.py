"""The pages of the manual that nobody writes: tables, rules, Python reference, commands, glossary, changelog.

MkDocs calls :func:`on_config` before each build. Pages are written into ``docs/reference`` and ``docs/spec``,
which Git ignores, and only if they changed, so that ``mkdocs serve`` does not run in circles.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from docstrings import as_markdown
from spec_pages import chapter_page, read_section

from kohort.cli import app
from kohort.tables import CLINICAL, CONTROL, HEADER, TABLES
from kohort.tables.generate import markdown

__all__ = ["build", "on_config"]

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "kohort"
SPECIFICATION = ROOT / "tests" / "spec"

# The way of the data, which is the order in which a reader meets the rooms.
ROOMS = (
    *("codes", "tables", "access", "sources", "text", "synthetic", "store", "profile", "match", "evidence"),
    *("cohort", "forecast", "federation", "decision", "board", "web", "cli"),
)

Pages = dict[str, str]


def on_config(config: Any) -> Any:
    """Hook of MkDocs: write the pages, then list those of each folder in the navigation."""
    docs = Path(config["docs_dir"])
    pages = build()
    for name, text in pages.items():
        _write(docs / name, text)
    for folder in ("reference", "spec"):
        _remove_others(docs / folder, {docs / name for name in pages})
    names = [*pages, *(f"adr/{path.name}" for path in sorted((docs / "adr").glob("[0-9]*.md")))]
    config["nav"] = _expanded(config["nav"], ["adr/index.md", *names])
    return config


def build() -> Pages:
    """All generated pages: path below ``docs`` to Markdown, in the order of the navigation."""
    return {
        **_table_pages(),
        **_spec_pages(),
        **_api_pages(),
        "reference/index.md": _reference_index(),
        "reference/commands.md": "\n".join(_command_lines()),
        "reference/glossary.md": _glossary((ROOT / "GLOSSARY.md").read_text("utf-8")),
        "reference/changelog.md": _changelog(),
        "reference/contributing.md": _from_root("CONTRIBUTING.md"),
        "reference/security.md": _from_root("SECURITY.md"),
    }


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text("utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _remove_others(folder: Path, kept: set[Path]) -> None:
    for path in folder.rglob("*.md"):
        if path not in kept:
            path.unlink()


def _expanded(nav: Any, names: list[str]) -> Any:
    """The navigation with each ``folder/`` replaced by the pages in it."""
    if isinstance(nav, list):
        return [_expanded(entry, names) for entry in nav]
    if isinstance(nav, dict):
        return {title: _expanded(entry, names) for title, entry in nav.items()}
    if not nav.endswith("/"):
        return nav
    return [name for name in names if name.startswith(nav)]


def _table_pages() -> Pages:
    lines = [
        "# Tables",
        "",
        "Sixteen tables, each declared once; these pages are printed from the declarations.",
        "",
    ]
    for title, declared in (("Clinical", CLINICAL), ("Control", CONTROL)):
        lines += [f"## {title}", "", "| table | one row is |", "|---|---|"]
        lines += [f"| [{t.name}]({t.name}.md) | {t.words} |" for t in declared]
        lines += [""]
    lines += ["## Header of every clinical row", "", "| column | meaning |", "|---|---|"]
    lines += [f"| `{column.name}` | {column.words} |" for column in HEADER]
    pages = {"reference/tables/index.md": "\n".join(lines) + "\n"}
    return pages | {f"reference/tables/{name}.md": markdown(declared) for name, declared in TABLES.items()}


def sections_of(folder: Path) -> list[Path]:
    """The modules of a chapter: in the order that its ``order.txt`` names, the others after them by name."""
    listed = folder / "order.txt"
    wanted = listed.read_text("utf-8").split() if listed.exists() else []
    places = {f"test_{name}": place for place, name in enumerate(wanted)}
    return sorted(folder.glob("test_*.py"), key=lambda path: (places.get(path.stem, len(places)), path.stem))


def _spec_pages() -> Pages:
    chapters: Pages = {}
    lines = ["# Rules", "", "What Kohort does, rule by rule. These pages are printed from the tests under"]
    lines += ["`tests/spec`: a rule that does not hold cannot stand here.", ""]
    folders = {path.name for path in SPECIFICATION.iterdir() if any(path.glob("test_*.py"))}
    for name in sorted(folders, key=lambda folder: (_order(folder), folder)):
        sections = [read_section(path) for path in sections_of(SPECIFICATION / name)]
        rules = sum(len(section.paragraphs) for section in sections)
        chapters[f"spec/{name}.md"] = chapter_page(name.capitalize(), _room_words(name), sections)
        lines += [f"- [{name.capitalize()}]({name}.md): {rules} rules"]
        lines += [f"    - [{as_markdown(section.title)}]({name}.md#{section.name})" for section in sections]
    return {"spec/index.md": "\n".join(lines) + "\n", **chapters}


def _order(name: str) -> int:
    return ROOMS.index(name) if name in ROOMS else len(ROOMS)


def _room_words(name: str) -> str:
    path = PACKAGE / name / "__init__.py"
    if not path.exists():
        return ""
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n\n")[0]


def _api_pages() -> Pages:
    """One page a room that promises names; the command line has a page of its own."""
    rooms = [room for room in ROOMS if room != "cli" and (PACKAGE / room / "__init__.py").exists()]
    pages = {room: page for room in ("errors", *rooms) if (page := _api_page(f"kohort.{room}"))}
    lines = [
        "# Python",
        "",
        "The public names, room by room, in the order in which the data go through them.",
        "",
    ]
    lines += [f"- [kohort.{room}]({room}.md): {as_markdown(_room_words(room))}".rstrip(": ") for room in pages]
    index = {"reference/api/index.md": "\n".join(lines) + "\n"}
    return index | {f"reference/api/{room}.md": page for room, page in pages.items()}


def _api_page(module: str) -> str:
    names = list(getattr(importlib.import_module(module), "__all__", []))
    if not names:
        return ""
    options = ["    options:", "      show_root_heading: false", "      show_root_toc_entry: false"]
    return "\n".join([f"# {module}", "", f"::: {module}", *options, f"      members: {names!r}", ""])


def _reference_index() -> str:
    return (
        "# Reference\n\n"
        "- [Tables](tables/index.md): what a site's data look like.\n"
        "- [Python](api/index.md): the public names.\n"
        "- [Commands](commands.md): the command line.\n"
        "- [Glossary](glossary.md): the field's words as used here.\n"
    )


def _command_lines() -> Iterator[str]:
    yield from (
        "# Commands",
        "",
        "Printed from the program itself: `kohort COMMAND --help` says the same.",
        "",
    )
    yield from _command("kohort", typer.main.get_command(app))


def _command(name: str, command: Any) -> Iterator[str]:
    context = command.context_class(command, info_name=name)
    inner = getattr(command, "commands", {})
    if " " in name:
        yield from (f"## {name}", "")
    if not inner:
        yield from ("```text", command.get_usage(context), "```", "")
    yield from (as_markdown(re.sub(r"\[/?[a-z ]*\]", "", command.help or "")), "")
    rows = [record for parameter in command.params if (record := parameter.get_help_record(context))]
    if rows and not inner:
        yield from ("| option | meaning |", "|---|---|")
        yield from (f"| `{option.strip()}` | {as_markdown(words).replace('|', '&#124;')} |" for option, words in rows)
        yield ""
    for key in inner:
        yield from _command(f"{name} {key}", inner[key])


def _glossary(text: str) -> str:
    """The list of ``GLOSSARY.md`` as definitions, each with a name to link to."""
    head, _, entries = text.partition("\n- ")
    lines = [head]
    for entry in re.split(r"\n- ", entries.rstrip()):
        term, _, words = entry.removeprefix("**").partition("**: ")
        anchor = re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")
        lines += [f"**{term}**{{ #{anchor} }}", f":   {as_markdown(words)}", ""]
    return "\n".join(lines)


def _changelog() -> str:
    """The changelog with what is not released yet on top."""
    head, mark, released = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("<!-- towncrier")
    lines = [head.rstrip(), "", "## Not released yet", ""]
    for path in sorted((ROOT / "changelog.d").glob("*.*.md"), key=lambda p: (p.name.split(".")[1], p.name)):
        kind = path.name.split(".")[1]
        lines += [f"- *{kind}*: {' '.join(path.read_text('utf-8').split())}"]
    return "\n".join(lines) + f"\n\n{mark}{released}"


def _from_root(name: str) -> str:
    """A page that lies at the root of the repository, its links turned to the manual's pages."""
    text = (ROOT / name).read_text("utf-8")
    text = re.sub(r"\]\((CONTRIBUTING|SECURITY|GLOSSARY|CHANGELOG)\.md", lambda m: f"]({m[1].lower()}.md", text)
    return re.sub(r"\]\(docs/", "](../", text)
