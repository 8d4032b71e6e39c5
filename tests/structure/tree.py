"""The files of the repository as the structure tests see them: what Git tracks or would track."""

from __future__ import annotations

import ast
import functools
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.support import ROOT

PACKAGE = ROOT / "src" / "kohort"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def files() -> tuple[Path, ...]:
    """Every file that is tracked, or new and not ignored; all files where there is no Git."""
    if not (ROOT / ".git").exists():
        return tuple(sorted(p for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts))
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return tuple(sorted(p for name in listed.stdout.split("\0") if name and (p := ROOT / name).is_file()))


def python_files(*folders: str) -> list[Path]:
    """Python files in the given folders of the repository, or in all of it."""
    return [
        path for path in files() if path.suffix == ".py" and (not folders or path.relative_to(ROOT).parts[0] in folders)
    ]


def package_files() -> list[Path]:
    """Python files of the package."""
    return [path for path in python_files("src") if path.is_relative_to(PACKAGE)]


@functools.cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def shown(path: Path) -> str:
    """A path as people name it: from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


def length(node: Function | ast.ClassDef) -> int:
    """Lines from the ``def`` to the last line of the body."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def functions(tree: ast.Module) -> Iterator[Function]:
    """All functions and methods, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def broken(paths: Iterable[Path], rule: Callable[[Path], Iterable[str]]) -> dict[str, list[str]]:
    """What breaks a rule, by file; empty if nothing does."""
    found = {shown(path): list(rule(path)) for path in paths}
    return {name: said for name, said in found.items() if said}
