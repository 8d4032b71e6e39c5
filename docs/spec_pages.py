"""The manual's rules, printed from the tests: folder = chapter, module = section, test = paragraph.

A test under ``tests/spec`` is written to be read: its name is a sentence, its docstring states the rule, its
body is the example. This module turns the syntax tree of such files into Markdown and runs nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docstrings import as_markdown

__all__ = ["Paragraph", "Section", "chapter_page", "read_section"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One rule: a test of the specification.

    Attributes:
        name: name of the test function.
        words: its docstring; empty if it has none.
        code: the test as it stands, decorators included, without the docstring.
    """

    name: str
    words: str
    code: str

    @property
    def sentence(self) -> str:
        """The test's name as a sentence."""
        said = self.name.removeprefix("test_").replace("_", " ").strip()
        return said[:1].upper() + said[1:]


@dataclass(frozen=True, slots=True)
class Section:
    """One module of the specification.

    Attributes:
        name: name of the module without ``test_``.
        title: first sentence of its docstring, without the full stop.
        words: the rest of its docstring.
        paragraphs: its tests in order.
        shared: what the tests share: examples and helpers.
    """

    name: str
    title: str
    words: str
    paragraphs: tuple[Paragraph, ...]
    shared: str


def read_section(path: Path) -> Section:
    """Read one test module."""
    source = path.read_text("utf-8")
    tree = ast.parse(source, filename=str(path))
    title, words = _title_and_words(ast.get_docstring(tree) or path.stem)
    tests = [node for node in _flattened(tree) if node.name.startswith("test_")]
    helpers = [n for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom) and not _is_rule(n)]
    return Section(
        name=path.stem.removeprefix("test_"),
        title=title,
        words=words,
        paragraphs=tuple(Paragraph(node.name, ast.get_docstring(node) or "", _code(node, source)) for node in tests),
        shared="\n\n".join(_lines(node, source) for node in helpers if not _is_docstring(node)),
    )


def _title_and_words(docstring: str) -> tuple[str, str]:
    first, _, rest = docstring.partition("\n\n")
    first = " ".join(first.split())
    end = re.search(r"\.(?= [A-Z])", first)
    if end is None:
        return first.removesuffix("."), rest
    return first[: end.start()], f"{first[end.end() :].strip()}\n\n{rest}".strip()


def _flattened(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        members = node.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test") else [node]
        yield from (member for member in members if isinstance(member, ast.FunctionDef))


def _is_rule(node: ast.stmt) -> bool:
    named = isinstance(node, ast.FunctionDef | ast.ClassDef)
    return named and node.name.startswith(("test_", "Test"))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _lines(node: ast.stmt, source: str, *, first: int | None = None) -> str:
    decorators = getattr(node, "decorator_list", [])
    start = first or min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return "\n".join(source.splitlines()[start - 1 : node.end_lineno])


def _code(node: ast.FunctionDef, source: str) -> str:
    whole = _lines(node, source)
    if not _is_docstring(node.body[0]):
        return whole
    words = _lines(node.body[0], source)
    return whole.replace(f"{words}\n", "", 1)


def chapter_page(title: str, words: str, sections: list[Section]) -> str:
    """The page of one chapter: its sections, each with its rules and the folded code of each rule."""
    lines = [f"# {title}", "", as_markdown(words), ""]
    for section in sections:
        lines += [f"## {as_markdown(section.title)} {{ #{section.name} }}", "", as_markdown(section.words), ""]
        for rule in section.paragraphs:
            lines += [f"### {rule.sentence} {{ #{section.name}-{rule.name.removeprefix('test_')} }}", ""]
            lines += [as_markdown(rule.words), "", *_folded("As it is tested", rule.code), ""]
        if section.shared:
            lines += [*_folded("What these rules share", section.shared, kind="note"), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _folded(title: str, code: str, kind: str = "example") -> Iterator[str]:
    yield f'??? {kind} "{title}"'
    yield ""
    yield "    ```python"
    yield from (f"    {line}".rstrip() for line in code.splitlines())
    yield "    ```"
