"""A room imports only rooms on lower floors, and the public face holds what it promises."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import kohort
from tests.structure.rules import FLOORS, network_imports, outside_modules, prints, undocumented, upward_imports
from tests.structure.tree import PACKAGE, broken, package_files, parsed
from tests.support import ROOT

MODULES = package_files()
IN_ROOMS = [path for path in MODULES if path.parent != PACKAGE]


def package_of(path) -> str:
    return ".".join(path.parent.relative_to(PACKAGE.parent).parts)


@pytest.mark.parametrize(
    ("package", "source", "found"),
    [
        ("kohort.match", "from kohort.profile import annotate", 0),
        ("kohort.match", "from kohort.match.kleene import AND", 0),
        ("kohort.match", "from kohort.errors import UserError\nfrom kohort import __version__", 0),
        ("kohort.match.criteria", "from ..kleene import AND\nfrom ...profile import annotate", 0),
        ("kohort.match", "from kohort.cohort import simon", 1),
        ("kohort.match", "from kohort import cohort", 1),
        ("kohort.match", "import kohort.web.pages", 1),
        ("kohort.match", "import kohort", 1),
        ("kohort.match", "from .. import cohort", 1),
        ("kohort.match", "def f():\n    from kohort.evidence import km", 1),
        ("kohort.match", "import importlib\nimportlib.import_module('kohort.cli')", 1),
        ("kohort.match", "importlib.import_module(f'kohort.match.{name}')", 0),
        ("kohort.match", "importlib.import_module(f'kohort.{name}')", 1),
        ("kohort.match", "importlib.import_module(name)", 1),
        ("kohort.sources", "from kohort.synthetic import hospital", 1),
        ("kohort.web", "from kohort.cli import app", 1),
        ("kohort.cli", "from kohort.web import render", 0),
        ("kohort.attic", "", 1),
    ],
)
def test_the_import_rule_sees_what_it_should(package: str, source: str, found: int) -> None:
    """Higher and same floors are refused: relative, inside functions and dynamic imports too."""
    assert len(list(upward_imports(ast.parse(source), package))) == found


def test_a_room_imports_only_lower_floors() -> None:
    """Each module of a room imports only its own room, lower floors and kohort.errors."""
    assert broken(IN_ROOMS, lambda path: upward_imports(parsed(path), package_of(path))) == {}


def test_the_errors_import_no_room() -> None:
    """All rooms may import kohort.errors because it imports none of them."""
    source = (PACKAGE / "errors.py").read_text("utf-8")
    assert "kohort." not in "".join(line for line in source.splitlines() if "import" in line and "``" not in line)


def test_every_room_has_a_floor_and_a_docstring_that_says_what_it_is() -> None:
    """A new folder of the package is a room: it gets a floor, and its first line says what it holds."""
    rooms = {p.parent.name: p for p in PACKAGE.glob("*/__init__.py")}
    assert set(rooms) <= set(FLOORS)
    assert [name for name, path in rooms.items() if not ast.get_docstring(parsed(path))] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""Words."""\ndef f():\n    """Words."""\n', 0),
        ('"""Words."""\ndef _f(): ...\n', 0),
        ('"""Words."""\ndef f(): ...\n', 1),
        ('"""Words."""\nclass A:\n    def f(self): ...\n', 2),
        ('"""Words."""\n@typing.overload\ndef f(): ...\n', 0),
        ("x = 1\n", 1),
    ],
)
def test_the_docstring_rule_sees_what_it_should(source: str, found: int) -> None:
    """Modules, classes, functions and methods; private ones and overloads are left out."""
    assert len(list(undocumented(ast.parse(source)))) == found


def test_everything_public_has_a_docstring() -> None:
    """Each public module, class and function says what it is."""
    assert broken(MODULES, lambda path: undocumented(parsed(path))) == {}


def test_the_print_rule_sees_what_it_should() -> None:
    """print and logging.basicConfig are found; a console's print is not ours to forbid."""
    source = "print(1)\nimport logging\nlogging.basicConfig()\nconsole.print(2)\nlogging.getLogger()"
    assert list(prints(ast.parse(source))) == ["1: print", "3: logging.basicConfig"]


def test_only_the_command_line_prints() -> None:
    """A library neither prints nor sets up logging: that belongs to the program that uses it."""
    library = [path for path in MODULES if PACKAGE / "cli" not in path.parents]
    assert broken(library, lambda path: prints(parsed(path))) == {}


def test_the_network_rule_sees_what_it_should() -> None:
    """An import of a network module is found where the module is loaded with ours, not inside a function."""
    source = "import urllib.parse\nfrom urllib import request\nif 1: import socket\ndef f(): import httpx"
    assert list(network_imports(ast.parse(source))) == ["2: urllib.request", "3: socket"]


def test_no_module_loads_the_network_when_it_is_imported() -> None:
    """Patients' data lie behind this code: what can talk to the network is loaded where it is asked for."""
    assert broken(MODULES, lambda path: network_imports(parsed(path))) == {}


def declared_modules() -> set[str]:
    """Modules of the packages that pyproject.toml declares for users, optional extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    names = {normalised(re.split(r"[^\w.-]", requirement)[0]) for requirement in wanted}
    by_module = packages_distributions()
    return {module for module, owners in by_module.items() if names & set(map(normalised, owners))}


def normalised(name: str) -> str:
    """A package's name as installers compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_rule_on_dependencies_sees_what_it_should() -> None:
    """Neither Python's own modules nor Kohort's count; submodules count as their package."""
    source = "import re, yaml\nfrom kohort.codes import genes\nfrom polars.testing import assert_frame_equal"
    assert list(outside_modules(ast.parse(source))) == [(1, "yaml"), (3, "polars")]


def test_the_package_imports_only_what_it_declares() -> None:
    """A package that is here because a tool of ours brought it is missing on a user's machine."""
    declared = declared_modules()
    assert {"yaml", "polars", "ibis"} <= declared

    def undeclared(path: Path) -> list[str]:
        return [f"{line}: {name}" for line, name in outside_modules(parsed(path)) if name not in declared]

    assert broken(MODULES, undeclared) == {}


def test_importing_kohort_is_light() -> None:
    """``import kohort`` loads no engine: a script that asks for the version pays for nothing else."""
    heavy = {"pandas", "polars", "duckdb", "ibis", "pyarrow", "sqlalchemy", "scipy", "matplotlib", "numpy"}
    code = f"import kohort, sys; print(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("room", ["kohort", *(f"kohort.{p.parent.name}" for p in PACKAGE.glob("*/__init__.py"))])
def test_every_name_in_all_exists_and_stands_once(room: str) -> None:
    """What ``__all__`` promises can be imported, and it is sorted, so that nobody overlooks a double."""
    names = list(getattr(importlib.import_module(room), "__all__", []))
    assert [name for name in names if not hasattr(importlib.import_module(room), name)] == []
    assert len(set(names)) == len(names)


def test_kohort_has_a_public_face() -> None:
    """The package says what is public, and its version is one of them."""
    assert "__version__" in getattr(kohort, "__all__", [])
