"""Files stay short, belong to no machine, name their origin, and hold nobody's identity number."""

from __future__ import annotations

import ast
import gzip
from functools import partial
from pathlib import Path

import pytest

from tests.structure import rules
from tests.structure.tree import PACKAGE, broken, files, parsed, python_files, shown

BINARY = {".png", ".parquet", ".gz", ".ico", ".woff2", ".pdf", ".zip", ".xlsx"}
DATA = {".csv", ".tsv", ".txt", ".json", ".jsonl", ".yaml", ".yml", ".toml", ".gz"}
READABLE = [path for path in files() if path.suffix not in BINARY]
PACKAGE_DATA = [path for path in files() if path.is_relative_to(PACKAGE) and path.suffix in DATA]


def ceiling(name: str) -> int:
    return rules.TEST_FILE_CEILING if name.startswith("tests/") else rules.FILE_CEILING


def read(path: Path) -> str:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode("utf-8")
    return path.read_text("utf-8")


def test_a_file_has_one_subject() -> None:
    """A file over the ceiling holds two subjects; tests may be longer, since they are read piece by piece."""
    lengths = {shown(path): len(path.read_text("utf-8").splitlines()) for path in python_files()}
    assert {name: n for name, n in lengths.items() if n > ceiling(name)} == {}


def test_a_function_fits_on_a_page() -> None:
    """No function is longer than a page; those over the aim of 40 lines are printed by ``.ci/run``."""
    long = partial(rules.long_functions, ceiling=rules.FUNCTION_CEILING)
    assert broken(python_files(), lambda path: long(parsed(path))) == {}


def test_the_length_rule_sees_what_it_should() -> None:
    """A function's lines are counted from its def to its end, nested and asynchronous ones too."""
    tree = ast.parse("def f():\n    async def g():\n        x = 1\n        return x\n    return g\n")
    assert list(rules.long_functions(tree, 3)) == ["1: f has 5 lines", "2: g has 3 lines"][:1]
    assert list(rules.long_functions(tree, 2)) == ["1: f has 5 lines", "2: g has 3 lines"]


def test_a_file_belongs_to_no_machine() -> None:
    """No tracked file names a folder that exists on one machine only."""
    assert broken(READABLE, lambda path: rules.machine_paths(path.read_text("utf-8"))) == {}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("cd /ro" + "ot/.cache", True),
        ('open("/ho' + 'me/kari/data")', True),
        ("C:" + "\\Users\\kari", True),
        ("see https://example.org/wo" + "rk/1", False),
        ("../wo" + "rk/x and ~/ho" + "me/x", False),
        ("/usr/lib/postgresql", False),
    ],
)
def test_the_path_rule_sees_what_it_should(line: str, found: bool) -> None:
    """Folders of accounts and work places are found; system folders and addresses are not."""
    assert bool(list(rules.machine_paths(line))) is found


def test_a_file_holds_no_national_identity_number() -> None:
    """A number that could be a living Norwegian's stands in no file; examples use the synthetic series."""
    assert broken(READABLE, lambda path: rules.national_ids(path.read_text("utf-8"))) == {}


def with_check_digits(nine: str) -> str | None:
    """The number with those nine digits that the rule takes for somebody's; None if there is none."""
    return next((n for tail in range(100) if rules._could_be_somebody(n := f"{nine}{tail:02}")), None)


@pytest.mark.parametrize(
    ("day", "month", "somebody"),
    [
        ("01", "01", True),
        ("41", "01", True),
        ("01", "41", True),
        ("01", "81", False),
        ("01", "66", False),
        ("81", "33", True),
        ("32", "01", False),
        ("01", "13", False),
    ],
)
def test_the_identity_rule_knows_the_numbers_of_the_living_and_the_synthetic_series(
    day: str, month: str, somebody: bool
) -> None:
    """Birth, D-, H- and FH-numbers are somebody's; with 80 or 65 added to the month they are nobody's."""
    found = [n for middle in range(20, 40) if (n := with_check_digits(f"{day}{month}50{middle:03}"))]
    assert bool(found) is somebody
    for number in found:
        assert list(rules.national_ids(f"id {number},"))
        assert list(rules.national_ids(f"id {number[:6]} {number[6:]}."))
        assert not list(rules.national_ids(f"id 1{number}"))


def test_a_data_file_of_the_package_names_its_source_and_licence() -> None:
    """Whoever finds a table of genes or codes in the package sees in its first lines whose work it is."""
    without = [path for path in PACKAGE_DATA if rules.without_origin(read(path))]
    # The tables of a knowledge pack are covered by the pack's manifest beside them.
    manifests = {path.parent for path in PACKAGE_DATA if path.name == "manifest.toml" and path not in without}
    assert [shown(path) for path in without if path.parent not in manifests] == []


def test_the_origin_rule_sees_what_it_should() -> None:
    """Both must be said in the head of the file; a column of that name says nothing."""
    assert rules.without_origin("gene\tsource\tlicence\nBRAF\tx\ty")
    assert not rules.without_origin("# Exons, written for Kohort from public facts\n# licence: Apache-2.0\ngene\texon")
    assert not rules.without_origin('{"licence": "CC0-1.0", "attribution": "HGNC"}')
    assert not rules.without_origin("# Source: HGNC, 2026-01-06\n# Licence: CC0 1.0\ngene\nBRAF")
