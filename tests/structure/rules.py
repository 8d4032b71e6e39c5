"""The rules of the house as functions: source in, violations out. Tests run them on bad and on real code."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from tests.structure.tree import Function, functions, length

FLOORS = {
    "codes": 1,
    "tables": 2,
    "access": 3,
    "sources": 4,
    "text": 4,
    "synthetic": 4,
    "store": 5,
    "profile": 6,
    "match": 7,
    "evidence": 8,
    "cohort": 9,
    "forecast": 10,
    "federation": 11,
    "decision": 12,
    "board": 13,
    "web": 14,
    # The command line starts everything, the pages too: nothing imports it.
    "cli": 15,
}
FREE_FOR_ALL = {"errors", "__version__"}

FILE_CEILING = 400
TEST_FILE_CEILING = 600
FUNCTION_CEILING = 60
FUNCTION_AIM = 40

NETWORK_MODULES = {
    "aiohttp",
    "ftplib",
    "grpc",
    "http.client",
    "http.server",
    "httpx",
    "nvflare",
    "requests",
    "smtplib",
    "socket",
    "urllib.request",
    "urllib3",
    "uvicorn",
    "websockets",
}


def imported(tree: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, at the top or inside functions; names, not only modules.

    Args:
        tree: the parsed module.
        package: the package it lies in, to resolve relative imports.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and _is_dynamic_import(node):
            yield node.lineno, _beginning(node.args[0])


def _is_dynamic_import(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("import_module", "__import__") and bool(node.args)


def _beginning(name: ast.expr) -> str:
    """What is known of a computed module name: all of a constant, the first part of an f-string."""
    first = name.values[0] if isinstance(name, ast.JoinedStr) else name
    return str(first.value) if isinstance(first, ast.Constant) else "a computed name"


def upward_imports(tree: ast.Module, package: str) -> Iterator[str]:
    """Imports of a room on the same or a higher floor, from a module of package ``kohort.<room>``."""
    room = package.split(".")[1] if "." in package else ""
    floor = FLOORS.get(room)
    if floor is None:
        yield f"room {room!r} has no floor: add it to FLOORS and to the list of rooms"
        return
    for line, name in imported(tree, package):
        parts = name.split(".")
        if name == "a computed name":
            yield f"{line}: a computed import, which hides what it imports"
        if parts[0] != "kohort" or (len(parts) > 1 and (parts[1] in FREE_FOR_ALL or parts[1] == room)):
            continue
        other = parts[1] if len(parts) > 1 else "kohort itself"
        if FLOORS.get(other, 99) >= floor:
            yield f"{line}: {room} (floor {floor}) imports {other} (floor {FLOORS.get(other, 'none')})"


def long_functions(tree: ast.Module, ceiling: int) -> Iterator[str]:
    """Functions of more than ``ceiling`` lines."""
    for node in functions(tree):
        if length(node) > ceiling:
            yield f"{node.lineno}: {node.name} has {length(node)} lines"


def undocumented(tree: ast.Module) -> Iterator[str]:
    """Public modules, classes, functions and methods without a docstring; of overloads, the last has it."""
    if not ast.get_docstring(tree):
        yield "1: the module"
    yield from _undocumented_members(tree, "")


def _undocumented_members(parent: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for node in parent.body:
        if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_") or _speaks_elsewhere(node):
            continue
        if not ast.get_docstring(node):
            yield f"{node.lineno}: {prefix}{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented_members(node, f"{prefix}{node.name}.")


def _speaks_elsewhere(node: ast.ClassDef | Function) -> bool:
    names = {ast.unparse(decorator).split(".")[-1] for decorator in node.decorator_list}
    return bool(names & {"overload", "override", "setter"})


def prints(tree: ast.Module) -> Iterator[str]:
    """Calls of ``print`` and of ``logging.basicConfig``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "logging.basicConfig"):
            yield f"{node.lineno}: {ast.unparse(node.func)}"


_IMPORT = ast.Import | ast.ImportFrom


def network_imports(tree: ast.Module) -> Iterator[str]:
    """Imports of network modules that happen when the module is imported, not when a function is called."""
    lazy = {id(inner) for function in functions(tree) for inner in ast.walk(function)}
    at_import = ast.Module([n for n in ast.walk(tree) if isinstance(n, _IMPORT) and id(n) not in lazy], [])
    for line, name in imported(at_import, "kohort"):
        if any(name == module or name.startswith(f"{module}.") for module in NETWORK_MODULES):
            yield f"{line}: {name}"


def outside_modules(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and top-level name of everything imported that is neither Kohort's nor Python's own."""
    for line, name in imported(tree, "kohort"):
        top = name.partition(".")[0]
        if top.isidentifier() and top != "kohort" and top not in sys.stdlib_module_names:
            yield line, top


# Written in pieces, or this file would break its own rule.
_MACHINE_PATH = re.compile(
    r"(?<![\w.~-])(?:/(?:" + "|".join(("work", "root", "farm", "mnt", "Users")) + r")/|/home/[a-z]|[A-Z]:\\Users)"
)


def machine_paths(text: str) -> Iterator[str]:
    """Absolute paths that exist on somebody's machine only."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _MACHINE_PATH.search(line):
            yield f"{number}: {line[found.start() : found.start() + 40]}"


_ELEVEN_DIGITS = re.compile(r"(?<![\w.])(\d{6})[ -]?(\d{5})(?![\w.]*\w)")


def national_ids(text: str) -> Iterator[str]:
    """Numbers that could be a living Norwegian's national identity number.

    Birth, D- or H-number with both check digits right (modulus 11, Skatteetaten's description of the
    number); the synthetic series (80 added to the month) belongs to nobody and may be used.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        for found in _ELEVEN_DIGITS.finditer(line):
            if _could_be_somebody(found[1] + found[2]):
                yield f"{number}: an eleven-digit number with right check digits"


def _could_be_somebody(digits: str) -> bool:
    day, month = int(digits[:2]), int(digits[2:4])
    has_date = 1 <= day % 40 <= 31 and day < 72 and 1 <= month % 40 <= 12 and month < 53
    if not has_date and day < 80:
        return False
    first = -sum(w * int(d) for w, d in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), digits, strict=False)) % 11
    second = -sum(w * int(d) for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), digits, strict=False)) % 11
    return digits[9:] == f"{first}{second}"


_SOURCE = re.compile(r'\b(?:(?:sources?|attribution)"?\s*[:=]|written for kohort)')
_LICENCE = re.compile(r'\blicen[cs]e"?\s*[:=]')


def without_origin(text: str) -> bool:
    """True if the first lines of a data file do not say ``source:`` (or attribution) and ``licence:``.

    Our own work says "written for Kohort" in place of a source.
    """
    head = "\n".join(text.splitlines()[:40]).lower()
    return not (_SOURCE.search(head) and _LICENCE.search(head))
